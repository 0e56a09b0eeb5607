/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "query/graph_parts.h"

#include <errno.h>
#include <stdlib.h>

#include "model/arena_text.h"

static void deinit_work(struct graph_work *work)
{
	vector_deinit(&work->actors);
	vector_deinit(&work->steps);
	vector_deinit(&work->marks);
	free(work->is_in_cycle);
	free(work->places);
}

int graph_format(struct graph *graph, struct text *ret_text, const char *format, ...)
{
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = arena_format(&graph->arena, ret_text, format, arguments);
	va_end(arguments);
	return r;
}

void graph_move_nodes(struct graph_work *work, size_t count)
{
	struct graph *graph = work->graph;
	size_t kept = 0, placed = 0;

	for (size_t i = 0; i < graph->nodes.count; i++)
		if (work->places[i] == placed)
			graph->nodes.items[placed++] = graph->nodes.items[i];
	graph->nodes.count = count;
	vector_for_each (&graph->edges, edge) {
		edge->from = work->places[edge->from];
		edge->to = work->places[edge->to];
		if (edge->from != SIZE_MAX && edge->to != SIZE_MAX)
			graph->edges.items[kept++] = *edge;
	}
	graph->edges.count = kept;
	kept = 0;
	vector_for_each (&work->marks, mark) {
		mark->node = work->places[mark->node];
		if (mark->node != SIZE_MAX)
			work->marks.items[kept++] = *mark;
	}
	work->marks.count = kept;
}

static int compare_marks(const void *first, const void *second)
{
	const struct graph_mark *a = first, *b = second;

	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	return a->finding < b->finding ? -1 : a->finding > b->finding;
}

static bool is_first_mark(const struct graph_work *work, const struct graph_mark *mark)
{
	return mark == work->marks.items || compare_marks(mark - 1, mark);
}

/* Numbers the findings that are about a node that is left: pointers has room for all. */
static int number_findings(struct graph_work *work, struct text *pointers)
{
	struct graph *graph = work->graph;

	vector_for_each (&work->marks, mark)
		pointers[mark->finding].length = 1;
	for (size_t i = 0; i < work->findings->items.count; i++) {
		const struct finding **place;

		if (!pointers[i].length)
			continue;
		place = vector_add(&graph->findings);
		if (!place || graph_format(graph, &pointers[i], "/findings/%zu",
					   graph->findings.count - 1) < 0)
			return -ENOMEM;
		*place = &work->findings->items.items[i];
	}
	return 0;
}

static int add_codes(struct graph *graph, struct graph_node *node)
{
	for (enum finding_code code = 0; code < FINDING_CODE_COUNT; code++)
		if (node->code_bits >> code & 1 &&
		    arena_add_text(&graph->arena, &node->codes, text_of(finding_info(code)->word)) <
			    0)
			return -ENOMEM;
	return 0;
}

/* Tells each node its findings, and where they stand in the answer. */
static int add_findings(struct graph_work *work)
{
	struct graph *graph = work->graph;
	struct text *pointers = calloc(work->findings->items.count + 1, sizeof(*pointers));
	int r;

	if (!pointers)
		return -ENOMEM;
	if (work->marks.count)
		qsort(work->marks.items, work->marks.count, sizeof(*work->marks.items),
		      compare_marks);
	r = number_findings(work, pointers);
	vector_for_each (&work->marks, mark)
		if (r == 0 && is_first_mark(work, mark))
			r = arena_add_text(&graph->arena, &graph->nodes.items[mark->node].findings,
					   pointers[mark->finding]);
	vector_for_each (&graph->nodes, node)
		if (r == 0)
			r = add_codes(graph, node);
	free(pointers);
	return r;
}

static void name_ends(struct graph *graph)
{
	vector_for_each (&graph->edges, edge) {
		edge->from_id = graph->nodes.items[edge->from].id;
		edge->to_id = graph->nodes.items[edge->to].id;
		record_mark(&edge->record, GRAPH_EDGE_FROM);
		record_mark(&edge->record, GRAPH_EDGE_TO);
	}
}

static void sum_up(struct graph *graph)
{
	struct graph_summary *summary = &graph->summary;

	vector_for_each (&graph->nodes, node)
		*(node->type == GRAPH_PROCESS ? &summary->processes : &summary->objects) +=
			node->count;
	summary->record.present = (1 << GRAPH_SUMMARY_FIELD_COUNT) - 1;
}

int graph_make(const struct snapshot *snapshot, const struct findings *findings,
	       const struct graph_options *options, struct graph *ret_graph)
{
	static int (*const parts[])(struct graph_work *) = {
		graph_add_nodes, graph_find_rings,   graph_add_edges, graph_add_marks,
		graph_leave_out, graph_add_clusters, graph_merge,     add_findings};
	struct graph graph = {.snapshot = snapshot};
	struct graph_work work = {
		.snapshot = snapshot, .findings = findings, .options = options, .graph = &graph};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
		r = parts[i](&work);
	deinit_work(&work);
	if (r < 0) {
		graph_deinit(&graph);
		return r;
	}
	name_ends(&graph);
	sum_up(&graph);
	*ret_graph = graph;
	return 0;
}
