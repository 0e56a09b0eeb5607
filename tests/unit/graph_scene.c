/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "graph_scene.h"

#include "query/check.h"
#include "unit.h"

struct graph scene_graph(struct snapshot *snapshot, struct findings *findings,
			 const struct graph_options *options)
{
	struct graph graph;

	assert_int_equal(check_judge(snapshot, &check_usual_bounds, findings), 0);
	assert_int_equal(graph_make(snapshot, findings, options, &graph), 0);
	return graph;
}

const struct graph_node *scene_node(const struct graph *graph, const char *id)
{
	vector_for_each (&graph->nodes, node)
		if (text_equals(node->id, text_of(id)))
			return node;
	return NULL;
}

const struct graph_edge *scene_edge(const struct graph *graph, const char *from, const char *to,
				    enum graph_how how)
{
	vector_for_each (&graph->edges, edge)
		if (text_equals(edge->from_id, text_of(from)) &&
		    text_equals(edge->to_id, text_of(to)) && edge->how == how)
			return edge;
	return NULL;
}
