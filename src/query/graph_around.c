/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What of a graph is shown: what is joined to something, or what is near to what was asked for; and
 * what stands together.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "query/graph_parts.h"

void graph_neighbours_deinit(struct graph_neighbours *neighbours)
{
	free(neighbours->starts);
	free(neighbours->edges);
}

/* An edge from a node to itself stands there twice. */
int graph_find_neighbours(const struct graph *graph, struct graph_neighbours *ret_neighbours)
{
	size_t *starts = calloc(graph->nodes.count + 2, sizeof(*starts));
	size_t *edges = calloc(graph->edges.count * 2 + 1, sizeof(*edges));

	if (!starts || !edges) {
		free(starts);
		free(edges);
		return -ENOMEM;
	}
	/* Counted one place behind, then two places, so that filling in moves them to theirs. */
	vector_for_each (&graph->edges, edge) {
		starts[edge->from + 2]++;
		starts[edge->to + 2]++;
	}
	for (size_t i = 2; i < graph->nodes.count + 2; i++)
		starts[i] += starts[i - 1];
	for (size_t i = 0; i < graph->edges.count; i++) {
		edges[starts[graph->edges.items[i].from + 1]++] = i;
		edges[starts[graph->edges.items[i].to + 1]++] = i;
	}
	*ret_neighbours = (struct graph_neighbours){starts, edges};
	return 0;
}

static bool is_asked_for(const struct graph_options *options)
{
	return options->object_count || options->pid_count;
}

/* A search in breadth; queue has room for all nodes. Those that are reached are at 1. */
static void reach(struct graph_work *work, const struct graph_neighbours *neighbours, size_t *queue)
{
	const struct graph *graph = work->graph;
	size_t head = 0, tail = 0, end_of_step;

	for (size_t i = 0; i < graph->nodes.count; i++)
		if (graph->nodes.items[i].is_named) {
			work->places[i] = 1;
			queue[tail++] = i;
		}
	for (size_t step = 0; step < work->options->depth && head < tail; step++) {
		for (end_of_step = tail; head < end_of_step; head++) {
			size_t node = queue[head];

			for (size_t i = neighbours->starts[node]; i < neighbours->starts[node + 1];
			     i++) {
				size_t other = graph_other_end(
					&graph->edges.items[neighbours->edges[i]], node);

				if (work->places[other])
					continue;
				work->places[other] = 1;
				queue[tail++] = other;
			}
		}
	}
}

static bool is_to_be_shown(const struct graph_options *options, const struct graph_node *node,
			   size_t edges)
{
	if (edges || node->is_named)
		return true;
	return node->type == GRAPH_OBJECT &&
	       (options->has_all || graph_node_has(node, GRAPH_NODE_SEVERITY));
}

static void choose(struct graph_work *work, const struct graph_neighbours *neighbours)
{
	struct graph *graph = work->graph;
	bool is_around = is_asked_for(work->options);

	for (size_t i = 0; i < graph->nodes.count; i++) {
		const struct graph_node *node = &graph->nodes.items[i];
		bool is_shown = is_to_be_shown(work->options, node,
					       neighbours->starts[i + 1] - neighbours->starts[i]);

		if (!is_shown)
			graph->summary.without_links += node->type == GRAPH_OBJECT;
		else if (is_around && !work->places[i])
			graph->summary.farther_away++;
		work->places[i] = is_around ? work->places[i] : is_shown;
	}
}

/* From whether each is shown to where. */
static size_t number_places(struct graph_work *work)
{
	size_t count = 0;

	for (size_t i = 0; i < work->graph->nodes.count; i++)
		work->places[i] = work->places[i] ? count++ : SIZE_MAX;
	return count;
}

int graph_leave_out(struct graph_work *work)
{
	_cleanup_neighbours_ struct graph_neighbours neighbours = {0};
	_cleanup_free_ size_t *queue = calloc(work->graph->nodes.count + 1, sizeof(*queue));
	int r = queue ? graph_find_neighbours(work->graph, &neighbours) : -ENOMEM;

	if (r < 0)
		return r;
	reach(work, &neighbours, queue);
	choose(work, &neighbours);
	graph_move_nodes(work, number_places(work));
	return 0;
}
