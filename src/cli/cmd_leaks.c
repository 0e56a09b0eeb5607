/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens leaks: what only accumulates over a series of saved snapshots.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/parse_number.h"
#include "cli/leak_text.h"
#include "cli/view.h"
#include "model/record_json.h"
#include "query/leaks.h"
#include "store/store.h"

/* So many more make a leak where nothing else is asked for. */
#define USUAL_GROWTH 3

/* A file of the series; taken_at is known where they are sorted. */
struct source {
	const char *path;
	int64_t taken_at;
	int place;
};

struct series {
	const struct settings *settings;
	struct leaks_options options;
	struct leaks *leaks;
	struct snapshot *last; /* the one whose host and issues are told */
	const char *last_path;
};

static bool is_input(const char *path)
{
	return strcmp(path, "-") == 0;
}

static enum exit_status check_operands(const struct invocation *invocation)
{
	int inputs = 0;

	if (invocation->operand_count < 2) {
		complain(
			"leaks: one snapshot does not tell what grows; give two at least, and better "
			"three or more, that \"ipclens save FILE\" made some time apart");
		return STATUS_USAGE;
	}
	for (int i = 0; i < invocation->operand_count; i++)
		inputs += is_input(invocation->operands[i]);
	if (inputs > 1 || (inputs && invocation->settings.is_forced)) {
		complain("leaks: standard input can be read only once%s",
			 inputs > 1 ? "" : ", and --force reads each snapshot twice");
		return STATUS_USAGE;
	}
	return STATUS_DONE;
}

static enum exit_status read_options(const struct settings *settings, struct leaks_options *options)
{
	const char *growth = settings->arguments[OPTION_MIN_GROWTH];
	const char *kinds = settings->arguments[OPTION_KIND];

	*options = (struct leaks_options){.kinds = KINDS_LISTED,
					  .owner = text_of(settings->owner),
					  .min_growth = USUAL_GROWTH,
					  .by = settings->has_by ? settings->by : LEAK_BY_COUNT};
	if (growth && (parse_unsigned(text_of(growth), 10, UINT64_MAX, &options->min_growth) < 0 ||
		       !options->min_growth)) {
		complain_about(growth, "--min-growth takes a number from 1");
		return STATUS_USAGE;
	}
	if (!kinds)
		return STATUS_DONE;
	options->nameless_kinds = KINDS_ALL;
	return view_kind_list(kinds, &options->kinds);
}

static enum exit_status load(const char *path, struct snapshot **ret_snapshot)
{
	struct ipclens_error error;

	if (store_load(path, ret_snapshot, &error) == 0)
		return STATUS_DONE;
	complain("%s", error.text);
	return STATUS_FAILED;
}

static int compare_sources(const void *first, const void *second)
{
	const struct source *a = first, *b = second;

	if (a->taken_at != b->taken_at)
		return a->taken_at < b->taken_at ? -1 : 1;
	return a->place < b->place ? -1 : 1;
}

/* Each is loaded for its time alone: all of them at once may not fit into memory. */
static enum exit_status sort_sources(struct source *sources, int count)
{
	bool is_sorted = true;

	for (int i = 0; i < count; i++) {
		_cleanup_snapshot_ struct snapshot *snapshot = NULL;

		if (load(sources[i].path, &snapshot) != STATUS_DONE)
			return STATUS_FAILED;
		sources[i].taken_at = snapshot->taken_at;
		is_sorted &= !i || sources[i - 1].taken_at <= sources[i].taken_at;
	}
	if (is_sorted)
		return STATUS_DONE;
	qsort(sources, (size_t)count, sizeof(*sources), compare_sources);
	complain("leaks: the snapshots were put in the order of time");
	return STATUS_DONE;
}

/* What does not fit, and what can be done about it. */
static const char *why_refused(enum leaks_fit fit)
{
	switch (fit) {
	case LEAKS_EARLIER:
		return "taken before the one in front of it; give them in the order of time, or use "
		       "--force, which sorts them";
	case LEAKS_SAME_TIME:
		return "taken at the same time as the one in front of it; leave one out, or use "
		       "--force, which does";
	case LEAKS_OTHER_HOST:
		return "of another machine than the one in front of it; give those of one, or use "
		       "--force if it was only renamed";
	case LEAKS_OTHER_NAMESPACE:
		return "of another IPC namespace than the one in front of it; give those of one, or "
		       "use --force, by which counting starts anew with it";
	case LEAKS_FITS:
		break;
	}
	return "";
}

static void complain_of_force(const char *path, enum leaks_fit fit)
{
	if (fit == LEAKS_SAME_TIME)
		complain_about(path, "taken at the same time as the one in front of it: left out");
	else if (fit == LEAKS_OTHER_HOST)
		complain_about(path,
			       "of another machine than the one in front of it: taken for the "
			       "same, which was renamed");
}

/* What this snapshot means for the series. */
static void complain_of_look(const struct series *series, const struct snapshot *snapshot,
			     const char *path)
{
	size_t count;
	const struct leak_look *looks = leaks_looks(series->leaks, &count);
	const struct leak_look *look = &looks[count - 1];

	if (record_has(&look->record, LEAK_LOOK_BREAK))
		complain_about(path, "%s: counting starts anew with it",
			       look->broken == LEAK_BREAK_BOOT
				       ? "the machine was started anew before it was taken"
				       : "of another IPC namespace than those in front of it");
	for (enum kind kind = 0; kind < KIND_COUNT; kind++)
		if (look->unlisted & KIND_BIT(kind))
			complain_about(path, "incomplete: not all %s could be listed then",
				       kind_info(kind)->plural);
	if (series->last && series->last->sight.is_full && !snapshot->sight.is_full)
		complain_about(path,
			       "incomplete: taken with less sight than the one in front of it: "
			       "of some objects it may not be known whose they are");
}

static enum exit_status add(struct series *series, const char *path)
{
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	enum leaks_fit fit;

	if (load(path, &snapshot) != STATUS_DONE)
		return STATUS_FAILED;
	fit = leaks_fit(series->leaks, snapshot);
	if (fit != LEAKS_FITS && !series->settings->is_forced) {
		complain_about(path, "%s", why_refused(fit));
		return STATUS_FAILED;
	}
	complain_of_force(path, fit);
	if (fit == LEAKS_SAME_TIME)
		return STATUS_DONE;
	if (leaks_add(series->leaks, snapshot) < 0)
		return view_no_memory();
	complain_of_look(series, snapshot, path);
	snapshot_free(series->last);
	series->last = take_pointer(snapshot);
	return STATUS_DONE;
}

static enum exit_status add_all(struct series *series, const struct invocation *invocation)
{
	int count = invocation->operand_count;
	_cleanup_free_ struct source *sources = calloc((size_t)count, sizeof(*sources));
	enum exit_status status = STATUS_DONE;

	if (!sources)
		return view_no_memory();
	for (int i = 0; i < count; i++)
		sources[i] = (struct source){.path = invocation->operands[i], .place = i};
	if (series->settings->is_forced)
		status = sort_sources(sources, count);
	for (int i = 0; status == STATUS_DONE && i < count; i++)
		status = add(series, sources[i].path);
	return status;
}

static struct scope scope_of(const struct series *series)
{
	return (struct scope){.kinds = series->options.kinds,
			      .limit_kinds = series->options.kinds,
			      .has_limit_use = true};
}

static int print_json(const struct series *series, const struct leak_list *list)
{
	_cleanup_buffer_ struct buffer output = view_output();
	const struct scope scope = scope_of(series);
	size_t count;
	const struct leak_look *looks = leaks_looks(series->leaks, &count);

	document_begin(&output, series->last, "leaks");
	document_add_records(&output, &leak_look_fields, looks, count);
	document_add_records(&output, &leak_fields, list->items.items, list->items.count);
	document_add_issues(&output, series->last, &scope);
	document_end(&output);
	return buffer_flush(&output);
}

static void add_time(struct buffer *output, const struct leak_look *look, const struct style *style)
{
	style_add_field(output, &leak_look_fields, LEAK_LOOK_AT, look, style);
}

/* "4 snapshots in 3h, 2026-11-28 09:00 to 2026-11-28 12:00" */
static void add_heading(struct buffer *output, const struct series *series,
			const struct style *style)
{
	size_t count;
	const struct leak_look *looks = leaks_looks(series->leaks, &count);
	const struct leak_look *last = &looks[count - 1];

	buffer_add_format(output, "%zu snapshots in ", count);
	time_add_span(output, (uint64_t)last->at - (uint64_t)looks->at);
	buffer_add_string(output, ", ");
	add_time(output, looks, style);
	buffer_add_string(output, " to ");
	add_time(output, last, style);
	buffer_add_string(output, "\n\n");
}

static void add_verdict(struct buffer *output, const struct series *series,
			const struct leak_list *list)
{
	size_t likely = 0;

	if (leaks_point_count(series->leaks) < 2) {
		buffer_add_string(output, "nothing to compare: only one snapshot since counting "
					  "started anew\n");
		return;
	}
	vector_for_each (&list->items, leak)
		likely += leak->certainty == FINDING_LIKELY;
	if (list->items.count)
		buffer_add_format(output, "%zu leak%s (%zu likely)\n", list->items.count,
				  list->items.count == 1 ? "" : "s", likely);
	else
		buffer_add_string(output, "nothing accumulates\n");
}

static int print_text(const struct series *series, const struct leak_list *list)
{
	_cleanup_buffer_ struct buffer output = view_output();
	struct style style = view_style(series->settings, series->last);

	if (style.has_heading)
		add_heading(&output, series, &style);
	vector_for_each (&list->items, leak)
		leak_add_text(&output, leak, &style);
	if (style.has_heading)
		add_verdict(&output, series, list);
	return buffer_flush(&output);
}

static enum exit_status judge(const struct series *series)
{
	_cleanup_leak_list_ struct leak_list list = {0};
	const struct scope limits = {.limit_kinds = series->options.kinds};
	size_t count;

	leaks_looks(series->leaks, &count);
	if (count < 2) {
		complain(
			"leaks: all snapshots were taken at the same time; nothing can be compared");
		return STATUS_FAILED;
	}
	if (leaks_judge(series->leaks, &list) < 0)
		return view_no_memory();
	return view_close(series->settings->is_json ? print_json(series, &list)
						    : print_text(series, &list),
			  series->last, &limits);
}

enum exit_status cmd_leaks(struct invocation *invocation)
{
	struct series series = {.settings = &invocation->settings};
	enum exit_status status = check_operands(invocation);

	if (status == STATUS_DONE)
		status = read_options(&invocation->settings, &series.options);
	if (status != STATUS_DONE)
		return status;
	series.leaks = leaks_new(&series.options);
	if (!series.leaks)
		return view_no_memory();
	status = add_all(&series, invocation);
	if (status == STATUS_DONE)
		status = judge(&series);
	leaks_free(series.leaks);
	snapshot_free(series.last);
	return status;
}
