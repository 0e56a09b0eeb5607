/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A byte that chooses the function, then its text; the C library's conversion is the judge. */
#include "fuzz.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/parse_number.h"

static const unsigned int bases[] = {8, 10, 16};

/* The text as a string; false where it has a NUL or is too long to be judged. */
static bool copy_string(struct text text, char string[static 256])
{
	if (text.length > 255 || memchr(text.bytes, '\0', text.length))
		return false;
	memcpy(string, text.bytes, text.length);
	string[text.length] = '\0';
	return true;
}

/* What strtoull() says, which is lenient about everything that ours refuses. */
static int judge(const char *string, unsigned int base, uint64_t maximum, uint64_t *ret_number)
{
	bool is_plain = isalnum((unsigned char)string[0]) &&
			!(base == 16 && string[0] == '0' && (string[1] | 0x20) == 'x');
	char *end;

	errno = 0;
	*ret_number = strtoull(string, &end, (int)base);
	if (!is_plain || *end)
		return -EINVAL;
	return errno || *ret_number > maximum ? -ERANGE : 0;
}

static void check_unsigned(struct text text, unsigned int base, uint64_t maximum)
{
	uint64_t number = 1, expected = 0;
	int r = parse_unsigned(text, base, maximum, &number);
	char string[256];

	REQUIRE(r == 0 || r == -EINVAL || r == -ERANGE);
	REQUIRE(r < 0 || number <= maximum);
	if (!copy_string(text, string))
		return;
	REQUIRE(r == judge(string, base, maximum, &expected));
	REQUIRE(r < 0 || number == expected);
}

static void check_signed(struct text text)
{
	int64_t number;
	int r = parse_signed(text, &number);
	char string[256], *end;
	bool is_plain;

	if (!copy_string(text, string))
		return;
	is_plain = isdigit((unsigned char)string[string[0] == '-']);
	errno = 0;
	if (r == 0)
		REQUIRE(strtoll(string, &end, 10) == number && !*end && !errno && is_plain);
	else if (is_plain && r == -ERANGE)
		REQUIRE((strtoll(string, &end, 10), errno == ERANGE && !*end));
	else
		REQUIRE((strtoll(string, &end, 10), !is_plain || *end));
}

static void check_amount(struct text text)
{
	uint64_t number, lower, digits_alone;
	size_t digits = 0;
	bool is_more;

	if (parse_amount_between(text, &lower, &is_more) < 0) {
		REQUIRE(parse_amount(text, &number) < 0);
		return;
	}
	REQUIRE((parse_amount(text, &number) == 0) == !is_more);
	REQUIRE(is_more || number == lower);
	while (digits < text.length && isdigit((unsigned char)text.bytes[digits]))
		digits++;
	REQUIRE(digits && text.length - digits <= 3 + 7);
	REQUIRE(parse_unsigned((struct text){text.bytes, digits}, 10, UINT64_MAX, &digits_alone) ==
		0);
	REQUIRE(lower >= digits_alone);
	if (digits < text.length && text.bytes[digits] == '.')
		REQUIRE(text.length - digits >= 3);
	else
		REQUIRE(!is_more && (!digits_alone || lower % digits_alone == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = fuzz_input(data, size);
	unsigned int choice = fuzz_choose(&text, 8);
	uint64_t number;

	if (choice < 6)
		check_unsigned(text, bases[choice % 3], choice < 3 ? UINT64_MAX : INT32_MAX);
	else if (choice == 6)
		check_signed(text);
	else
		check_amount(text);
	if (parse_unsigned_prefixed(text, UINT32_MAX, &number) == 0)
		REQUIRE(number <= UINT32_MAX);
	return 0;
}
