/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is alike in a graph becomes one node: processes of one command and user that are joined to
 * the same objects in the same way; then objects of one kind that are joined to the same processes.
 * Nodes are sorted by a hash of all that, and compared in full with the first one of the same hash.
 *
 * An object that one process alone uses is its own: hundreds of workers each have a pipe of their
 * own. Of such objects it matters of which sort they are, not which; they become one node, too, and
 * the number of its edges tells that each process has but its own.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "query/graph_parts.h"

struct candidate {
	uint64_t hash;
	size_t node;
};

struct merger {
	struct graph *graph;
	struct graph_neighbours neighbours;
	struct candidate *candidates;
	size_t *firsts; /* of each node the first one that is like it */
	bool *is_own;	/* of each node: an object of one process alone */
};

static void merger_deinit(struct merger *merger)
{
	graph_neighbours_deinit(&merger->neighbours);
	free(merger->candidates);
	free(merger->firsts);
	free(merger->is_own);
}
#define _cleanup_merger_ __attribute__((cleanup(merger_deinit)))

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

/* Of objects: what becomes of them is seen in the picture. */
static uint64_t status_of(const struct graph_node *node)
{
	return node->object && object_has(node->object, OBJECT_STATUS) ? node->object->status : 0;
}

static uint64_t hash_of_fields(const struct graph_node *node)
{
	uint64_t hash = mix_text(node->type, node->command);

	hash = mix(hash, node->uid);
	hash = mix(hash, node->kind);
	hash = mix(hash, node->state);
	hash = mix(hash, node->cluster_place);
	hash = mix(hash, node->code_bits);
	return mix(hash, status_of(node));
}

#define COMPARE(a, b)   \
	if ((a) != (b)) \
		return (a) < (b) ? -1 : 1;

/* Less than, equal to or greater than 0; of two objects or two processes. */
static int compare_fields(const struct graph_node *a, const struct graph_node *b)
{
	const uint64_t fields = UINT64_C(1) << GRAPH_NODE_COMMAND | UINT64_C(1) << GRAPH_NODE_UID |
				UINT64_C(1) << GRAPH_NODE_STATE;
	int order;

	COMPARE(a->type, b->type)
	COMPARE(a->record.present & fields, b->record.present & fields)
	COMPARE(a->uid, b->uid)
	COMPARE(a->kind, b->kind)
	COMPARE(a->state, b->state)
	COMPARE(a->cluster_place, b->cluster_place)
	COMPARE(a->code_bits, b->code_bits)
	COMPARE(status_of(a), status_of(b))
	COMPARE(a->command.length, b->command.length)
	order = a->command.length ? memcmp(a->command.bytes, b->command.bytes, a->command.length)
				  : 0;
	return order;
}

/* Compares where edges of nodes lead: of objects of one's own it matters of which sort they are. */
static int compare_ends(const struct merger *merger, size_t a, size_t b)
{
	COMPARE(merger->is_own[a], merger->is_own[b])
	if (merger->is_own[a])
		return compare_fields(&merger->graph->nodes.items[a],
				      &merger->graph->nodes.items[b]);
	COMPARE(merger->firsts[a], merger->firsts[b])
	return 0;
}

/* Compares edges of two nodes, or of one, without these nodes themselves. */
static int compare_edges_of(const struct merger *merger, size_t edge_a, size_t a, size_t edge_b,
			    size_t b)
{
	const struct graph_edge *first = &merger->graph->edges.items[edge_a];
	const struct graph_edge *second = &merger->graph->edges.items[edge_b];
	int order = compare_ends(merger, graph_other_end(first, a), graph_other_end(second, b));

	if (order)
		return order;
	COMPARE(first->from == a, second->from == b)
	return graph_compare_edges(first, second);
}

struct sorting {
	const struct merger *merger;
	size_t node;
};

static int compare_sorted(const void *first, const void *second, void *context)
{
	const struct sorting *sorting = context;

	return compare_edges_of(sorting->merger, *(const size_t *)first, sorting->node,
				*(const size_t *)second, sorting->node);
}

/* So that two nodes that are alike have their edges in the same order. */
static void sort_edges(const struct merger *merger, enum graph_type type)
{
	const struct graph_neighbours *neighbours = &merger->neighbours;

	for (size_t i = 0; i < merger->graph->nodes.count; i++) {
		size_t count = neighbours->starts[i + 1] - neighbours->starts[i];
		struct sorting sorting = {merger, i};

		if (merger->graph->nodes.items[i].type == type && count > 1)
			qsort_r(&neighbours->edges[neighbours->starts[i]], count,
				sizeof(*neighbours->edges), compare_sorted, &sorting);
	}
}

static uint64_t hash_of_edge(const struct merger *merger, const struct graph_edge *edge,
			     size_t node)
{
	size_t other = graph_other_end(edge, node);
	uint64_t hash = mix(edge->how, merger->is_own[other]);

	hash = mix(hash, merger->is_own[other] ? hash_of_fields(&merger->graph->nodes.items[other])
					       : merger->firsts[other]);
	hash = mix(hash, edge->from == node);
	hash = mix(hash, graph_edge_has(edge, GRAPH_EDGE_ACCESS) ? edge->access : UINT64_MAX);
	hash = mix(hash, graph_edge_has(edge, GRAPH_EDGE_SEMNUM) ? edge->semnum : UINT64_MAX);
	return mix(hash, graph_edge_has(edge, GRAPH_EDGE_AMOUNT) ? edge->amount : UINT64_MAX);
}

static uint64_t hash_of_node(const struct merger *merger, size_t index)
{
	const struct graph_neighbours *neighbours = &merger->neighbours;
	uint64_t hash = hash_of_fields(&merger->graph->nodes.items[index]);

	for (size_t i = neighbours->starts[index]; i < neighbours->starts[index + 1]; i++)
		hash = mix(hash,
			   hash_of_edge(merger, &merger->graph->edges.items[neighbours->edges[i]],
					index));
	return hash;
}

static bool are_alike(const struct merger *merger, size_t a, size_t b)
{
	const struct graph_neighbours *neighbours = &merger->neighbours;
	const size_t *edges_of_a = &neighbours->edges[neighbours->starts[a]];
	const size_t *edges_of_b = &neighbours->edges[neighbours->starts[b]];
	size_t count = neighbours->starts[a + 1] - neighbours->starts[a];

	if (neighbours->starts[b + 1] - neighbours->starts[b] != count ||
	    compare_fields(&merger->graph->nodes.items[a], &merger->graph->nodes.items[b]))
		return false;
	for (size_t i = 0; i < count; i++)
		if (compare_edges_of(merger, edges_of_a[i], a, edges_of_b[i], b))
			return false;
	return true;
}

static int compare_candidates(const void *first, const void *second)
{
	const struct candidate *a = first, *b = second;

	COMPARE(a->hash, b->hash)
	COMPARE(a->node, b->node)
	return 0;
}

/* What was asked for, and what is part of a ring, is always shown by itself. */
static bool stays_apart(const struct graph_node *node)
{
	return node->is_named || node->is_in_cycle;
}

static size_t list_candidates(struct merger *merger, enum graph_type type)
{
	const struct graph *graph = merger->graph;
	size_t count = 0;

	for (size_t i = 0; i < graph->nodes.count; i++)
		if (graph->nodes.items[i].type == type && !stays_apart(&graph->nodes.items[i]))
			merger->candidates[count++] =
				(struct candidate){hash_of_node(merger, i), i};
	if (count)
		qsort(merger->candidates, count, sizeof(*merger->candidates), compare_candidates);
	return count;
}

/*
 * Gives each node of the type the first one that is like it. Those of one hash are nearly always
 * all alike; where they are not, each looks among those before it that are the first of their sort.
 */
static void find_firsts(struct merger *merger, enum graph_type type)
{
	const struct candidate *candidates = merger->candidates;
	size_t begin = 0, count;

	sort_edges(merger, type);
	count = list_candidates(merger, type);
	for (size_t i = 0; i < count; i++) {
		size_t node = candidates[i].node;

		if (candidates[i].hash != candidates[begin].hash)
			begin = i;
		for (size_t j = begin; j < i; j++) {
			size_t other = candidates[j].node;

			if (merger->firsts[other] != other || !are_alike(merger, other, node))
				continue;
			merger->firsts[node] = other;
			break;
		}
	}
}

static bool has_one_neighbour(const struct merger *merger, size_t node)
{
	const struct graph_neighbours *neighbours = &merger->neighbours;
	const struct graph_edge *edges = merger->graph->edges.items;
	size_t begin = neighbours->starts[node], end = neighbours->starts[node + 1];

	for (size_t i = begin + 1; i < end; i++)
		if (graph_other_end(&edges[neighbours->edges[i]], node) !=
		    graph_other_end(&edges[neighbours->edges[begin]], node))
			return false;
	return begin < end;
}

static int merger_init(struct merger *merger, struct graph *graph)
{
	int r = graph_find_neighbours(graph, &merger->neighbours);

	if (r < 0)
		return r;
	merger->graph = graph;
	merger->candidates = calloc(graph->nodes.count + 1, sizeof(*merger->candidates));
	merger->firsts = calloc(graph->nodes.count + 1, sizeof(*merger->firsts));
	merger->is_own = calloc(graph->nodes.count + 1, sizeof(*merger->is_own));
	if (!merger->candidates || !merger->firsts || !merger->is_own)
		return -ENOMEM;
	for (size_t i = 0; i < graph->nodes.count; i++) {
		const struct graph_node *node = &graph->nodes.items[i];

		merger->firsts[i] = i;
		merger->is_own[i] = node->type == GRAPH_OBJECT && !stays_apart(node) &&
				    has_one_neighbour(merger, i);
	}
	return 0;
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

/* Objects that became one although no process uses but its own. */
static void count_own(const struct merger *merger)
{
	for (size_t i = 0; i < merger->graph->nodes.count; i++) {
		struct graph_node *node = &merger->graph->nodes.items[i], *user;
		size_t edge = merger->neighbours.edges[merger->neighbours.starts[i]];

		if (!merger->is_own[i] || merger->firsts[i] != i)
			continue;
		user = &merger->graph->nodes.items[merger->firsts[graph_other_end(
			&merger->graph->edges.items[edge], i)]];
		if (user->count < 2)
			continue;
		node->per_process = node->count / user->count;
		record_mark(&node->record, GRAPH_NODE_PER_PROCESS);
	}
}

int graph_merge(struct graph_work *work)
{
	struct graph *graph = work->graph;
	_cleanup_merger_ struct merger merger = {0};
	int r;

	if (work->options->is_apart)
		return 0;
	r = merger_init(&merger, graph);
	if (r < 0)
		return r;
	find_firsts(&merger, GRAPH_PROCESS);
	/* By now it is known which processes are alike. */
	find_firsts(&merger, GRAPH_OBJECT);
	if (gather(graph, merger.firsts) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < graph->nodes.count; i++)
		if (merger.firsts[i] != i)
			add_member(&graph->nodes.items[merger.firsts[i]], &graph->nodes.items[i]);
	count_own(&merger);
	graph_move_nodes(work, number_places(work, merger.firsts));
	graph_settle_edges(graph);
	return 0;
}
