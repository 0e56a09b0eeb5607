/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A graph as a flowchart of Mermaid. Whatever could mean something to it, to Markdown or to HTML is
 * written as the number of its character (#34;), so that nothing in a name can end a label.
 */
#include <strings.h>

#include "render/graph_language.h"
#include "render/graph_picture.h"

static bool is_plain(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || (unsigned char)byte >= 0x80 ||
	       (byte && strchr(" ,.:/+=?!-", byte));
}

/*
 * In a line that has one of these words, then a colon and a #, Mermaid drops the last semicolon, as
 * it takes it for a style's. Without the colon it does not.
 */
static bool has_word_of_style(struct text text)
{
	if (!text.bytes)
		return false;
	return memmem(text.bytes, text.length, "style", 5) ||
	       memmem(text.bytes, text.length, "classDef", 8);
}

static bool ends_with(struct text text, const char *end)
{
	size_t length = strlen(end);

	return text.length >= length &&
	       strncasecmp(text.bytes + text.length - length, end, length) == 0;
}

/* Digits alone, before a dot, are an item of a list. */
static bool are_digits(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.bytes[i] < '0' || text.bytes[i] > '9')
			return false;
	return text.length;
}

/*
 * Labels are read as Markdown, of which more than emphasis is refused: lists, headings, code and
 * addresses. before is what stands before the byte in its line, after what is behind it.
 */
static bool is_markdown(char byte, struct text before, struct text after)
{
	if (byte == '-' || byte == '+' || byte == '=' || byte == ' ')
		return !before.length;
	if (byte == '.')
		return are_digits(before) || ends_with(before, "www");
	return byte == ':' && after.length >= 2 && memcmp(after.bytes, "//", 2) == 0;
}

static void add_escaped(struct buffer *buffer, const struct buffer *words, const char *line_end)
{
	struct text text = buffer_text(words);
	bool has_colons = text.length && !has_word_of_style(text);
	size_t line = 0; /* where it begins */

	if (words->error && !buffer->error)
		buffer->error = words->error;
	for (size_t i = 0; i < text.length; i++) {
		struct text before = {text.bytes + line, i - line};
		struct text after = {text.bytes + i + 1, text.length - i - 1};
		char byte = text.bytes[i];

		if (byte == '\n') {
			buffer_add_string(buffer, line_end);
			line = i + 1;
		} else if (is_plain(byte) && (byte != ':' || has_colons) &&
			   !is_markdown(byte, before, after)) {
			buffer_add_char(buffer, byte);
		} else {
			buffer_add_format(buffer, "#%d;", byte);
		}
	}
}

static void add_quoted(struct buffer *buffer, const struct buffer *text)
{
	buffer_add_char(buffer, '"');
	add_escaped(buffer, text, "<br/>");
	buffer_add_char(buffer, '"');
}

struct brackets {
	const char *open, *close;
};

static struct brackets brackets_of(const struct graph_node *node)
{
	static const struct brackets shapes[KIND_COUNT] = {
		[KIND_SHM] = {"[(", ")]"},  [KIND_SEM] = {"{{", "}}"},	[KIND_MSG] = {"[/", "/]"},
		[KIND_PSHM] = {"[(", ")]"}, [KIND_PSEM] = {"{{", "}}"}, [KIND_MQ] = {"[/", "/]"},
		[KIND_PIPE] = {"([", "])"}, [KIND_FIFO] = {"([", "])"}, [KIND_MAP] = {"[(", ")]"}};

	return node->type == GRAPH_PROCESS ? (struct brackets){"[", "]"} : shapes[node->kind];
}

static void add_node(struct buffer *buffer, const struct graph_picture *picture, size_t place,
		     const char *indent)
{
	const struct graph_node *node = &picture->graph->nodes.items[place];
	struct brackets brackets = brackets_of(node);
	_cleanup_buffer_ struct buffer words = {0};

	graph_add_node_words(&words, picture, node);
	buffer_add_format(buffer, "%sn%zu%s", indent, place, brackets.open);
	add_quoted(buffer, &words);
	buffer_add_format(buffer, "%s\n", brackets.close);
}

static void begin_cluster(struct buffer *buffer, const struct graph *graph, size_t place,
			  const char *indent)
{
	_cleanup_buffer_ struct buffer words = {0};

	graph_add_cluster_words(&words, &graph->clusters.items[place]);
	buffer_add_format(buffer, "%ssubgraph c%zu[", indent, place + 1);
	add_quoted(buffer, &words);
	buffer_add_string(buffer, "]\n");
}

/* An arrow at the start alone is a plain line: there are none, and the words tell. */
static const char *arrow_of(const struct graph *graph, const struct graph_edge *edge)
{
	struct graph_arrows arrows = graph_arrows_of(graph, edge);

	switch (graph_line_of(edge)) {
	case GRAPH_LINE_BOLD:
		return "==>";
	case GRAPH_LINE_DASHED:
		return "-.->";
	default:
		return !arrows.at_end ? "---" : arrows.at_start ? "<-->" : "-->";
	}
}

static void add_edges(struct buffer *buffer, const struct graph *graph)
{
	vector_for_each (&graph->edges, edge) {
		_cleanup_buffer_ struct buffer words = {0};

		graph_add_edge_words(&words, graph, edge);
		buffer_add_format(buffer, "  n%zu %s", edge->from, arrow_of(graph, edge));
		if (words.length) {
			buffer_add_char(buffer, '|');
			add_quoted(buffer, &words);
			buffer_add_char(buffer, '|');
		}
		buffer_add_format(buffer, " n%zu\n", edge->to);
	}
}

enum look {
	LOOK_USUAL,
	LOOK_PAST,
	LOOK_WARNING,
	LOOK_CRITICAL,
	LOOK_COUNT,
};

static enum look look_of(const struct graph_node *node)
{
	bool has_severity = graph_node_has(node, GRAPH_NODE_SEVERITY);

	if (node->is_in_cycle || (has_severity && node->severity == FINDING_CRITICAL))
		return LOOK_CRITICAL;
	if (has_severity && node->severity == FINDING_WARNING)
		return LOOK_WARNING;
	return graph_node_has(node, GRAPH_NODE_STATE) ? LOOK_PAST : LOOK_USUAL;
}

/* The colour of the letters, too: pages can be dark. */
static void add_looks(struct buffer *buffer, const struct graph *graph)
{
	static const struct {
		const char *name, *style;
	} looks[LOOK_COUNT] = {
		[LOOK_PAST] = {"past", "stroke-dasharray:4"},
		[LOOK_WARNING] = {"warning",
				  "fill:#fff3d0,stroke:#c00000,stroke-width:2px,color:#000000"},
		[LOOK_CRITICAL] = {"critical",
				   "fill:#ffdcdc,stroke:#c00000,stroke-width:3px,color:#000000"}};

	for (enum look look = LOOK_USUAL + 1; look < LOOK_COUNT; look++) {
		bool is_first = true;

		for (size_t i = 0; i < graph->nodes.count; i++) {
			if (look_of(&graph->nodes.items[i]) != look)
				continue;
			if (is_first)
				buffer_add_format(buffer, "  classDef %s %s\n  class ",
						  looks[look].name, looks[look].style);
			buffer_add_format(buffer, is_first ? "n%zu" : ",n%zu", i);
			is_first = false;
		}
		if (!is_first)
			buffer_add_format(buffer, " %s\n", looks[look].name);
	}
}

static void add_cycle(struct buffer *buffer, const struct graph *graph)
{
	bool is_first = true;

	for (size_t i = 0; i < graph->edges.count; i++) {
		if (!graph->edges.items[i].is_in_cycle)
			continue;
		buffer_add_format(buffer, is_first ? "  linkStyle %zu" : ",%zu", i);
		is_first = false;
	}
	if (!is_first)
		buffer_add_string(buffer, " stroke:#c00000,stroke-width:3px\n");
}

static const struct graph_language mermaid = {
	.indents = {"  ", "    ", "      "},
	.add_node = add_node,
	.begin_cluster = begin_cluster,
	.cluster_end = "end",
};

void graph_add_mermaid(struct buffer *buffer, const struct graph_picture *picture)
{
	_cleanup_buffer_ struct buffer caption = {0};

	graph_add_caption(&caption, picture);
	buffer_add_string(buffer, "flowchart LR\n  %% ");
	add_escaped(buffer, &caption, "\n  %% ");
	buffer_add_char(buffer, '\n');
	graph_add_members(buffer, picture, &mermaid);
	add_edges(buffer, picture->graph);
	add_looks(buffer, picture->graph);
	add_cycle(buffer, picture->graph);
}
