/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parts of graph_make(), in the order in which they work.
 */
#ifndef IPCLENS_QUERY_GRAPH_PARTS_H
#define IPCLENS_QUERY_GRAPH_PARTS_H

#include "query/graph.h"

/* A process that is to be a node, or the record of one. */
struct graph_actor {
	int64_t pid;
	uint64_t state; /* enum link_state; LINK_ALIVE also of what is proven */
};

/* In a ring somebody could release an object. */
struct graph_step {
	size_t object; /* index in the snapshot; WAIT_NO_OBJECT */
	int64_t pid;
	const struct wait *wait;
	uint64_t rests_on;
	bool is_shown; /* by a link */
};

/* A finding is about a node. */
struct graph_mark {
	size_t node, finding;
};

struct graph_work {
	const struct snapshot *snapshot;
	const struct findings *findings;
	const struct graph_options *options;
	struct graph *graph;
	VECTOR(struct graph_actor) actors; /* sorted, in the order of their nodes */
	VECTOR(struct graph_step) steps;   /* sorted */
	bool *is_in_cycle;		   /* of each wait of the snapshot */
	VECTOR(struct graph_mark) marks;
	size_t *places; /* room for a number for each node */
};

/* 0 or -ENOMEM each. */

/* A text that lives as long as the graph. */
__attribute__((format(printf, 3, 4))) int graph_format(struct graph *graph, struct text *ret_text,
						       const char *format, ...);

/* The nodes, each alone. */
int graph_add_nodes(struct graph_work *work);

/* The node of a process; it must be there. */
size_t graph_node_of(const struct graph_work *work, int64_t pid, uint64_t state);

static inline size_t graph_node_of_object(const struct graph_work *work, size_t index)
{
	return work->actors.count + index;
}

/* Finds the rings: which waits are part of one, the steps of it, and the marks. */
int graph_find_rings(struct graph_work *work);

/* Whether the link, of a holder, is a step of a ring, which then needs no edge of its own. */
bool graph_shows_step(const struct graph_work *work, const struct link *link, int64_t pid);

/* The edges, sorted, those that are alike as one. */
int graph_add_edges(struct graph_work *work);

/* Sorts the edges, and makes one of those that are alike. */
void graph_settle_edges(struct graph *graph);

/* Less than, equal to or greater than 0: what kind of edges they are, wherever they lead. */
int graph_compare_edges(const struct graph_edge *a, const struct graph_edge *b);

/* Of each node where its edges are: those of node i from starts[i] up to starts[i + 1]. */
struct graph_neighbours {
	size_t *starts;
	size_t *edges;
};

int graph_find_neighbours(const struct graph *graph, struct graph_neighbours *ret_neighbours);
void graph_neighbours_deinit(struct graph_neighbours *neighbours);
#define _cleanup_neighbours_ __attribute__((cleanup(graph_neighbours_deinit)))

static inline size_t graph_other_end(const struct graph_edge *edge, size_t node)
{
	return edge->from == node ? edge->to : edge->from;
}

/* Marks what findings are about. */
int graph_add_marks(struct graph_work *work);

/* Leaves out what is not to be shown, and says how much that was. */
int graph_leave_out(struct graph_work *work);

/* Puts nodes where they belong, if there is more than one such place. */
int graph_add_clusters(struct graph_work *work);

/* Makes one node of those that are alike. */
int graph_merge(struct graph_work *work);

/*
 * Moves each node to work->places[i]; of several at one place the first one stays. Those at
 * SIZE_MAX are left out, and what leads there. The places are in the order of the nodes, without
 * gaps.
 */
void graph_move_nodes(struct graph_work *work, size_t count);

#endif
