/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A snapshot as a graph: who uses what, who waits for what, and what was found of it.
 */
#ifndef IPCLENS_QUERY_GRAPH_H
#define IPCLENS_QUERY_GRAPH_H

#include "model/graph.h"

struct graph_options {
	/* What it is drawn around; nothing: all there is. Borrowed. */
	const struct object *const *objects;
	size_t object_count;
	const int64_t *pids;
	size_t pid_count;
	size_t depth;	  /* how many steps from there */
	bool has_history; /* also what objects remember of past users */
	bool has_all;	  /* also objects that nothing joins */
	bool is_apart;	  /* what is alike stays apart */
};

#define GRAPH_USUAL_DEPTH 2

/*
 * Makes the graph of a snapshot and of what check_judge() found in it, both of which must outlive
 * it. Takes time in proportion to what there is, or nearly. 0 or -ENOMEM.
 */
int graph_make(const struct snapshot *snapshot, const struct findings *findings,
	       const struct graph_options *options, struct graph *ret_graph);

#endif
