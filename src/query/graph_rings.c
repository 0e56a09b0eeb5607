/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What was found, in a graph: rings of waits, and the objects that findings name.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "query/blocked.h"
#include "query/graph_parts.h"

static int add_mark(struct graph_work *work, size_t node, size_t finding)
{
	struct graph_mark *mark;

	if (node == SIZE_MAX || finding == SIZE_MAX)
		return 0;
	mark = vector_add(&work->marks);
	if (!mark)
		return -ENOMEM;
	*mark = (struct graph_mark){node, finding};
	return 0;
}

/* The finding of that code and place among those of its code; SIZE_MAX: there is none. */
static size_t find_finding(const struct findings *findings, enum finding_code code, size_t place)
{
	for (size_t i = 0; i < findings->items.count; i++)
		if (findings->items.items[i].code == code && place-- == 0)
			return i;
	return SIZE_MAX;
}

/* Rings are numbered from 1, deadlocks first. */
static size_t finding_of_ring(const struct graph_work *work, size_t ring, size_t deadlocks)
{
	return ring <= deadlocks ? find_finding(work->findings, FINDING_DEADLOCK, ring - 1)
				 : find_finding(work->findings, FINDING_SUSPECTED_DEADLOCK,
						ring - deadlocks - 1);
}

/* Without the wait: links do not know it. */
static int compare_places(const struct graph_step *a, const struct graph_step *b)
{
	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static int compare_steps(const void *first, const void *second)
{
	const struct graph_step *a = first, *b = second;
	int order = compare_places(a, b);

	return order ? order : a->wait < b->wait ? -1 : a->wait > b->wait;
}

static int add_step(struct graph_work *work, const struct blocked_edge *edge, size_t finding)
{
	const struct wait *wait = edge->wait;
	struct graph_step *step = vector_add(&work->steps);
	int r;

	if (!step)
		return -ENOMEM;
	*step = (struct graph_step){.object = wait->object,
				    .pid = edge->blocker,
				    .wait = wait,
				    .rests_on = edge->strength};
	work->is_in_cycle[wait - work->snapshot->waits.items] = true;
	r = add_mark(work, graph_node_of(work, edge->waiter, LINK_ALIVE), finding);
	if (r == 0)
		r = add_mark(work, graph_node_of(work, edge->blocker, LINK_ALIVE), finding);
	if (r == 0 && wait->object != WAIT_NO_OBJECT)
		r = add_mark(work, graph_node_of_object(work, wait->object), finding);
	return r;
}

/* A lock has an owner also where there is no ring. */
static int add_owners(struct graph_work *work)
{
	vector_for_each (&work->snapshot->waits, wait) {
		const int64_t *pids = wait->released_by.items;

		if (!(wait->flags & WAIT_IS_MUTEX) || !wait->released_by.count)
			continue;
		for (size_t i = 0; i < wait->released_by.count; i++) {
			struct graph_step *step = vector_add(&work->steps);

			if (!step)
				return -ENOMEM;
			*step = (struct graph_step){.object = wait->object,
						    .pid = pids[i],
						    .wait = wait,
						    .rests_on = GRAPH_ON_MEMORY};
		}
	}
	return 0;
}

static int add_steps(struct graph_work *work, const struct blocked_graph *blocked,
		     const size_t *rings, size_t deadlocks)
{
	size_t *findings = calloc(blocked->edges.count + 2, sizeof(*findings));
	int r = findings ? 0 : -ENOMEM;

	/* Each ring is looked up once. */
	for (size_t i = 0; r == 0 && i < blocked->edges.count; i++) {
		size_t ring = rings[i];

		if (!ring)
			continue;
		if (!findings[ring])
			findings[ring] = finding_of_ring(work, ring, deadlocks) + 1;
		r = add_step(work, &blocked->edges.items[i], findings[ring] - 1);
	}
	free(findings);
	if (r == 0)
		r = add_owners(work);
	if (work->steps.count)
		qsort(work->steps.items, work->steps.count, sizeof(*work->steps.items),
		      compare_steps);
	return r;
}

int graph_find_rings(struct graph_work *work)
{
	_cleanup_blocked_graph_ struct blocked_graph blocked = {0};
	_cleanup_free_ size_t *rings = NULL;
	size_t deadlocks;
	int r = blocked_graph_make(work->snapshot, &blocked);

	if (r < 0)
		return r;
	rings = calloc(blocked.edges.count + 1, sizeof(*rings));
	work->is_in_cycle = calloc(work->snapshot->waits.count + 1, sizeof(*work->is_in_cycle));
	if (!rings || !work->is_in_cycle)
		return -ENOMEM;
	r = blocked_place_rings(&blocked, rings, &deadlocks);
	return r ? r : add_steps(work, &blocked, rings, deadlocks);
}

bool graph_shows_step(const struct graph_work *work, const struct link *link, int64_t pid)
{
	const struct graph_step key = {.object = link->object, .pid = pid};
	size_t low = 0, high = work->steps.count;
	bool shows_one = false;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_places(&work->steps.items[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < work->steps.count && !compare_places(&work->steps.items[low], &key); low++) {
		struct graph_step *step = &work->steps.items[low];

		if (!wait_has(step->wait, WAIT_SEMNUM) || step->wait->semnum != link->semnum)
			continue;
		step->is_shown = shows_one = true;
	}
	return shows_one;
}

/* An object's place by its REF. */
struct name {
	struct text ref;
	size_t node;
};

static int compare_names(const void *first, const void *second)
{
	const struct name *a = first, *b = second;
	size_t shorter = a->ref.length < b->ref.length ? a->ref.length : b->ref.length;
	int order = shorter ? memcmp(a->ref.bytes, b->ref.bytes, shorter) : 0;

	if (order)
		return order;
	return a->ref.length < b->ref.length ? -1 : a->ref.length > b->ref.length;
}

static struct name *list_names(const struct graph_work *work, size_t *ret_count)
{
	const struct graph *graph = work->graph;
	size_t count = graph->nodes.count - work->actors.count;
	struct name *names = calloc(count + 1, sizeof(*names));

	if (!names)
		return NULL;
	for (size_t i = 0; i < count; i++)
		names[i] = (struct name){graph->nodes.items[work->actors.count + i].id,
					 work->actors.count + i};
	qsort(names, count, sizeof(*names), compare_names);
	*ret_count = count;
	return names;
}

/* Each finding at the node to which it belongs. */
static void note_findings(struct graph_work *work)
{
	vector_for_each (&work->marks, mark) {
		const struct finding *finding = &work->findings->items.items[mark->finding];
		struct graph_node *node = &work->graph->nodes.items[mark->node];

		if (!graph_node_has(node, GRAPH_NODE_SEVERITY) ||
		    node->severity < finding->severity)
			node->severity = finding->severity;
		record_mark(&node->record, GRAPH_NODE_SEVERITY);
		node->code_bits |= UINT64_C(1) << finding->code;
	}
}

int graph_add_marks(struct graph_work *work)
{
	_cleanup_free_ struct name *names = NULL;
	size_t count = 0;
	int r = 0;

	names = list_names(work, &count);
	if (!names)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < work->findings->items.count; i++) {
		const struct finding *finding = &work->findings->items.items[i];
		const struct name key = {.ref = finding->object};
		const struct name *found;

		/* Notes are about how objects are made, and would fill the picture. */
		if (!record_has(&finding->record, FINDING_OBJECT) ||
		    finding->severity == FINDING_NOTE)
			continue;
		found = bsearch(&key, names, count, sizeof(*names), compare_names);
		if (found)
			r = add_mark(work, found->node, i);
	}
	note_findings(work);
	return r;
}
