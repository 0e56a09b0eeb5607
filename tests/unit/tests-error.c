/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "base/error.h"

TEST(a_failure_is_recorded_and_returned)
{
	struct ipclens_error error;

	assert_int_equal(error_set(&error, -EINVAL, "%s: %d", "shm", 7), -EINVAL);
	assert_int_equal(error.number, -EINVAL);
	assert_string_equal(error.text, "shm: 7");
	assert_int_equal(error_set(NULL, -EIO, "nobody reads this"), -EIO);
}

TEST(a_long_text_is_cut_and_ends)
{
	struct ipclens_error error;

	error_set(&error, -EINVAL, "%*d", 4000, 1);
	assert_int_equal(strlen(error.text), sizeof(error.text) - 1);
}

TEST(expected_outcomes_are_told_from_failures)
{
	static const struct {
		int number, outcome;
	} cases[] = {
		{EACCES, OUTCOME_DENIED},
		{EPERM, OUTCOME_DENIED},
		{ENOENT, OUTCOME_GONE},
		{ESRCH, OUTCOME_GONE},
		{EIDRM, OUTCOME_GONE},
		{ENOSYS, OUTCOME_UNSUPPORTED},
		{ENOTTY, OUTCOME_UNSUPPORTED},
		{EOPNOTSUPP, OUTCOME_UNSUPPORTED},
		{EINVAL, 0},
		{ENOMEM, 0},
		{EIO, 0},
		{0, 0},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		assert_int_equal(outcome_from_errno(cases[i].number), cases[i].outcome);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_is_recorded_and_returned),
		cmocka_unit_test(a_long_text_is_cut_and_ends),
		cmocka_unit_test(expected_outcomes_are_told_from_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
