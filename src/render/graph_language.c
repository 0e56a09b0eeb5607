/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "render/graph_language.h"

/* What stands in that cluster, counted from 1; 0: in none. depth is in how many that is. */
static void add_members(struct buffer *buffer, const struct graph_picture *picture,
			const struct graph_language *language, size_t cluster, size_t depth)
{
	const struct graph *graph = picture->graph;
	const char *indent = language->indents[depth];

	for (size_t i = 0; depth < GRAPH_DEPTH_MAX && i < graph->clusters.count; i++) {
		if (graph->clusters.items[i].parent_place != cluster)
			continue;
		language->begin_cluster(buffer, graph, i, indent);
		add_members(buffer, picture, language, i + 1, depth + 1);
		buffer_add_format(buffer, "%s%s\n", indent, language->cluster_end);
	}
	for (size_t i = 0; i < graph->nodes.count; i++)
		if (graph->nodes.items[i].cluster_place == cluster)
			language->add_node(buffer, picture, i, indent);
}

void graph_add_members(struct buffer *buffer, const struct graph_picture *picture,
		       const struct graph_language *language)
{
	add_members(buffer, picture, language, 0, 0);
}
