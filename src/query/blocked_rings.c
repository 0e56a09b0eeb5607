/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rings: strongly connected components of the graph, found in one walk (Tarjan's algorithm).
 */
#include "query/blocked_rings.h"

#include <errno.h>
#include <stdlib.h>

void rings_deinit(struct rings *rings)
{
	vector_deinit(&rings->nodes);
	vector_deinit(&rings->stack);
	id_map_deinit(&rings->places);
	free(rings->members);
	free(rings->starts);
}

struct node *rings_node(const struct rings *rings, int64_t pid)
{
	void *place;

	if (!id_map_find(&rings->places, (uint64_t)pid, &place))
		return NULL;
	return &rings->nodes.items[(size_t)place - 1];
}

/* Edges are in the order of waiters, so that those of one process stand together. */
static int add_nodes(struct rings *rings)
{
	const struct blocked_graph *graph = rings->graph;

	for (size_t i = 0; i < graph->edges.count; i++) {
		const struct blocked_edge *edge = &graph->edges.items[i];
		struct node *node = rings_node(rings, edge->waiter);

		if (!node) {
			node = vector_add(&rings->nodes);
			if (!node || id_map_put(&rings->places, (uint64_t)edge->waiter,
						(void *)rings->nodes.count) < 0)
				return -ENOMEM;
			node->pid = edge->waiter;
			node->first_edge = i;
		}
		node->edge_count++;
	}
	return 0;
}

static void close_ring(struct rings *rings, size_t root)
{
	size_t top;

	rings->count++;
	do {
		top = rings->stack.items[--rings->stack.count];
		rings->nodes.items[top].is_on_stack = false;
		rings->nodes.items[top].ring = rings->count;
	} while (top != root);
}

struct frame {
	size_t node, next_edge;
};

struct frames {
	VECTOR(struct frame) items;
};

static int enter(struct rings *rings, struct frames *frames, size_t index)
{
	struct node *node = &rings->nodes.items[index];
	struct frame *frame = vector_add(&frames->items);
	size_t *place = vector_add(&rings->stack);

	if (!frame || !place)
		return -ENOMEM;
	*frame = (struct frame){index, node->first_edge};
	*place = index;
	node->order = node->low = ++rings->next_order;
	node->is_on_stack = true;
	return 0;
}

static void lower(size_t *low, size_t other)
{
	*low = other < *low ? other : *low;
}

/* One step of the search from the last frame. No recursion: a chain can be as long as it likes. */
static int step(struct rings *rings, struct frames *frames)
{
	struct frame *frame = &frames->items.items[frames->items.count - 1];
	struct node *node = &rings->nodes.items[frame->node];

	while (frame->next_edge < node->first_edge + node->edge_count) {
		const struct blocked_edge *edge = &rings->graph->edges.items[frame->next_edge++];
		struct node *other = rings_has_edge(edge) ? rings_node(rings, edge->blocker) : NULL;

		if (!other)
			continue;
		if (!other->order)
			return enter(rings, frames, (size_t)(other - rings->nodes.items));
		if (other->is_on_stack)
			lower(&node->low, other->order);
	}
	if (node->low == node->order)
		close_ring(rings, frame->node);
	frames->items.count--;
	if (frames->items.count) {
		frame = &frames->items.items[frames->items.count - 1];
		lower(&rings->nodes.items[frame->node].low, node->low);
	}
	return 0;
}

/* Puts the nodes in the order of their rings, in each of which they stay in that of PIDs. */
static int list_members(struct rings *rings)
{
	size_t *starts = calloc(rings->count + 3, sizeof(*starts));

	rings->starts = starts;
	rings->members = calloc(rings->nodes.count + 1, sizeof(*rings->members));
	if (!starts || !rings->members)
		return -ENOMEM;
	/* One place further on at first: filling moves each to where the next one begins. */
	vector_for_each (&rings->nodes, node)
		starts[node->ring + 2]++;
	for (size_t i = 2; i < rings->count + 3; i++)
		starts[i] += starts[i - 1];
	for (size_t i = 0; i < rings->nodes.count; i++)
		rings->members[starts[rings->nodes.items[i].ring + 1]++] = i;
	return 0;
}

int rings_find(struct rings *rings)
{
	struct frames frames = {0};
	int r = add_nodes(rings);

	for (size_t i = 0; r == 0 && i < rings->nodes.count; i++) {
		if (rings->nodes.items[i].order)
			continue;
		r = enter(rings, &frames, i);
		while (r == 0 && frames.items.count)
			r = step(rings, &frames);
	}
	vector_deinit(&frames.items);
	return r ? r : list_members(rings);
}
