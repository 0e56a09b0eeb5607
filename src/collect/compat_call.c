/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/compat_call.h"

#include "collect/blocked_call.h"

#ifdef __x86_64__

#include "collect/remote_memory.h"

/* arch/x86/entry/syscalls/syscall_32.tbl; that header cannot stand beside the one of 64 bits. */
static const struct {
	int64_t number, native;
	bool has_narrow_time;
} calls[] = {
	{0, SYS_restart_syscall, true},
	{3, SYS_read, false},
	{4, SYS_write, false},
	{5, SYS_open, false},
	{8, SYS_creat, false},
	{142, SYS_select, true},
	{145, SYS_readv, false},
	{146, SYS_writev, false},
	{168, SYS_poll, false},
	{187, SYS_sendfile, false},
	{239, SYS_sendfile, false},
	{240, SYS_futex, true},
	{256, SYS_epoll_wait, false},
	{279, SYS_mq_timedsend, true},
	{280, SYS_mq_timedreceive, true},
	{295, SYS_openat, false},
	{308, SYS_pselect6, true},
	{309, SYS_ppoll, true},
	{313, SYS_splice, false},
	{315, SYS_tee, false},
	{316, SYS_vmsplice, false},
	{319, SYS_epoll_pwait, false},
	{378, SYS_preadv2, false},
	{379, SYS_pwritev2, false},
	{400, SYS_msgsnd, false},
	{401, SYS_msgrcv, false},
	{413, SYS_pselect6, false},
	{414, SYS_ppoll, false},
	{418, SYS_mq_timedsend, false},
	{419, SYS_mq_timedreceive, false},
	{420, SYS_semtimedop, false},
	{422, SYS_futex, false},
	{426, SYS_io_uring_enter, false},
	{437, SYS_openat2, false},
	{441, SYS_epoll_pwait2, false},
	{449, SYS_futex_waitv, false},
	{455, SYS_futex_wait, false},
};

/* ipc(): one call for all of System V (include/uapi/linux/ipc.h, ipc/syscall.c: compat_ksys_ipc).
 */
enum {
	IPC = 117,
	IPC_SEMOP = 1,
	IPC_SEMTIMEDOP = 4,
	IPC_MSGSND = 11,
	IPC_MSGRCV = 12,
};

/* A number with a sign, in an argument that has twice as many bits. */
static uint64_t widen(uint64_t argument)
{
	return (uint64_t)(int64_t)(int32_t)(uint32_t)argument;
}

/* What msgrcv() is given: in the first version of ipc() behind a pointer, with the message's. */
static bool read_type(pid_t task, const uint64_t *arguments, uint64_t *ret_type)
{
	uint32_t message_and_type[2];

	*ret_type = widen(arguments[5]);
	if (arguments[0] >> 16)
		return true;
	if (!remote_read(task, arguments[4], message_and_type, sizeof(message_and_type)))
		return false;
	*ret_type = widen(message_and_type[1]);
	return true;
}

static int translate_ipc(pid_t task, const uint64_t *given, struct compat_call *call)
{
	uint64_t *arguments = call->call.arguments;

	arguments[0] = given[1];
	arguments[1] = given[4];
	arguments[2] = given[2];
	arguments[3] = given[5];
	call->has_narrow_time = true;
	switch (given[0] & 0xffff) {
	case IPC_SEMOP:
		call->call.number = SYS_semop;
		return 1;
	case IPC_SEMTIMEDOP:
		call->call.number = SYS_semtimedop;
		return 1;
	case IPC_MSGSND:
		call->call.number = SYS_msgsnd;
		arguments[3] = given[3];
		return 1;
	case IPC_MSGRCV:
		call->call.number = SYS_msgrcv;
		arguments[4] = given[3];
		return read_type(task, given, &arguments[3]) ? 1 : -1;
	default:
		return 0;
	}
}

int compat_call_translate(pid_t task, const struct proc_syscall *call, struct compat_call *ret_call)
{
	*ret_call = (struct compat_call){.call = *call};
	if (call->number == IPC)
		return translate_ipc(task, call->arguments, ret_call);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i].number != call->number)
			continue;
		ret_call->call.number = calls[i].native;
		ret_call->has_narrow_time = calls[i].has_narrow_time;
		if (calls[i].native == SYS_msgrcv)
			ret_call->call.arguments[3] = widen(call->arguments[3]);
		return 1;
	}
	return 0;
}

#else

int compat_call_translate(pid_t task, const struct proc_syscall *call, struct compat_call *ret_call)
{
	(void)task;
	(void)ret_call;
	return blocked_call_is_compat_ipc(call) ? -1 : 0;
}

#endif
