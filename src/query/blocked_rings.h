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
	bool is_stuck;		 /* none of its threads can go on */
	size_t ring;		 /* its number, from 1 */
	uint64_t threads_inside; /* those of its threads that wait for others of its ring */
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

/* Whether the edge leads from one process of the ring to another one, or to itself. */
bool rings_is_inside(const struct rings *rings, const struct blocked_edge *edge, size_t ring);

/*
 * Why a step of a ring proves no deadlock; the weakest first. With none of it, all threads of who
 * is waited for wait in the ring, too, and so do all who could let the waiter go on.
 */
enum weakness {
	WEAK_BY_HISTORY,
	WEAK_BY_MEMORY,
	WEAK_BY_PIPE,
	WEAK_BY_TIMEOUT,
	WEAK_BY_THREADS, /* of who is waited for some do something else */
	WEAK_BY_OTHERS,	 /* somebody outside of the ring holds it, too */
	WEAK_BY_UNSEEN,	 /* that is known of somebody who is not shown */
	NOT_WEAK,
};
enum weakness rings_weakness(const struct rings *rings, const struct blocked_edge *edge);

/* Goes on after the name of who is waited for: " holds it, but the wait has a timeout". */
void rings_add_weakness(struct buffer *buffer, const struct rings *rings,
			const struct blocked_edge *edge);

/* "app 12" */
void blocked_add_process(struct buffer *buffer, const struct snapshot *snapshot, int64_t pid);

#endif
