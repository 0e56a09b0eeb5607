/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "base/rate.h"

static void assert_rate(uint64_t amount, uint64_t seconds, uint64_t whole, unsigned int tenth,
			const char *unit)
{
	struct rate rate = rate_of(amount, seconds);

	assert_int_equal(rate.whole, whole);
	assert_int_equal(rate.tenth, tenth);
	assert_string_equal(rate.unit, unit);
}

TEST(the_shortest_time_in_which_it_is_one_is_taken)
{
	assert_rate(10, 10, 1, 0, "s");
	assert_rate(35, 10, 3, 5, "s");
	assert_rate(9, 10, 54, 0, "min");
	assert_rate(1, 60, 1, 0, "min");
	assert_rate(1, 61, 59, 0, "h");
	assert_rate(1, 3601, 23, 9, "d");
}

TEST(less_than_one_a_day_is_told_by_the_day)
{
	assert_rate(1, 2 * 86400, 0, 5, "d");
	assert_rate(0, 1, 0, 0, "d");
	assert_rate(1, UINT64_MAX, 0, 0, "d");
}

TEST(no_number_is_too_large)
{
	assert_rate(UINT64_MAX, 1, UINT64_MAX, 0, "s");
	assert_rate(UINT64_MAX, UINT64_MAX, 1, 0, "s");
	assert_rate(UINT64_MAX - 1, UINT64_MAX, 59, 9, "min");
	assert_string_equal(rate_of(UINT64_MAX / 2, UINT64_MAX).in_full, "a minute");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shortest_time_in_which_it_is_one_is_taken),
		cmocka_unit_test(less_than_one_a_day_is_told_by_the_day),
		cmocka_unit_test(no_number_is_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
