/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/rate.h"
#include "base/utf8.h"
#include "cli/diff_output.h"
#include "cli/process_names.h"
#include "cli/user_table.h"
#include "cli/wait_table.h"
#include "query/uses.h"
#include "render/table.h"
#include "render/wait_words.h"

/* One change in a table for people. */
struct row {
	struct record record;
	const struct diff_item *item;
	const struct diff_detail *detail; /* NULL: the object itself appeared or is gone */
};

enum row_field {
	ROW_CHANGE,
	ROW_REF,
	ROW_FIELD,
	ROW_BEFORE,
	ROW_AFTER,
	ROW_RATE,
	ROW_FIELD_COUNT,
};

/* All cells are made by add_cell(). */
static const struct field row_fields[ROW_FIELD_COUNT] = {
	[ROW_CHANGE] = {.name = "change", .heading = "CHANGE", .type = VALUE_TEXT},
	[ROW_REF] = {.name = "ref", .heading = "REF", .type = VALUE_TEXT},
	[ROW_FIELD] = {.name = "field", .heading = "FIELD", .type = VALUE_TEXT},
	[ROW_BEFORE] = {.name = "before",
			.heading = "BEFORE",
			.type = VALUE_TEXT,
			.can_be_wrapped = true},
	[ROW_AFTER] = {.name = "after",
		       .heading = "AFTER",
		       .type = VALUE_TEXT,
		       .can_be_wrapped = true},
	[ROW_RATE] = {.name = "rate", .heading = "RATE", .type = VALUE_TEXT},
};

static const struct field_table rows = {"changes", row_fields, ROW_FIELD_COUNT, sizeof(struct row),
					false};

/* What is worth a line of an object that appeared or is gone; the first ones need no name. */
static const enum object_field summary[] = {OBJECT_USER,  OBJECT_SIZE,	   OBJECT_NATTCH,
					    OBJECT_NSEMS, OBJECT_MESSAGES, OBJECT_VALUE};

static bool explains_itself(enum object_field field)
{
	return field == OBJECT_USER || field == OBJECT_SIZE;
}

/* "root, 64K, nattch 0, used by app 12". */
static void add_summary(struct buffer *buffer, const struct snapshot *snapshot,
			const struct object *object, const struct style *style)
{
	size_t start = buffer->length;

	for (size_t i = 0; i < sizeof(summary) / sizeof(summary[0]); i++) {
		const struct field *field = &object_fields.fields[summary[i]];

		if (!field_applies(field, KIND_BIT(object->kind)) ||
		    (!object_has(object, summary[i]) && !field->fallback))
			continue;
		if (buffer->length > start)
			buffer_add_string(buffer, ", ");
		if (!explains_itself(summary[i]))
			buffer_add_format(buffer, "%s ", field->name);
		style_add_field(buffer, &object_fields, summary[i], object, style);
	}
	if (object_has(object, OBJECT_PROCESSES) && object->processes.count) {
		buffer_add_string(buffer, ", used by ");
		process_names_add_list(buffer, snapshot, object->processes);
	}
}

static void add_process(struct buffer *buffer, const struct snapshot *snapshot, int64_t pid)
{
	int64_t pids[] = {pid};

	process_names_add_list(buffer, snapshot, (struct record_list){pids, 1});
}

static void add_link(struct buffer *buffer, const struct snapshot *snapshot,
		     const struct link *link, const struct style *style)
{
	const struct use use = {.link = link};

	add_process(buffer, snapshot, link->pid);
	buffer_add_format(buffer, " %s ", link_how_names[link->how]);
	if (record_has(&link->record, LINK_AMOUNT))
		buffer_add_unsigned(buffer, link->amount, 0);
	else
		user_table_add_access(buffer, &use, USE_ACCESS, style, NULL);
}

static void add_wait(struct buffer *buffer, const struct snapshot *snapshot,
		     const struct wait *wait)
{
	add_process(buffer, snapshot, wait->pid);
	if (wait->tid != wait->pid)
		buffer_add_format(buffer, " (thread %lld)", (long long)wait->tid);
	buffer_add_string(buffer, ": ");
	wait_add_wish(buffer, wait);
	if (!wait_has(wait, WAIT_WAITED))
		return;
	buffer_add_string(buffer, ", ");
	style_add_duration(buffer, wait->waited);
}

/* Where there is none, and where there may be one that was not seen. */
static void add_nothing(struct buffer *buffer, bool is_proven)
{
	buffer_add_string(buffer, is_proven ? STYLE_ABSENT : STYLE_HIDDEN);
}

/* Most times are of the day on which the later snapshot was taken, which is told above. */
static void add_value(struct buffer *buffer, const struct diff_detail *detail, const void *record,
		      const struct style *style)
{
	const struct field_table *table = diff_table(detail->sort);
	struct value_scratch scratch;
	struct value value = field_value(table, detail->field, record, &scratch);

	if (value.is_present && value.type == VALUE_TIME && style->time_format == TIME_FORMAT_SHORT)
		time_add_clock(buffer, value.signed_number, style->now);
	else
		style_add_field(buffer, table, detail->field, record, style);
}

/* The detail on one side. */
static void add_side(struct buffer *buffer, const struct snapshot *snapshot,
		     const struct diff_detail *detail, const void *record,
		     const struct style *style)
{
	if (!record)
		add_nothing(buffer, detail->is_proven);
	else if (detail->sort == DIFF_USER)
		add_link(buffer, snapshot, record, style);
	else if (detail->sort == DIFF_WAIT)
		add_wait(buffer, snapshot, record);
	else
		add_value(buffer, detail, record, style);
}

static void add_before(struct buffer *buffer, const struct diff *diff, const struct row *row,
		       const struct style *style)
{
	if (row->detail)
		add_side(buffer, diff->before, row->detail, row->detail->before, style);
	else if (row->item->before)
		add_summary(buffer, diff->before, row->item->before, style);
	else
		add_nothing(buffer, row->item->is_proven);
}

static void add_after(struct buffer *buffer, const struct diff *diff, const struct row *row,
		      const struct style *style)
{
	if (row->detail)
		add_side(buffer, diff->after, row->detail, row->detail->after, style);
	else if (row->item->after)
		add_summary(buffer, diff->after, row->item->after, style);
	else
		add_nothing(buffer, row->item->is_proven);
}

/* What another object had before, or has now. */
static void add_heir(struct buffer *buffer, const struct diff_item *item)
{
	char ref[REF_MAX];

	if (!item->heir) {
		buffer_add_string(buffer, STYLE_ABSENT);
	} else if (item->heir_sort == PAIRS_SAME_KEY) {
		buffer_add_string(buffer, item->after ? "key of " : "key to ");
		utf8_add_for_terminal(buffer, ref_of_object(item->heir, ref));
	} else {
		buffer_add_string(buffer,
				  item->heir_sort == PAIRS_SAME_ID ? "id again" : "name again");
	}
}

/* "num 3 ": of those who hold it or wait for it, the semaphore. */
static void add_semaphore(struct buffer *buffer, const struct diff_detail *detail)
{
	const void *record = detail->after ? detail->after : detail->before;
	const struct field_table *table = diff_table(detail->sort);
	size_t field = detail->sort == DIFF_USER   ? LINK_SEMNUM
		       : detail->sort == DIFF_WAIT ? WAIT_SEMNUM
						   : SEMAPHORE_NUM;
	struct value_scratch scratch;
	struct value value = field_value(table, field, record, &scratch);

	if (value.is_present)
		buffer_add_format(buffer, "num %llu ", (unsigned long long)value.number);
}

static void add_field(struct buffer *buffer, const struct diff_detail *detail)
{
	if (detail->sort != DIFF_FIELD)
		add_semaphore(buffer, detail);
	if (detail->sort == DIFF_USER)
		buffer_add_string(buffer, "process");
	else if (detail->sort == DIFF_WAIT)
		buffer_add_string(buffer, "wait");
	else
		buffer_add_string(buffer, diff_table(detail->sort)->fields[detail->field].name);
}

/* "+1.5K/s", "-3/h" */
static void add_rate(struct buffer *buffer, const struct diff *diff,
		     const struct diff_detail *detail, const struct style *style)
{
	struct diff_delta delta;
	struct rate rate;

	if (!detail || !diff_has_rate(diff, detail) || !diff_find_delta(detail, &delta)) {
		buffer_add_string(buffer, STYLE_ABSENT);
		return;
	}
	rate = rate_of(delta.amount, diff->seconds);
	buffer_add_char(buffer, delta.is_negative ? '-' : '+');
	if (rate.whole >= 100 && diff_table(detail->sort)->fields[detail->field].type == VALUE_SIZE)
		style_add_size(buffer, rate.whole, style);
	else
		buffer_add_unsigned(buffer, rate.whole, 0);
	if (rate.whole < 100 && rate.tenth)
		buffer_add_format(buffer, ".%u", rate.tenth);
	buffer_add_format(buffer, "/%s", rate.unit);
}

static bool add_cell(struct buffer *buffer, const void *record, size_t field,
		     const struct style *style, const void *context)
{
	const struct diff *diff = context;
	const struct row *row = record;
	char ref[REF_MAX];

	switch ((enum row_field)field) {
	case ROW_CHANGE:
		buffer_add_string(buffer, diff_change_names[row->item->change]);
		break;
	case ROW_REF:
		utf8_add_for_terminal(buffer, ref_of_object(row->item->after ? row->item->after
									     : row->item->before,
							    ref));
		break;
	case ROW_FIELD:
		if (row->detail)
			add_field(buffer, row->detail);
		else
			add_heir(buffer, row->item);
		break;
	case ROW_BEFORE:
		add_before(buffer, diff, row, style);
		break;
	case ROW_AFTER:
		add_after(buffer, diff, row, style);
		break;
	case ROW_RATE:
		add_rate(buffer, diff, row->detail, style);
		break;
	case ROW_FIELD_COUNT:
		break;
	}
	return true;
}

/* Where the table is; details of an object that appeared or is gone follow its own row. */
struct cursor {
	const struct diff *diff;
	size_t item, detail;
	bool is_begun; /* the item's own row was made, or it has none */
	struct row row;
};

/*
 * Of an object that appeared or is gone the users are named in its own row. A number is no row of
 * its own beside the name that it stands for.
 */
static bool is_shown(const struct diff_item *item, const struct diff_detail *details, size_t index)
{
	const struct diff_detail *detail = &details[index];

	if (detail->sort == DIFF_USER)
		return item->change == DIFF_CHANGED;
	for (size_t i = item->first; detail->sort == DIFF_FIELD && i < item->first + item->count;
	     i++)
		if (details[i].sort == DIFF_FIELD &&
		    object_fields.fields[details[i].field].fallback &&
		    object_fields.fields[details[i].field].fallback == detail->field)
			return false;
	return true;
}

static const void *next_row(void *context)
{
	struct cursor *cursor = context;
	const struct diff *diff = cursor->diff;

	while (cursor->item < diff->items.count) {
		const struct diff_item *item = &diff->items.items[cursor->item];

		cursor->row = (struct row){.item = item};
		if (!cursor->is_begun) {
			cursor->is_begun = true;
			if (item->change != DIFF_CHANGED)
				return &cursor->row;
		}
		while (cursor->detail < item->count) {
			size_t index = item->first + cursor->detail++;

			cursor->row.detail = &diff->details.items[index];
			if (is_shown(item, diff->details.items, index))
				return &cursor->row;
		}
		cursor->item++;
		cursor->detail = 0;
		cursor->is_begun = false;
	}
	return NULL;
}

/* "2026-11-23 09:12:48 to 2026-11-23 09:14:01 (1m 13s): 1 gone, 2 changed". */
static int print_heading(const struct diff *diff, const struct style *style)
{
	_cleanup_buffer_ struct buffer output = {.sink = stdout};
	enum time_format format =
		style->time_format == TIME_FORMAT_SHORT ? TIME_FORMAT_SECONDS : style->time_format;
	size_t counts[DIFF_CHANGE_COUNT] = {0};
	bool is_first = true;

	vector_for_each (&diff->items, item)
		counts[item->change]++;
	time_add_formatted(&output, format, diff->before->taken_at, style->now);
	buffer_add_string(&output, " to ");
	time_add_formatted(&output, format, diff->after->taken_at, style->now);
	buffer_add_string(&output, " (");
	time_add_span(&output, diff->seconds);
	buffer_add_string(&output, "): ");
	for (size_t i = 0; i < DIFF_CHANGE_COUNT; i++) {
		if (!counts[i])
			continue;
		buffer_add_format(&output, "%s%zu %s", is_first ? "" : ", ", counts[i],
				  diff_change_names[i]);
		is_first = false;
	}
	buffer_add_string(&output, is_first ? "no change\n" : "\n");
	return buffer_flush(&output);
}

/* What "again" means, where it stands there. */
static void print_footing(const struct diff *diff)
{
	vector_for_each (&diff->items, item) {
		if (!item->heir)
			continue;
		puts("an object that was given the id, key or name of one that is gone is another "
		     "one");
		return;
	}
}

int diff_table_print(const struct diff *diff, const struct style *style)
{
	static const size_t columns[] = {ROW_CHANGE, ROW_REF,	ROW_FIELD,
					 ROW_BEFORE, ROW_AFTER, ROW_RATE};
	const struct table_layout layout = {.fields = &rows,
					    .columns = columns,
					    .count = sizeof(columns) / sizeof(columns[0]),
					    .add_cell = add_cell,
					    .context = diff};
	struct cursor cursor = {.diff = diff};
	int r = style->has_heading ? print_heading(diff, style) : 0;

	if (r == 0)
		r = table_print(&layout, style, next_row, &cursor, stdout);
	if (r == 0 && style->has_heading)
		print_footing(diff);
	return r;
}
