/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The search for rings of processes that wait for each other, and for those who can never go on.
 */
#ifndef IPCLENS_QUERY_BLOCKED_RINGS_H
#define IPCLENS_QUERY_BLOCKED_RINGS_H

#include "base/id_map.h"
#include "query/blocked.h"

/* A process that waits, in the search for rings (Tarjan's strongly connected components). */
struct node {
	int64_t pid;
	size_t first_edge, edge_count;
	size_t order, low; /* from 1; 0: not visited yet */
	bool is_on_stack;
	uint64_t stuck_threads;
	bool is_stuck; /* none of its threads can go on */
	size_t ring;   /* its number, from 1 */
};

struct rings {
	const struct blocked_graph *graph;
	VECTOR(struct node) nodes;
	struct id_map places; /* PIDs to the index of the node + 1 */
	VECTOR(size_t) stack;
	size_t next_order, count;
	size_t *members; /* indexes of nodes: those of the first ring, those of the second, ... */
	size_t *starts;	 /* where those of each ring begin, by its number; one more at the end */
};

void rings_deinit(struct rings *rings);
#define _cleanup_rings_ __attribute__((cleanup(rings_deinit)))

/* Finds all rings of the graph, and the nodes of each. 0 or -ENOMEM. */
int rings_find(struct rings *rings);

/* Finds the processes none of whose threads can go on. After rings_find(). 0 or -ENOMEM. */
int rings_find_stuck(struct rings *rings);

/* The node of a process; NULL: it waits for nobody. */
struct node *rings_node(const struct rings *rings, int64_t pid);

/* The nodes of a ring, one after the other, in the order of PIDs. */
#define rings_for_each_member(rings, number, member)                            \
	for (const size_t *member = (rings)->members + (rings)->starts[number]; \
	     member != (rings)->members + (rings)->starts[(number) + 1]; member++)

/* Whether the edge can be a part of a ring: of several things a thread waits for, any one ends it.
 */
static inline bool rings_has_edge(const struct blocked_edge *edge)
{
	return !(edge->wait->flags & WAIT_IS_ALTERNATIVE);
}

#endif
