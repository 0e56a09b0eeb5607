/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens status: one screen of how much there is, how full it is, and what is wrong.
 */
#include "cli/view.h"
#include "base/utf8.h"
#include "model/record_json.h"
#include "query/blocked.h"
#include "query/totals.h"

/* A limit of which this much is used, in tenths of a percent, is worth a line. */
#define NEAR_FROM 800

static int print_json(const struct snapshot *snapshot, const struct scope *scope,
		      const struct findings *findings)
{
	_cleanup_buffer_ struct buffer output = view_output();

	document_begin(&output, snapshot, "status");
	document_begin_list(&output, totals_fields.name);
	for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
		struct totals totals = totals_of(snapshot, kind);

		document_next(&output, kind == 0);
		record_add_json(&output, &totals_fields, &totals, KIND_BIT(kind));
	}
	document_end_list(&output);
	document_add_records(&output, &finding_fields, findings->items.items,
			     findings->items.count);
	document_add_limits(&output, snapshot, KINDS_ALL);
	document_add_issues(&output, snapshot, scope);
	document_end(&output);
	return buffer_flush(&output);
}

/* "3 attachments", "1 attachment". */
static void add_count(struct buffer *output, uint64_t count, const char *singular,
		      const char *plural)
{
	buffer_add_unsigned(output, count, 0);
	buffer_add_char(output, ' ');
	buffer_add_string(output, count == 1 ? singular : plural);
}

/* "IPC namespace 4026531839", or how many: those whose objects are counted. */
static void add_namespaces(struct buffer *output, const struct snapshot *snapshot,
			   const struct style *style)
{
	size_t count = snapshot->namespaces.count;

	if (count > 1) {
		add_count(output, count, "IPC namespace", "IPC namespaces");
		return;
	}
	buffer_add_string(output, "IPC namespace ");
	if (count)
		style_add_field(output, &namespace_fields, NAMESPACE_NUMBER,
				&snapshot->namespaces.items[0], style);
	else
		style_add_field(output, &host_fields, HOST_IPC_NAMESPACE, &snapshot->host, style);
}

static void add_host(struct buffer *output, const struct snapshot *snapshot,
		     const struct style *style)
{
	buffer_add_string(output, "host ");
	style_add_field(output, &host_fields, HOST_NAME, &snapshot->host, style);
	buffer_add_string(output, ", kernel ");
	style_add_field(output, &host_fields, HOST_KERNEL, &snapshot->host, style);
	buffer_add_string(output, ", ");
	add_namespaces(output, snapshot, style);
	buffer_add_string(output, ", ");
	time_add_formatted(output, style->time_format, snapshot->taken_at, style->now);
	buffer_add_string(output, "\n\n");
}

static void add_bytes(struct buffer *output, uint64_t bytes, const struct style *style)
{
	style_add_size(output, bytes, style);
	if (style->is_exact || bytes < 1024)
		buffer_add_string(output, bytes == 1 ? " byte" : " bytes");
}

static void add_files(struct buffer *output, const struct totals *totals, const struct style *style)
{
	if (!record_has(&totals->record, TOTALS_BYTES)) {
		buffer_add_string(output, STYLE_ABSENT);
		return;
	}
	add_bytes(output, totals->bytes, style);
	buffer_add_string(output, ", ");
	add_bytes(output, totals->allocated, style);
	buffer_add_string(output, " allocated");
}

static void add_segments(struct buffer *output, const struct totals *totals,
			 const struct style *style)
{
	add_bytes(output, totals->bytes, style);
	if (record_has(&totals->record, TOTALS_RESIDENT)) {
		buffer_add_string(output, ", ");
		add_bytes(output, totals->resident, style);
		buffer_add_string(output, " in memory");
	}
	if (record_has(&totals->record, TOTALS_SWAPPED) && totals->swapped) {
		buffer_add_string(output, ", ");
		add_bytes(output, totals->swapped, style);
		buffer_add_string(output, " swapped");
	}
	buffer_add_string(output, ", ");
	add_count(output, totals->attachments, "attachment", "attachments");
}

static void add_contents(struct buffer *output, const struct totals *totals,
			 const struct style *style)
{
	switch ((enum kind)totals->kind) {
	case KIND_SHM:
		add_segments(output, totals, style);
		break;
	case KIND_SEM:
		add_count(output, totals->semaphores, "semaphore", "semaphores");
		buffer_add_string(output, totals->unread ? ", at least " : ", ");
		add_count(output, totals->waiting, "thread waits", "threads wait");
		break;
	case KIND_MSG:
		add_count(output, totals->messages, "message", "messages");
		buffer_add_string(output, ", ");
		add_bytes(output, totals->bytes, style);
		break;
	case KIND_PSHM:
	case KIND_MAP:
		add_files(output, totals, style);
		break;
	case KIND_PSEM:
		if (totals->unread)
			buffer_add_string(output, "at least ");
		add_count(output, totals->waiting, "thread waits", "threads wait");
		break;
	case KIND_MQ:
		if (totals->unread)
			buffer_add_string(output, "at least ");
		add_count(output, totals->messages, "message", "messages");
		break;
	case KIND_PIPE:
	case KIND_FIFO:
	case KIND_COUNT:
		buffer_add_string(output, STYLE_ABSENT);
		break;
	}
}

static struct value use_of(const struct limit *limit)
{
	struct value_scratch scratch;

	return field_value(&limit_fields, LIMIT_USED_PERCENT, limit, &scratch);
}

static bool is_fuller(const struct limit *limit, const struct limit *than)
{
	struct value a = use_of(limit), b = use_of(than);

	return a.number > b.number || (a.number == b.number && a.is_above_zero > b.is_above_zero);
}

/* The limit of the kind that is closest to being reached; NULL where none is known. */
static const struct limit *fullest_limit(const struct snapshot *snapshot, enum kind kind)
{
	const struct limit *fullest = NULL;

	vector_for_each (&snapshot->limits, limit)
		if (limit_info(limit->id)->kind == kind && !limit_info(limit->id)->is_of_one &&
		    use_of(limit).is_present && (!fullest || is_fuller(limit, fullest)))
			fullest = limit;
	return fullest;
}

/* "dev_shm_files"; of several namespaces "queues_max@4026531839". */
static int width_of_labels(const struct snapshot *snapshot)
{
	return snapshot->namespaces.count ? 21 : 15;
}

static void add_fullest_limit(struct buffer *output, const struct snapshot *snapshot,
			      enum kind kind, const struct style *style)
{
	const struct limit *limit = fullest_limit(snapshot, kind);
	_cleanup_buffer_ struct buffer percent = {0};
	char label[LIMIT_LABEL_MAX];

	if (!limit) {
		buffer_add_format(output, " %-*s ", 10 + width_of_labels(snapshot), STYLE_ABSENT);
		return;
	}
	style_add_field(&percent, &limit_fields, LIMIT_USED_PERCENT, limit, style);
	if (buffer_string(&percent))
		buffer_add_format(output, " %6s of %-*s ", percent.bytes, width_of_labels(snapshot),
				  limit_label(limit, label));
}

static void add_kind(struct buffer *output, const struct snapshot *snapshot, enum kind kind,
		     const struct style *style)
{
	struct totals totals = totals_of(snapshot, kind);

	buffer_add_left(output, text_of(kind_info(kind)->word), 6);
	if (!record_has(&totals.record, TOTALS_OBJECTS)) {
		buffer_add_string(output, "could not all be listed, see below\n");
		return;
	}
	buffer_add_unsigned(output, totals.objects, 7);
	buffer_add_char(output, totals.is_at_least && record_has(&totals.record, TOTALS_AT_LEAST)
					? '+'
					: ' ');
	add_fullest_limit(output, snapshot, kind, style);
	if (totals.objects)
		add_contents(output, &totals, style);
	else
		buffer_add_string(output, STYLE_ABSENT);
	buffer_add_char(output, '\n');
}

/* One thing that deserves a look. */
static void add_notice(struct buffer *output, size_t *count, const char *text)
{
	if (!(*count)++)
		buffer_add_string(output, "\nworth a look:\n");
	buffer_add_string(output, "  ");
	buffer_add_string(output, text);
	buffer_add_char(output, '\n');
}

/* No percentage tells that a limit of 0 is reached. */
static bool is_exhausted_by_zero(const struct limit *limit)
{
	return limit->id != LIMIT_SHM_RMID_FORCED && !limit->is_unlimited &&
	       record_has(&limit->record, LIMIT_VALUE) && !limit->value;
}

static void add_limit_notices(struct buffer *output, const struct snapshot *snapshot, size_t *count)
{
	vector_for_each (&snapshot->limits, limit) {
		const struct limit_info *info = limit_info(limit->id);
		struct value percent = use_of(limit);
		char text[192], label[LIMIT_LABEL_MAX];

		if (is_exhausted_by_zero(limit)) {
			snprintf(text, sizeof(text), "%s: 0, so nothing more can be created (%s)",
				 limit_label(limit, label), info->sysctl);
			add_notice(output, count, text);
		}
		if (info->is_of_one || !percent.is_present || percent.number < NEAR_FROM)
			continue;
		snprintf(text, sizeof(text), "%s: %llu.%llu%% used (%s); ipclens limits %s",
			 limit_label(limit, label), (unsigned long long)(percent.number / 10),
			 (unsigned long long)(percent.number % 10), info->sysctl,
			 kind_info(info->kind)->word);
		add_notice(output, count, text);
	}
}

static void add_object_notices(struct buffer *output, const struct snapshot *snapshot,
			       size_t *count)
{
	const struct {
		uint64_t number;
		const char *words, *hint;
	} notices[] = {
		{totals_of(snapshot, KIND_SHM).removed, "segments removed but attached",
		 "; ipclens list shm --filter status=dest"},
		{totals_of(snapshot, KIND_SEM).unread,
		 "arrays whose values could not be read, waiters unknown", ""},
		{totals_of(snapshot, KIND_MSG).full, "queues at least 90% full",
		 "; ipclens list msg --filter 'used_percent>=90'"},
		{totals_of(snapshot, KIND_PSHM).removed, "POSIX shared memory unlinked but in use",
		 "; ipclens list pshm --filter status=unlinked"},
		{totals_of(snapshot, KIND_MQ).full, "POSIX queues at least 90% full",
		 "; ipclens list mq --filter 'used_percent>=90'"},
	};
	char text[160];

	for (size_t i = 0; i < sizeof(notices) / sizeof(notices[0]); i++) {
		if (!notices[i].number)
			continue;
		snprintf(text, sizeof(text), "%s: %llu%s", notices[i].words,
			 (unsigned long long)notices[i].number, notices[i].hint);
		add_notice(output, count, text);
	}
}

static size_t count_findings(const struct findings *findings, enum finding_code code)
{
	size_t count = 0;

	vector_for_each (&findings->items, finding)
		count += finding->code == code;
	return count;
}

static void add_blocked_notices(struct buffer *output, const struct findings *findings,
				size_t *count)
{
	static const char *const words[FINDING_CODE_COUNT] = {
		[FINDING_DEADLOCK] = "deadlocks",
		[FINDING_SUSPECTED_DEADLOCK] = "suspected deadlocks",
		[FINDING_ABANDONED_SEM] = "semaphores that were most likely abandoned"};
	char text[160];

	for (enum finding_code code = 0; code < FINDING_CODE_COUNT; code++) {
		size_t found = count_findings(findings, code);

		if (!found || !words[code])
			continue;
		snprintf(text, sizeof(text), "%s: %zu; ipclens blocked", words[code], found);
		add_notice(output, count, text);
	}
}

/* "blocked: 3 threads" */
static void add_blocked(struct buffer *output, const struct snapshot *snapshot)
{
	size_t threads = blocked_count_threads(snapshot);

	if (!snapshot->has_waits)
		return;
	buffer_add_string(output, "\nblocked: ");
	buffer_add_string(output,
			  snapshot_has_unseen_waits(snapshot, KINDS_ALL) ? "at least " : "");
	add_count(output, threads, "thread", "threads");
	buffer_add_string(output, threads ? "; ipclens blocked\n" : "\n");
}

static void add_sight(struct buffer *output, const struct snapshot *snapshot,
		      const struct style *style)
{
	buffer_add_string(output, "\nsight: ");
	if (snapshot->sight.is_full) {
		buffer_add_string(output, "full\n");
		return;
	}
	buffer_add_string(output, "not full (");
	style_add_field(output, &sight_fields, SIGHT_REASONS, &snapshot->sight, style);
	buffer_add_string(output, "); ipclens explain sight\n");
}

static int print_screen(const struct snapshot *snapshot, const struct findings *findings,
			const struct style *style)
{
	_cleanup_buffer_ struct buffer output = view_output();
	size_t notices = 0;

	if (style->has_heading) {
		add_host(&output, snapshot, style);
		buffer_add_format(&output, "KIND  OBJECTS   %-*s CONTENTS\n",
				  9 + width_of_labels(snapshot), "FULLEST LIMIT");
	}
	for (enum kind kind = 0; kind < KIND_COUNT; kind++)
		add_kind(&output, snapshot, kind, style);
	add_limit_notices(&output, snapshot, &notices);
	add_object_notices(&output, snapshot, &notices);
	add_blocked_notices(&output, findings, &notices);
	add_blocked(&output, snapshot);
	add_sight(&output, snapshot, style);
	return buffer_flush(&output);
}

enum exit_status cmd_status(struct invocation *invocation)
{
	const struct settings *settings = &invocation->settings;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	_cleanup_blocked_graph_ struct blocked_graph graph = {0};
	_cleanup_findings_ struct findings findings = {0};
	struct scope scope = scope_everything;
	enum exit_status status;
	struct style style;

	/* Nothing on this screen is a name. */
	scope.names = 0;
	/* Of the links only those that say who holds up whom. */
	scope.link_kinds = KIND_BIT(KIND_SEM);
	scope.has_pipe_owners = false;
	scope.has_units = false;
	status = view_open(settings, &scope, &snapshot);
	if (status != STATUS_DONE)
		return status;
	if (blocked_graph_make(snapshot, &graph) < 0 || blocked_judge(&graph, &findings) < 0)
		return view_no_memory();
	style = view_style(settings, snapshot);
	return view_close(settings->is_json ? print_json(snapshot, &scope, &findings)
					    : print_screen(snapshot, &findings, &style),
			  snapshot, &scope);
}
