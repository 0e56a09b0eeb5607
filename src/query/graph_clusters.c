/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What of a graph stands together: what is of one IPC namespace, and in it the processes of one
 * unit, where there are several.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "query/graph_parts.h"

/* A namespace, or a unit in one. 0, and no text: it has none, or it is not known. */
struct place {
	uint64_t namespace;
	struct text unit;
};

struct places {
	VECTOR(struct place) items; /* sorted, each once; a namespace before its units */
	bool has_namespaces, has_units;
};

static struct place place_of(const struct graph_node *node)
{
	const struct process *process = node->process;
	const struct object *object = node->object;
	struct place place = {0};

	if (object && object_has(object, OBJECT_NAMESPACE))
		place.namespace = object->namespace;
	if (process && record_has(&process->record, PROCESS_NAMESPACE))
		place.namespace = process->namespace;
	if (process && record_has(&process->record, PROCESS_UNIT))
		place.unit = process->unit;
	return place;
}

static int compare_texts(struct text a, struct text b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;
	int order = shorter ? memcmp(a.bytes, b.bytes, shorter) : 0;

	return order ? order : a.length < b.length ? -1 : a.length > b.length;
}

static int compare_places(const void *first, const void *second)
{
	const struct place *a = first, *b = second;

	if (a->namespace != b->namespace)
		return a->namespace < b->namespace ? -1 : 1;
	return compare_texts(a->unit, b->unit);
}

static int add_place(struct places *places, struct place place)
{
	struct place *added;

	if (!place.namespace && !place.unit.length)
		return 0;
	added = vector_add(&places->items);
	if (!added)
		return -ENOMEM;
	*added = place;
	return 0;
}

static void sort_places(struct places *places)
{
	size_t kept = 0;

	if (places->items.count)
		qsort(places->items.items, places->items.count, sizeof(*places->items.items),
		      compare_places);
	vector_for_each (&places->items, place)
		if (!kept || compare_places(&places->items.items[kept - 1], place))
			places->items.items[kept++] = *place;
	places->items.count = kept;
}

/* Whether there are at least two, of one of the two sorts. */
static int find_out(const struct graph *graph, bool is_about_units, bool *ret_has_several)
{
	struct places all = {0};
	int r = 0;

	vector_for_each (&graph->nodes, node) {
		struct place place = place_of(node);

		if (is_about_units)
			place.namespace = 0;
		else
			place.unit = TEXT_NONE;
		if (r == 0)
			r = add_place(&all, place);
	}
	sort_places(&all);
	*ret_has_several = all.items.count > 1;
	vector_deinit(&all.items);
	return r;
}

/* As far as it matters. */
static struct place narrow(const struct places *places, struct place place)
{
	if (!places->has_namespaces)
		place.namespace = 0;
	if (!places->has_units)
		place.unit = TEXT_NONE;
	return place;
}

static int list_places(const struct graph *graph, struct places *places)
{
	int r = find_out(graph, false, &places->has_namespaces);

	if (r == 0)
		r = find_out(graph, true, &places->has_units);
	vector_for_each (&graph->nodes, node) {
		struct place place = narrow(places, place_of(node));

		if (r == 0)
			r = add_place(places, place);
		if (r == 0)
			r = add_place(places, (struct place){.namespace = place.namespace});
	}
	sort_places(places);
	return r;
}

/* From 1; 0: none. */
static size_t find_place(const struct places *places, struct place place)
{
	const struct place *found = NULL;

	if (places->items.count)
		found = bsearch(&place, places->items.items, places->items.count, sizeof(place),
				compare_places);
	return found ? (size_t)(found - places->items.items) + 1 : 0;
}

static int add_unit(struct graph *graph, const struct places *places, const struct place *place,
		    struct graph_cluster *cluster)
{
	int length = (int)place->unit.length;
	size_t parent = find_place(places, (struct place){.namespace = place->namespace});

	cluster->type = GRAPH_UNIT;
	cluster->name = place->unit;
	if (!parent)
		return graph_format(graph, &cluster->id, "unit:%.*s", length, place->unit.bytes);
	cluster->parent_place = parent;
	cluster->parent = graph->clusters.items[parent - 1].id;
	record_mark(&cluster->record, GRAPH_CLUSTER_PARENT);
	return graph_format(graph, &cluster->id, "unit:%.*s@%llu", length, place->unit.bytes,
			    (unsigned long long)place->namespace);
}

static int add_cluster(struct graph *graph, const struct places *places, const struct place *place)
{
	struct graph_cluster *cluster = vector_add(&graph->clusters);

	if (!cluster)
		return -ENOMEM;
	record_mark(&cluster->record, GRAPH_CLUSTER_ID);
	record_mark(&cluster->record, GRAPH_CLUSTER_TYPE);
	record_mark(&cluster->record, GRAPH_CLUSTER_NAME);
	if (place->unit.length)
		return add_unit(graph, places, place, cluster);
	cluster->type = GRAPH_NAMESPACE;
	if (graph_format(graph, &cluster->id, "namespace:%llu",
			 (unsigned long long)place->namespace) < 0)
		return -ENOMEM;
	return graph_format(graph, &cluster->name, "%llu", (unsigned long long)place->namespace);
}

/* The unit all of whose neighbours stand there; 0: there is none. */
static size_t find_common_unit(const struct graph *graph, const struct graph_neighbours *neighbours,
			       size_t index)
{
	size_t common = 0;

	for (size_t i = neighbours->starts[index]; i < neighbours->starts[index + 1]; i++) {
		const struct graph_edge *edge = &graph->edges.items[neighbours->edges[i]];
		size_t place = graph->nodes.items[graph_other_end(edge, index)].cluster_place;

		if (!place || graph->clusters.items[place - 1].type != GRAPH_UNIT ||
		    (common && common != place))
			return 0;
		common = place;
	}
	return common;
}

/* What only one unit uses stands there, unless it is of another namespace. */
static int move_objects(struct graph *graph)
{
	_cleanup_neighbours_ struct graph_neighbours neighbours = {0};
	int r = graph_find_neighbours(graph, &neighbours);

	for (size_t i = 0; r == 0 && i < graph->nodes.count; i++) {
		struct graph_node *node = &graph->nodes.items[i];
		size_t unit =
			node->type == GRAPH_OBJECT ? find_common_unit(graph, &neighbours, i) : 0;

		if (unit && (!node->cluster_place ||
			     graph->clusters.items[unit - 1].parent_place == node->cluster_place))
			node->cluster_place = unit;
	}
	return r;
}

static void name_clusters(struct graph *graph)
{
	vector_for_each (&graph->nodes, node) {
		if (!node->cluster_place)
			continue;
		node->cluster = graph->clusters.items[node->cluster_place - 1].id;
		record_mark(&node->record, GRAPH_NODE_CLUSTER);
	}
}

int graph_add_clusters(struct graph_work *work)
{
	struct graph *graph = work->graph;
	struct places places = {0};
	int r = list_places(graph, &places);

	vector_for_each (&places.items, place)
		if (r == 0)
			r = add_cluster(graph, &places, place);
	vector_for_each (&graph->nodes, node)
		node->cluster_place = find_place(&places, narrow(&places, place_of(node)));
	vector_deinit(&places.items);
	if (r < 0)
		return r;
	if (graph->clusters.count)
		r = move_objects(graph);
	name_clusters(graph);
	return r;
}
