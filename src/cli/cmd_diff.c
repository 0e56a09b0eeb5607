/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens diff: what appeared, is gone and has changed between two snapshots, the later of which
 * can be taken now.
 */
#include <errno.h>

#include "cli/diff_output.h"
#include "cli/view.h"
#include "store/store.h"

/* One call of the command, understood. */
struct comparison {
	const struct settings *settings;
	const char *before_name, *after_name; /* for a person */
	struct snapshot *before, *after;
	bool is_wanted[DIFF_CHANGE_COUNT];
	unsigned int kinds, nameless_kinds;
	struct filters filters;
	struct scope scope;
};

static void comparison_deinit(struct comparison *comparison)
{
	snapshot_free(comparison->before);
	snapshot_free(comparison->after);
	filters_deinit(&comparison->filters);
}
#define _cleanup_comparison_ __attribute__((cleanup(comparison_deinit)))

static bool mark_change(const char *word, size_t length, bool *is_wanted)
{
	for (size_t i = 0; i < DIFF_CHANGE_COUNT; i++) {
		if (!text_equals(text_of(diff_change_names[i]), (struct text){word, length}))
			continue;
		is_wanted[i] = true;
		return true;
	}
	complain("--only %.*s: it is appeared, gone or changed, or several with commas",
		 (int)length, word);
	return false;
}

static bool read_only(struct comparison *comparison)
{
	const char *list = comparison->settings->only;

	for (size_t i = 0; i < DIFF_CHANGE_COUNT; i++)
		comparison->is_wanted[i] = !list;
	while (list) {
		size_t length = strcspn(list, ",");

		if (!mark_change(list, length, comparison->is_wanted))
			return false;
		list = list[length] ? list + length + 1 : NULL;
	}
	return true;
}

static enum exit_status read_kinds(struct comparison *comparison)
{
	const char *list = comparison->settings->arguments[OPTION_KIND];

	comparison->kinds = KINDS_LISTED;
	if (!list)
		return STATUS_DONE;
	comparison->nameless_kinds = KINDS_IN_PROCESSES;
	return view_kind_list(list, &comparison->kinds);
}

static enum exit_status check_operands(const struct invocation *invocation)
{
	const struct settings *settings = &invocation->settings;
	char **operands = invocation->operands;

	if (invocation->operand_count == 1)
		return STATUS_DONE;
	if (settings->root || settings->backend != BACKEND_AUTO)
		complain("diff: with two files nothing is looked at: --root and --backend have no "
			 "meaning with them");
	else if (strcmp(operands[0], "-") == 0 && strcmp(operands[1], "-") == 0)
		complain("diff: only one of the two files can be standard input");
	else
		return STATUS_DONE;
	return STATUS_USAGE;
}

static enum exit_status read_settings(const struct invocation *invocation,
				      struct comparison *comparison)
{
	enum exit_status status = check_operands(invocation);

	if (status == STATUS_DONE && !read_only(comparison))
		status = STATUS_USAGE;
	if (status == STATUS_DONE)
		status = read_kinds(comparison);
	if (status == STATUS_DONE)
		status = view_conditions(comparison->settings, &comparison->filters);
	return status;
}

static void find_scope(struct comparison *comparison)
{
	struct scope *scope = &comparison->scope;

	*scope = scope_everything;
	scope->kinds = scope->link_kinds = scope->wait_kinds = comparison->kinds;
	scope->nameless_kinds = comparison->kinds & KINDS_IN_PROCESSES;
	scope->has_holders = comparison->kinds & KIND_BIT(KIND_SEM);
	scope->has_history = false;
	scope->limit_kinds = 0;
	scope->has_limit_use = false;
}

static const char *name_of(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* The later one is a file, or what there is now. */
static enum exit_status open_both(const struct invocation *invocation,
				  struct comparison *comparison)
{
	const struct settings *settings = &invocation->settings;
	char **operands = invocation->operands;
	enum exit_status status = view_load(operands[0], &comparison->scope, &comparison->before);

	if (status != STATUS_DONE)
		return status;
	comparison->before_name = name_of(operands[0]);
	if (invocation->operand_count > 1) {
		comparison->after_name = name_of(operands[1]);
		return view_load(operands[1], &comparison->scope, &comparison->after);
	}
	comparison->after_name = settings->root ? settings->root : "now";
	return view_open(settings, &comparison->scope, &comparison->after);
}

/* The same object can be in both only where the earlier one is of the same machine. */
static enum exit_status check_pair(const struct comparison *comparison)
{
	bool is_forced = comparison->settings->is_forced;
	const char *before = comparison->before_name, *after = comparison->after_name;
	struct ipclens_error error;

	if (comparison->before->taken_at > comparison->after->taken_at) {
		complain("%s was taken after %s: %s", before, after,
			 is_forced ? "changes are told as if it had been before, and no rates"
				   : "the earlier one comes first; --force compares them all the "
				     "same");
		if (!is_forced)
			return STATUS_FAILED;
	}
	if (pairs_check(comparison->before, comparison->after, &error) < 0) {
		complain("%s and %s: %s%s", before, after, error.text,
			 is_forced ? "; what looks the same need not be"
				   : "; --force compares them all the same");
		if (!is_forced)
			return STATUS_FAILED;
	}
	return STATUS_DONE;
}

static void drop_unwanted(const struct comparison *comparison, struct diff *diff)
{
	size_t kept = 0;

	vector_for_each (&diff->items, item)
		if (comparison->is_wanted[item->change])
			diff->items.items[kept++] = *item;
	diff->items.count = kept;
}

/* Which of both does not tell. */
static const char *name_of_gap(const struct comparison *comparison, const struct diff_gap *gap)
{
	if (gap->is_before && gap->is_after)
		return "neither of both";
	return gap->is_before ? comparison->before_name : comparison->after_name;
}

static void complain_of_gap(const struct comparison *comparison, const struct diff_gap *gap)
{
	bool is_presence = strcmp(gap->what, DIFF_PRESENCE) == 0;
	_cleanup_buffer_ struct buffer line = {0};
	char bytes[REF_MAX];

	if (!is_presence)
		buffer_add_format(&line, "%s%s of ", gap->what,
				  gap->is_of_semaphores ? " of the semaphores" : "");
	buffer_add_text(&line, ref_of_object(gap->first, bytes));
	if (gap->objects > 1)
		buffer_add_format(&line, " and %zu more", gap->objects - 1);
	buffer_add_format(&line, " cannot be compared: %s %s", name_of_gap(comparison, gap),
			  gap->is_before && gap->is_after ? "tells" : "does not tell");
	if (is_presence)
		buffer_add_string(&line, " of their IPC namespaces (--all-namespaces)");
	complain("incomplete: %s", buffer_string(&line) ? line.bytes : "?");
}

static bool has_doubts(const struct diff *diff)
{
	vector_for_each (&diff->items, item) {
		if (!item->is_proven)
			return true;
		for (size_t i = item->first; i < item->first + item->count; i++)
			if (!diff->details.items[i].is_proven)
				return true;
	}
	return false;
}

static void complain_of_incompleteness(const struct comparison *comparison, const struct diff *diff)
{
	complain_of_issues_in(comparison->before_name, comparison->before, &comparison->scope);
	complain_of_issues_in(comparison->after_name, comparison->after, &comparison->scope);
	vector_for_each (&diff->gaps, gap)
		complain_of_gap(comparison, gap);
	if (has_doubts(diff))
		complain(
			"incomplete: where there is a ?, or proven is false, it can have been there "
			"unseen");
}

enum exit_status cmd_diff(struct invocation *invocation)
{
	const struct settings *settings = &invocation->settings;
	_cleanup_comparison_ struct comparison comparison = {.settings = settings};
	_cleanup_diff_ struct diff diff = {0};
	struct selection_options options;
	struct style style;
	enum exit_status status = read_settings(invocation, &comparison);

	if (status != STATUS_DONE)
		return status;
	find_scope(&comparison);
	status = open_both(invocation, &comparison);
	if (status == STATUS_DONE)
		status = check_pair(&comparison);
	if (status != STATUS_DONE)
		return status;
	options = (struct selection_options){.kinds = comparison.kinds,
					     .nameless_kinds = comparison.nameless_kinds,
					     .owner = text_of(settings->owner),
					     .filters = &comparison.filters};
	if (diff_make(comparison.before, comparison.after, &options, &diff) < 0)
		return view_no_memory();
	drop_unwanted(&comparison, &diff);
	style = view_style(settings, comparison.after);
	status = view_finish_output(settings->is_json ? diff_json_print(&diff, &comparison.scope)
						      : diff_table_print(&diff, &style));
	if (status == STATUS_DONE)
		complain_of_incompleteness(&comparison, &diff);
	return status;
}
