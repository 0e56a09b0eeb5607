/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "query/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "query/blocked.h"
#include "query/check_parts.h"

const struct check_bounds check_usual_bounds = {
	.older_than = 3600,
	.long_wait = 300000,
	.stuck = 3600,
	.near = 900,
};

static void later(const struct object *object, enum object_field field, int64_t time,
		  int64_t *latest, bool *has_one)
{
	if (!object_has(object, field))
		return;
	if (!*has_one || time > *latest)
		*latest = time;
	*has_one = true;
}

bool check_last_time(const struct object *object, int64_t *ret_time)
{
	bool has_one = false;
	int64_t latest = 0;

	later(object, OBJECT_CHANGED_AT, object->changed_at, &latest, &has_one);
	switch (object->kind) {
	case KIND_SHM:
		later(object, OBJECT_ATTACHED_AT, object->shm.attached_at, &latest, &has_one);
		later(object, OBJECT_DETACHED_AT, object->shm.detached_at, &latest, &has_one);
		break;
	case KIND_SEM:
		later(object, OBJECT_OPERATED_AT, object->sem.operated_at, &latest, &has_one);
		break;
	case KIND_MSG:
		later(object, OBJECT_SENT_AT, object->msg.sent_at, &latest, &has_one);
		later(object, OBJECT_RECEIVED_AT, object->msg.received_at, &latest, &has_one);
		break;
	default:
		break;
	}
	if (has_one)
		*ret_time = latest;
	return has_one;
}

bool check_is_young(const struct judge *judge, const struct object *object)
{
	int64_t last;

	return !check_last_time(object, &last) || last > judge->snapshot->taken_at ||
	       (uint64_t)(judge->snapshot->taken_at - last) < judge->bounds->older_than;
}

struct finding *check_add(struct judge *judge, enum finding_code code,
			  enum finding_certainty certainty, const struct object *object,
			  const char *format, ...)
{
	_cleanup_buffer_ struct buffer words = {0};
	struct finding *finding = findings_add(judge->findings, code, certainty);
	char bytes[REF_MAX];
	struct text ref = ref_of_object(object, bytes);
	va_list arguments;

	va_start(arguments, format);
	buffer_add_format_list(&words, format, arguments);
	va_end(arguments);
	if (!finding || words.error ||
	    finding_set(judge->findings, finding, FINDING_OBJECT, "%.*s", (int)ref.length,
			ref.bytes) < 0 ||
	    finding_set(judge->findings, finding, FINDING_SUMMARY, "%.*s: %.*s", (int)ref.length,
			ref.bytes, (int)words.length, words.bytes) < 0)
		return NULL;
	return finding;
}

int check_say(struct judge *judge, struct finding *finding, const char *format, ...)
{
	va_list arguments;
	int r;

	if (!finding)
		return -ENOMEM;
	va_start(arguments, format);
	r = finding_set_list(judge->findings, finding, FINDING_EVIDENCE, format, arguments);
	va_end(arguments);
	return r;
}

int check_advise(struct judge *judge, struct finding *finding, const char *format, ...)
{
	va_list arguments;
	int r;

	if (!finding)
		return -ENOMEM;
	va_start(arguments, format);
	r = finding_set_list(judge->findings, finding, FINDING_FIX, format, arguments);
	va_end(arguments);
	return r;
}

void check_add_age(struct buffer *buffer, const struct judge *judge, int64_t time)
{
	static const struct {
		uint64_t seconds;
		const char *name;
	} units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
	uint64_t age =
		time < judge->snapshot->taken_at ? (uint64_t)(judge->snapshot->taken_at - time) : 0;
	size_t unit = 0;

	while (unit + 1 < sizeof(units) / sizeof(units[0]) && age < units[unit].seconds)
		unit++;
	age /= units[unit].seconds;
	buffer_add_format(buffer, "%llu %s%s", (unsigned long long)age, units[unit].name,
			  age == 1 ? "" : "s");
}

#define PROCESSES_NAMED 5

void check_add_processes(struct buffer *buffer, const struct judge *judge, struct record_list pids)
{
	const int64_t *items = pids.items;

	for (size_t i = 0; i < pids.count && i < PROCESSES_NAMED; i++) {
		const struct process *process = snapshot_process(judge->snapshot, items[i]);
		bool is_named = process && record_has(&process->record, PROCESS_COMMAND);

		buffer_add_string(buffer, i ? ", " : "");
		buffer_add_text(buffer, is_named ? process->command : TEXT_LITERAL("?"));
		buffer_add_format(buffer, " %lld", (long long)items[i]);
	}
	if (pids.count > PROCESSES_NAMED)
		buffer_add_format(buffer, " and %zu more", pids.count - PROCESSES_NAMED);
}

static void count_link(const struct judge *judge, const struct link *link)
{
	struct check_facts *facts = &judge->facts[link->object];

	if (link->how == LINK_HOLDS || link->how == LINK_TAKES_BACK)
		facts->holders++;
	if (link_is_proof((enum link_how)link->how))
		return;
	if (link->state == LINK_DEAD || link->state == LINK_REUSED)
		facts->dead++;
	else if (link->state == LINK_ALIVE)
		facts->alive++;
	else
		facts->unknown++;
}

/* Of a process that another PID namespace has there is a PID that is not shown. */
static void count_hidden(const struct judge *judge)
{
	static const enum object_field pids[] = {OBJECT_CREATOR_PID, OBJECT_LAST_PID,
						 OBJECT_LAST_SEND_PID, OBJECT_LAST_RECEIVE_PID};

	vector_for_each (&judge->snapshot->objects, object)
		for (size_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i++)
			if (record_hides(&object->record, pids[i]))
				judge->facts[object - judge->snapshot->objects.items].unknown++;
}

static void gather_facts(const struct judge *judge)
{
	vector_for_each (&judge->snapshot->links, link)
		count_link(judge, link);
	vector_for_each (&judge->snapshot->waits, wait)
		if (wait->object != WAIT_NO_OBJECT)
			judge->facts[wait->object].waits++;
	count_hidden(judge);
}

struct placed {
	struct finding finding;
	size_t place;
};

/* The worst first; those of one sort as they were found, which is in the order of objects. */
static int compare_placed(const void *first, const void *second)
{
	const struct placed *a = first, *b = second;

	if (a->finding.severity != b->finding.severity)
		return a->finding.severity > b->finding.severity ? -1 : 1;
	if (a->finding.code != b->finding.code)
		return a->finding.code < b->finding.code ? -1 : 1;
	return a->place < b->place ? -1 : 1;
}

/* 0 or -ENOMEM. */
static int sort_findings(struct findings *findings)
{
	size_t count = findings->items.count;
	_cleanup_free_ struct placed *placed = calloc(count + 1, sizeof(*placed));

	if (!placed)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		placed[i] = (struct placed){findings->items.items[i], i};
	qsort(placed, count, sizeof(*placed), compare_placed);
	for (size_t i = 0; i < count; i++)
		findings->items.items[i] = placed[i].finding;
	return 0;
}

static int judge_blocked(const struct judge *judge)
{
	_cleanup_blocked_graph_ struct blocked_graph graph = {0};
	int r = blocked_graph_make(judge->snapshot, &graph);

	return r ? r : blocked_judge(&graph, judge->findings);
}

int check_judge(const struct snapshot *snapshot, const struct check_bounds *bounds,
		struct findings *findings)
{
	_cleanup_pairs_ struct pairs pairs = {0};
	static int (*const parts[])(struct judge * judge) = {check_limits,  check_queues,
							     check_waits,   check_removed,
							     check_orphans, check_access};
	_cleanup_free_ struct check_facts *facts =
		calloc(snapshot->objects.count + 1, sizeof(*facts));
	struct judge judge = {snapshot, bounds, findings, facts, bounds->since ? &pairs : NULL};
	int r;

	if (!facts || (bounds->since && pairs_make(bounds->since, snapshot, &pairs) < 0))
		return -ENOMEM;
	gather_facts(&judge);
	r = judge_blocked(&judge);
	for (size_t i = 0; r == 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
		r = parts[i](&judge);
	return r ? r : sort_findings(findings);
}

bool check_sees_too_little(const struct snapshot *snapshot)
{
	if (!snapshot->has_waits)
		return true;
	vector_for_each (&snapshot->issues, issue)
		if (issue->code != OUTCOME_GONE && issue->aspect != ISSUE_ABOUT_NAMES &&
		    issue->aspect != ISSUE_ABOUT_SIGHT)
			return true;
	return false;
}
