/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "query/blocked.h"

#include <errno.h>
#include <stdlib.h>

void blocked_graph_deinit(struct blocked_graph *graph)
{
	vector_deinit(&graph->edges);
}

static enum blocked_strength strength_of(const struct wait *wait)
{
	switch ((enum wait_operation)wait->operation) {
	case WAIT_TAKE:
		return BLOCKED_BY_UNDO;
	case WAIT_READ:
	case WAIT_WRITE:
		return BLOCKED_BY_PIPE;
	default:
		return BLOCKED_BY_MEMORY;
	}
}

static int add_edge(struct blocked_graph *graph, const struct wait *wait, int64_t blocker,
		    enum blocked_strength strength)
{
	struct blocked_edge *edge = vector_add(&graph->edges);

	if (!edge)
		return -ENOMEM;
	*edge = (struct blocked_edge){wait, wait->pid, blocker, strength};
	return 0;
}

/* Whether the link is about what would release the wait, as far as it tells. */
static bool is_about(const struct link *link, const struct wait *wait)
{
	if (link->object != wait->object || link->how != LINK_LAST_OP)
		return false;
	if (link->operation == LINK_SEMAPHORE)
		return link->semnum == wait->semnum;
	return link->operation == (wait->operation == WAIT_RECEIVE ? LINK_SEND : LINK_RECEIVE);
}

/* The process that has the PID now is not the one that used the object. */
static bool is_another_by_now(const struct snapshot *snapshot, const struct wait *wait, int64_t pid)
{
	if (!snapshot_process(snapshot, pid))
		return false;
	vector_for_each (&snapshot->links, link)
		if (link->pid == pid && link->state == LINK_REUSED && is_about(link, wait))
			return true;
	return false;
}

/* Who used the object last in the way that would release the wait; 0: not known. */
static int64_t last_user(const struct snapshot *snapshot, const struct wait *wait)
{
	const struct object *object = &snapshot->objects.items[wait->object];
	const struct semaphore *semaphores = object->sem.semaphores.items;

	switch (object->kind) {
	case KIND_SEM:
		if (object_has(object, OBJECT_SEMAPHORES) &&
		    wait->semnum < object->sem.semaphores.count)
			return semaphores[wait->semnum].pid;
		return 0;
	case KIND_MSG:
		return wait->operation == WAIT_RECEIVE ? object->msg.last_send_pid
						       : object->msg.last_receive_pid;
	default:
		return 0;
	}
}

bool blocked_is_satisfied(const struct snapshot *snapshot, const struct wait *wait)
{
	const struct object *array;
	const struct semaphore *semaphores;

	if (wait->operation != WAIT_TAKE || wait->object == WAIT_NO_OBJECT)
		return false;
	array = &snapshot->objects.items[wait->object];
	semaphores = array->sem.semaphores.items;
	return object_has(array, OBJECT_SEMAPHORES) && wait->semnum < array->sem.semaphores.count &&
	       semaphores[wait->semnum].value >= wait->amount;
}

static int add_edges(struct blocked_graph *graph, const struct wait *wait)
{
	const int64_t *pids = wait->released_by.items;
	int64_t last;
	int r = 0;

	if (blocked_is_satisfied(graph->snapshot, wait))
		return 0;

	for (size_t i = 0; r == 0 && i < wait->released_by.count; i++)
		r = add_edge(graph, wait, pids[i], strength_of(wait));
	if (r < 0 || wait->released_by.count || wait->object == WAIT_NO_OBJECT)
		return r;
	/* That it was itself the last one is how most waits begin. */
	last = last_user(graph->snapshot, wait);
	if (!last || last == wait->pid || is_another_by_now(graph->snapshot, wait, last))
		return 0;
	return add_edge(graph, wait, last, BLOCKED_BY_HISTORY);
}

static int compare_edges(const void *first, const void *second)
{
	const struct blocked_edge *a = first, *b = second;

	if (a->waiter != b->waiter)
		return a->waiter < b->waiter ? -1 : 1;
	if (a->wait != b->wait)
		return a->wait < b->wait ? -1 : 1;
	return a->blocker < b->blocker ? -1 : a->blocker > b->blocker;
}

int blocked_graph_make(const struct snapshot *snapshot, struct blocked_graph *ret_graph)
{
	struct blocked_graph graph = {.snapshot = snapshot};

	vector_for_each (&snapshot->waits, wait) {
		if (add_edges(&graph, wait) < 0) {
			blocked_graph_deinit(&graph);
			return -ENOMEM;
		}
	}
	if (graph.edges.count)
		qsort(graph.edges.items, graph.edges.count, sizeof(*graph.edges.items),
		      compare_edges);
	*ret_graph = graph;
	return 0;
}

static int compare_ages(const void *first, const void *second)
{
	const struct wait *a = *(const struct wait *const *)first;
	const struct wait *b = *(const struct wait *const *)second;
	bool has_a = wait_has(a, WAIT_WAITED), has_b = wait_has(b, WAIT_WAITED);

	if (has_a != has_b)
		return has_a ? -1 : 1;
	if (has_a && a->waited != b->waited)
		return a->waited > b->waited ? -1 : 1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->tid != b->tid)
		return a->tid < b->tid ? -1 : 1;
	return a < b ? -1 : a > b;
}

int blocked_sort_by_age(const struct snapshot *snapshot, struct blocked_waits_by_age *ret_waits)
{
	struct blocked_waits_by_age waits = {0};

	vector_for_each (&snapshot->waits, wait) {
		const struct wait **place = vector_add(&waits.items);

		if (!place) {
			vector_deinit(&waits.items);
			return -ENOMEM;
		}
		*place = wait;
	}
	if (waits.items.count)
		qsort(waits.items.items, waits.items.count, sizeof(*waits.items.items),
		      compare_ages);
	*ret_waits = waits;
	return 0;
}

bool blocked_is_waited_for(const struct snapshot *snapshot, const struct object *object)
{
	size_t index = (size_t)(object - snapshot->objects.items);

	vector_for_each (&snapshot->waits, wait)
		if (wait->object == index)
			return true;
	return false;
}

static bool is_first_of_thread(const struct snapshot *snapshot, const struct wait *wait)
{
	if (!(wait->flags & WAIT_IS_ALTERNATIVE))
		return true;
	for (const struct wait *other = snapshot->waits.items; other < wait; other++)
		if (other->tid == wait->tid)
			return false;
	return true;
}

size_t blocked_count_threads(const struct snapshot *snapshot)
{
	size_t count = 0;

	vector_for_each (&snapshot->waits, wait)
		count += is_first_of_thread(snapshot, wait);
	return count;
}
