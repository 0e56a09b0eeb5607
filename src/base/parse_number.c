/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/parse_number.h"

#include <errno.h>

static unsigned int digit_value(char byte)
{
	if (byte >= '0' && byte <= '9')
		return (unsigned int)(byte - '0');
	if (byte >= 'a' && byte <= 'f')
		return (unsigned int)(byte - 'a') + 10;
	if (byte >= 'A' && byte <= 'F')
		return (unsigned int)(byte - 'A') + 10;
	return 99;
}

int parse_unsigned(struct text text, unsigned int base, uint64_t maximum, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (!text.length)
		return -EINVAL;
	for (size_t i = 0; i < text.length; i++)
		if (digit_value(text.bytes[i]) >= base)
			return -EINVAL;
	for (size_t i = 0; i < text.length; i++)
		if (__builtin_mul_overflow(number, base, &number) ||
		    __builtin_add_overflow(number, digit_value(text.bytes[i]), &number))
			return -ERANGE;
	if (number > maximum)
		return -ERANGE;
	*ret_number = number;
	return 0;
}

int parse_unsigned_prefixed(struct text text, uint64_t maximum, uint64_t *ret_number)
{
	if (text.length > 2 && text.bytes[0] == '0' && (text.bytes[1] | 0x20) == 'x')
		return parse_unsigned((struct text){text.bytes + 2, text.length - 2}, 16, maximum,
				      ret_number);
	return parse_unsigned(text, 10, maximum, ret_number);
}

int parse_signed(struct text text, int64_t *ret_number)
{
	bool is_negative = text.length && text.bytes[0] == '-';
	uint64_t number;
	int r;

	if (is_negative)
		text = (struct text){text.bytes + 1, text.length - 1};
	r = parse_unsigned(text, 10, is_negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX, &number);
	if (r < 0)
		return r;
	*ret_number = is_negative ? (int64_t)-number : (int64_t)number;
	return 0;
}

/* The power of 1024 that a suffix stands for; -EINVAL for none that we know. */
static int suffix_power(struct text suffix)
{
	static const char letters[] = "kmgt";
	const char *letter;

	if (!suffix.length)
		return 0;
	if (suffix.length == 3 && memcmp(suffix.bytes + 1, "iB", 2) == 0)
		suffix.length = 1;
	if (suffix.length != 1)
		return -EINVAL;
	letter = memchr(letters, suffix.bytes[0] | 0x20, sizeof(letters) - 1);
	return letter ? (int)(letter - letters) + 1 : -EINVAL;
}

/* Digits at the beginning. */
static struct text take_digits(struct text text)
{
	size_t count = 0;

	while (count < text.length && digit_value(text.bytes[count]) < 10)
		count++;
	return (struct text){text.bytes, count};
}

static struct text rest_from(struct text text, size_t start)
{
	return (struct text){text.bytes + start, text.length - start};
}

/* Digits behind a point, as millionths; where there is no point, 0. Moves text behind them. */
static int take_fraction(struct text *text, uint64_t *ret_millionths)
{
	struct text digits;
	int r;

	*ret_millionths = 0;
	if (!text->length || text->bytes[0] != '.')
		return 0;
	*text = rest_from(*text, 1);
	digits = take_digits(*text);
	if (digits.length > 6)
		return -EINVAL;
	r = parse_unsigned(digits, 10, 999999, ret_millionths);
	for (size_t i = digits.length; i < 6; i++)
		*ret_millionths *= 10;
	*text = rest_from(*text, digits.length);
	/* There is no half of what is counted in ones. */
	return text->length ? r : -EINVAL;
}

int parse_amount_between(struct text text, uint64_t *ret_number, bool *ret_is_more)
{
	struct text digits = take_digits(text);
	uint64_t number, millionths;
	int power, r;

	text = rest_from(text, digits.length);
	r = take_fraction(&text, &millionths);
	power = suffix_power(text);
	if (r < 0 || power < 0)
		return -EINVAL;
	r = parse_unsigned(digits, 10, UINT64_MAX, &number);
	if (r < 0)
		return r;
	if (number > UINT64_MAX >> (10 * power))
		return -ERANGE;
	millionths <<= 10 * power;
	*ret_number = (number << (10 * power)) + millionths / 1000000;
	*ret_is_more = millionths % 1000000;
	return 0;
}

int parse_amount(struct text text, uint64_t *ret_number)
{
	uint64_t number;
	bool is_more;
	int r = parse_amount_between(text, &number, &is_more);

	if (r < 0)
		return r;
	if (is_more)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

int parse_age(struct text text, uint64_t *ret_seconds)
{
	static const struct {
		char suffix;
		uint64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	uint64_t unit = 1, number;
	int r;

	for (size_t i = 0; text.length && i < sizeof(units) / sizeof(units[0]); i++) {
		if (text.bytes[text.length - 1] != units[i].suffix)
			continue;
		unit = units[i].seconds;
		text.length--;
		break;
	}
	r = parse_unsigned(text, 10, UINT64_MAX / unit, &number);
	if (r == 0)
		*ret_seconds = number * unit;
	return r;
}
