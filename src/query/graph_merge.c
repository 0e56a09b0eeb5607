/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is alike in a graph becomes one node: processes of one command and user that are joined to
 * the same objects in the same way; then objects of one kind that are joined to the same processes.
 * Nodes are sorted by a hash of all that, and compared in full with the first one of the same hash.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "query/graph_parts.h"

struct candidate {
	uint64_t hash;
	size_t node;
};

static uint64_t mix(uint64_t hash, uint64_t number)
{
	hash = (hash ^ number) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

static uint64_t mix_text(uint64_t hash, struct text text)
{
	hash = mix(hash, text.length);
	for (size_t i = 0; i < text.length; i++)
		hash = mix(hash, (unsigned char)text.bytes[i]);
	return hash;
}

static uint64_t hash_of_edge(const struct graph_edge *edge, size_t node)
{
	uint64_t hash = mix(edge->how, graph_other_end(edge, node));

	hash = mix(hash, edge->from == node);
	hash = mix(hash, graph_edge_has(edge, GRAPH_EDGE_ACCESS) ? edge->access : UINT64_MAX);
	hash = mix(hash, graph_edge_has(edge, GRAPH_EDGE_SEMNUM) ? edge->semnum : UINT64_MAX);
	return mix(hash, graph_edge_has(edge, GRAPH_EDGE_AMOUNT) ? edge->amount : UINT64_MAX);
}

/* Of objects: what becomes of them is seen in the picture. */
static uint64_t status_of(const struct graph_node *node)
{
	return node->object && object_has(node->object, OBJECT_STATUS) ? node->object->status : 0;
}

static uint64_t hash_of_node(const struct graph *graph, const struct graph_neighbours *neighbours,
			     size_t index)
{
	const struct graph_node *node = &graph->nodes.items[index];
	uint64_t hash = mix_text(node->type, node->command);

	hash = mix(hash, node->uid);
	hash = mix(hash, node->kind);
	hash = mix(hash, node->state);
	hash = mix(hash, node->cluster_place);
	hash = mix(hash, node->code_bits);
	hash = mix(hash, status_of(node));
	for (size_t i = neighbours->starts[index]; i < neighbours->starts[index + 1]; i++)
		hash = mix(hash, hash_of_edge(&graph->edges.items[neighbours->edges[i]], index));
	return hash;
}

static bool has_same_fields(const struct graph_node *a, const struct graph_node *b)
{
	const uint64_t fields = UINT64_C(1) << GRAPH_NODE_COMMAND | UINT64_C(1) << GRAPH_NODE_UID |
				UINT64_C(1) << GRAPH_NODE_STATE;

	return a->type == b->type && (a->record.present & fields) == (b->record.present & fields) &&
	       text_equals(a->command, b->command) && a->uid == b->uid && a->kind == b->kind &&
	       a->state == b->state && a->cluster_place == b->cluster_place &&
	       a->code_bits == b->code_bits && status_of(a) == status_of(b);
}

/* The edges of both are in the same order: by other end, and by what they are. */
static bool has_same_edges(const struct graph *graph, const struct graph_neighbours *neighbours,
			   size_t a, size_t b)
{
	size_t count = neighbours->starts[a + 1] - neighbours->starts[a];

	if (neighbours->starts[b + 1] - neighbours->starts[b] != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct graph_edge *first =
			&graph->edges.items[neighbours->edges[neighbours->starts[a] + i]];
		const struct graph_edge *second =
			&graph->edges.items[neighbours->edges[neighbours->starts[b] + i]];

		if ((first->from == a) != (second->from == b) ||
		    graph_other_end(first, a) != graph_other_end(second, b) ||
		    graph_compare_edges(first, second))
			return false;
	}
	return true;
}

static int compare_candidates(const void *first, const void *second)
{
	const struct candidate *a = first, *b = second;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->node < b->node ? -1 : a->node > b->node;
}

/* What was asked for, and what is part of a ring, is always shown by itself. */
static size_t list_candidates(const struct graph *graph, const struct graph_neighbours *neighbours,
			      struct candidate *candidates)
{
	size_t count = 0;

	for (size_t i = 0; i < graph->nodes.count; i++) {
		const struct graph_node *node = &graph->nodes.items[i];

		if (!node->is_named && !node->is_in_cycle)
			candidates[count++] =
				(struct candidate){hash_of_node(graph, neighbours, i), i};
	}
	if (count)
		qsort(candidates, count, sizeof(*candidates), compare_candidates);
	return count;
}

/*
 * Gives each node the first one that is like it. Those of one hash are nearly always all alike;
 * where they are not, each looks among those before it that are the first of their sort.
 */
static void find_firsts(const struct graph *graph, const struct graph_neighbours *neighbours,
			const struct candidate *candidates, size_t count, size_t *firsts)
{
	size_t begin = 0;

	for (size_t i = 0; i < count; i++) {
		size_t node = candidates[i].node;

		if (candidates[i].hash != candidates[begin].hash)
			begin = i;
		for (size_t j = begin; j < i; j++) {
			size_t other = candidates[j].node;

			if (firsts[other] != other ||
			    !has_same_fields(&graph->nodes.items[other],
					     &graph->nodes.items[node]) ||
			    !has_same_edges(graph, neighbours, other, node))
				continue;
			firsts[node] = other;
			break;
		}
	}
}

/* How many PIDs and REFs each first one will stand for; then they are put there. */
static int gather(struct graph *graph, const size_t *firsts)
{
	for (size_t i = 0; i < graph->nodes.count; i++)
		if (firsts[i] != i)
			graph->nodes.items[firsts[i]].count++;
	for (size_t i = 0; i < graph->nodes.count; i++) {
		struct graph_node *node = &graph->nodes.items[i];
		bool is_process = node->type == GRAPH_PROCESS;
		size_t size = is_process ? sizeof(int64_t) : sizeof(struct text);
		struct record_list *list = is_process ? &node->pids : &node->refs;
		char *items;

		if (firsts[i] != i || node->count < 2)
			continue;
		items = arena_alloc_array(&graph->arena, node->count, size);
		if (!items)
			return -ENOMEM;
		memcpy(items, list->items, size);
		list->items = items;
	}
	return 0;
}

static void add_member(struct graph_node *first, const struct graph_node *node)
{
	if (node->type == GRAPH_PROCESS) {
		((int64_t *)first->pids.items)[first->pids.count++] =
			*(const int64_t *)node->pids.items;
		return;
	}
	((struct text *)first->refs.items)[first->refs.count++] =
		*(const struct text *)node->refs.items;
	record_unmark(&first->record, GRAPH_NODE_NAME);
	if (!graph_node_has(node, GRAPH_NODE_SIZE) ||
	    __builtin_add_overflow(first->size, node->size, &first->size))
		record_unmark(&first->record, GRAPH_NODE_SIZE);
	if (graph_node_has(node, GRAPH_NODE_SEVERITY) && node->severity > first->severity)
		first->severity = node->severity;
}

/* From the first one of each node to its place. */
static size_t number_places(struct graph_work *work, const size_t *firsts)
{
	size_t count = 0;

	for (size_t i = 0; i < work->graph->nodes.count; i++)
		work->places[i] = firsts[i] == i ? count++ : work->places[firsts[i]];
	return count;
}

int graph_merge(struct graph_work *work)
{
	struct graph *graph = work->graph;
	_cleanup_neighbours_ struct graph_neighbours neighbours = {0};
	_cleanup_free_ struct candidate *candidates = NULL;
	_cleanup_free_ size_t *firsts = NULL;
	size_t count;
	int r;

	if (work->options->is_apart)
		return 0;
	r = graph_find_neighbours(graph, &neighbours);
	if (r < 0)
		return r;
	candidates = calloc(graph->nodes.count + 1, sizeof(*candidates));
	firsts = calloc(graph->nodes.count + 1, sizeof(*firsts));
	if (!candidates || !firsts)
		return -ENOMEM;
	for (size_t i = 0; i < graph->nodes.count; i++)
		firsts[i] = i;
	count = list_candidates(graph, &neighbours, candidates);
	find_firsts(graph, &neighbours, candidates, count, firsts);
	if (gather(graph, firsts) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < graph->nodes.count; i++)
		if (firsts[i] != i)
			add_member(&graph->nodes.items[firsts[i]], &graph->nodes.items[i]);
	count = number_places(work, firsts);
	graph_move_nodes(work, count);
	graph_settle_edges(graph);
	return 0;
}
