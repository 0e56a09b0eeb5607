/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a ring is no deadlock: which of its steps proves the least.
 */
#include "query/blocked_rings.h"

bool rings_is_inside(const struct rings *rings, const struct blocked_edge *edge, size_t ring)
{
	const struct node *from = rings_node(rings, edge->waiter);
	const struct node *to = rings_node(rings, edge->blocker);

	return rings_has_edge(edge) && from && to && from->ring == ring && to->ring == ring;
}

static bool has_threads_outside(const struct rings *rings, const struct node *node)
{
	const struct process *process = snapshot_process(rings->graph->snapshot, node->pid);

	return !process || !record_has(&process->record, PROCESS_THREADS) ||
	       process->threads != node->threads_inside;
}

/* The next one who could end the wait and is not in the ring; 0: nobody else. */
static int64_t next_outside(const struct rings *rings, const struct wait *wait, size_t ring,
			    size_t *place)
{
	const int64_t *pids = wait->released_by.items;

	while (*place < wait->released_by.count) {
		const struct node *node = rings_node(rings, pids[(*place)++]);

		if (!node || node->ring != ring)
			return pids[*place - 1];
	}
	return 0;
}

enum weakness rings_weakness(const struct rings *rings, const struct blocked_edge *edge)
{
	const struct node *blocker = rings_node(rings, edge->blocker);
	size_t place = 0;

	if (edge->strength == BLOCKED_BY_HISTORY)
		return WEAK_BY_HISTORY;
	if (edge->strength == BLOCKED_BY_MEMORY)
		return WEAK_BY_MEMORY;
	if (edge->strength == BLOCKED_BY_PIPE)
		return WEAK_BY_PIPE;
	if (wait_has_timeout(edge->wait))
		return WEAK_BY_TIMEOUT;
	if (!blocker || has_threads_outside(rings, blocker))
		return WEAK_BY_THREADS;
	if (next_outside(rings, edge->wait, blocker->ring, &place))
		return WEAK_BY_OTHERS;
	return edge->wait->flags & WAIT_IS_HELD_UNSEEN ? WEAK_BY_UNSEEN : NOT_WEAK;
}

static void add_others(struct buffer *buffer, const struct rings *rings,
		       const struct blocked_edge *edge)
{
	const struct node *blocker = rings_node(rings, edge->blocker);
	size_t place = 0, more = 0;
	int64_t other = next_outside(rings, edge->wait, blocker->ring, &place);

	buffer_add_string(buffer, " holds it, but so does ");
	blocked_add_process(buffer, rings->graph->snapshot, other);
	while (next_outside(rings, edge->wait, blocker->ring, &place))
		more++;
	if (more)
		buffer_add_format(buffer, ", and %zu more", more);
}

void rings_add_weakness(struct buffer *buffer, const struct rings *rings,
			const struct blocked_edge *edge)
{
	static const char *const words[] = {
		[WEAK_BY_HISTORY] = " was only the last to use it",
		[WEAK_BY_MEMORY] = " owns it as shared memory says, which anybody of them can have "
				   "changed",
		[WEAK_BY_PIPE] = " has the other end of it, and may not be the only one",
		[WEAK_BY_TIMEOUT] = " holds it, but the wait has a timeout",
		[WEAK_BY_THREADS] = " holds it, but has threads that may be free",
		[WEAK_BY_UNSEEN] = " holds it, but so does a process outside of this PID "
				   "namespace",
		[NOT_WEAK] = " holds it",
	};
	enum weakness weakness = rings_weakness(rings, edge);

	if (weakness == WEAK_BY_OTHERS)
		add_others(buffer, rings, edge);
	else
		buffer_add_string(buffer, words[weakness]);
}

void blocked_add_process(struct buffer *buffer, const struct snapshot *snapshot, int64_t pid)
{
	const struct process *process = snapshot_process(snapshot, pid);

	if (process && record_has(&process->record, PROCESS_COMMAND)) {
		buffer_add_text(buffer, process->command);
		buffer_add_char(buffer, ' ');
	}
	buffer_add_signed(buffer, pid, 0);
}
