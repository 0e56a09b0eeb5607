/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/messages.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <stdint.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Room for a message that is received; of larger ones the call says so, and takes nothing. */
#define ROOM_FIRST 8192
#define ROOM_MAX ((size_t)INT32_MAX - 64)

/* As msgsnd() and msgrcv() have it. */
struct raw_message {
	long type;
	char body[];
};

static int fail(int number, struct ipclens_error *ret_error)
{
	int outcome = outcome_from_errno(number);
	const char *text = strerror(number);

	if (number == EIDRM)
		text = "it was removed meanwhile";
	else if (outcome == OUTCOME_GONE)
		text = "there is no such queue";
	error_set(ret_error, -number, "%s", text);
	return outcome ? outcome : -number;
}

/* Of msgsnd() EINVAL has two meanings. */
static int explain_send(int id, size_t size, int number, struct ipclens_error *ret_error)
{
	struct msqid_ds state;

	if (number != EINVAL)
		return number == EAGAIN ? error_set(ret_error, -number, "the queue is full")
					: fail(number, ret_error);
	if (msgctl(id, IPC_STAT, &state) < 0 && errno != EACCES)
		return fail(ENOENT, ret_error);
	return error_set(ret_error, -EMSGSIZE,
			 "a message of %zu bytes is larger than kernel.msgmax permits", size);
}

int act_msg_send(int id, long type, struct text body, bool waits, struct ipclens_error *ret_error)
{
	_cleanup_free_ struct raw_message *raw = malloc(sizeof(*raw) + body.length);

	if (!raw)
		return fail(ENOMEM, ret_error);
	raw->type = type;
	if (body.length)
		memcpy(raw->body, body.bytes, body.length);
	if (msgsnd(id, raw, body.length, waits ? 0 : IPC_NOWAIT) < 0)
		return explain_send(id, body.length, errno, ret_error);
	return 0;
}

static int explain_receive(int number, struct ipclens_error *ret_error)
{
	if (number == ENOMSG)
		return error_set(ret_error, -EAGAIN, "there is no such message in it");
	return fail(number == EINVAL ? ENOENT : number, ret_error);
}

int act_msg_receive(int id, long type, bool waits, struct buffer *body, long *ret_type,
		    struct ipclens_error *ret_error)
{
	for (size_t room = ROOM_FIRST;; room = room < ROOM_MAX / 4 ? room * 4 : ROOM_MAX) {
		/* Room for the body as well, so that nothing can fail once it was taken. */
		_cleanup_free_ struct raw_message *raw = malloc(sizeof(*raw) + room);
		ssize_t length;

		if (!raw || !buffer_reserve(body, room))
			return fail(ENOMEM, ret_error);
		length = msgrcv(id, raw, room, type, waits ? 0 : IPC_NOWAIT);
		if (length >= 0) {
			buffer_add(body, raw->body, (size_t)length);
			*ret_type = raw->type;
			return 0;
		}
		if (errno != E2BIG || room == ROOM_MAX)
			return explain_receive(errno, ret_error);
	}
}

/* The system calls take the name without its slash. */
int act_mq_open(const char *name, bool is_to_send, bool waits, int *ret_queue,
		struct ipclens_error *ret_error)
{
	int flags = (is_to_send ? O_WRONLY : O_RDONLY) | (waits ? 0 : O_NONBLOCK) | O_CLOEXEC;
	int queue = (int)syscall(SYS_mq_open, name + 1, flags, 0, NULL);

	if (queue < 0)
		return fail(errno, ret_error);
	*ret_queue = queue;
	return 0;
}

int act_mq_send(int queue, unsigned int priority, struct text body, struct ipclens_error *ret_error)
{
	struct mq_attr attributes;

	if (mq_send(queue, body.bytes ? body.bytes : "", body.length, priority) == 0)
		return 0;
	if (errno == EAGAIN)
		return error_set(ret_error, -EAGAIN, "the queue is full");
	if (errno == EMSGSIZE && mq_getattr(queue, &attributes) == 0)
		return error_set(
			ret_error, -EMSGSIZE,
			"a message of %zu bytes is larger than the %ld that this queue takes",
			body.length, attributes.mq_msgsize);
	return fail(errno, ret_error);
}

int act_mq_receive(int queue, struct buffer *body, unsigned int *ret_priority,
		   struct ipclens_error *ret_error)
{
	struct mq_attr attributes;
	ssize_t length;
	char *room;

	if (mq_getattr(queue, &attributes) < 0)
		return fail(errno, ret_error);
	room = buffer_reserve(body, (size_t)attributes.mq_msgsize);
	if (!room)
		return fail(ENOMEM, ret_error);
	length = mq_receive(queue, room, (size_t)attributes.mq_msgsize, ret_priority);
	if (length < 0 && errno == EAGAIN)
		return error_set(ret_error, -EAGAIN, "there is no message in it");
	if (length < 0)
		return fail(errno, ret_error);
	buffer_advance(body, (size_t)length);
	return 0;
}
