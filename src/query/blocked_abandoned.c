/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Semaphores that were most likely taken by a process that has died since.
 */
#include <errno.h>

#include "query/blocked.h"

/* What became of the last operator; NULL: nobody is on record. */
static const struct link *find_last(const struct snapshot *snapshot, const struct wait *wait)
{
	vector_for_each (&snapshot->links, link)
		if (link->object == wait->object && link->how == LINK_LAST_OP &&
		    link->operation == LINK_SEMAPHORE && link->semnum == wait->semnum)
			return link;
	return NULL;
}

static bool is_alike(const struct wait *a, const struct wait *b)
{
	return a->object == b->object && a->semnum == b->semnum;
}

/*
 * Waits are in the order of objects and semaphores; among those that take from one there can be
 * some that await its zero.
 */
static bool is_first(const struct snapshot *snapshot, const struct wait *wait)
{
	for (const struct wait *other = wait; other-- > snapshot->waits.items;) {
		if (!is_alike(other, wait))
			return true;
		if (other->operation == wait->operation)
			return false;
	}
	return true;
}

static size_t count_waiters(const struct snapshot *snapshot, const struct wait *first)
{
	const struct wait *end = snapshot->waits.items + snapshot->waits.count;
	size_t count = 0;

	for (const struct wait *wait = first; wait < end && is_alike(wait, first); wait++)
		count += wait->operation == first->operation;
	return count;
}

static int report(const struct snapshot *snapshot, const struct wait *wait, const struct link *last,
		  struct findings *findings)
{
	bool knows_holders = wait_has(wait, WAIT_RELEASED_BY);
	size_t waiters = count_waiters(snapshot, wait);
	struct finding *finding = findings_add(findings, FINDING_ABANDONED_SEM,
					       knows_holders ? FINDING_LIKELY : FINDING_UNKNOWN);
	int length = (int)wait->object_ref.length;
	int r;

	if (!finding)
		return -ENOMEM;
	r = finding_set(findings, finding, FINDING_OBJECT, "%.*s", length, wait->object_ref.bytes);
	if (r == 0)
		r = finding_set(
			findings, finding, FINDING_SUMMARY,
			"%.*s num %llu: %zu thread%s for it, nobody is known to hold it, and "
			"its last user is dead",
			length, wait->object_ref.bytes, (unsigned long long)wait->semnum, waiters,
			waiters == 1 ? " waits" : "s wait");
	if (r == 0)
		r = finding_set(findings, finding, FINDING_EVIDENCE,
				"last operation by PID %lld, %s (GETPID)", (long long)last->pid,
				last->state == LINK_DEAD ? "which is dead"
							 : "which is another process by now");
	if (r == 0)
		r = finding_set(findings, finding, FINDING_EVIDENCE,
				knows_holders ? "no process would give it back at its end (undo)"
					      : "who holds it could not be seen");
	return r ? r
		 : finding_set(findings, finding, FINDING_FIX,
			       "if the program that used it is gone for good, raise it by hand, or "
			       "restart what waits");
}

int blocked_judge(const struct blocked_graph *graph, struct findings *findings)
{
	const struct snapshot *snapshot = graph->snapshot;
	int r = blocked_judge_rings(graph, findings);

	vector_for_each (&snapshot->waits, wait) {
		const struct link *last;

		if (r < 0 || wait->operation != WAIT_TAKE || wait->released_by.count ||
		    wait->flags & WAIT_IS_HELD_UNSEEN || !is_first(snapshot, wait) ||
		    blocked_is_satisfied(snapshot, wait))
			continue;
		last = find_last(snapshot, wait);
		if (last && (last->state == LINK_DEAD || last->state == LINK_REUSED))
			r = report(snapshot, wait, last, findings);
	}
	return r;
}
