/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The edges of a graph: links, waits, and who could end a wait where no link says it.
 */
#include <errno.h>
#include <stdlib.h>

#include "query/graph_parts.h"

static struct graph_edge *add_edge(struct graph *graph, size_t from, size_t to, enum graph_how how)
{
	struct graph_edge *edge = vector_add(&graph->edges);

	if (!edge)
		return NULL;
	*edge = (struct graph_edge){.from = from, .to = to, .how = how, .count = 1};
	record_mark(&edge->record, GRAPH_EDGE_HOW);
	record_mark(&edge->record, GRAPH_EDGE_COUNT);
	record_mark(&edge->record, GRAPH_EDGE_IN_CYCLE);
	return edge;
}

/* Of what has two ends, the one that is only read from. */
static bool is_read_end(const struct object *object, const struct link *link)
{
	const unsigned int kinds = KIND_BIT(KIND_PIPE) | KIND_BIT(KIND_FIFO) | KIND_BIT(KIND_MQ);

	return kinds & KIND_BIT(object->kind) && link->how == LINK_OPEN &&
	       record_has(&link->record, LINK_ACCESS) && !(link->access & LINK_WRITE);
}

static void fill_link(struct graph_edge *edge, const struct link *link)
{
	static const char *const operations[] = {"attach-or-detach", "send", "receive",
						 "semaphore"};
	static const struct {
		enum link_field field;
		enum graph_edge_field edge_field;
	} same[] = {{LINK_ACCESS, GRAPH_EDGE_ACCESS},
		    {LINK_FD, GRAPH_EDGE_FD},
		    {LINK_SEMNUM, GRAPH_EDGE_SEMNUM},
		    {LINK_AMOUNT, GRAPH_EDGE_AMOUNT},
		    {LINK_OPERATION, GRAPH_EDGE_OPERATION}};

	edge->access = link->access;
	edge->fd = link->fd;
	edge->semnum = link->semnum;
	edge->amount = link->amount;
	edge->operation = text_of(operations[link->operation]);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (record_has(&link->record, same[i].field))
			record_mark(&edge->record, same[i].edge_field);
}

static int add_link(struct graph_work *work, const struct link *link, int64_t pid)
{
	const struct object *object = &work->snapshot->objects.items[link->object];
	bool is_proof = link_is_proof((enum link_how)link->how);
	bool is_held = link->how == LINK_HOLDS || link->how == LINK_TAKES_BACK;
	size_t process = graph_node_of(work, pid, is_proof ? LINK_ALIVE : link->state);
	size_t other = graph_node_of_object(work, link->object);
	bool is_back = is_held || is_read_end(object, link);
	struct graph_edge *edge = add_edge(work->graph, is_back ? other : process,
					   is_back ? process : other, (enum graph_how)link->how);

	if (!edge)
		return -ENOMEM;
	fill_link(edge, link);
	edge->is_in_cycle = link->how == LINK_HOLDS && graph_shows_step(work, link, pid);
	return 0;
}

static int add_link_of_all(struct graph_work *work, const struct link *link)
{
	const int64_t *sharers = link->shared_by.items;
	bool is_proof = link_is_proof((enum link_how)link->how);
	int r;

	if (!is_proof && !work->options->has_history)
		return 0;
	r = add_link(work, link, link->pid);
	for (size_t i = 0; r == 0 && is_proof && i < link->shared_by.count; i++)
		r = add_link(work, link, sharers[i]);
	return r;
}

static void fill_wait(struct graph_edge *edge, const struct wait *wait)
{
	static const struct {
		enum wait_field field;
		enum graph_edge_field edge_field;
	} same[] = {{WAIT_SEMNUM, GRAPH_EDGE_SEMNUM},
		    {WAIT_AMOUNT, GRAPH_EDGE_AMOUNT},
		    {WAIT_TYPE, GRAPH_EDGE_MESSAGE_TYPE},
		    {WAIT_WAITED, GRAPH_EDGE_WAITED}};

	edge->wait = wait;
	edge->operation = text_of(wait_operation_names[wait->operation]);
	record_mark(&edge->record, GRAPH_EDGE_OPERATION);
	edge->semnum = wait->semnum;
	edge->amount = wait->amount;
	edge->message_type = wait->type;
	edge->waited = wait->waited;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (wait_has(wait, same[i].field))
			record_mark(&edge->record, same[i].edge_field);
}

static int add_wait_for(struct graph_work *work, const struct wait *wait, size_t target)
{
	struct graph_edge *edge = add_edge(work->graph, graph_node_of(work, wait->pid, LINK_ALIVE),
					   target, GRAPH_WAITS);

	if (!edge)
		return -ENOMEM;
	fill_wait(edge, wait);
	edge->is_in_cycle = work->is_in_cycle[wait - work->snapshot->waits.items];
	return 0;
}

/* Where the object is not known, but who could end it. */
static int add_wait(struct graph_work *work, const struct wait *wait)
{
	const int64_t *pids = wait->released_by.items;
	int r = 0;

	if (wait->object != WAIT_NO_OBJECT)
		return add_wait_for(work, wait, graph_node_of_object(work, wait->object));
	for (size_t i = 0; r == 0 && i < wait->released_by.count; i++)
		r = add_wait_for(work, wait, graph_node_of(work, pids[i], LINK_ALIVE));
	return r;
}

static int add_step(struct graph_work *work, const struct graph_step *step)
{
	size_t process = graph_node_of(work, step->pid, LINK_ALIVE);
	struct graph_edge *edge;

	if (step->is_shown || step->object == WAIT_NO_OBJECT || process == SIZE_MAX)
		return 0;
	edge = add_edge(work->graph, graph_node_of_object(work, step->object), process,
			GRAPH_RELEASED_BY);
	if (!edge)
		return -ENOMEM;
	edge->rests_on = step->rests_on;
	record_mark(&edge->record, GRAPH_EDGE_RESTS_ON);
	edge->is_in_cycle = work->is_in_cycle[step->wait - work->snapshot->waits.items];
	return 0;
}

#define COMPARE(a, b)   \
	if ((a) != (b)) \
		return (a) < (b) ? -1 : 1;

#define COMPARE_FIELD(field, member)                                \
	COMPARE(graph_edge_has(a, field), graph_edge_has(b, field)) \
	if (graph_edge_has(a, field))                               \
	COMPARE(a->member, b->member)

static int compare_operations(struct text a, struct text b)
{
	COMPARE(a.length, b.length)
	return a.length ? memcmp(a.bytes, b.bytes, a.length) : 0;
}

int graph_compare_edges(const struct graph_edge *a, const struct graph_edge *b)
{
	int order;

	COMPARE(a->how, b->how)
	COMPARE_FIELD(GRAPH_EDGE_ACCESS, access)
	COMPARE_FIELD(GRAPH_EDGE_SEMNUM, semnum)
	COMPARE_FIELD(GRAPH_EDGE_AMOUNT, amount)
	COMPARE_FIELD(GRAPH_EDGE_MESSAGE_TYPE, message_type)
	COMPARE_FIELD(GRAPH_EDGE_RESTS_ON, rests_on)
	order = compare_operations(a->operation, b->operation);
	if (order)
		return order;
	COMPARE(a->wait ? a->wait->flags : 0, b->wait ? b->wait->flags : 0)
	return 0;
}

static int compare_placed(const void *first, const void *second)
{
	const struct graph_edge *a = first, *b = second;
	int order;

	COMPARE(a->from, b->from)
	COMPARE(a->to, b->to)
	order = graph_compare_edges(a, b);
	if (order)
		return order;
	/* So that which one is the first of them is always the same. */
	COMPARE_FIELD(GRAPH_EDGE_FD, fd)
	COMPARE(a->wait, b->wait)
	return 0;
}

#define KEEP_IF_SAME(field, member)                                         \
	if (!graph_edge_has(other, field) || edge->member != other->member) \
	record_unmark(&edge->record, field)

/* What both do not have in common is absent. */
static void absorb(struct graph_edge *edge, const struct graph_edge *other)
{
	KEEP_IF_SAME(GRAPH_EDGE_ACCESS, access);
	KEEP_IF_SAME(GRAPH_EDGE_FD, fd);
	KEEP_IF_SAME(GRAPH_EDGE_SEMNUM, semnum);
	KEEP_IF_SAME(GRAPH_EDGE_AMOUNT, amount);
	KEEP_IF_SAME(GRAPH_EDGE_MESSAGE_TYPE, message_type);
	if (compare_operations(edge->operation, other->operation))
		record_unmark(&edge->record, GRAPH_EDGE_OPERATION);
	if (graph_edge_has(other, GRAPH_EDGE_WAITED) &&
	    (!graph_edge_has(edge, GRAPH_EDGE_WAITED) || edge->waited < other->waited)) {
		edge->waited = other->waited;
		record_mark(&edge->record, GRAPH_EDGE_WAITED);
	}
	edge->count += other->count;
	edge->is_in_cycle |= other->is_in_cycle;
}

static void join_alike(struct graph *graph)
{
	size_t kept = 0;

	vector_for_each (&graph->edges, edge) {
		struct graph_edge *last = kept ? &graph->edges.items[kept - 1] : NULL;

		if (last && last->from == edge->from && last->to == edge->to &&
		    !graph_compare_edges(last, edge))
			absorb(last, edge);
		else
			graph->edges.items[kept++] = *edge;
	}
	graph->edges.count = kept;
}

/* So many between the same nodes, and of one sort, stay apart. */
#define PARALLEL_MAX 4

static bool are_parallel(const struct graph_edge *a, const struct graph_edge *b)
{
	return a->from == b->from && a->to == b->to && a->how == b->how && !a->is_in_cycle &&
	       !b->is_in_cycle;
}

/* A process can hold each of the thousands of semaphores of an array. */
static void join_parallel(struct graph *graph)
{
	struct graph_edge *edges = graph->edges.items;
	size_t kept = 0;

	for (size_t i = 0, end; i < graph->edges.count; i = end) {
		for (end = i + 1; end < graph->edges.count; end++)
			if (!are_parallel(&edges[i], &edges[end]))
				break;
		if (end - i > PARALLEL_MAX) {
			edges[kept] = edges[i];
			while (++i < end)
				absorb(&edges[kept], &edges[i]);
			kept++;
		}
		while (i < end)
			edges[kept++] = edges[i++];
	}
	graph->edges.count = kept;
}

/* The write end, by the same process, of what an edge reads from; NULL: it has none. */
static struct graph_edge *find_write_end(const struct graph *graph, const struct graph_edge *edge)
{
	size_t low = 0, high = graph->edges.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct graph_edge *other = &graph->edges.items[middle];

		if (other->from < edge->to ||
		    (other->from == edge->to &&
		     (other->to < edge->from ||
		      (other->to == edge->from && other->how < edge->how))))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == graph->edges.count || graph->edges.items[low].from != edge->to ||
	    graph->edges.items[low].to != edge->from || graph->edges.items[low].how != edge->how)
		return NULL;
	return &graph->edges.items[low];
}

/* A process that has both ends of a pipe is joined to it once. */
static void join_ends(struct graph *graph)
{
	size_t kept = 0;

	vector_for_each (&graph->edges, edge) {
		struct graph_edge *other =
			edge->how == GRAPH_OPEN &&
					graph->nodes.items[edge->from].type == GRAPH_OBJECT
				? find_write_end(graph, edge)
				: NULL;

		if (!other)
			continue;
		absorb(other, edge);
		other->access |= edge->access;
		record_mark(&other->record, GRAPH_EDGE_ACCESS);
		edge->count = 0;
	}
	vector_for_each (&graph->edges, edge)
		if (edge->count)
			graph->edges.items[kept++] = *edge;
	graph->edges.count = kept;
}

void graph_settle_edges(struct graph *graph)
{
	if (!graph->edges.count)
		return;
	qsort(graph->edges.items, graph->edges.count, sizeof(*graph->edges.items), compare_placed);
	join_alike(graph);
	join_ends(graph);
	join_parallel(graph);
}

int graph_add_edges(struct graph_work *work)
{
	struct graph *graph = work->graph;
	int r = 0;

	vector_for_each (&work->snapshot->links, link)
		if (r == 0)
			r = add_link_of_all(work, link);
	vector_for_each (&work->snapshot->waits, wait)
		if (r == 0)
			r = add_wait(work, wait);
	vector_for_each (&work->steps, step)
		if (r == 0)
			r = add_step(work, step);
	if (r < 0)
		return r;
	graph_settle_edges(graph);
	vector_for_each (&graph->edges, edge) {
		if (!edge->is_in_cycle)
			continue;
		graph->nodes.items[edge->from].is_in_cycle = true;
		graph->nodes.items[edge->to].is_in_cycle = true;
	}
	return 0;
}
