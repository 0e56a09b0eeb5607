/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <time.h>

#include "cli/repeat.h"

static void assert_interval(const char *text, uint64_t expected)
{
	uint64_t milliseconds = 7;

	assert_int_equal(repeat_parse(text, &milliseconds), 0);
	assert_int_equal(milliseconds, expected);
}

static void assert_no_interval(const char *text, int expected)
{
	uint64_t milliseconds = 7;

	assert_int_equal(repeat_parse(text, &milliseconds), expected);
	assert_int_equal(milliseconds, 7);
}

TEST(ages_and_parts_of_seconds_are_read)
{
	assert_interval("1", 1000);
	assert_interval("90s", 90000);
	assert_interval("15m", 900000);
	assert_interval("2h", 7200000);
	assert_interval("365d", REPEAT_MOST);
	assert_interval("0.5", 500);
	assert_interval("0.5s", 500);
	assert_interval("0.01", REPEAT_LEAST);
}

TEST(what_is_none_or_out_of_bounds_is_refused)
{
	assert_no_interval("", -EINVAL);
	assert_no_interval("-1", -EINVAL);
	assert_no_interval("soon", -EINVAL);
	assert_no_interval("1.5m", -EINVAL);
	assert_no_interval("s", -EINVAL);
	assert_no_interval("0.5ss", -EINVAL);
	assert_no_interval("0.00000000000000000000000000000001", -EINVAL);
	assert_no_interval("5w", -EINVAL);
	assert_no_interval("0x10", -EINVAL);
	assert_no_interval("0", -ERANGE);
	assert_no_interval("0.009", -ERANGE);
	assert_no_interval("366d", -ERANGE);
	assert_no_interval("31536001", -ERANGE);
	assert_no_interval("99999999999999999999", -ERANGE);
	assert_no_interval("99999999999999999999d", -ERANGE);
}

#define SECOND INT64_C(1000000000)

TEST(times_do_not_drift_and_late_ones_are_left_out)
{
	const struct repeat repeat = {.interval = 1000, .next = 5 * SECOND};

	assert_int_equal(repeat_next(&repeat, 5 * SECOND), 6 * SECOND);
	assert_int_equal(repeat_next(&repeat, 5 * SECOND + 1), 6 * SECOND);
	assert_int_equal(repeat_next(&repeat, 6 * SECOND - 1), 6 * SECOND);
	assert_int_equal(repeat_next(&repeat, 6 * SECOND), 7 * SECOND);
	assert_int_equal(repeat_next(&repeat, 8 * SECOND + 1), 9 * SECOND);
}

TEST(it_ends_after_so_many)
{
	struct repeat repeat;
	struct timespec before, after;
	int count = 1;

	clock_gettime(CLOCK_MONOTONIC, &before);
	repeat_begin(10, &repeat);
	repeat.left = 4;
	while (repeat_wait(&repeat))
		count++;
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_int_equal(count, 4);
	assert_true((after.tv_sec - before.tv_sec) * 1000 +
			    (after.tv_nsec - before.tv_nsec) / 1000000 >=
		    29);
}

static volatile sig_atomic_t is_caught;

static void catch (int number)
{
	(void)number;
	is_caught = 1;
}

TEST(a_signal_waits_for_what_is_written)
{
	sigset_t before;

	signal(SIGINT, catch);
	repeat_hold_signals(&before);
	raise(SIGINT);
	assert_false(is_caught);
	repeat_release_signals(&before);
	assert_true(is_caught);
	signal(SIGINT, SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ages_and_parts_of_seconds_are_read),
		cmocka_unit_test(what_is_none_or_out_of_bounds_is_refused),
		cmocka_unit_test(times_do_not_drift_and_late_ones_are_left_out),
		cmocka_unit_test(it_ends_after_so_many),
		cmocka_unit_test(a_signal_waits_for_what_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
