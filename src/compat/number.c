/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/number.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>

int number_parse(const char *string, int base, int64_t least, int64_t greatest, int64_t *ret_number)
{
	intmax_t number;
	char *end;

	errno = 0;
	number = strtoimax(string, &end, base);
	if (end == string || *end)
		return -EINVAL;
	if (errno || number < least || number > greatest)
		return -ERANGE;
	*ret_number = number;
	return 0;
}

/* Digits at *place, which moves behind them. */
static int take_digits(const char **place, int base, uint64_t *ret_number)
{
	char *end;
	uintmax_t number;

	errno = 0;
	number = strtoumax(*place, &end, base);
	if (end == *place)
		return -EINVAL;
	if (errno)
		return -errno;
	*place = end;
	*ret_number = number;
	return 0;
}

/* Digits behind the point: 0.05 has a number of 5 and one zero. All zero is no fraction. */
struct fraction {
	uint64_t number;
	unsigned int zeros;
};

/* Points without a digit other than 0 behind them may be repeated, as in util-linux. */
static int take_fraction(const char **place, struct fraction *fraction)
{
	int r = 0;

	while (r == 0 && **place == '.' && !fraction->number) {
		for ((*place)++; **place == '0'; (*place)++)
			fraction->zeros++;
		if (isdigit((unsigned char)**place))
			r = take_digits(place, 10, &fraction->number);
	}
	return r;
}

/* What a suffix multiplies with: 0, -EINVAL for none that we know, -ERANGE beyond 64 bits. */
static int unit_of_suffix(const char *suffix, uint64_t *ret_unit)
{
	static const char letters[] = "KMGTPEZY";
	const char *letter = *suffix ? strchr(letters, toupper((unsigned char)*suffix)) : NULL;
	const char *tail = letter ? suffix + 1 : "";
	uint64_t base = 1024, unit = 1;

	if (!letter)
		return -EINVAL;
	if (tail[0] && toupper((unsigned char)tail[0]) == 'B' && !tail[1])
		base = 1000;
	else if (tail[0] && !(tail[0] == 'i' && toupper((unsigned char)tail[1]) == 'B' && !tail[2]))
		return -EINVAL;
	for (const char *power = letters; power <= letter; power++)
		if (__builtin_mul_overflow(unit, base, &unit))
			return -ERANGE;
	*ret_unit = unit;
	return 0;
}

/*
 * That part of the unit, digit by digit as util-linux adds it up: each digit is a whole division
 * of the unit ("0.3K" is 1024 / (10 / 3)), and a number that is a power of ten itself counts as
 * one digit less ("0.10K" is 1024).
 */
static uint64_t part_of_unit(uint64_t unit, struct fraction fraction)
{
	uint64_t number = fraction.number, divisor = 10, part = 0;

	for (unsigned int zeros = fraction.zeros; divisor < number || zeros;) {
		zeros -= divisor >= number;
		if (divisor <= UINT64_MAX / 10)
			divisor *= 10;
		else
			number /= 10;
	}
	for (; number; number /= 10, divisor /= 10)
		if (number % 10 && divisor / (number % 10))
			part += unit / (divisor / (number % 10));
	return part;
}

int number_parse_size(const char *string, uint64_t *ret_size)
{
	struct fraction fraction = {0};
	const char *place = string;
	uint64_t whole = 0, unit = 1;
	int r;

	while (isspace((unsigned char)*place))
		place++;
	if (*place == '-')
		return -EINVAL;
	r = take_digits(&place, 0, &whole);
	if (r == 0 && *place) {
		r = take_fraction(&place, &fraction);
		if (r == 0)
			r = unit_of_suffix(place, &unit);
	}
	if (r < 0)
		return r;
	if (__builtin_mul_overflow(whole, unit, &whole) ||
	    __builtin_add_overflow(whole, part_of_unit(unit, fraction), &whole))
		return -ERANGE;
	*ret_size = whole;
	return 0;
}

void number_add_human(struct buffer *buffer, uint64_t bytes)
{
	static const char letters[] = "BKMGTPE";
	uint64_t whole, rest, thousandths, tenths;
	unsigned int power = 0;

	while (power < 6 && bytes >> (10 * (power + 1)))
		power++;
	whole = bytes >> (10 * power);
	rest = bytes - (whole << (10 * power));
	/* Where three more digits would not fit into 64 bits, ten bits less are looked at. */
	thousandths = rest < UINT64_MAX / 1000 ? rest * 1000 >> (10 * power)
					       : (rest >> 10) * 1000 >> (10 * (power - 1));
	tenths = (thousandths + 50) / 100;
	buffer_add_unsigned(buffer, whole + tenths / 10, 0);
	if (tenths % 10) {
		buffer_add_char(buffer, '.');
		buffer_add_unsigned(buffer, tenths % 10, 0);
	}
	buffer_add_char(buffer, letters[power]);
}
