/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waits on semaphore arrays and message queues of System V.
 */
#include "collect/search_calls.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "collect/inside.h"
#include "collect/remote_memory.h"

/* SEMOPM is 500 unless it was raised; a call with more operations than these is not understood. */
#define OPERATIONS_MAX 4096

#ifndef MSG_EXCEPT
#define MSG_EXCEPT 020000
#endif

/* What earlier operations of the same call would have made of the semaphore. */
static int64_t sum_before(const struct sembuf *operations, size_t index)
{
	int64_t sum = 0;

	for (size_t i = 0; i < index; i++)
		if (operations[i].sem_num == operations[index].sem_num)
			sum += operations[i].sem_op;
	return sum;
}

enum verdict {
	GOES_ON,
	BLOCKS,
	NOT_KNOWN,
};

static enum verdict judge(const struct collector *collector, const struct object *array,
			  const struct sembuf *operations, size_t index)
{
	const struct sembuf *operation = &operations[index];
	int value;

	if (operation->sem_op > 0)
		return GOES_ON;
	value = inside_value(collector, array, operation->sem_num);
	if (value < 0)
		return NOT_KNOWN;
	if (operation->sem_op == 0)
		return value + sum_before(operations, index) ? BLOCKS : GOES_ON;
	return value + sum_before(operations, index) + operation->sem_op < 0 ? BLOCKS : GOES_ON;
}

#define SEVERAL (SIZE_MAX - 1)

/*
 * The operation at which the call is blocked: as the kernel does, in order (ipc/sem.c:
 * perform_atomic_semop). Where values may not be read, the only one that can be, or SEVERAL.
 * SIZE_MAX: none, the thread is about to go on.
 */
static size_t find_blocking(const struct collector *collector, const struct object *array,
			    const struct sembuf *operations, size_t count)
{
	size_t candidate = SIZE_MAX;

	for (size_t i = 0; i < count; i++) {
		switch (judge(collector, array, operations, i)) {
		case BLOCKS:
			return i;
		case NOT_KNOWN:
			candidate = candidate == SIZE_MAX ? i : SEVERAL;
			break;
		case GOES_ON:
			break;
		}
	}
	return candidate;
}

static void set_operation(struct blocked_waits *waits, size_t object,
			  const struct sembuf *operation)
{
	bool takes = operation->sem_op < 0;
	struct seen_wait *seen = blocked_waits_add(waits, takes ? WAIT_TAKE : WAIT_AWAIT_ZERO);

	if (!seen)
		return;
	seen->wait.object = object;
	seen_wait_set(seen, WAIT_SEMNUM, &seen->wait.semnum, operation->sem_num);
	if (takes)
		seen_wait_set(seen, WAIT_AMOUNT, &seen->wait.amount, (uint64_t)-operation->sem_op);
	seen->wait.flags |= operation->sem_flg & SEM_UNDO ? WAIT_HAS_UNDO : 0U;
}

static int decode_semop(struct blocked_thread *thread, struct blocked_waits *waits)
{
	const struct collector *collector = thread->finder->search->collector;
	const uint64_t *arguments = thread->call.arguments;
	const struct object *objects = collector->snapshot->objects.items;
	_cleanup_free_ struct sembuf *operations = NULL;
	uint64_t count = arguments[2];
	size_t index, blocking;

	if (!blocked_find_sysv(thread, KIND_SEM, arguments[0], &index) || !count ||
	    count > OPERATIONS_MAX)
		return 0;
	operations = calloc(count, sizeof(*operations));
	if (!operations)
		return -ENOMEM;
	if (!remote_read(thread->tid, arguments[1], operations, count * sizeof(*operations)))
		return 0;
	blocking = find_blocking(collector, &objects[index], operations, count);
	if (blocking == SEVERAL)
		thread->finder->undecoded++;
	if (blocking >= SEVERAL)
		return 0;
	set_operation(waits, index, &operations[blocking]);
	if (thread->blocked->number != SYS_semop)
		blocked_waits_set_timeout(waits, thread, arguments[3], BLOCKED_SPAN);
	return 0;
}

/* Whether a message of that size does not fit for its bytes, or for the number of messages. */
static bool is_full_by_count(const struct collector *collector, const struct object *queue,
			     uint64_t bytes)
{
	struct msqid_ds state;

	return inside_queue(collector, queue, &state) &&
	       state.__msg_cbytes + bytes <= state.msg_qbytes &&
	       1 + state.msg_qnum > state.msg_qbytes;
}

static void decode_msgsnd(struct blocked_thread *thread, struct blocked_waits *waits)
{
	const struct collector *collector = thread->finder->search->collector;
	const struct object *objects = collector->snapshot->objects.items;
	const uint64_t *arguments = thread->call.arguments;
	struct seen_wait *seen;
	size_t index;

	if (!blocked_find_sysv(thread, KIND_MSG, arguments[0], &index))
		return;
	seen = blocked_waits_add(waits, WAIT_SEND);
	if (!seen)
		return;
	seen->wait.object = index;
	seen_wait_set(seen, WAIT_AMOUNT, &seen->wait.amount, arguments[2]);
	if (is_full_by_count(collector, &objects[index], arguments[2]))
		seen->wait.flags |= WAIT_IS_FULL_BY_COUNT;
}

static void decode_msgrcv(struct blocked_thread *thread, struct blocked_waits *waits)
{
	const uint64_t *arguments = thread->call.arguments;
	struct seen_wait *seen;
	size_t index;

	if (!blocked_find_sysv(thread, KIND_MSG, arguments[0], &index))
		return;
	seen = blocked_waits_add(waits, WAIT_RECEIVE);
	if (!seen)
		return;
	seen->wait.object = index;
	seen->wait.type = (int64_t)arguments[3];
	record_mark(&seen->wait.record, WAIT_TYPE);
	if (arguments[4] & MSG_EXCEPT)
		seen->wait.flags |= WAIT_IS_EXCEPT;
}

int call_sysv_decode(struct blocked_thread *thread, struct blocked_waits *waits)
{
	switch (thread->blocked->class) {
	case BLOCKED_SEMOP:
		return decode_semop(thread, waits);
	case BLOCKED_MSGSND:
		decode_msgsnd(thread, waits);
		return 0;
	case BLOCKED_MSGRCV:
		decode_msgrcv(thread, waits);
		return 0;
	default:
		return 0;
	}
}
