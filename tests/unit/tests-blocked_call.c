/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "collect/blocked_call.h"

TEST(calls_that_sleep_in_ipc_are_known_by_their_numbers)
{
	static const struct {
		int64_t number;
		enum blocked_class class;
	} cases[] = {{SYS_semtimedop, BLOCKED_SEMOP},
		     {SYS_msgsnd, BLOCKED_MSGSND},
		     {SYS_msgrcv, BLOCKED_MSGRCV},
		     {SYS_mq_timedsend, BLOCKED_MQ_SEND},
		     {SYS_mq_timedreceive, BLOCKED_MQ_RECEIVE},
		     {SYS_read, BLOCKED_READ},
		     {SYS_write, BLOCKED_WRITE},
		     {SYS_preadv2, BLOCKED_READ},
		     {SYS_pwritev2, BLOCKED_WRITE},
		     {SYS_vmsplice, BLOCKED_VMSPLICE},
		     {SYS_sendfile, BLOCKED_SENDFILE},
		     {SYS_tee, BLOCKED_TEE},
		     {SYS_openat, BLOCKED_OPENAT},
		     {SYS_openat2, BLOCKED_OPENAT2},
		     {SYS_futex, BLOCKED_FUTEX},
#ifdef SYS_futex_wait
		     {SYS_futex_wait, BLOCKED_FUTEX_WAIT},
		     {SYS_futex_waitv, BLOCKED_FUTEX_ANY},
#endif
#ifdef SYS_io_uring_enter
		     {SYS_io_uring_enter, BLOCKED_IO_URING},
#endif
		     {SYS_ppoll, BLOCKED_PPOLL},
		     {SYS_epoll_pwait, BLOCKED_EPOLL},
		     {SYS_restart_syscall, BLOCKED_RESTART}};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct blocked_call *call = blocked_call_find(cases[i].number);

		assert_non_null(call);
		assert_int_equal(call->class, cases[i].class);
	}
}

TEST(other_calls_are_not)
{
	/* What pread64() and its like are called with has a place to begin at, as no pipe has. */
	static const int64_t numbers[] = {SYS_nanosleep, SYS_accept,  SYS_wait4,
					  SYS_getpid,	 SYS_pread64, SYS_preadv,
					  SYS_pwritev,	 -1,	      100000};

	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
		assert_null(blocked_call_find(numbers[i]));
}

TEST(a_program_of_32_bits_is_told_by_its_stack)
{
	struct proc_syscall call = {.number = 420, .stack_pointer = 0xffffd000};

	if (sizeof(void *) == 4)
		return;
	assert_true(blocked_call_is_compat(&call));
	assert_true(blocked_call_is_compat_ipc(&call));
	call.number = 3;
	assert_false(blocked_call_is_compat_ipc(&call));
	call.stack_pointer = UINT64_C(0x7ffca088b620);
	assert_false(blocked_call_is_compat(&call));
	call.stack_pointer = 0;
	assert_false(blocked_call_is_compat(&call));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_that_sleep_in_ipc_are_known_by_their_numbers),
		cmocka_unit_test(other_calls_are_not),
		cmocka_unit_test(a_program_of_32_bits_is_told_by_its_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
