/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens check: what is wrong, how certain that is, on what evidence, and what to do. The exit
 * status is the verdict, as programs that watch a machine want it.
 */
#include <errno.h>

#include "base/parse_number.h"
#include "base/utf8.h"
#include "cli/finding_list.h"
#include "cli/view.h"
#include "model/record_json.h"
#include "query/check.h"
#include "query/pairs.h"

/* What was asked for. */
struct wanted {
	struct check_bounds bounds;
	bool codes[FINDING_CODE_COUNT];
	enum finding_severity least;
	bool is_plugin;
	struct snapshot *since; /* NULL: nothing to compare with */
};

static void wanted_deinit(struct wanted *wanted)
{
	snapshot_free(wanted->since);
}
#define _cleanup_wanted_ __attribute__((cleanup(wanted_deinit)))

static bool find_code(struct text word, enum finding_code *ret_code)
{
	if (finding_find(word, ret_code))
		return true;
	complain("%.*s: no such finding; \"ipclens help check\" lists them", (int)word.length,
		 word.bytes);
	return false;
}

/* Marks the codes of a list with commas. */
static bool mark_codes(const char *list, bool mark, bool *codes)
{
	while (list) {
		size_t length = strcspn(list, ",");
		enum finding_code code;

		if (!find_code((struct text){list, length}, &code))
			return false;
		codes[code] = mark;
		list = list[length] ? list + length + 1 : NULL;
	}
	return true;
}

static bool choose_codes(const struct settings *settings, struct wanted *wanted)
{
	for (size_t i = 0; i < FINDING_CODE_COUNT; i++)
		wanted->codes[i] = !settings->only;
	return mark_codes(settings->only, true, wanted->codes) &&
	       mark_codes(settings->ignore, false, wanted->codes);
}

static bool read_percent(const char *argument, uint64_t *bound)
{
	uint64_t percent;

	if (!argument)
		return true;
	if (parse_unsigned(text_of(argument), 10, 100, &percent) < 0) {
		complain_about(argument, "--near takes a percentage: 0 to 100");
		return false;
	}
	*bound = percent * 10;
	return true;
}

static bool read_settings(const struct settings *settings, struct wanted *ret_wanted)
{
	*ret_wanted = (struct wanted){.bounds = check_usual_bounds,
				      .least = settings->least_severity,
				      .is_plugin = settings->format == FORMAT_PLUGIN};
	if (settings->format > FORMAT_PLUGIN) {
		complain("check: --format is text or plugin");
		return false;
	}
	if (ret_wanted->is_plugin && settings->is_json) {
		complain("--format=plugin is one line of text: it does not go with --json");
		return false;
	}
	return choose_codes(settings, ret_wanted) &&
	       options_read_age(OPTION_OLDER_THAN, settings->older_than, 1,
				&ret_wanted->bounds.older_than) &&
	       options_read_age(OPTION_STUCK, settings->stuck, 1, &ret_wanted->bounds.stuck) &&
	       options_read_age(OPTION_LONG_WAIT, settings->long_wait, 1000,
				&ret_wanted->bounds.long_wait) &&
	       read_percent(settings->near, &ret_wanted->bounds.near);
}

/* Of the earlier snapshot only queues matter: what became of the others is asked of diff. */
static const struct scope since_scope = {.kinds = KIND_BIT(KIND_MSG) | KIND_BIT(KIND_MQ)};

static bool load_since(const struct settings *settings, struct wanted *wanted)
{
	const char *path = settings->arguments[OPTION_SINCE];

	if (!path)
		return true;
	if (strcmp(path, "-") == 0 && settings->from && strcmp(settings->from, "-") == 0) {
		complain("--since and --from: only one of the two can be standard input");
		return false;
	}
	return view_load(path, &since_scope, &wanted->since) == STATUS_DONE;
}

/* Whether the earlier snapshot is one, and of the same machine. */
static bool check_since(const struct settings *settings, const struct wanted *wanted,
			const struct snapshot *snapshot)
{
	const char *path = settings->arguments[OPTION_SINCE];
	struct ipclens_error error;

	if (!wanted->since)
		return true;
	if (wanted->since->taken_at > snapshot->taken_at)
		complain("--since %s: it was taken later than what is judged", path);
	else if (pairs_check(wanted->since, snapshot, &error) < 0)
		complain("--since %s: it cannot be compared with what is judged: %s", path,
			 error.text);
	else
		return true;
	return false;
}

static void drop_unwanted(struct findings *findings, const struct wanted *wanted)
{
	size_t kept = 0;

	vector_for_each (&findings->items, finding)
		if (wanted->codes[finding->code] && finding->severity >= wanted->least)
			findings->items.items[kept++] = *finding;
	findings->items.count = kept;
}

/* What the findings amount to. */
struct verdict {
	size_t counts[FINDING_CRITICAL + 1];
	enum exit_status status;
};

/* What is not even likely is told, but is no reason to wake anybody up. */
static struct verdict judge(const struct snapshot *snapshot, const struct findings *findings)
{
	struct verdict verdict = {.status = STATUS_OK};

	vector_for_each (&findings->items, finding) {
		verdict.counts[finding->severity]++;
		if (finding->certainty == FINDING_UNKNOWN)
			continue;
		if (finding->severity == FINDING_CRITICAL)
			verdict.status = STATUS_CRITICAL;
		else if (finding->severity == FINDING_WARNING && verdict.status == STATUS_OK)
			verdict.status = STATUS_WARNING;
	}
	if (verdict.status == STATUS_OK && check_sees_too_little(snapshot))
		verdict.status = STATUS_UNKNOWN;
	return verdict;
}

static void add_counts(struct buffer *output, const struct verdict *verdict)
{
	static const char *const words[] = {"note", "warning", "critical"};
	bool is_first = true;

	for (size_t i = FINDING_CRITICAL + 1; i-- > 0;) {
		if (!verdict->counts[i])
			continue;
		buffer_add_format(output, "%s%zu %s%s", is_first ? "" : ", ", verdict->counts[i],
				  words[i],
				  i < FINDING_CRITICAL && verdict->counts[i] > 1 ? "s" : "");
		is_first = false;
	}
	if (is_first)
		buffer_add_string(output, "nothing found");
	if (verdict->status == STATUS_UNKNOWN)
		buffer_add_string(output, ", but too little could be seen to judge");
}

static int print_text(const struct findings *findings, const struct verdict *verdict,
		      const struct style *style)
{
	_cleanup_buffer_ struct buffer output = view_output();
	int r = finding_list_print(findings, style);

	if (r < 0)
		return r;
	add_counts(&output, verdict);
	buffer_add_char(&output, '\n');
	return buffer_flush(&output);
}

/* "'shmmni'=12;3686;4096;0;4096": use, where it is a warning, where critical, least and most. */
static void add_performance(struct buffer *output, const struct snapshot *snapshot,
			    const struct wanted *wanted)
{
	vector_for_each (&snapshot->limits, limit) {
		unsigned long long value = limit->value;
		char label[LIMIT_LABEL_MAX];

		if (limit_info(limit->id)->is_of_one || limit->is_unlimited ||
		    !record_has(&limit->record, LIMIT_USED))
			continue;
		buffer_add_format(output, " %s=%llu;%llu;%llu;0;%llu", limit_label(limit, label),
				  (unsigned long long)limit->used,
				  value / 1000 * wanted->bounds.near +
					  value % 1000 * wanted->bounds.near / 1000,
				  value, value);
	}
}

/* A bar would begin the figures. */
static void add_without_bars(struct buffer *output, struct text text)
{
	_cleanup_buffer_ struct buffer escaped = {0};

	utf8_add_for_terminal(&escaped, text);
	for (size_t i = 0; i < escaped.length; i++)
		buffer_add_char(output, escaped.bytes[i] == '|' ? '/' : escaped.bytes[i]);
}

/* One line in the form of monitoring plugins: what, then a bar, then figures. */
static int print_plugin(const struct snapshot *snapshot, const struct findings *findings,
			const struct verdict *verdict, const struct wanted *wanted)
{
	static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
	_cleanup_buffer_ struct buffer output = view_output();

	buffer_add_format(&output, "IPC %s - ", words[verdict->status]);
	add_counts(&output, verdict);
	if (verdict->status == STATUS_WARNING || verdict->status == STATUS_CRITICAL) {
		buffer_add_string(&output, ": ");
		add_without_bars(&output, findings->items.items[0].summary);
	}
	buffer_add_format(&output, " | critical=%zu warnings=%zu notes=%zu",
			  verdict->counts[FINDING_CRITICAL], verdict->counts[FINDING_WARNING],
			  verdict->counts[FINDING_NOTE]);
	add_performance(&output, snapshot, wanted);
	buffer_add_char(&output, '\n');
	return buffer_flush(&output);
}

static int print_json(const struct snapshot *snapshot, const struct scope *scope,
		      const struct findings *findings)
{
	_cleanup_buffer_ struct buffer output = view_output();
	_cleanup_finding_index_ struct finding_index index = {0};
	bool is_first = true;

	if (finding_index_make(findings, &index) < 0)
		return -ENOMEM;
	document_begin(&output, snapshot, "check");
	document_add_records(&output, &finding_fields, findings->items.items,
			     findings->items.count);
	document_begin_list(&output, object_fields.name);
	vector_for_each (&snapshot->objects, object) {
		char bytes[REF_MAX];

		if (!finding_index_find(&index, ref_of_object(object, bytes)))
			continue;
		document_next(&output, is_first);
		is_first = false;
		object_add_json(&output, object);
	}
	document_end_list(&output);
	document_add_issues(&output, snapshot, scope);
	document_end(&output);
	return buffer_flush(&output);
}

static int print(const struct settings *settings, const struct scope *scope,
		 const struct snapshot *snapshot, const struct findings *findings,
		 const struct verdict *verdict, const struct wanted *wanted)
{
	struct style style = view_style(settings, snapshot);

	if (settings->is_json)
		return print_json(snapshot, scope, findings);
	if (wanted->is_plugin)
		return print_plugin(snapshot, findings, verdict, wanted);
	return print_text(findings, verdict, &style);
}

enum exit_status cmd_check(struct invocation *invocation)
{
	const struct settings *settings = &invocation->settings;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	_cleanup_findings_ struct findings findings = {0};
	struct scope scope = scope_everything;
	_cleanup_wanted_ struct wanted wanted = {0};
	struct verdict verdict;

	if (!read_settings(settings, &wanted) || !load_since(settings, &wanted))
		return STATUS_UNKNOWN;
	scope.has_pipe_owners = false;
	scope.has_units = false;
	if (view_open(settings, &scope, &snapshot) != STATUS_DONE ||
	    !check_since(settings, &wanted, snapshot))
		return STATUS_UNKNOWN;
	wanted.bounds.since = wanted.since;
	if (check_judge(snapshot, &wanted.bounds, &findings) < 0) {
		view_no_memory();
		return STATUS_UNKNOWN;
	}
	if (!snapshot->has_waits)
		complain("incomplete: %s does not tell who waits",
			 settings->from ? "this file" : "a recorded tree");
	if (wanted.since)
		complain_of_issues_in(settings->arguments[OPTION_SINCE], wanted.since,
				      &since_scope);
	drop_unwanted(&findings, &wanted);
	verdict = judge(snapshot, &findings);
	if (view_close(print(settings, &scope, snapshot, &findings, &verdict, &wanted), snapshot,
		       &scope) != STATUS_DONE)
		return STATUS_UNKNOWN;
	return verdict.status;
}
