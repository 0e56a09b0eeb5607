/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A graph in DOT. All text stands in quotes: there a backslash, a quote and an ampersand mean
 * something to Graphviz, and nothing else does.
 */
#include "base/utf8.h"
#include "render/graph_language.h"
#include "render/graph_picture.h"

#define RED "\"#c00000\""

static void add_quoted(struct buffer *buffer, const struct buffer *text)
{
	if (text->error && !buffer->error)
		buffer->error = text->error;
	buffer_add_char(buffer, '"');
	for (size_t i = 0; i < text->length; i++) {
		char byte = text->bytes[i];

		if (byte == '\n') {
			buffer_add_string(buffer, "\\n");
		} else if (byte == '&') {
			buffer_add_string(buffer, "&amp;");
		} else {
			if (byte == '"' || byte == '\\')
				buffer_add_char(buffer, '\\');
			buffer_add_char(buffer, byte);
		}
	}
	buffer_add_char(buffer, '"');
}

/* An id is the same in all that tells of the node; what a terminal would not bear is escaped. */
static void add_id(struct buffer *buffer, const char *prefix, struct text id)
{
	_cleanup_buffer_ struct buffer escaped = {0};

	buffer_add_string(&escaped, prefix);
	utf8_add_for_terminal(&escaped, id);
	add_quoted(buffer, &escaped);
}

static const char *shape_of(const struct graph_node *node)
{
	static const char *const shapes[KIND_COUNT] = {
		[KIND_SHM] = "cylinder",  [KIND_SEM] = "hexagon",  [KIND_MSG] = "component",
		[KIND_PSHM] = "cylinder", [KIND_PSEM] = "hexagon", [KIND_MQ] = "component",
		[KIND_PIPE] = "oval",	  [KIND_FIFO] = "oval",	   [KIND_MAP] = "cylinder"};

	return node->type == GRAPH_PROCESS ? "box" : shapes[node->kind];
}

static const char *colors_of(const struct graph_node *node)
{
	bool has_severity = graph_node_has(node, GRAPH_NODE_SEVERITY);

	if (node->is_in_cycle || (has_severity && node->severity == FINDING_CRITICAL))
		return ", color=" RED ", fillcolor=\"#ffdcdc\", penwidth=2.5";
	if (has_severity && node->severity == FINDING_WARNING)
		return ", color=" RED ", fillcolor=\"#fff3d0\", penwidth=2";
	return node->type == GRAPH_PROCESS ? "" : ", fillcolor=\"#eef2f7\"";
}

static void add_node(struct buffer *buffer, const struct graph_picture *picture, size_t place,
		     const char *indent)
{
	const struct graph_node *node = &picture->graph->nodes.items[place];
	_cleanup_buffer_ struct buffer words = {0};
	bool is_past = graph_node_has(node, GRAPH_NODE_STATE);

	graph_add_node_words(&words, picture, node);
	buffer_add_string(buffer, indent);
	add_id(buffer, "", node->id);
	buffer_add_string(buffer, " [label=");
	add_quoted(buffer, &words);
	buffer_add_format(buffer, ", shape=%s%s%s%s];\n", shape_of(node), colors_of(node),
			  is_past ? ", style=\"dashed\"" : "",
			  node->is_named ? ", peripheries=2" : "");
}

static void begin_cluster(struct buffer *buffer, const struct graph *graph, size_t place,
			  const char *indent)
{
	const struct graph_cluster *cluster = &graph->clusters.items[place];
	_cleanup_buffer_ struct buffer words = {0};

	graph_add_cluster_words(&words, cluster);
	buffer_add_format(buffer, "%ssubgraph ", indent);
	add_id(buffer, "cluster_", cluster->id);
	buffer_add_format(buffer,
			  " {\n%s\tgraph [labelloc=t, labeljust=l, style=rounded, "
			  "color=\"#909090\", label=",
			  indent);
	add_quoted(buffer, &words);
	buffer_add_string(buffer, "];\n");
}

static const char *direction_of(const struct graph *graph, const struct graph_edge *edge)
{
	struct graph_arrows arrows = graph_arrows_of(graph, edge);

	if (arrows.at_start)
		return arrows.at_end ? ", dir=both" : ", dir=back";
	return arrows.at_end ? "" : ", dir=none";
}

static const char *color_of(const struct graph_edge *edge)
{
	enum graph_line line = graph_line_of(edge);

	if (edge->is_in_cycle)
		return ", color=" RED ", fontcolor=" RED;
	return line == GRAPH_LINE_PLAIN || line == GRAPH_LINE_DASHED ? ", color=\"#808080\"" : "";
}

static void add_edge(struct buffer *buffer, const struct graph *graph,
		     const struct graph_edge *edge)
{
	static const char *const lines[] = {[GRAPH_LINE_PLAIN] = ", arrowsize=0.6",
					    [GRAPH_LINE_BOLD] = ", penwidth=2.5, weight=3",
					    [GRAPH_LINE_STRONG] = ", penwidth=1.5, weight=3",
					    [GRAPH_LINE_DASHED] = ", style=dashed, arrowsize=0.6"};
	_cleanup_buffer_ struct buffer words = {0};

	graph_add_edge_words(&words, graph, edge);
	buffer_add_char(buffer, '\t');
	add_id(buffer, "", edge->from_id);
	buffer_add_string(buffer, " -> ");
	add_id(buffer, "", edge->to_id);
	buffer_add_string(buffer, " [label=");
	add_quoted(buffer, &words);
	buffer_add_string(buffer, lines[graph_line_of(edge)]);
	buffer_add_string(buffer, direction_of(graph, edge));
	buffer_add_string(buffer, color_of(edge));
	buffer_add_string(buffer, "];\n");
}

static const struct graph_language dot = {
	.indents = {"\t", "\t\t", "\t\t\t"},
	.add_node = add_node,
	.begin_cluster = begin_cluster,
	.cluster_end = "}",
};

void graph_add_dot(struct buffer *buffer, const struct graph_picture *picture)
{
	_cleanup_buffer_ struct buffer caption = {0};

	graph_add_caption(&caption, picture);
	/* Ranked cluster by cluster, as without newrank, some graphs get no ranks at all. */
	buffer_add_string(buffer,
			  "digraph ipclens {\n\tgraph [rankdir=LR, newrank=true, labelloc=b, "
			  "fontname=\"Helvetica,Arial,sans-serif\", fontsize=10,\n\t\tlabel=");
	add_quoted(buffer, &caption);
	buffer_add_string(
		buffer,
		"];\n\tnode [fontname=\"Helvetica,Arial,sans-serif\", fontsize=10, "
		"style=filled,\n\t\tfillcolor=white, color=\"#505050\", margin=\"0.1,0.06\"];\n"
		"\tedge [fontname=\"Helvetica,Arial,sans-serif\", fontsize=9];\n");
	graph_add_members(buffer, picture, &dot);
	vector_for_each (&picture->graph->edges, edge)
		add_edge(buffer, picture->graph, edge);
	buffer_add_string(buffer, "}\n");
}
