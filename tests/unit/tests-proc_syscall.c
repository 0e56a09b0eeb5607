/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "collect/proc_syscall.h"

static int parse(const char *text, struct proc_syscall *ret_call)
{
	return proc_syscall_parse(text_of(text), ret_call);
}

TEST(a_call_has_its_number_and_arguments)
{
	struct proc_syscall call;

	assert_int_equal(parse("202 0x7f2c8d9f1000 0x80 0x0 0x0 0x0 0xffffffffffffffff "
			       "0x7ffd5b2d2b30 0x7f2c8d89a117\n",
			       &call),
			 0);
	assert_false(call.is_running);
	assert_int_equal(call.number, 202);
	assert_true(call.arguments[0] == 0x7f2c8d9f1000);
	assert_int_equal(call.arguments[1], 0x80);
	assert_int_equal(call.arguments[2], 0);
	assert_true(call.arguments[5] == UINT64_MAX);
	assert_true(call.stack_pointer == 0x7ffd5b2d2b30);
	assert_true(call.program_counter == 0x7f2c8d89a117);
}

TEST(a_call_of_number_0_is_one)
{
	struct proc_syscall call;

	assert_int_equal(parse("0 0x3 0x7ffd 0x1 0x0 0x0 0x0 0x1 0x2\n", &call), 0);
	assert_int_equal(call.number, 0);
	assert_int_equal(call.arguments[0], 3);
}

TEST(who_runs_has_no_call_that_can_be_read)
{
	struct proc_syscall call = {.number = 77};

	assert_int_equal(parse("running\n", &call), 0);
	assert_true(call.is_running);
	assert_int_equal(call.number, 0);
	assert_int_equal(parse("running", &call), 0);
}

TEST(who_is_in_the_kernel_without_a_call_has_none)
{
	struct proc_syscall call;

	assert_int_equal(parse("-1 0x7ffd5b2d2b30 0x7f2c8d89a117\n", &call), 0);
	assert_false(call.is_running);
	assert_int_equal(call.number, -1);
	assert_true(call.stack_pointer == 0x7ffd5b2d2b30);
	assert_true(call.program_counter == 0x7f2c8d89a117);
	for (size_t i = 0; i < PROC_SYSCALL_ARGUMENTS; i++)
		assert_int_equal(call.arguments[i], 0);
}

TEST(anything_else_is_refused)
{
	static const char *const texts[] = {
		"",
		"\n",
		"runnin\n",
		"running 1\n",
		"-1\n",
		"-1 0x1\n",
		"-1 0x1 0x2 0x3\n",
		"-1 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
		"5 0x1 0x2\n",
		"5 0x1 0x2 0x3 0x4 0x5 0x6 0x7\n",
		"5 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8 0x9\n",
		"0x5 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
		"5 1 2 3 4 5 6 7 8\n",
		"5 0x 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
		"5 0X1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
		"5 0x1 0x2 0x3 0x4 0x5 0xg 0x7 0x8\n",
		"5 -0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
		"5 0x10000000000000000 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
		"9223372036854775808 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
	};
	struct proc_syscall call = {.number = 77};

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		if (parse(texts[i], &call) != -EINVAL)
			fail_msg("\"%s\" is taken for a call", texts[i]);
	assert_int_equal(proc_syscall_parse(TEXT_NONE, &call), -EINVAL);
	assert_int_equal(call.number, 77);
}

/* This thread is in read() while the kernel writes the file. */
TEST(our_own_is_read)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	struct proc_syscall call;
	int r;

	assert_int_equal(rooted_init(&root, "/", NULL), 0);
	r = proc_syscall_read(&root, "proc/self/syscall", &call);
	if (r == OUTCOME_GONE || r == OUTCOME_DENIED) {
		print_message("/proc/self/syscall cannot be read\n");
		skip();
	}
	assert_int_equal(r, 0);
	assert_true(call.is_running || call.number >= 0);
	assert_int_equal(proc_syscall_read(&root, "proc/self/stat", &call), OUTCOME_MALFORMED);
	assert_int_equal(proc_syscall_read(&root, "proc/self/nosuch", &call), OUTCOME_GONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_has_its_number_and_arguments),
		cmocka_unit_test(a_call_of_number_0_is_one),
		cmocka_unit_test(who_runs_has_no_call_that_can_be_read),
		cmocka_unit_test(who_is_in_the_kernel_without_a_call_has_none),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(our_own_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
