/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Queues that have grown since an earlier look.
 */
#include "base/rate.h"
#include "query/check_parts.h"

/*
 * Whether somebody received since the earlier look. Times are whole seconds: a receive in the very
 * second of that look can have been after it. Of POSIX queues there is no such time.
 */
static void find_receive(const struct judge *judge, const struct object *queue,
			 struct check_growth *growth)
{
	growth->is_recorded = queue->kind == KIND_MSG;
	growth->was_received = growth->is_recorded && object_has(queue, OBJECT_RECEIVED_AT) &&
			       queue->msg.received_at >= judge->pairs->before->taken_at;
}

/*
 * That there is more than before, while somebody receives, can be the moment: it has to last as
 * long as a queue may sit.
 */
static bool is_lasting(const struct judge *judge, const struct check_growth *growth)
{
	return (growth->is_recorded && !growth->was_received) ||
	       growth->seconds >= judge->bounds->stuck;
}

bool check_find_growth(const struct judge *judge, const struct object *queue,
		       struct check_growth *ret_growth)
{
	const struct object *before = judge->pairs ? pairs_before(judge->pairs, queue) : NULL;
	struct check_growth growth = {0};
	int64_t then;

	if (!before || !object_has(before, OBJECT_MESSAGES) || before->messages >= queue->messages)
		return false;
	then = judge->pairs->before->taken_at;
	if (then >= judge->snapshot->taken_at)
		return false;
	growth.messages = queue->messages - before->messages;
	growth.seconds = (uint64_t)judge->snapshot->taken_at - (uint64_t)then;
	find_receive(judge, queue, &growth);
	if (!is_lasting(judge, &growth))
		return false;
	*ret_growth = growth;
	return true;
}

/* "3.5 a minute" */
static void add_rate(struct buffer *buffer, const struct check_growth *growth)
{
	struct rate rate = rate_of(growth->messages, growth->seconds);

	buffer_add_unsigned(buffer, rate.whole, 0);
	if (rate.tenth)
		buffer_add_format(buffer, ".%u", rate.tenth);
	buffer_add_format(buffer, " %s", rate.in_full);
}

static const char *words_of(const struct check_growth *growth)
{
	if (!growth->is_recorded)
		return "more is sent than received";
	return growth->was_received ? "less is received than sent"
				    : "it grows, and nobody received meanwhile";
}

static const char *evidence_of(const struct check_growth *growth)
{
	if (!growth->is_recorded)
		return "whether anybody received meanwhile is on no record";
	return growth->was_received ? "somebody received meanwhile (msg_rtime)"
				    : "nobody received between the two looks (msg_rtime)";
}

struct finding *check_add_growth(struct judge *judge, const struct object *queue,
				 const struct check_growth *growth)
{
	_cleanup_buffer_ struct buffer age = {0}, rate = {0};
	struct finding *finding;

	check_add_age(&age, judge, judge->pairs->before->taken_at);
	add_rate(&rate, growth);
	if (!buffer_string(&age) || !buffer_string(&rate))
		return NULL;
	finding = check_add(judge, FINDING_STUCK_QUEUE, FINDING_LIKELY, queue,
			    "%llu message%s in it, %llu more than %s ago: %s",
			    (unsigned long long)queue->messages,
			    queue->messages == 1 ? " is" : "s are",
			    (unsigned long long)growth->messages, age.bytes, words_of(growth));
	if (!finding ||
	    check_say(judge, finding, "from %llu to %llu messages in %llu seconds: %s (%s)",
		      (unsigned long long)(queue->messages - growth->messages),
		      (unsigned long long)queue->messages, (unsigned long long)growth->seconds,
		      rate.bytes, queue->kind == KIND_MSG ? "msg_qnum" : "mq_curmsgs") < 0 ||
	    check_say(judge, finding, "%s", evidence_of(growth)) < 0)
		return NULL;
	return finding;
}
