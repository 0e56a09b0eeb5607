/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens blocked: every thread that sleeps in IPC, on what, for what, since when, and who could
 * end it; rings first.
 */
#include <errno.h>

#include "base/utf8.h"
#include "cli/finding_list.h"
#include "cli/process_names.h"
#include "cli/view.h"
#include "cli/wait_table.h"
#include "model/record_json.h"
#include "query/blocked.h"
#include "render/wait_words.h"

/* How far a chain of waits is followed in the tree. */
#define DEPTH_MAX 16

static int print_json(const struct snapshot *snapshot, const struct scope *scope,
		      const struct findings *findings)
{
	_cleanup_buffer_ struct buffer output = view_output();
	bool is_first = true;

	document_begin(&output, snapshot, "blocked");
	document_add_records(&output, &finding_fields, findings->items.items,
			     findings->items.count);
	document_begin_list(&output, object_fields.name);
	vector_for_each (&snapshot->objects, object) {
		if (!blocked_is_waited_for(snapshot, object))
			continue;
		document_next(&output, is_first);
		is_first = false;
		object_add_json(&output, object);
	}
	document_end_list(&output);
	document_add_users(&output, snapshot);
	document_add_issues(&output, snapshot, scope);
	document_end(&output);
	return buffer_flush(&output);
}

/* The tree of who blocks whom, drawn from those who wait for nobody. */
struct tree {
	const struct blocked_graph *graph;
	struct buffer *output;
	/* Whose waiters were drawn: else all ways through a knot would be, which never ends. */
	VECTOR(int64_t) drawn;
};

static bool is_waiter(const struct blocked_graph *graph, int64_t pid)
{
	vector_for_each (&graph->edges, edge)
		if (edge->waiter == pid)
			return true;
	return false;
}

static bool is_drawn(const struct tree *tree, int64_t pid)
{
	vector_for_each (&tree->drawn, drawn)
		if (*drawn == pid)
			return true;
	return false;
}

static void add_process(struct tree *tree, int64_t pid)
{
	int64_t pids[] = {pid};

	process_names_add_list(tree->output, tree->graph->snapshot, (struct record_list){pids, 1});
}

static bool is_on_record_alone(const struct blocked_graph *graph, int64_t pid)
{
	vector_for_each (&graph->edges, edge)
		if (edge->blocker == pid && edge->strength != BLOCKED_BY_HISTORY)
			return false;
	return true;
}

/* What became of a process on record where it is no more; NULL where it may be. */
static const char *find_end(const struct snapshot *snapshot, int64_t pid)
{
	vector_for_each (&snapshot->links, link)
		if (link->pid == pid && link->how == LINK_LAST_OP &&
		    (link->state == LINK_DEAD || link->state == LINK_REUSED))
			return link_state_names[link->state];
	return NULL;
}

static void add_blocker(struct tree *tree, int64_t pid)
{
	const char *end =
		is_on_record_alone(tree->graph, pid) ? find_end(tree->graph->snapshot, pid) : NULL;

	if (end)
		buffer_add_format(tree->output, "PID %lld (%s)", (long long)pid, end);
	else
		add_process(tree, pid);
}

static void add_reason(struct tree *tree, const struct blocked_edge *edge)
{
	static const char *const how[] = {", which that one used last", ", which that one owns",
					  ", whose other end that one has",
					  ", which that one holds"};
	const struct wait *wait = edge->wait;

	buffer_add_string(tree->output, " wants to ");
	wait_add_wish(tree->output, wait);
	buffer_add_string(tree->output, ": ");
	utf8_add_for_terminal(tree->output, wait->object_ref);
	if (wait_has(wait, WAIT_SEMNUM))
		buffer_add_format(tree->output, " num %llu", (unsigned long long)wait->semnum);
	buffer_add_string(tree->output, how[edge->strength]);
}

/* Where many could end a wait, none of them holds it up. */
#define BLOCKERS_MAX 3

static bool is_shown(const struct blocked_edge *edge)
{
	return edge->wait->released_by.count <= BLOCKERS_MAX;
}

static bool has_waiters(const struct tree *tree, int64_t pid)
{
	vector_for_each (&tree->graph->edges, edge)
		if (edge->blocker == pid && is_shown(edge))
			return true;
	return false;
}

/* 0 or -ENOMEM. */
static int add_waiters(struct tree *tree, int64_t pid, size_t depth)
{
	int64_t *drawn;
	int r = 0;

	if (depth + 1 >= DEPTH_MAX)
		return 0;
	drawn = vector_add(&tree->drawn);
	if (!drawn)
		return -ENOMEM;
	*drawn = pid;
	vector_for_each (&tree->graph->edges, edge) {
		bool is_known;

		if (r < 0 || edge->blocker != pid || !is_shown(edge))
			continue;
		is_known = is_drawn(tree, edge->waiter);
		buffer_add_repeated(tree->output, ' ', 2 * (depth + 1));
		add_process(tree, edge->waiter);
		add_reason(tree, edge);
		if (is_known && has_waiters(tree, edge->waiter))
			buffer_add_string(tree->output, " (see above)");
		buffer_add_char(tree->output, '\n');
		if (!is_known)
			r = add_waiters(tree, edge->waiter, depth + 1);
	}
	return r;
}

/* Those who block others and wait for nobody: each once. */
static bool is_root(const struct blocked_graph *graph, const struct blocked_edge *edge)
{
	if (!is_shown(edge) || is_waiter(graph, edge->blocker))
		return false;
	for (const struct blocked_edge *other = graph->edges.items; other < edge; other++)
		if (other->blocker == edge->blocker && is_shown(other))
			return false;
	return true;
}

static int print_tree(const struct blocked_graph *graph, const struct style *style)
{
	_cleanup_buffer_ struct buffer output = view_output();
	struct tree tree = {.graph = graph, .output = &output};
	bool is_first = true;
	int r = 0;

	vector_for_each (&graph->edges, edge) {
		if (r < 0 || !is_root(graph, edge))
			continue;
		if (is_first && style->has_heading)
			buffer_add_string(&output, "\nwho holds up whom:\n");
		is_first = false;
		add_blocker(&tree, edge->blocker);
		buffer_add_char(&output, '\n');
		r = add_waiters(&tree, edge->blocker, 0);
	}
	vector_deinit(&tree.drawn);
	return r < 0 ? r : buffer_flush(&output);
}

static bool has_takers(const struct snapshot *snapshot)
{
	vector_for_each (&snapshot->waits, wait)
		if (wait->operation == WAIT_TAKE)
			return true;
	return false;
}

/* Why nobody is named who could let them go on. */
static int print_why_unknown(const struct snapshot *snapshot, const struct style *style)
{
	_cleanup_buffer_ struct buffer output = view_output();
	const struct issue *why = wait_why_holders_unknown(snapshot);

	if (!why || !style->has_heading || !has_takers(snapshot))
		return 0;
	buffer_add_string(&output, "holders unknown: ");
	utf8_add_for_terminal(&output, why->reason);
	buffer_add_char(&output, '\n');
	return buffer_flush(&output);
}

static void print_count(size_t threads, bool has_unseen)
{
	if (threads)
		printf("%s%zu thread%s blocked\n", has_unseen ? "at least " : "", threads,
		       threads == 1 ? " is" : "s are");
	else if (has_unseen)
		puts("no thread is known to be blocked in IPC; not all could be looked at");
	else
		puts("no thread is blocked in IPC");
}

static int print_waits(const struct snapshot *snapshot, const struct style *style)
{
	struct blocked_waits_by_age waits;
	size_t threads = blocked_count_threads(snapshot);
	int r = blocked_sort_by_age(snapshot, &waits);

	if (r < 0)
		return r;
	if (style->has_heading)
		print_count(threads, snapshot_has_unseen_waits(snapshot, KINDS_ALL));
	r = wait_table_print(snapshot, waits.items.items, waits.items.count, true, NULL, style);
	vector_deinit(&waits.items);
	return r;
}

static int print_all(const struct blocked_graph *graph, const struct findings *findings,
		     const struct style *style)
{
	int r = finding_list_print(findings, style);

	if (r == 0)
		r = print_waits(graph->snapshot, style);
	if (r == 0)
		r = print_why_unknown(graph->snapshot, style);
	return r ? r : print_tree(graph, style);
}

enum exit_status cmd_blocked(struct invocation *invocation)
{
	const struct settings *settings = &invocation->settings;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	_cleanup_blocked_graph_ struct blocked_graph graph = {0};
	_cleanup_findings_ struct findings findings = {0};
	struct scope scope = {.kinds = KINDS_ALL,
			      .wait_kinds = KINDS_ALL,
			      .has_waited_semaphores = true,
			      .has_holders = true,
			      .link_kinds = KIND_BIT(KIND_SEM) | KIND_BIT(KIND_MSG),
			      .has_history = true,
			      .has_units = settings->is_json,
			      .names = settings->is_json ? SCOPE_ALL_NAMES : 0,
			      .has_sight = true};
	struct style style;
	enum exit_status status = view_open(settings, &scope, &snapshot);

	if (status != STATUS_DONE)
		return status;
	if (!snapshot->has_waits) {
		complain("blocked: %s does not tell who waits",
			 settings->from ? "this file" : "a recorded tree");
		return STATUS_FAILED;
	}
	if (blocked_graph_make(snapshot, &graph) < 0 || blocked_judge(&graph, &findings) < 0)
		return view_no_memory();
	style = view_style(settings, snapshot);
	return view_close(settings->is_json ? print_json(snapshot, &scope, &findings)
					    : print_all(&graph, &findings, &style),
			  snapshot, &scope);
}
