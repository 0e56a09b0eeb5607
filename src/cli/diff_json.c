/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/json_text.h"
#include "base/time_text.h"
#include "cli/diff_output.h"
#include "model/record_json.h"

static const char *const heir_names[] = {
	[PAIRS_SAME_ID] = "id", [PAIRS_SAME_KEY] = "key", [PAIRS_SAME_NAME] = "name"};

static void add_bool(struct buffer *output, const char *name, bool is_true)
{
	buffer_add_format(output, ",\"%s\":%s", name, is_true ? "true" : "false");
}

/* The record as a member of that name; null where there is none. */
static void add_record(struct buffer *output, const char *name, const struct field_table *table,
		       const void *record, unsigned int kinds)
{
	buffer_add_format(output, ",\"%s\":", name);
	if (record)
		record_add_json(output, table, record, kinds);
	else
		buffer_add_string(output, "null");
}

static void add_object(struct buffer *output, const char *name, const struct object *object)
{
	add_record(output, name, &object_fields, object, object ? KIND_BIT(object->kind) : 0);
}

static void add_numbers(struct buffer *output, const struct diff *diff,
			const struct diff_detail *detail)
{
	struct diff_delta delta;

	if (!diff_find_delta(detail, &delta)) {
		buffer_add_string(output, ",\"delta\":null,\"rate\":null");
		return;
	}
	buffer_add_format(output, ",\"delta\":%s%llu,\"rate\":", delta.is_negative ? "-" : "",
			  (unsigned long long)delta.amount);
	if (diff_has_rate(diff, detail))
		buffer_add_format(output, "%s%.6g", delta.is_negative ? "-" : "",
				  (double)delta.amount / (double)diff->seconds);
	else
		buffer_add_string(output, "null");
}

static void add_field(struct buffer *output, const struct diff *diff,
		      const struct diff_detail *detail)
{
	const struct field_table *table = diff_table(detail->sort);

	buffer_add_string(output, "{\"name\":\"");
	diff_add_name(output, detail);
	buffer_add_string(output, "\",");
	record_add_json_member(output, table, detail->field, detail->before, "before");
	buffer_add_char(output, ',');
	record_add_json_member(output, table, detail->field, detail->after, "after");
	add_numbers(output, diff, detail);
	buffer_add_char(output, '}');
}

/* The process of a link or a wait, as it was when it had it. */
static const struct process *process_of(const struct diff *diff, const struct diff_detail *detail)
{
	const struct snapshot *snapshot = detail->after ? diff->after : diff->before;
	const void *record = detail->after ? detail->after : detail->before;

	return snapshot_process(snapshot, detail->sort == DIFF_USER
						  ? ((const struct link *)record)->pid
						  : ((const struct wait *)record)->pid);
}

static void add_use(struct buffer *output, const struct diff *diff,
		    const struct diff_detail *detail)
{
	const struct field_table *table = diff_table(detail->sort);

	buffer_add_string(output, "{\"proven\":");
	buffer_add_string(output, detail->is_proven ? "true" : "false");
	add_record(output, "process", &process_fields, process_of(diff, detail), 0);
	add_record(output, "before", table, detail->before, 0);
	add_record(output, "after", table, detail->after, 0);
	buffer_add_char(output, '}');
}

static bool is_in_list(const struct diff_detail *detail, const char *name)
{
	if (detail->sort == DIFF_USER)
		return strcmp(name, "users") == 0;
	if (detail->sort == DIFF_WAIT)
		return strcmp(name, "waits") == 0;
	return strcmp(name, "fields") == 0;
}

/* Those of the item's details that belong into the list. */
static void add_list(struct buffer *output, const struct diff *diff, const struct diff_item *item,
		     const char *name)
{
	const struct diff_detail *details = diff->details.items;
	bool is_first = true;

	buffer_add_format(output, ",\"%s\":[", name);
	for (size_t i = item->first; i < item->first + item->count; i++) {
		if (!is_in_list(&details[i], name))
			continue;
		if (!is_first)
			buffer_add_char(output, ',');
		is_first = false;
		if (details[i].sort == DIFF_USER || details[i].sort == DIFF_WAIT)
			add_use(output, diff, &details[i]);
		else
			add_field(output, diff, &details[i]);
	}
	buffer_add_char(output, ']');
}

static void add_heir(struct buffer *output, const struct diff_item *item)
{
	char ref[REF_MAX];

	if (!item->heir) {
		buffer_add_string(output, ",\"given_again\":null,\"other\":null");
		return;
	}
	buffer_add_format(output,
			  ",\"given_again\":\"%s\",\"other\":", heir_names[item->heir_sort]);
	json_add_foreign_string(output, ref_of_object(item->heir, ref));
}

static void add_item(struct buffer *output, const struct diff *diff, const struct diff_item *item)
{
	char ref[REF_MAX];

	buffer_add_format(output,
			  "{\"change\":\"%s\",\"object\":", diff_change_names[item->change]);
	json_add_foreign_string(output,
				ref_of_object(item->after ? item->after : item->before, ref));
	add_bool(output, "proven", item->is_proven);
	add_heir(output, item);
	add_list(output, diff, item, "fields");
	add_list(output, diff, item, "users");
	add_list(output, diff, item, "waits");
	add_object(output, "before", item->before);
	add_object(output, "after", item->after);
	buffer_add_char(output, '}');
}

static void add_gap(struct buffer *output, const struct diff_gap *gap)
{
	buffer_add_format(output, "{\"what\":\"%s%s\"", gap->is_of_semaphores ? "semaphores." : "",
			  gap->what);
	add_bool(output, "missing_before", gap->is_before);
	add_bool(output, "missing_after", gap->is_after);
	buffer_add_format(output, ",\"objects\":%zu}", gap->objects);
}

/* What the document says of the later snapshot, of the earlier one. */
static void add_before(struct buffer *output, const struct snapshot *before,
		       const struct scope *scope)
{
	buffer_add_string(output, ",\n\"before\":{\"taken_at\":\"");
	time_add_rfc3339(output, before->taken_at);
	buffer_add_char(output, '"');
	add_record(output, "host", &host_fields, &before->host, 0);
	add_record(output, "sight", &sight_fields, &before->sight, 0);
	document_add_issues(output, before, scope);
	buffer_add_char(output, '}');
}

int diff_json_print(const struct diff *diff, const struct scope *scope)
{
	_cleanup_buffer_ struct buffer output = {.sink = stdout};

	document_begin(&output, diff->after, "diff");
	add_before(&output, diff->before, scope);
	buffer_add_format(&output, ",\n\"seconds\":%llu", (unsigned long long)diff->seconds);
	document_begin_list(&output, "changes");
	vector_for_each (&diff->items, item) {
		document_next(&output, item == diff->items.items);
		add_item(&output, diff, item);
	}
	document_end_list(&output);
	document_begin_list(&output, "not_compared");
	vector_for_each (&diff->gaps, gap) {
		document_next(&output, gap == diff->gaps.items);
		add_gap(&output, gap);
	}
	document_end_list(&output);
	document_add_issues(&output, diff->after, scope);
	document_end(&output);
	return buffer_flush(&output);
}
