/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who can never go on: each thread of the process asleep for a semaphore that only processes hold
 * of which the same is true, and none with a timeout.
 */
#include <errno.h>
#include <stdlib.h>

#include "query/blocked_rings.h"

/* Whether a wait can be a part of a deadlock by itself. */
static bool is_for_ever(const struct wait *wait)
{
	return wait->operation == WAIT_TAKE && wait->released_by.count && !wait_has_timeout(wait) &&
	       !(wait->flags & (WAIT_IS_ALTERNATIVE | WAIT_IS_HELD_UNSEEN));
}

/* The search for those who can never go on. */
struct hopes {
	struct rings *rings;
	bool *is_hopeless; /* of each wait of the snapshot */
	const struct blocked_edge **by_blocker;
	VECTOR(size_t) freed; /* nodes that can go on, whose waiters have hope by that */
};

static int compare_blockers(const void *first, const void *second)
{
	const struct blocked_edge *a = *(const struct blocked_edge *const *)first;
	const struct blocked_edge *b = *(const struct blocked_edge *const *)second;

	return a->blocker < b->blocker ? -1 : a->blocker > b->blocker;
}

static size_t index_of(const struct rings *rings, const struct wait *wait)
{
	return (size_t)(wait - rings->graph->snapshot->waits.items);
}

/* Everybody is taken for stuck until a way out is found; what remains has none. */
static bool is_hopeless_at_first(const struct rings *rings, const struct wait *wait)
{
	const int64_t *pids = wait->released_by.items;

	if (!is_for_ever(wait))
		return false;
	for (size_t i = 0; i < wait->released_by.count; i++)
		if (!rings_node(rings, pids[i]))
			return false;
	return true;
}

static bool are_all_threads_stuck(const struct rings *rings, const struct node *node)
{
	const struct process *process = snapshot_process(rings->graph->snapshot, node->pid);

	return process && record_has(&process->record, PROCESS_THREADS) &&
	       node->stuck_threads == process->threads;
}

/* A process that can go on; 0 or -ENOMEM. */
static int free_node(struct hopes *hopes, struct node *node)
{
	size_t *place;

	if (!node->is_stuck || are_all_threads_stuck(hopes->rings, node))
		return 0;
	node->is_stuck = false;
	place = vector_add(&hopes->freed);
	if (!place)
		return -ENOMEM;
	*place = (size_t)(node - hopes->rings->nodes.items);
	return 0;
}

/* Where the edges to that process begin, among those in the order of blockers. */
static size_t first_to(const struct hopes *hopes, int64_t pid)
{
	size_t low = 0, high = hopes->rings->graph->edges.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (hopes->by_blocker[middle]->blocker < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Those who wait for a process that can go on have hope, and with them their whole process. */
static int free_waiters(struct hopes *hopes, int64_t pid)
{
	struct rings *rings = hopes->rings;
	size_t count = rings->graph->edges.count;
	int r = 0;

	for (size_t i = first_to(hopes, pid);
	     r == 0 && i < count && hopes->by_blocker[i]->blocker == pid; i++) {
		const struct wait *wait = hopes->by_blocker[i]->wait;
		struct node *node = rings_node(rings, wait->pid);

		if (!hopes->is_hopeless[index_of(rings, wait)])
			continue;
		hopes->is_hopeless[index_of(rings, wait)] = false;
		node->stuck_threads--;
		r = free_node(hopes, node);
	}
	return r;
}

static int spread_hope(struct hopes *hopes)
{
	struct rings *rings = hopes->rings;
	int r = 0;

	vector_for_each (&rings->graph->snapshot->waits, wait) {
		struct node *node = rings_node(rings, wait->pid);

		if (!node || !is_hopeless_at_first(rings, wait))
			continue;
		hopes->is_hopeless[index_of(rings, wait)] = true;
		node->stuck_threads++;
	}
	vector_for_each (&rings->nodes, node)
		node->is_stuck = true;
	vector_for_each (&rings->nodes, node) {
		if (r == 0)
			r = free_node(hopes, node);
	}
	while (r == 0 && hopes->freed.count) {
		size_t freed = hopes->freed.items[--hopes->freed.count];

		r = free_waiters(hopes, rings->nodes.items[freed].pid);
	}
	return r;
}

int rings_find_stuck(struct rings *rings)
{
	const struct blocked_graph *graph = rings->graph;
	struct hopes hopes = {.rings = rings};
	int r = -ENOMEM;

	hopes.is_hopeless = calloc(graph->snapshot->waits.count + 1, sizeof(*hopes.is_hopeless));
	hopes.by_blocker = calloc(graph->edges.count + 1, sizeof(*hopes.by_blocker));
	if (hopes.is_hopeless && hopes.by_blocker) {
		for (size_t i = 0; i < graph->edges.count; i++)
			hopes.by_blocker[i] = &graph->edges.items[i];
		qsort(hopes.by_blocker, graph->edges.count, sizeof(*hopes.by_blocker),
		      compare_blockers);
		r = spread_hope(&hopes);
	}
	free(hopes.is_hopeless);
	free(hopes.by_blocker);
	vector_deinit(&hopes.freed);
	return r;
}
