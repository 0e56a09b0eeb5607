/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "base/parse_number.h"

#define UNTOUCHED 4242

struct unsigned_case {
	const char *text;
	unsigned int base;
	uint64_t maximum;
	int result;
	uint64_t number;
};

static const struct unsigned_case unsigned_cases[] = {
	{"0", 10, UINT64_MAX, 0, 0},
	{"000", 10, UINT64_MAX, 0, 0},
	{"18446744073709551615", 10, UINT64_MAX, 0, UINT64_MAX},
	{"18446744073709551616", 10, UINT64_MAX, -ERANGE, 0},
	{"18446744073709551620", 10, UINT64_MAX, -ERANGE, 0},
	{"99999999999999999999999", 10, UINT64_MAX, -ERANGE, 0},
	{"2147483647", 10, INT32_MAX, 0, INT32_MAX},
	{"2147483648", 10, INT32_MAX, -ERANGE, 0},
	{"4294967296", 10, UINT32_MAX, -ERANGE, 0},
	{"777", 8, UINT64_MAX, 0, 0777},
	{"8", 8, UINT64_MAX, -EINVAL, 0},
	{"9", 8, UINT64_MAX, -EINVAL, 0},
	{"ffffffffffffffff", 16, UINT64_MAX, 0, UINT64_MAX},
	{"10000000000000000", 16, UINT64_MAX, -ERANGE, 0},
	{"aBcDeF", 16, UINT64_MAX, 0, 0xabcdef},
	{"g", 16, UINT64_MAX, -EINVAL, 0},
	{"a", 10, UINT64_MAX, -EINVAL, 0},
	{"", 10, UINT64_MAX, -EINVAL, 0},
	{"-1", 10, UINT64_MAX, -EINVAL, 0},
	{"+1", 10, UINT64_MAX, -EINVAL, 0},
	{" 1", 10, UINT64_MAX, -EINVAL, 0},
	{"1 ", 10, UINT64_MAX, -EINVAL, 0},
	{"1\n", 10, UINT64_MAX, -EINVAL, 0},
	{"1.", 10, UINT64_MAX, -EINVAL, 0},
	{"1,000", 10, UINT64_MAX, -EINVAL, 0},
	{"0x10", 16, UINT64_MAX, -EINVAL, 0},
	{"1e3", 10, UINT64_MAX, -EINVAL, 0},
	{"99999999999999999999999x", 10, UINT64_MAX, -EINVAL, 0},
};

TEST(unsigned_numbers_are_strict)
{
	for (size_t i = 0; i < ARRAY_LENGTH(unsigned_cases); i++) {
		const struct unsigned_case *c = &unsigned_cases[i];
		uint64_t number = UNTOUCHED;
		int r = parse_unsigned(text_of(c->text), c->base, c->maximum, &number);

		if (r != c->result || number != (r ? UNTOUCHED : c->number))
			fail_msg("\"%s\" in base %u: %d, %ju", c->text, c->base, r,
				 (uintmax_t)number);
	}
}

TEST(a_nul_inside_is_no_end)
{
	uint64_t number;
	int64_t signed_number;

	assert_int_equal(parse_unsigned(TEXT_LITERAL("1\0"), 10, UINT64_MAX, &number), -EINVAL);
	assert_int_equal(parse_signed(TEXT_LITERAL("-1\0"
						   "2"),
				      &signed_number),
			 -EINVAL);
	assert_int_equal(parse_amount(TEXT_LITERAL("1\0"), &number), -EINVAL);
}

TEST(only_as_many_bytes_as_the_text_has_are_read)
{
	uint64_t number;

	assert_int_equal(parse_unsigned((struct text){"1234", 2}, 10, UINT64_MAX, &number), 0);
	assert_int_equal(number, 12);
	assert_int_equal(parse_amount((struct text){"12KB", 3}, &number), 0);
	assert_int_equal(number, 12 * 1024);
}

static const struct unsigned_case prefixed_cases[] = {
	{"10", 0, UINT64_MAX, 0, 10},
	{"0x10", 0, UINT64_MAX, 0, 16},
	{"0X10", 0, UINT64_MAX, 0, 16},
	{"010", 0, UINT64_MAX, 0, 10},
	{"0xffffffff", 0, UINT32_MAX, 0, UINT32_MAX},
	{"0x100000000", 0, UINT32_MAX, -ERANGE, 0},
	{"0x1000004d2", 0, UINT32_MAX, -ERANGE, 0},
	{"0x", 0, UINT64_MAX, -EINVAL, 0},
	{"x1", 0, UINT64_MAX, -EINVAL, 0},
	{"00x1", 0, UINT64_MAX, -EINVAL, 0},
	{"0x-1", 0, UINT64_MAX, -EINVAL, 0},
	{"0x 1", 0, UINT64_MAX, -EINVAL, 0},
	{"0x0x1", 0, UINT64_MAX, -EINVAL, 0},
	{"-0x1", 0, UINT64_MAX, -EINVAL, 0},
	{"ff", 0, UINT64_MAX, -EINVAL, 0},
	{"", 0, UINT64_MAX, -EINVAL, 0},
};

TEST(a_prefix_makes_it_hexadecimal)
{
	for (size_t i = 0; i < ARRAY_LENGTH(prefixed_cases); i++) {
		const struct unsigned_case *c = &prefixed_cases[i];
		uint64_t number = UNTOUCHED;
		int r = parse_unsigned_prefixed(text_of(c->text), c->maximum, &number);

		if (r != c->result || number != (r ? UNTOUCHED : c->number))
			fail_msg("\"%s\": %d, %ju", c->text, r, (uintmax_t)number);
	}
}

struct signed_case {
	const char *text;
	int result;
	int64_t number;
};

static const struct signed_case signed_cases[] = {
	{"0", 0, 0},
	{"-0", 0, 0},
	{"-1", 0, -1},
	{"-94481758", 0, -94481758},
	{"9223372036854775807", 0, INT64_MAX},
	{"9223372036854775808", -ERANGE, 0},
	{"-9223372036854775808", 0, INT64_MIN},
	{"-9223372036854775809", -ERANGE, 0},
	{"18446744073709551615", -ERANGE, 0},
	{"-18446744073709551616", -ERANGE, 0},
	{"", -EINVAL, 0},
	{"-", -EINVAL, 0},
	{"--1", -EINVAL, 0},
	{"+1", -EINVAL, 0},
	{"- 1", -EINVAL, 0},
	{"1-", -EINVAL, 0},
	{"0x1", -EINVAL, 0},
};

TEST(signed_numbers_are_strict)
{
	for (size_t i = 0; i < ARRAY_LENGTH(signed_cases); i++) {
		const struct signed_case *c = &signed_cases[i];
		int64_t number = UNTOUCHED;
		int r = parse_signed(text_of(c->text), &number);

		if (r != c->result || number != (r ? UNTOUCHED : c->number))
			fail_msg("\"%s\": %d, %jd", c->text, r, (intmax_t)number);
	}
}

static const struct unsigned_case amount_cases[] = {
	{"0", 0, 0, 0, 0},
	{"1", 0, 0, 0, 1},
	{"1K", 0, 0, 0, 1024},
	{"1k", 0, 0, 0, 1024},
	{"1KiB", 0, 0, 0, 1024},
	{"3M", 0, 0, 0, UINT64_C(3) << 20},
	{"3MiB", 0, 0, 0, UINT64_C(3) << 20},
	{"5G", 0, 0, 0, UINT64_C(5) << 30},
	{"7T", 0, 0, 0, UINT64_C(7) << 40},
	{"16777215T", 0, 0, 0, UINT64_C(16777215) << 40},
	{"16777216T", 0, 0, -ERANGE, 0},
	{"18014398509481983K", 0, 0, 0, UINT64_C(18014398509481983) << 10},
	{"18014398509481984K", 0, 0, -ERANGE, 0},
	{"18446744073709551615", 0, 0, 0, UINT64_MAX},
	{"18446744073709551616", 0, 0, -ERANGE, 0},
	{"", 0, 0, -EINVAL, 0},
	{"K", 0, 0, -EINVAL, 0},
	{"1KB", 0, 0, -EINVAL, 0},
	{"1KiBx", 0, 0, -EINVAL, 0},
	{"1iB", 0, 0, -EINVAL, 0},
	{"1B", 0, 0, -EINVAL, 0},
	{"1 K", 0, 0, -EINVAL, 0},
	{"1.5K", 0, 0, 0, 1536},
	{"1.500000K", 0, 0, 0, 1536},
	{"0.25MiB", 0, 0, 0, UINT64_C(1) << 18},
	{"1.0K", 0, 0, 0, 1024},
	{"16777215.999999T", 0, 0, -EINVAL, 0},
	{"16777215.5T", 0, 0, 0, UINT64_MAX - (UINT64_C(1) << 39) + 1},
	{"16777216.5T", 0, 0, -ERANGE, 0},
	{"1.1K", 0, 0, -EINVAL, 0},
	{"1.5000000K", 0, 0, -EINVAL, 0},
	{"1.5", 0, 0, -EINVAL, 0},
	{"1.0", 0, 0, -EINVAL, 0},
	{"1.", 0, 0, -EINVAL, 0},
	{"1.K", 0, 0, -EINVAL, 0},
	{".5K", 0, 0, -EINVAL, 0},
	{"1..5K", 0, 0, -EINVAL, 0},
	{"1.5.5K", 0, 0, -EINVAL, 0},
	{"1.-5K", 0, 0, -EINVAL, 0},
	{"1,5K", 0, 0, -EINVAL, 0},
	{"1P", 0, 0, -EINVAL, 0},
	{"1KK", 0, 0, -EINVAL, 0},
	{"-1K", 0, 0, -EINVAL, 0},
	{"0x10", 0, 0, -EINVAL, 0},
	{"1\x0b", 0, 0, -EINVAL, 0},
};

TEST(an_amount_between_two_numbers_is_the_lower_and_more)
{
	static const struct {
		const char *text;
		uint64_t number;
		bool is_more;
	} cases[] = {
		{"1.5K", 1536, false},	   {"1.1K", 1126, true},
		{"0.0001K", 0, true},	   {"0.000001M", 1, true},
		{"1.999999K", 2047, true}, {"16777215.999999T", UINT64_MAX - 1099511, true},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		uint64_t number = UNTOUCHED;
		bool is_more;

		if (parse_amount_between(text_of(cases[i].text), &number, &is_more) != 0 ||
		    number != cases[i].number || is_more != cases[i].is_more)
			fail_msg("\"%s\": %ju", cases[i].text, (uintmax_t)number);
	}
}

TEST(amounts_take_binary_suffixes)
{
	for (size_t i = 0; i < ARRAY_LENGTH(amount_cases); i++) {
		const struct unsigned_case *c = &amount_cases[i];
		uint64_t number = UNTOUCHED;
		int r = parse_amount(text_of(c->text), &number);

		if (r != c->result || number != (r ? UNTOUCHED : c->number))
			fail_msg("\"%s\": %d, %ju", c->text, r, (uintmax_t)number);
	}
}

/* All 256 bytes as a suffix: 'K' | 0x20 and its like have look-alikes outside of the letters. */
TEST(no_other_byte_is_a_suffix)
{
	for (int byte = 0; byte < 256; byte++) {
		const char text[] = {'1', (char)byte};
		bool is_suffix = byte && strchr("0123456789kKmMgGtT", byte);
		uint64_t number;
		int r = parse_amount((struct text){text, 2}, &number);

		if (r != (is_suffix ? 0 : -EINVAL))
			fail_msg("byte %#x: %d", (unsigned int)byte, r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unsigned_numbers_are_strict),
		cmocka_unit_test(a_nul_inside_is_no_end),
		cmocka_unit_test(only_as_many_bytes_as_the_text_has_are_read),
		cmocka_unit_test(a_prefix_makes_it_hexadecimal),
		cmocka_unit_test(signed_numbers_are_strict),
		cmocka_unit_test(an_amount_between_two_numbers_is_the_lower_and_more),
		cmocka_unit_test(amounts_take_binary_suffixes),
		cmocka_unit_test(no_other_byte_is_a_suffix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
