/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens ps: what each process uses, of which the kernel shows that it does.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/parse_number.h"
#include "base/utf8.h"
#include "cli/user_table.h"
#include "cli/view.h"
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
			complain_about(invocation->operands[i], "not a PID");
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

static int print_totals(const struct process_totals_list *list, const struct wanted *wanted,
			const struct style *style)
{
	static const size_t columns[] = {PROCESS_TOTALS_PID,	   PROCESS_TOTALS_COMMAND,
					 PROCESS_TOTALS_USER,	   PROCESS_TOTALS_SEGMENTS,
					 PROCESS_TOTALS_MAPPINGS,  PROCESS_TOTALS_BYTES,
					 PROCESS_TOTALS_STARTED_AT};
	const struct table_layout layout = {.fields = &process_totals_fields,
					    .columns = columns,
					    .count = sizeof(columns) / sizeof(columns[0])};
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

/* What one process uses, each mapping. */
static int print_uses(const struct snapshot *snapshot, int64_t pid, const struct style *style)
{
	static const size_t columns[] = {USE_REF, USE_HOW, USE_ACCESS, USE_ADDRESS, USE_LENGTH};
	const struct table_layout layout = {.fields = &use_fields,
					    .columns = columns,
					    .count = sizeof(columns) / sizeof(columns[0]),
					    .add_cell = user_table_add_access};
	_cleanup_uses_ struct uses uses = {0};
	int r = uses_of_process(snapshot, pid, &uses);

	if (r < 0 || !uses.items.count)
		return r;
	print_heading(snapshot, pid, style);
	return table_print_records(
		&layout, style, (struct record_list){uses.items.items, uses.items.count}, stdout);
}

static int print_tables(const struct snapshot *snapshot, const struct wanted *wanted,
			const struct style *style)
{
	_cleanup_process_totals_ struct process_totals_list list = {0};
	int r = process_totals_list(snapshot, &list);

	if (r < 0)
		return r;
	if (!wanted->count && !list.items.count && style->has_heading)
		puts("no process was found that uses a segment");
	r = print_totals(&list, wanted, style);
	for (size_t i = 0; r == 0 && i < wanted->count; i++)
		r = print_uses(snapshot, wanted->pids[i], style);
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

static int print_json(const struct snapshot *snapshot, const struct scope *scope,
		      const struct wanted *wanted)
{
	_cleanup_buffer_ struct buffer output = view_output();
	bool is_first = true;

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
	document_add_issues(&output, snapshot, scope);
	document_end(&output);
	return buffer_flush(&output);
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
			 process     ? "no use of a segment was found"
			 : is_loaded ? "the file knows no process of this PID that uses a segment"
				     : "there is no such process, or none that you may see");
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
	struct scope scope = {.kinds = KIND_BIT(KIND_SHM),
			      .link_kinds = KIND_BIT(KIND_SHM),
			      .names = SCOPE_PROCESS_USER,
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
	return closed == STATUS_DONE ? status : closed;
}
