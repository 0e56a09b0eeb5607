/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Queues that are full, or that nobody takes messages from, and threads that wait too long.
 */
#include <errno.h>

#include "query/check_parts.h"
#include "query/totals.h"

/* Tenths of a percent; false where that is not known. */
static bool find_fullness(const struct object *queue, uint64_t *ret_percent)
{
	struct value_scratch scratch;
	struct value value = field_value(&object_fields, OBJECT_USED_PERCENT, queue, &scratch);

	if (value.is_present)
		*ret_percent = value.number;
	return value.is_present;
}

static int judge_full(struct judge *judge, const struct object *queue)
{
	struct finding *finding;
	uint64_t percent;
	int r;

	if (!find_fullness(queue, &percent) || percent < TOTALS_FULL_FROM)
		return 0;
	finding = check_add(judge, FINDING_FULL_QUEUE, FINDING_CERTAIN, queue,
			    "%llu.%llu%% full: who sends sleeps, or is refused, when it is full",
			    (unsigned long long)percent / 10, (unsigned long long)percent % 10);
	if (queue->kind == KIND_MSG)
		r = check_say(judge, finding, "%llu of %llu bytes (msg_cbytes, msg_qbytes)",
			      (unsigned long long)queue->used_bytes,
			      (unsigned long long)queue->max_bytes);
	else
		r = check_say(judge, finding, "%llu of %llu messages (mq_curmsgs, mq_maxmsg)",
			      (unsigned long long)queue->messages,
			      (unsigned long long)queue->mq.max_messages);
	return r ? r
		 : check_advise(
			   judge, finding,
			   "find out who should receive, and why it does not; ipclens who tells "
			   "who did");
}

/* When somebody took a message out of it, or can have done so at the latest. */
static bool find_last_receive(const struct object *queue, int64_t *ret_time,
			      const char **ret_source)
{
	if (queue->kind == KIND_MQ) {
		*ret_source = "st_ctime, which sending moves, too";
		*ret_time = queue->changed_at;
		return object_has(queue, OBJECT_CHANGED_AT);
	}
	*ret_source = "msg_rtime";
	*ret_time = queue->msg.received_at;
	if (object_has(queue, OBJECT_RECEIVED_AT))
		return true;
	*ret_source = "msg_ctime; nobody ever received";
	*ret_time = queue->changed_at;
	return object_has(queue, OBJECT_CHANGED_AT);
}

/* Whether nobody took anything out of it for as long as a queue may stay so. */
static bool is_unreceived(const struct judge *judge, int64_t last)
{
	return last <= judge->snapshot->taken_at &&
	       (uint64_t)(judge->snapshot->taken_at - last) >= judge->bounds->stuck;
}

static struct finding *add_unreceived(struct judge *judge, const struct object *queue, int64_t last)
{
	_cleanup_buffer_ struct buffer age = {0};

	check_add_age(&age, judge, last);
	return check_add(judge, FINDING_STUCK_QUEUE, FINDING_LIKELY, queue,
			 "%llu message%s in it, and nobody received for %s",
			 (unsigned long long)queue->messages,
			 queue->messages == 1 ? " is" : "s are",
			 buffer_string(&age) ? age.bytes : "?");
}

static int say_last_receive(struct judge *judge, struct finding *finding, int64_t last,
			    const char *source)
{
	_cleanup_buffer_ struct buffer age = {0};

	check_add_age(&age, judge, last);
	return check_say(judge, finding, "last receive at the latest %s ago (%s)",
			 buffer_string(&age) ? age.bytes : "?", source);
}

static int judge_stuck(struct judge *judge, const struct object *queue)
{
	struct check_growth growth;
	struct finding *finding;
	const char *source;
	bool has_last, has_grown;
	int64_t last;
	int r = 0;

	if (!object_has(queue, OBJECT_MESSAGES) || !queue->messages)
		return 0;
	has_last = find_last_receive(queue, &last, &source);
	has_grown = check_find_growth(judge, queue, &growth);
	if (!has_grown && !(has_last && is_unreceived(judge, last)))
		return 0;
	finding = has_grown ? check_add_growth(judge, queue, &growth)
			    : add_unreceived(judge, queue, last);
	if (has_last)
		r = say_last_receive(judge, finding, last, source);
	if (r == 0)
		r = check_say(judge, finding, "%zu thread%s on it",
			      check_facts_of(judge, queue)->waits,
			      check_facts_of(judge, queue)->waits == 1 ? " sleeps" : "s sleep");
	return r ? r
		 : check_advise(
			   judge, finding,
			   "find out who should receive, and why it does not; ipclens who tells "
			   "who did");
}

int check_queues(struct judge *judge)
{
	int r = 0;

	vector_for_each (&judge->snapshot->objects, object) {
		if (object->kind != KIND_MSG && object->kind != KIND_MQ)
			continue;
		if (r == 0)
			r = judge_full(judge, object);
		if (r == 0)
			r = judge_stuck(judge, object);
	}
	return r;
}

/*
 * What a wait that lasts is a sign of; FINDING_CODE_COUNT: of nothing. That a server sleeps until
 * there is something to do, in a read or receive, is what it is for.
 */
static enum finding_code code_of(const struct wait *wait)
{
	switch ((enum wait_operation)wait->operation) {
	case WAIT_TAKE:
	case WAIT_AWAIT_ZERO:
	case WAIT_SEND:
		return FINDING_LONG_WAIT;
	case WAIT_FUTEX:
		return wait->flags & WAIT_IS_MUTEX ? FINDING_LONG_WAIT : FINDING_CODE_COUNT;
	case WAIT_WRITE:
		return FINDING_PIPE_STALLED;
	case WAIT_OPEN:
		return FINDING_FIFO_NO_PARTNER;
	default:
		return FINDING_CODE_COUNT;
	}
}

static bool is_long(const struct judge *judge, const struct wait *wait, enum finding_code code)
{
	return wait->object != WAIT_NO_OBJECT && !(wait->flags & WAIT_IS_ALTERNATIVE) &&
	       wait_has(wait, WAIT_WAITED) && wait->waited >= judge->bounds->long_wait &&
	       code_of(wait) == code;
}

static const char *words_of(enum finding_code code)
{
	return code == FINDING_LONG_WAIT ? "sleeps on it for long"
	       : code == FINDING_PIPE_STALLED
		       ? "cannot write for long: it is full, and nobody reads"
		       : "sleeps for long until somebody opens the other end";
}

static int say_waiter(struct judge *judge, struct finding *finding, const struct wait *wait)
{
	_cleanup_buffer_ struct buffer words = {0};
	int64_t pids[] = {wait->pid};

	check_add_processes(&words, judge, (struct record_list){pids, 1});
	buffer_add_format(&words, " (thread %lld) for ", (long long)wait->tid);
	check_add_age(&words, judge, judge->snapshot->taken_at - (int64_t)(wait->waited / 1000));
	if (wait_has(wait, WAIT_SEMNUM))
		buffer_add_format(&words, ", at num %llu", (unsigned long long)wait->semnum);
	if (wait_has(wait, WAIT_RELEASED_BY) && wait->released_by.count) {
		buffer_add_string(&words, "; could be ended by ");
		check_add_processes(&words, judge, wait->released_by);
	}
	return check_say(judge, finding, "%s", buffer_string(&words) ? words.bytes : "?");
}

#define WAITERS_NAMED 5

/* The waits on one object, from the first that is long. */
static int judge_object_waits(struct judge *judge, const struct wait *first, enum finding_code code)
{
	const struct wait *end = judge->snapshot->waits.items + judge->snapshot->waits.count;
	const struct object *object = &judge->snapshot->objects.items[first->object];
	size_t count = 0;
	struct finding *finding;
	int r = 0;

	for (const struct wait *wait = first; wait < end && wait->object == first->object; wait++)
		count += is_long(judge, wait, code);
	finding = check_add(judge, code, FINDING_LIKELY, object, "%zu thread%s%s", count,
			    count == 1 ? " " : "s: each ", words_of(code));
	for (const struct wait *wait = first;
	     r == 0 && count && wait < end && wait->object == first->object; wait++) {
		if (!is_long(judge, wait, code))
			continue;
		r = say_waiter(judge, finding, wait);
		if (finding && finding->evidence.count == WAITERS_NAMED)
			break;
	}
	return r ? r : check_advise(judge, finding, "ipclens blocked tells who holds up whom");
}

static bool is_first(const struct judge *judge, const struct wait *wait, enum finding_code code)
{
	for (const struct wait *other = wait;
	     other > judge->snapshot->waits.items && other[-1].object == wait->object; other--)
		if (is_long(judge, other - 1, code))
			return false;
	return true;
}

int check_waits(struct judge *judge)
{
	int r = 0;

	vector_for_each (&judge->snapshot->waits, wait) {
		enum finding_code code = code_of(wait);

		if (r == 0 && code != FINDING_CODE_COUNT && is_long(judge, wait, code) &&
		    is_first(judge, wait, code))
			r = judge_object_waits(judge, wait, code);
	}
	return r;
}
