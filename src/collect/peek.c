/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/peek.h"

#include <errno.h>
#include <string.h>
#include <sys/msg.h>

#include "base/cleanup.h"

/* include/uapi/linux/msg.h: not every C library has it. */
#ifndef MSG_COPY
#define MSG_COPY 040000
#endif

/* The largest kernel.msgmax that room is made for at once. */
#define ROOM_MAX (INT32_MAX - 64)

/* As msgrcv() fills it in. */
struct raw_message {
	long type;
	char body[];
};

static int fail(int number, struct ipclens_error *ret_error)
{
	int outcome = number == EINVAL ? OUTCOME_GONE : outcome_from_errno(number);
	const char *text = strerror(number);

	if (outcome == OUTCOME_GONE)
		text = "it is gone";
	else if (outcome == OUTCOME_UNSUPPORTED)
		text = "this kernel was built without CONFIG_CHECKPOINT_RESTORE, and so without "
		       "MSG_COPY, the only way to read a message without taking it";
	error_set(ret_error, -number, "%s", text);
	return outcome ? outcome : -number;
}

/* kernel.msgmax: what can be sent now; a message may have been sent when it was more. */
static size_t find_msgmax(void)
{
	union {
		struct msginfo info;
		struct msqid_ds state;
	} limits = {0};

	if (msgctl(0, IPC_INFO, &limits.state) < 0 || limits.info.msgmax <= 0)
		return 8192;
	return limits.info.msgmax < ROOM_MAX ? (size_t)limits.info.msgmax : ROOM_MAX;
}

static bool has_changed(const struct msqid_ds *before, const struct msqid_ds *after)
{
	return before->msg_qnum != after->msg_qnum || before->msg_stime != after->msg_stime ||
	       before->msg_rtime != after->msg_rtime || before->msg_lspid != after->msg_lspid ||
	       before->msg_lrpid != after->msg_lrpid || before->msg_ctime != after->msg_ctime;
}

static int add(struct messages *messages, long index, const struct raw_message *raw, size_t length,
	       size_t body_max)
{
	struct message *message =
		messages_add(messages, (struct text){raw->body, length}, body_max);

	if (!message)
		return -ENOMEM;
	message->index = (uint64_t)index;
	message->type = (uint64_t)raw->type;
	record_mark(&message->record, MESSAGE_INDEX);
	record_mark(&message->record, MESSAGE_TYPE);
	return 0;
}

/*
 * Each message up to the last one. 0, the positive errno of the call, or -ENOMEM. E2BIG and, where
 * msgmax was lowered, EINVAL are about one message alone.
 */
static int copy_each(int id, size_t body_max, struct messages *messages)
{
	size_t room = find_msgmax();
	_cleanup_free_ struct raw_message *raw = malloc(sizeof(*raw) + room);
	struct msqid_ds state;

	if (!raw)
		return -ENOMEM;
	for (long index = 0;; index++) {
		ssize_t length = msgrcv(id, raw, room, index, IPC_NOWAIT | MSG_COPY);

		if (length >= 0) {
			if (add(messages, index, raw, (size_t)length, body_max) < 0)
				return -ENOMEM;
		} else if (errno == ENOMSG) {
			return 0;
		} else if (errno == E2BIG ||
			   (errno == EINVAL && msgctl(id, IPC_STAT, &state) == 0 &&
			    (unsigned long)index < state.msg_qnum)) {
			messages->unread++;
		} else {
			return errno;
		}
	}
}

int collect_messages(uint64_t id, size_t body_max, struct messages *messages,
		     struct ipclens_error *ret_error)
{
	struct msqid_ds before, after;
	int r;

	if (msgctl((int)id, IPC_STAT, &before) < 0)
		return fail(errno, ret_error);
	r = copy_each((int)id, body_max, messages);
	if (r == 0 && msgctl((int)id, IPC_STAT, &after) < 0)
		r = errno;
	if (r == -ENOMEM || (r > 0 && !messages->items.count))
		return fail(r < 0 ? -r : r, ret_error);
	/* What was removed meanwhile has changed. */
	messages->has_changed = r > 0 || has_changed(&before, &after) ||
				before.msg_qnum != messages->items.count + messages->unread;
	r = messages_count_types(messages);
	return r < 0 ? fail(-r, ret_error) : 0;
}
