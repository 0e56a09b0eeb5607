/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "base/percent.h"

static const struct {
	uint64_t used, maximum, tenths;
} cases[] = {
	{0, 1, 0},
	{1, 1, 1000},
	{1, 3, 333},
	{2, 3, 666},
	{1, 1001, 0},
	{999, 1000, 999},
	{3, 2, 1500},
	{UINT64_MAX, UINT64_MAX, 1000},
	{UINT64_MAX - 1, UINT64_MAX, 999},
	{UINT64_MAX, 1000, UINT64_MAX},
	{UINT64_MAX, 1, UINT64_MAX},
	{1, UINT64_MAX, 0},
};

TEST(tenths_are_rounded_down_and_saturate)
{
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		uint64_t tenths;

		assert_true(percent_of(cases[i].used, cases[i].maximum, &tenths));
		assert_int_equal(tenths, cases[i].tenths);
	}
}

TEST(of_nothing_there_is_no_percentage)
{
	uint64_t tenths = 42;

	assert_false(percent_of(0, 0, &tenths));
	assert_false(percent_of(5, 0, &tenths));
	assert_int_equal(tenths, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tenths_are_rounded_down_and_saturate),
		cmocka_unit_test(of_nothing_there_is_no_percentage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
