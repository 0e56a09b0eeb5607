/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rings in the graph of who waits for whom. One is a deadlock only where nobody of it can go on:
 * each thread of each process asleep for a semaphore, held by processes of which the same is true,
 * without a timeout. Everything weaker is suspected, and says why.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "query/blocked_rings.h"

/* What is known of a ring. */
struct ring {
	size_t number;
	size_t processes;
	bool is_stuck;	/* all of it */
	bool has_alarm; /* somebody of it may have set itself a time */
	bool has_proof; /* at least one step rests on more than history */
	const struct blocked_edge *weakest;
};

static const struct blocked_edge *edge_of(const struct rings *rings, const struct node *node,
					  size_t index)
{
	return &rings->graph->edges.items[node->first_edge + index];
}

static void look_at_edge(const struct rings *rings, const struct blocked_edge *edge,
			 struct ring *ring)
{
	if (!rings_is_inside(rings, edge, ring->number))
		return;
	ring->has_proof |= edge->strength != BLOCKED_BY_HISTORY;
	ring->has_alarm |= edge->wait->flags & WAIT_HAS_ALARM;
	if (!ring->weakest || rings_weakness(rings, edge) < rings_weakness(rings, ring->weakest))
		ring->weakest = edge;
}

static struct ring look_at_ring(const struct rings *rings, size_t number)
{
	struct ring ring = {.number = number, .is_stuck = true};

	rings_for_each_member(rings, number, member)
	{
		const struct node *node = &rings->nodes.items[*member];

		ring.processes++;
		ring.is_stuck &= node->is_stuck;
		for (size_t i = 0; i < node->edge_count; i++)
			look_at_edge(rings, edge_of(rings, node, i), &ring);
	}
	return ring;
}

/* "app 12 waits to take 1 of sem:3 num 0, which app 13 holds" */
static void add_step(struct buffer *buffer, const struct snapshot *snapshot,
		     const struct blocked_edge *edge)
{
	static const char *const how[] = {" used last", " owns (as memory says)",
					  " has the other end of", " holds (undo)"};
	const struct wait *wait = edge->wait;

	blocked_add_process(buffer, snapshot, edge->waiter);
	buffer_add_format(buffer, " (thread %lld) waits to %s ", (long long)wait->tid,
			  wait_operation_names[wait->operation]);
	if (wait->operation == WAIT_TAKE)
		buffer_add_format(buffer, "%llu of ", (unsigned long long)wait->amount);
	buffer_add_text(buffer, wait->object_ref);
	if (wait_has(wait, WAIT_SEMNUM))
		buffer_add_format(buffer, " num %llu", (unsigned long long)wait->semnum);
	buffer_add_string(buffer, ", which ");
	blocked_add_process(buffer, snapshot, edge->blocker);
	buffer_add_string(buffer, how[edge->strength]);
	if (wait_has_timeout(wait))
		buffer_add_string(buffer, "; it gives up after a time");
}

static int say_step(const struct rings *rings, const struct blocked_edge *edge,
		    struct findings *findings, struct finding *finding)
{
	_cleanup_buffer_ struct buffer line = {0};

	add_step(&line, rings->graph->snapshot, edge);
	return finding_set(findings, finding, FINDING_EVIDENCE, "%.*s", (int)line.length,
			   line.bytes);
}

static int add_ring_evidence(const struct rings *rings, const struct ring *ring,
			     struct findings *findings, struct finding *finding)
{
	int r = 0;

	rings_for_each_member(rings, ring->number, member)
	{
		const struct node *node = &rings->nodes.items[*member];

		for (size_t i = 0; r == 0 && i < node->edge_count; i++)
			if (rings_is_inside(rings, edge_of(rings, node, i), ring->number))
				r = say_step(rings, edge_of(rings, node, i), findings, finding);
	}
	return r;
}

static void add_members(struct buffer *buffer, const struct rings *rings, size_t ring)
{
	size_t told = 0;

	rings_for_each_member(rings, ring, member)
	{
		if (told++)
			buffer_add_string(buffer, ", ");
		blocked_add_process(buffer, rings->graph->snapshot,
				    rings->nodes.items[*member].pid);
	}
}

/* One line for each process that may have set itself a time, whatever number of its threads wait.
 */
static int say_alarms(const struct rings *rings, const struct ring *ring, struct findings *findings,
		      struct finding *finding)
{
	int r = 0;

	rings_for_each_member(rings, ring->number, member)
	{
		const struct node *node = &rings->nodes.items[*member];
		_cleanup_buffer_ struct buffer name = {0};

		if (r < 0 || !node->edge_count ||
		    !(edge_of(rings, node, 0)->wait->flags & WAIT_HAS_ALARM))
			continue;
		blocked_add_process(&name, rings->graph->snapshot, node->pid);
		r = finding_set(findings, finding, FINDING_EVIDENCE,
				"%.*s catches SIGALRM: it may have set itself a time, which is on "
				"record nowhere",
				(int)name.length, name.bytes);
	}
	return r;
}

/* What a deadlock does not rule out. */
static int say_ways_out(const struct rings *rings, const struct ring *ring,
			struct findings *findings, struct finding *finding)
{
	int r = say_alarms(rings, ring, findings, finding);

	if (r == 0 && !rings->graph->snapshot->sight.is_full)
		r = finding_set(findings, finding, FINDING_EVIDENCE,
				"this viewer does not see everything (ipclens explain sight)");
	if (r == 0)
		r = finding_set(
			findings, finding, FINDING_EVIDENCE,
			"any process with write permission could still raise the semaphore");
	return r ? r
		 : finding_set(findings, finding, FINDING_EVIDENCE,
			       "a signal that one of them catches would end its wait");
}

static int report_ring(const struct rings *rings, const struct ring *ring,
		       struct findings *findings)
{
	const struct snapshot *snapshot = rings->graph->snapshot;
	bool is_deadlock = ring->is_stuck;
	_cleanup_buffer_ struct buffer members = {0}, step = {0};
	struct finding *finding = findings_add(
		findings, is_deadlock ? FINDING_DEADLOCK : FINDING_SUSPECTED_DEADLOCK,
		is_deadlock && snapshot->sight.is_full && !ring->has_alarm ? FINDING_CERTAIN
									   : FINDING_LIKELY);
	int r;

	if (!finding)
		return -ENOMEM;
	add_members(&members, rings, ring->number);
	r = finding_set(findings, finding, FINDING_SUMMARY,
			ring->processes == 1 ? "%.*s waits for itself" : "%.*s wait for each other",
			(int)members.length, members.bytes);
	if (r == 0)
		r = finding_set(findings, finding, FINDING_OBJECT, "%.*s",
				(int)ring->weakest->wait->object_ref.length,
				ring->weakest->wait->object_ref.bytes);
	if (r == 0)
		r = add_ring_evidence(rings, ring, findings, finding);
	if (r == 0 && !is_deadlock) {
		blocked_add_process(&step, snapshot, ring->weakest->blocker);
		rings_add_weakness(&step, rings, ring->weakest);
		r = finding_set(findings, finding, FINDING_EVIDENCE, "weakest step: %.*s",
				(int)step.length, step.bytes);
	}
	if (r == 0 && is_deadlock)
		r = say_ways_out(rings, ring, findings, finding);
	return r ? r
		 : finding_set(findings, finding, FINDING_FIX,
			       "end one of them (what it holds is given back): kill %lld",
			       (long long)ring->weakest->waiter);
}

/*
 * A process by itself is a ring only where it waits for itself. The edges of one wait stand
 * together.
 */
static void mark_closed(const struct rings *rings, bool *is_closed)
{
	const struct wait *last = NULL;

	vector_for_each (&rings->graph->edges, edge) {
		struct node *from = rings_node(rings, edge->waiter);

		if (!from || !rings_is_inside(rings, edge, from->ring))
			continue;
		is_closed[from->ring] = true;
		from->threads_inside += edge->wait != last;
		last = edge->wait;
	}
}

/* The rings that are reported, in that order. */
struct reported {
	VECTOR(struct ring) items;
	size_t deadlocks; /* the first ones */
};

static void reported_deinit(struct reported *reported)
{
	vector_deinit(&reported->items);
}
#define _cleanup_reported_ __attribute__((cleanup(reported_deinit)))

static int add_rings(const struct rings *rings, const bool *is_closed, bool is_stuck,
		     struct reported *reported)
{
	for (size_t number = 1; number <= rings->count; number++) {
		struct ring ring, *place;

		if (!is_closed[number])
			continue;
		ring = look_at_ring(rings, number);
		if (!ring.has_proof || ring.is_stuck != is_stuck)
			continue;
		place = vector_add(&reported->items);
		if (!place)
			return -ENOMEM;
		*place = ring;
	}
	return 0;
}

/* 0 or -ENOMEM. */
static int find_reported(struct rings *rings, struct reported *reported)
{
	_cleanup_free_ bool *is_closed = NULL;
	int r = rings_find(rings);

	if (r == 0)
		r = rings_find_stuck(rings);
	if (r < 0)
		return r;
	is_closed = calloc(rings->count + 1, sizeof(*is_closed));
	if (!is_closed)
		return -ENOMEM;
	mark_closed(rings, is_closed);
	r = add_rings(rings, is_closed, true, reported);
	reported->deadlocks = reported->items.count;
	return r ? r : add_rings(rings, is_closed, false, reported);
}

int blocked_judge_rings(const struct blocked_graph *graph, struct findings *findings)
{
	_cleanup_rings_ struct rings rings = {.graph = graph};
	_cleanup_reported_ struct reported reported = {0};
	int r = find_reported(&rings, &reported);

	vector_for_each (&reported.items, ring)
		if (r == 0)
			r = report_ring(&rings, ring, findings);
	return r;
}

int blocked_place_rings(const struct blocked_graph *graph, size_t *ret_places,
			size_t *ret_deadlocks)
{
	_cleanup_rings_ struct rings rings = {.graph = graph};
	_cleanup_reported_ struct reported reported = {0};
	_cleanup_free_ size_t *places = NULL; /* of each ring */
	int r = find_reported(&rings, &reported);

	if (r < 0)
		return r;
	places = calloc(rings.count + 1, sizeof(*places));
	if (!places)
		return -ENOMEM;
	for (size_t i = 0; i < reported.items.count; i++)
		places[reported.items.items[i].number] = i + 1;
	for (size_t i = 0; i < graph->edges.count; i++) {
		const struct blocked_edge *edge = &graph->edges.items[i];
		const struct node *from = rings_node(&rings, edge->waiter);

		ret_places[i] =
			from && rings_is_inside(&rings, edge, from->ring) ? places[from->ring] : 0;
	}
	*ret_deadlocks = reported.deadlocks;
	return 0;
}
