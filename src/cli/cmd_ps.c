/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens ps: what each process uses, of which the kernel shows that it does.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/parse_number.h"
#include "base/utf8.h"
#include "cli/process_names.h"
#include "cli/user_table.h"
#include "cli/view.h"
#include "cli/wait_table.h"
#include "model/record_json.h"
#include "query/process_totals.h"
#include "query/uses.h"
#include "render/table.h"

/* The processes that are asked for. */
struct wanted {
	const int64_t *pids;
	size_t count; /* 0: all that use something */
};

static bool is_wanted(const struct wanted *wanted, int64_t pid)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (wanted->pids[i] == pid)
			return true;
	return !wanted->count;
}

/* Each once, however often it was named. */
static enum exit_status read_pids(const struct invocation *invocation, int64_t *pids,
				  size_t *ret_count)
{
	struct wanted known = {pids, 0};

	for (int i = 0; i < invocation->operand_count; i++) {
		uint64_t pid;

		if (parse_unsigned(text_of(invocation->operands[i]), 10, INT32_MAX, &pid) < 0 ||
		    !pid) {
			complain_about(invocation->operands[i],
				       "not a PID, which is a number from 1");
			return STATUS_USAGE;
		}
		if (!known.count || !is_wanted(&known, (int64_t)pid))
			pids[known.count++] = (int64_t)pid;
	}
	*ret_count = known.count;
	return STATUS_DONE;
}

/* Records of some processes, one after the other. */
struct cursor {
	const struct process_totals *next;
	size_t left;
	const struct wanted *wanted;
};

static const void *next_process(void *context)
{
	struct cursor *cursor = context;

	while (cursor->left) {
		const struct process_totals *totals = cursor->next++;

		cursor->left--;
		if (is_wanted(cursor->wanted, totals->process->pid))
			return totals;
	}
	return NULL;
}

static bool can_have_unseen_peers(const struct snapshot *snapshot)
{
	return snapshot_has_unseen_processes(snapshot, KIND_BIT(KIND_PIPE) | KIND_BIT(KIND_FIFO));
}

/* Nobody is no empty cell, and that somebody may be missing is said, as in lists of pipes. */
static bool add_peers(struct buffer *buffer, const void *record, size_t field,
		      const struct style *style, const void *context)
{
	const struct process_totals *totals = record;
	const int64_t *pids = totals->peers.items;
	bool can_have_more = totals->pipes && can_have_unseen_peers(context);

	(void)style;
	if (field != PROCESS_TOTALS_PEERS)
		return false;
	for (size_t i = 0; i < totals->peers.count; i++) {
		if (i)
			buffer_add_char(buffer, ',');
		buffer_add_signed(buffer, pids[i], 0);
	}
	if (can_have_more)
		buffer_add_string(buffer, totals->peers.count ? "," STYLE_HIDDEN : STYLE_HIDDEN);
	else if (!totals->peers.count)
		buffer_add_string(buffer, STYLE_ABSENT);
	return true;
}

static int print_totals(const struct snapshot *snapshot, const struct process_totals_list *list,
			const struct wanted *wanted, const struct style *style)
{
	static const size_t columns[] = {PROCESS_TOTALS_PID,	    PROCESS_TOTALS_COMMAND,
					 PROCESS_TOTALS_USER,	    PROCESS_TOTALS_SEGMENTS,
					 PROCESS_TOTALS_MAPPINGS,   PROCESS_TOTALS_BYTES,
					 PROCESS_TOTALS_SEMAPHORES, PROCESS_TOTALS_QUEUES,
					 PROCESS_TOTALS_PIPES,	    PROCESS_TOTALS_PEERS};
	const struct table_layout layout = {.fields = &process_totals_fields,
					    .columns = columns,
					    .count = sizeof(columns) / sizeof(columns[0]),
					    .add_cell = add_peers,
					    .context = snapshot};
	struct cursor cursor = {list->items.items, list->items.count, wanted};

	return table_print(&layout, style, next_process, &cursor, stdout);
}

static void print_heading(const struct snapshot *snapshot, int64_t pid, const struct style *style)
{
	const struct process *process = snapshot_process(snapshot, pid);
	_cleanup_buffer_ struct buffer heading = {0};

	if (!style->has_heading)
		return;
	utf8_add_for_terminal(&heading, process ? process->command : TEXT_NONE);
	printf("\n%lld  %s\n", (long long)pid, buffer_string(&heading) ? heading.bytes : "");
}

/* Who is at the other end of a pipe, and what the mapping or descriptor permits. */
static bool add_cell(struct buffer *buffer, const void *record, size_t field,
		     const struct style *style, const void *context)
{
	const struct use *use = record;
	const struct snapshot *snapshot = context;
	const struct object *object = &snapshot->objects.items[use->link->object];
	struct record_list partners;

	if (field != USE_PARTNERS)
		return user_table_add_access(buffer, record, field, style, context);
	partners = process_totals_partners(snapshot, use->link);
	process_names_add_list(buffer, snapshot, partners);
	if (object_has(object, OBJECT_READERS) && can_have_unseen_peers(snapshot))
		buffer_add_string(buffer, partners.count ? ", " STYLE_HIDDEN : STYLE_HIDDEN);
	else if (!partners.count)
		buffer_add_string(buffer, STYLE_ABSENT);
	return true;
}

/* What one process uses, each mapping and descriptor. */
static int print_uses(const struct snapshot *snapshot, int64_t pid, const struct style *style)
{
	static const size_t columns[] = {USE_REF,     USE_HOW,	  USE_ACCESS,  USE_FD,
					 USE_ADDRESS, USE_LENGTH, USE_PARTNERS};
	const struct table_layout layout = {.fields = &use_fields,
					    .columns = columns,
					    .count = sizeof(columns) / sizeof(columns[0]),
					    .add_cell = add_cell,
					    .context = snapshot};
	_cleanup_uses_ struct uses uses = {0};
	int r = uses_of_process(snapshot, pid, &uses);

	if (r < 0 || !uses.items.count)
		return r;
	print_heading(snapshot, pid, style);
	return table_print_records(
		&layout, style, (struct record_list){uses.items.items, uses.items.count}, stdout);
}

/* What its threads wait for. */
static int print_waits(const struct snapshot *snapshot, int64_t pid, const struct style *style)
{
	struct {
		VECTOR(const struct wait *) items;
	} waits = {0};
	int r = 0;

	vector_for_each (&snapshot->waits, wait) {
		const struct wait **place = wait->pid == pid ? vector_add(&waits.items) : NULL;

		if (place)
			*place = wait;
		else if (wait->pid == pid)
			r = -ENOMEM;
	}
	if (r == 0 && waits.items.count) {
		if (style->has_heading)
			puts("\nwaiting now:");
		r = wait_table_print(snapshot, waits.items.items, waits.items.count, true, NULL,
				     style);
	}
	vector_deinit(&waits.items);
	return r;
}

static int print_tables(const struct snapshot *snapshot, const struct wanted *wanted,
			const struct style *style)
{
	_cleanup_process_totals_ struct process_totals_list list = {0};
	int r = process_totals_list(snapshot, &list);

	if (r < 0)
		return r;
	if (!wanted->count && !list.items.count && style->has_heading)
		puts("no process was found that uses anything of IPC");
	r = print_totals(snapshot, &list, wanted, style);
	for (size_t i = 0; r == 0 && i < wanted->count; i++)
		r = print_uses(snapshot, wanted->pids[i], style);
	for (size_t i = 0; r == 0 && i < wanted->count; i++)
		r = print_waits(snapshot, wanted->pids[i], style);
	return r;
}

static bool names_wanted(const struct link *link, const struct wanted *wanted)
{
	const int64_t *sharers = link->shared_by.items;

	for (size_t i = 0; i < link->shared_by.count; i++)
		if (is_wanted(wanted, sharers[i]))
			return true;
	return is_wanted(wanted, link->pid);
}

static void add_totals(struct buffer *output, const struct process_totals_list *list,
		       const struct wanted *wanted)
{
	bool is_first = true;

	document_begin_list(output, process_totals_fields.name);
	vector_for_each (&list->items, totals) {
		if (!is_wanted(wanted, totals->process->pid))
			continue;
		document_next(output, is_first);
		is_first = false;
		record_add_json(output, &process_totals_fields, totals, 0);
	}
	document_end_list(output);
}

static void add_waits(struct buffer *output, const struct snapshot *snapshot,
		      const struct wanted *wanted)
{
	bool is_first = true;

	document_begin_list(output, wait_fields.name);
	vector_for_each (&snapshot->waits, wait) {
		if (!is_wanted(wanted, wait->pid))
			continue;
		document_next(output, is_first);
		is_first = false;
		record_add_json(output, &wait_fields, wait, 0);
	}
	document_end_list(output);
}

static int print_json(const struct snapshot *snapshot, const struct scope *scope,
		      const struct wanted *wanted)
{
	_cleanup_process_totals_ struct process_totals_list totals = {0};
	_cleanup_buffer_ struct buffer output = view_output();
	bool is_first = true;
	int r = process_totals_list(snapshot, &totals);

	if (r < 0)
		return r;
	document_begin(&output, snapshot, "ps");
	document_begin_list(&output, process_fields.name);
	vector_for_each (&snapshot->processes, process) {
		if (!is_wanted(wanted, process->pid) ||
		    !(wanted->count || process_uses_something(snapshot, process)))
			continue;
		document_next(&output, is_first);
		is_first = false;
		record_add_json(&output, &process_fields, process, 0);
	}
	document_end_list(&output);
	document_begin_list(&output, link_fields.name);
	is_first = true;
	vector_for_each (&snapshot->links, link) {
		if (!link_is_proof((enum link_how)link->how) || !names_wanted(link, wanted))
			continue;
		document_next(&output, is_first);
		is_first = false;
		record_add_json(&output, &link_fields, link, 0);
	}
	document_end_list(&output);
	add_totals(&output, &totals, wanted);
	add_waits(&output, snapshot, wanted);
	document_add_issues(&output, snapshot, scope);
	document_end(&output);
	return buffer_flush(&output);
}

/* The issue about this process, which is why nothing is known of it; NULL: none. */
static const struct issue *find_issue(const struct snapshot *snapshot, int64_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%lld", (long long)pid);
	vector_for_each (&snapshot->issues, issue)
		if (text_equals(issue->subject, text_of(path)))
			return issue;
	return NULL;
}

static const char *explain_nothing(const struct snapshot *snapshot, int64_t pid, bool is_loaded)
{
	const struct issue *issue = find_issue(snapshot, pid);

	if (issue && issue->code == OUTCOME_DENIED)
		return "what it uses may not be seen by you: try as root";
	if (issue)
		return "there is no such process, but a thread of one: see below";
	if (snapshot_process(snapshot, pid))
		return "no use of any object was found";
	return is_loaded ? "the file knows no process of this PID that uses anything"
			 : "there is no such process, or none that you may see";
}

/*
 * Who uses nothing is told apart from who does not exist, unless a file is asked, which has only
 * those that use something.
 */
static enum exit_status check_pids(const struct snapshot *snapshot, const struct wanted *wanted,
				   bool is_loaded)
{
	enum exit_status status = STATUS_DONE;

	for (size_t i = 0; i < wanted->count; i++) {
		const struct process *process = snapshot_process(snapshot, wanted->pids[i]);

		if (process && process_uses_something(snapshot, process))
			continue;
		complain("%lld: %s", (long long)wanted->pids[i],
			 explain_nothing(snapshot, wanted->pids[i], is_loaded));
		if (!process)
			status = STATUS_FAILED;
	}
	return status;
}

enum exit_status cmd_ps(struct invocation *invocation)
{
	const struct settings *settings = &invocation->settings;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	_cleanup_free_ int64_t *pids = calloc((size_t)invocation->operand_count + 1, sizeof(*pids));
	struct scope scope = {.kinds = KINDS_ALL,
			      .link_kinds = KINDS_IN_PROCESSES | KIND_BIT(KIND_SHM),
			      .nameless_kinds = KINDS_IN_PROCESSES,
			      .wait_kinds = KINDS_ALL,
			      .names = SCOPE_PROCESS_USER,
			      .has_units = settings->is_json || invocation->operand_count,
			      .has_sight = settings->is_json};
	struct wanted wanted = {.pids = pids};
	enum exit_status status, closed;
	struct style style;

	if (!pids)
		return view_no_memory();
	status = read_pids(invocation, pids, &wanted.count);
	if (wanted.count) {
		scope.pids = wanted.pids;
		scope.pid_count = wanted.count;
	}
	if (status == STATUS_DONE)
		status = view_open(settings, &scope, &snapshot);
	if (status != STATUS_DONE)
		return status;
	if (!snapshot->has_users) {
		complain("ps: this file does not tell who uses the objects");
		return STATUS_FAILED;
	}
	status = check_pids(snapshot, &wanted, settings->from);
	style = view_style(settings, snapshot);
	closed = view_close(settings->is_json ? print_json(snapshot, &scope, &wanted)
					      : print_tables(snapshot, &wanted, &style),
			    snapshot, &scope);
	for (size_t i = 0; closed == STATUS_DONE && i < wanted.count; i++)
		complain_of_namespace(snapshot, wanted.pids[i]);
	return closed == STATUS_DONE ? status : closed;
}
