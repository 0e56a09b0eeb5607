/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers on the command lines of the drop-ins. */
#include "unit.h"

#include <errno.h>

#include "compat/number.h"

static const struct {
	const char *text;
	int base, result;
	int64_t least, greatest, number;
} numbers[] = {
	{"0", 10, 0, 0, INT32_MAX, 0},
	{"2147483647", 10, 0, 0, INT32_MAX, INT32_MAX},
	{"2147483648", 10, -ERANGE, 0, INT32_MAX, 0},
	{"4294967296", 10, -ERANGE, 0, INT32_MAX, 0},
	{"-1", 10, -ERANGE, 0, INT32_MAX, 0},
	{"-1", 10, 0, -1, INT32_MAX, -1},
	{" 7", 10, 0, 0, INT32_MAX, 7},
	{"+7", 10, 0, 0, INT32_MAX, 7},
	{"0x4d2", 0, 0, 0, UINT32_MAX, 0x4d2},
	{"0x1000004d2", 0, -ERANGE, 0, UINT32_MAX, 0},
	{"99999999999999999999", 10, -ERANGE, INT64_MIN, INT64_MAX, 0},
	{"", 10, -EINVAL, 0, INT32_MAX, 0},
	{" ", 10, -EINVAL, 0, INT32_MAX, 0},
	{"x", 10, -EINVAL, 0, INT32_MAX, 0},
	{"7x", 10, -EINVAL, 0, INT32_MAX, 0},
	{"7 ", 10, -EINVAL, 0, INT32_MAX, 0},
	{"0x4d2", 10, -EINVAL, 0, INT32_MAX, 0},
};

TEST(numbers_are_never_truncated)
{
	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
		int64_t number = 4242;
		int r = number_parse(numbers[i].text, numbers[i].base, numbers[i].least,
				     numbers[i].greatest, &number);

		if (r != numbers[i].result || number != (r ? 4242 : numbers[i].number))
			fail_msg("\"%s\": %d, %jd", numbers[i].text, r, (intmax_t)number);
	}
}

static const struct {
	const char *text;
	int result;
	uint64_t size;
} sizes[] = {
	{"10", 0, 10},
	{"0x10", 0, 16},
	{"010", 0, 8},
	{" 10", 0, 10},
	{"1K", 0, 1024},
	{"1k", 0, 1024},
	{"1KiB", 0, 1024},
	{"1KB", 0, 1000},
	{"2MB", 0, 2000000},
	{"1.5K", 0, 1536},
	{"1E", 0, UINT64_C(1) << 60},
	{"15E", 0, UINT64_C(15) << 60},
	{"16E", -ERANGE, 0},
	{"18446744073709551615", 0, UINT64_MAX},
	{"18446744073709551616", -ERANGE, 0},
	{"18014398509481984K", -ERANGE, 0},
	{"", -EINVAL, 0},
	{"-1", -EINVAL, 0},
	{"K", -EINVAL, 0},
	{"1X", -EINVAL, 0},
	{"1Ki", -EINVAL, 0},
	{"1K ", -EINVAL, 0},
	{"1KBB", -EINVAL, 0},
};

TEST(sizes_take_two_sorts_of_units)
{
	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		uint64_t size = 4242;
		int r = number_parse_size(sizes[i].text, &size);

		if (r != sizes[i].result || size != (r ? 4242 : sizes[i].size))
			fail_msg("\"%s\": %d, %ju", sizes[i].text, r, (uintmax_t)size);
	}
}

TEST(sizes_for_people_have_one_decimal)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{0, "0B"},
		{1023, "1023B"},
		{1024, "1K"},
		{1536, "1.5K"},
		{16384, "16K"},
		{1048575, "1024K"},
		{UINT64_C(5) << 30, "5G"},
		{UINT64_MAX, "16E"},
	};
	_cleanup_buffer_ struct buffer buffer = {0};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		number_add_human(&buffer, cases[i].bytes);
		assert_buffer(&buffer, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_never_truncated),
		cmocka_unit_test(sizes_take_two_sorts_of_units),
		cmocka_unit_test(sizes_for_people_have_one_decimal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
