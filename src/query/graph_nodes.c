/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The nodes of a graph: each process that uses something, or is on record, and each object.
 */
#include <errno.h>
#include <stdlib.h>

#include "model/arena_text.h"
#include "query/graph_parts.h"

static int add_actor(struct graph_work *work, int64_t pid, uint64_t state)
{
	struct graph_actor *actor = vector_add(&work->actors);

	if (!actor)
		return -ENOMEM;
	*actor = (struct graph_actor){pid, state};
	return 0;
}

static int add_actors_of_link(struct graph_work *work, const struct link *link)
{
	const int64_t *sharers = link->shared_by.items;
	bool is_proof = link_is_proof((enum link_how)link->how);
	int r;

	if (!is_proof && !work->options->has_history)
		return 0;
	r = add_actor(work, link->pid, is_proof ? LINK_ALIVE : link->state);
	for (size_t i = 0; r == 0 && is_proof && i < link->shared_by.count; i++)
		r = add_actor(work, sharers[i], LINK_ALIVE);
	return r;
}

static int add_actors_of_wait(struct graph_work *work, const struct wait *wait)
{
	const int64_t *pids = wait->released_by.items;
	int r = add_actor(work, wait->pid, LINK_ALIVE);

	for (size_t i = 0; r == 0 && i < wait->released_by.count; i++)
		r = add_actor(work, pids[i], LINK_ALIVE);
	return r;
}

/* Who is alive first. */
static int compare_actors(const void *first, const void *second)
{
	const struct graph_actor *a = first, *b = second;

	if (a->state != b->state)
		return a->state < b->state ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static void drop_doubles(struct graph_work *work)
{
	size_t kept = 0;

	vector_for_each (&work->actors, actor)
		if (!kept || compare_actors(&work->actors.items[kept - 1], actor))
			work->actors.items[kept++] = *actor;
	work->actors.count = kept;
}

static int find_actors(struct graph_work *work)
{
	int r = 0;

	vector_for_each (&work->snapshot->processes, process)
		if (r == 0)
			r = add_actor(work, process->pid, LINK_ALIVE);
	vector_for_each (&work->snapshot->links, link)
		if (r == 0)
			r = add_actors_of_link(work, link);
	vector_for_each (&work->snapshot->waits, wait)
		if (r == 0)
			r = add_actors_of_wait(work, wait);
	if (work->actors.count)
		qsort(work->actors.items, work->actors.count, sizeof(*work->actors.items),
		      compare_actors);
	drop_doubles(work);
	return r;
}

size_t graph_node_of(const struct graph_work *work, int64_t pid, uint64_t state)
{
	const struct graph_actor key = {pid, state};
	const struct graph_actor *found =
		bsearch(&key, work->actors.items, work->actors.count, sizeof(key), compare_actors);

	return found ? (size_t)(found - work->actors.items) : SIZE_MAX;
}

static struct graph_node *add_node(struct graph *graph, enum graph_type type)
{
	static const enum graph_node_field always[] = {
		GRAPH_NODE_ID,	     GRAPH_NODE_TYPE,  GRAPH_NODE_COUNT,   GRAPH_NODE_NAMED,
		GRAPH_NODE_IN_CYCLE, GRAPH_NODE_CODES, GRAPH_NODE_FINDINGS};
	struct graph_node *node = vector_add(&graph->nodes);

	if (!node)
		return NULL;
	node->type = type;
	node->count = 1;
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		record_mark(&node->record, always[i]);
	return node;
}

/* The fields of its process, as far as there is one. */
static void fill_process(struct graph_node *node)
{
	const struct process *process = node->process;

	if (!process)
		return;
	node->command = process->command;
	node->uid = process->uid;
	node->user = process->user;
	if (record_has(&process->record, PROCESS_COMMAND))
		record_mark(&node->record, GRAPH_NODE_COMMAND);
	if (record_has(&process->record, PROCESS_UID))
		record_mark(&node->record, GRAPH_NODE_UID);
	if (record_has(&process->record, PROCESS_USER))
		record_mark(&node->record, GRAPH_NODE_USER);
}

static bool is_named_pid(const struct graph_options *options, int64_t pid)
{
	for (size_t i = 0; i < options->pid_count; i++)
		if (options->pids[i] == pid)
			return true;
	return false;
}

static int add_process(struct graph_work *work, struct graph_actor *actor)
{
	struct graph_node *node = add_node(work->graph, GRAPH_PROCESS);
	bool is_alive = actor->state == LINK_ALIVE;

	if (!node)
		return -ENOMEM;
	node->pids = (struct record_list){&actor->pid, 1};
	node->state = actor->state;
	record_mark(&node->record, GRAPH_NODE_PIDS);
	if (!is_alive)
		record_mark(&node->record, GRAPH_NODE_STATE);
	else
		node->process = snapshot_process(work->snapshot, actor->pid);
	fill_process(node);
	node->is_named = is_alive && is_named_pid(work->options, actor->pid);
	return graph_format(work->graph, &node->id, "%s:%lld",
			    is_alive ? "pid" : link_state_names[actor->state],
			    (long long)actor->pid);
}

/* PIDs live in the arena: those of the actors go with the work. */
static int keep_pid(struct graph *graph, struct graph_node *node)
{
	int64_t *pid = arena_alloc(&graph->arena, sizeof(*pid));

	if (!pid)
		return -ENOMEM;
	*pid = *(const int64_t *)node->pids.items;
	node->pids.items = pid;
	return 0;
}

static bool has_size(const struct object *object)
{
	const unsigned int kinds = KIND_BIT(KIND_SHM) | KIND_BIT(KIND_PSHM) | KIND_BIT(KIND_MAP);

	return kinds & KIND_BIT(object->kind) && object_has(object, OBJECT_SIZE);
}

static int fill_object(struct graph *graph, struct graph_node *node)
{
	const struct object *object = node->object;
	char bytes[REF_MAX];
	struct text ref = ref_of_object(object, bytes);

	node->kind = object->kind;
	record_mark(&node->record, GRAPH_NODE_KIND);
	record_mark(&node->record, GRAPH_NODE_REFS);
	if (object_has(object, OBJECT_NAME)) {
		node->name = object->name;
		record_mark(&node->record, GRAPH_NODE_NAME);
	}
	if (has_size(object)) {
		node->size = object->size;
		record_mark(&node->record, GRAPH_NODE_SIZE);
	}
	node->id.bytes = arena_copy(&graph->arena, ref.bytes, ref.length);
	node->id.length = ref.length;
	return node->id.bytes ? arena_add_text(&graph->arena, &node->refs, node->id) : -ENOMEM;
}

static bool is_named_object(const struct graph_options *options, const struct object *object)
{
	for (size_t i = 0; i < options->object_count; i++)
		if (options->objects[i] == object)
			return true;
	return false;
}

int graph_add_nodes(struct graph_work *work)
{
	struct graph *graph = work->graph;
	int r = find_actors(work);

	vector_for_each (&work->actors, actor) {
		if (r == 0)
			r = add_process(work, actor);
		if (r == 0)
			r = keep_pid(graph, &graph->nodes.items[graph->nodes.count - 1]);
	}
	vector_for_each (&work->snapshot->objects, object) {
		struct graph_node *node = r == 0 ? add_node(graph, GRAPH_OBJECT) : NULL;

		if (!node)
			return r ? r : -ENOMEM;
		node->object = object;
		node->is_named = is_named_object(work->options, object);
		r = fill_object(graph, node);
	}
	if (r == 0)
		work->places = calloc(graph->nodes.count + 1, sizeof(*work->places));
	return r ? r : work->places ? 0 : -ENOMEM;
}
