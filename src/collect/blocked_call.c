/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/blocked_call.h"

#include <stdint.h>

/*
 * Newer architectures lack the older ones of them. pread, preadv and their like are not among them:
 * they fail on what has no place to begin at.
 */
static const struct blocked_call calls[] = {
	{SYS_semop, BLOCKED_SEMOP, "semop"},
	{SYS_semtimedop, BLOCKED_SEMOP, "semtimedop"},
	{SYS_msgsnd, BLOCKED_MSGSND, "msgsnd"},
	{SYS_msgrcv, BLOCKED_MSGRCV, "msgrcv"},
	{SYS_mq_timedsend, BLOCKED_MQ_SEND, "mq_timedsend"},
	{SYS_mq_timedreceive, BLOCKED_MQ_RECEIVE, "mq_timedreceive"},
	{SYS_read, BLOCKED_READ, "read"},
	{SYS_readv, BLOCKED_READ, "readv"},
	{SYS_preadv2, BLOCKED_READ, "preadv2"},
	{SYS_write, BLOCKED_WRITE, "write"},
	{SYS_writev, BLOCKED_WRITE, "writev"},
	{SYS_pwritev2, BLOCKED_WRITE, "pwritev2"},
	{SYS_vmsplice, BLOCKED_VMSPLICE, "vmsplice"},
	{SYS_sendfile, BLOCKED_SENDFILE, "sendfile"},
	{SYS_splice, BLOCKED_SPLICE, "splice"},
	{SYS_tee, BLOCKED_TEE, "tee"},
#ifdef SYS_open
	{SYS_open, BLOCKED_OPEN, "open"},
#endif
#ifdef SYS_creat
	{SYS_creat, BLOCKED_CREAT, "creat"},
#endif
	{SYS_openat, BLOCKED_OPENAT, "openat"},
	{SYS_openat2, BLOCKED_OPENAT2, "openat2"},
	{SYS_futex, BLOCKED_FUTEX, "futex"},
#ifdef SYS_futex_waitv
	{SYS_futex_waitv, BLOCKED_FUTEX_ANY, "futex_waitv"},
#endif
#ifdef SYS_futex_wait
	{SYS_futex_wait, BLOCKED_FUTEX_WAIT, "futex_wait"},
#endif
#ifdef SYS_poll
	{SYS_poll, BLOCKED_POLL, "poll"},
#endif
	{SYS_ppoll, BLOCKED_PPOLL, "ppoll"},
#ifdef SYS_select
	{SYS_select, BLOCKED_SELECT, "select"},
#endif
	{SYS_pselect6, BLOCKED_PSELECT, "pselect6"},
#ifdef SYS_epoll_wait
	{SYS_epoll_wait, BLOCKED_EPOLL, "epoll_wait"},
#endif
	{SYS_epoll_pwait, BLOCKED_EPOLL, "epoll_pwait"},
#ifdef SYS_epoll_pwait2
	{SYS_epoll_pwait2, BLOCKED_EPOLL2, "epoll_pwait2"},
#endif
#ifdef SYS_io_uring_enter
	{SYS_io_uring_enter, BLOCKED_IO_URING, "io_uring_enter"},
#endif
	{SYS_restart_syscall, BLOCKED_RESTART, "restart_syscall"},
};

const struct blocked_call *blocked_call_find(int64_t number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

const struct blocked_call *blocked_call_of_class(enum blocked_class class)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].class == class)
			return &calls[i];
	return NULL;
}

bool blocked_call_is_compat(const struct proc_syscall *call)
{
	return sizeof(void *) > 4 && call->stack_pointer && call->stack_pointer <= UINT32_MAX;
}

bool blocked_call_is_compat_ipc(const struct proc_syscall *call)
{
#ifdef __aarch64__
	/* arch/arm/tools/syscall.tbl: mq_timed*, semop, msgsnd, msgrcv, semtimedop. */
	static const int64_t numbers[] = {276, 277, 298, 301, 304, 312, 418, 419, 420};
#else
	/* arch/x86/entry/syscalls/syscall_32.tbl: ipc, msgsnd, msgrcv, semtimedop, mq_timed*. */
	static const int64_t numbers[] = {117, 279, 280, 400, 401, 418, 419, 420};
#endif

	if (!blocked_call_is_compat(call))
		return false;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i] == call->number)
			return true;
	return false;
}
