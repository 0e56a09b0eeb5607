/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Graphs of snapshots that are made up. */
#ifndef UNIT_GRAPH_SCENE_H
#define UNIT_GRAPH_SCENE_H

#include "query/graph.h"
#include "scene.h"

/* The graph of it, with what check finds in it. */
struct graph scene_graph(struct snapshot *snapshot, struct findings *findings,
			 const struct graph_options *options);

/* The node or edge; NULL: there is none. */
const struct graph_node *scene_node(const struct graph *graph, const char *id);
const struct graph_edge *scene_edge(const struct graph *graph, const char *from, const char *to,
				    enum graph_how how);

#endif
