/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who waits for whom: the graph of processes that the waits of a snapshot make, rings in it, and
 * what they mean.
 *
 * A thread waits for an object, and so for each process that could release it: any one of them is
 * enough. A process can go on as long as one of its threads can. Steps are of different strength:
 * that a process holds a semaphore is recorded by the kernel; that it was the last to use a queue
 * is history.
 */
#ifndef IPCLENS_QUERY_BLOCKED_H
#define IPCLENS_QUERY_BLOCKED_H

#include "base/vector.h"
#include "model/finding.h"
#include "model/snapshot.h"

/* On what it rests that a process could release another one; the weakest first. */
enum blocked_strength {
	BLOCKED_BY_HISTORY, /* it used the object last */
	BLOCKED_BY_MEMORY,  /* it owns the lock, as shared memory says */
	BLOCKED_BY_PIPE,    /* it has the other end */
	BLOCKED_BY_UNDO,    /* it holds the semaphore, as the kernel records */
};

/* A process waits for another one, or for itself. */
struct blocked_edge {
	const struct wait *wait;
	int64_t waiter, blocker; /* PIDs */
	enum blocked_strength strength;
};

struct blocked_graph {
	const struct snapshot *snapshot;
	VECTOR(struct blocked_edge) edges; /* by waiter, then as the waits */
};

void blocked_graph_deinit(struct blocked_graph *graph);
#define _cleanup_blocked_graph_ __attribute__((cleanup(blocked_graph_deinit)))

/* 0 or -ENOMEM. */
int blocked_graph_make(const struct snapshot *snapshot, struct blocked_graph *ret_graph);

/*
 * Deadlocks, suspected ones, and semaphores that were abandoned; the worst first. Adds to
 * *findings. 0 or -ENOMEM.
 */
int blocked_judge(const struct blocked_graph *graph, struct findings *findings);

/* The part of it that is about rings. */
int blocked_judge_rings(const struct blocked_graph *graph, struct findings *findings);

/*
 * Which edges close the rings that blocked_judge() reports: each edge gets the place of its ring
 * among those findings, from 1, or 0. The first ones are deadlocks, as many as *ret_deadlocks; the
 * others are suspected. 0 or -ENOMEM.
 */
int blocked_place_rings(const struct blocked_graph *graph, size_t *ret_places,
			size_t *ret_deadlocks);

/*
 * Whether the value of the semaphore allows by now what the thread waits for: it is about to go on,
 * and who has an undo record does not hold it up.
 */
bool blocked_is_satisfied(const struct snapshot *snapshot, const struct wait *wait);

/* The waits in the order of their age, the oldest first; those of unknown age last. */
struct blocked_waits_by_age {
	VECTOR(const struct wait *) items;
};
int blocked_sort_by_age(const struct snapshot *snapshot, struct blocked_waits_by_age *ret_waits);

/* Whether a thread waits for the object. */
bool blocked_is_waited_for(const struct snapshot *snapshot, const struct object *object);

/* How many threads are blocked: one that waits for several things counts once. */
size_t blocked_count_threads(const struct snapshot *snapshot);

#endif
