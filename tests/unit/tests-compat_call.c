/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of programs of 32 bits, by the numbers of arch/x86/entry/syscalls/syscall_32.tbl. */
#include "unit.h"

#include <unistd.h>

#include "collect/blocked_call.h"
#include "collect/compat_call.h"

#ifdef __x86_64__

static struct compat_call translate(int64_t number, const uint64_t *arguments)
{
	struct proc_syscall call = {.number = number, .stack_pointer = 0xffffd000};
	struct compat_call result = {0};

	for (size_t i = 0; i < PROC_SYSCALL_ARGUMENTS; i++)
		call.arguments[i] = arguments[i];
	assert_int_equal(compat_call_translate(getpid(), &call, &result), 1);
	return result;
}

TEST(each_number_is_the_same_call_of_64_bits)
{
	static const struct {
		int64_t number;
		enum blocked_class class;
		bool has_narrow_time;
	} cases[] = {{3, BLOCKED_READ, false},	      {4, BLOCKED_WRITE, false},
		     {145, BLOCKED_READ, false},      {146, BLOCKED_WRITE, false},
		     {168, BLOCKED_POLL, false},      {187, BLOCKED_SENDFILE, false},
		     {239, BLOCKED_SENDFILE, false},  {240, BLOCKED_FUTEX, true},
		     {279, BLOCKED_MQ_SEND, true},    {316, BLOCKED_VMSPLICE, false},
		     {378, BLOCKED_READ, false},      {379, BLOCKED_WRITE, false},
		     {418, BLOCKED_MQ_SEND, false},   {420, BLOCKED_SEMOP, false},
		     {422, BLOCKED_FUTEX, false},     {426, BLOCKED_IO_URING, false},
		     {449, BLOCKED_FUTEX_ANY, false}, {455, BLOCKED_FUTEX_WAIT, false}};
	static const uint64_t arguments[PROC_SYSCALL_ARGUMENTS] = {1, 2, 3, 4, 5, 6};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct compat_call call = translate(cases[i].number, arguments);
		const struct blocked_call *blocked = blocked_call_find(call.call.number);

		assert_non_null(blocked);
		assert_int_equal(blocked->class, cases[i].class);
		assert_int_equal(call.has_narrow_time, cases[i].has_narrow_time);
		assert_memory_equal(call.call.arguments, arguments, sizeof(arguments));
	}
}

/* 4 and 1 are write and exit there, and 333 and 334 preadv and pwritev, which no pipe knows. */
TEST(other_numbers_are_none)
{
	static const int64_t numbers[] = {1, 2, 333, 334, 100000, -1};

	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
		struct proc_syscall call = {.number = numbers[i]};
		struct compat_call result;

		assert_int_equal(compat_call_translate(getpid(), &call, &result), 0);
	}
}

TEST(one_call_stands_for_all_of_system_v)
{
	/* semtimedop(7, 0x1000, 2, 0x2000), msgrcv(8, 0x1000, 64, -3, 0) */
	static const uint64_t semtimedop[] = {4, 7, 2, 0, 0x1000, 0x2000};
	static const uint64_t msgrcv[] = {12 | 1 << 16, 8, 64, 0, 0x1000, 0xfffffffd};
	struct compat_call call = translate(117, semtimedop);

	assert_int_equal(call.call.number, SYS_semtimedop);
	assert_true(call.has_narrow_time);
	assert_int_equal(call.call.arguments[0], 7);
	assert_int_equal(call.call.arguments[1], 0x1000);
	assert_int_equal(call.call.arguments[2], 2);
	assert_int_equal(call.call.arguments[3], 0x2000);
	call = translate(117, msgrcv);
	assert_int_equal(call.call.number, SYS_msgrcv);
	assert_int_equal((int64_t)call.call.arguments[3], -3);
}

#else

TEST(elsewhere_none_is_translated)
{
	struct proc_syscall call = {.number = 100000};
	struct compat_call result;

	assert_int_equal(compat_call_translate(getpid(), &call, &result), 0);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef __x86_64__
		cmocka_unit_test(each_number_is_the_same_call_of_64_bits),
		cmocka_unit_test(other_numbers_are_none),
		cmocka_unit_test(one_call_stands_for_all_of_system_v),
#else
		cmocka_unit_test(elsewhere_none_is_translated),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
