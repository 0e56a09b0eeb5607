/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "cli/patience.h"

static void assert_milliseconds(const char *seconds, uint64_t expected)
{
	uint64_t milliseconds = 7;

	assert_int_equal(patience_parse(seconds, &milliseconds), 0);
	assert_int_equal(milliseconds, expected);
}

TEST(seconds_are_read)
{
	assert_milliseconds("0", 0);
	assert_milliseconds("5", 5000);
	assert_milliseconds("0.25", 250);
	assert_milliseconds("1.5", 1500);
	assert_milliseconds("0.001", 1);
	assert_milliseconds("3153600000", UINT64_C(3153600000000));
}

TEST(anything_else_is_no_time)
{
	static const char *const texts[] = {"",	      ".",	    ".5", "5.",	 "-1",
					    "+1",     "1e3",	    "1s", "0x1", "1,5",
					    "0.0001", "3153600001", " 1", "1.-5"};

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		uint64_t milliseconds = 7;

		assert_int_equal(patience_parse(texts[i], &milliseconds), -EINVAL);
		assert_int_equal(milliseconds, 7);
	}
}

TEST(a_signal_and_an_end_end_it)
{
	const uint64_t none = 0;
	struct patience patience;

	patience_begin(NULL, &patience);
	assert_true(patience_goes_on(&patience));
	raise(SIGTERM);
	assert_true(patience_is_interrupted());
	assert_false(patience_goes_on(&patience));
	patience_begin(&none, &patience);
	assert_false(patience_is_interrupted());
	assert_false(patience_goes_on(&patience));
	patience_end(&patience);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seconds_are_read),
		cmocka_unit_test(anything_else_is_no_time),
		cmocka_unit_test(a_signal_and_an_end_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
