/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/semop.h"

#include <errno.h>
#include <string.h>
#include <sys/sem.h>

#include "base/cleanup.h"

static int fail(int number, struct ipclens_error *ret_error)
{
	static const struct {
		int number;
		const char *text;
	} reasons[] = {
		{EIDRM, "it was removed meanwhile"},
		{EINVAL, "there is no such array"},
		{EFBIG, "it has no semaphore of that number"},
		{E2BIG, "these are more operations than kernel.sem (3rd) permits"},
		{ERANGE, "a value, or what is to be taken back, would be above 32767"},
		{EAGAIN, "it would have to wait"},
		{ENOSPC, "the kernel has no room for another undo record"},
	};
	int outcome = number == EINVAL ? OUTCOME_GONE : outcome_from_errno(number);
	const char *text = strerror(number);

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].number == number)
			text = reasons[i].text;
	error_set(ret_error, -number, "%s", text);
	return outcome ? outcome : -number;
}

int act_semop(const struct semop_request *request, struct ipclens_error *ret_error)
{
	_cleanup_free_ struct sembuf *operations =
		calloc(request->count ? request->count : 1, sizeof(*operations));
	int flags = (request->waits ? 0 : IPC_NOWAIT) | (request->has_undo ? SEM_UNDO : 0);

	if (!operations)
		return fail(ENOMEM, ret_error);
	for (size_t i = 0; i < request->count; i++)
		operations[i] = (struct sembuf){.sem_num = request->steps[i].num,
						.sem_op = request->steps[i].amount,
						.sem_flg = (short)flags};
	if (semop(request->id, operations, request->count) < 0)
		return fail(errno, ret_error);
	return 0;
}
