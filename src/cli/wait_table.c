/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/wait_table.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "cli/process_names.h"
#include "render/table.h"
#include "render/wait_words.h"

static struct value no_text(const void *record, struct value_scratch *scratch)
{
	(void)record;
	(void)scratch;
	return (struct value){.type = VALUE_TEXT};
}

/* Threads of one process that wait for the same, of which the first one is shown. */
struct row {
	const struct wait *wait;
	size_t others;
	size_t place; /* of the first one, in the order that was asked for */
};

/* A wait in a table for people: some cells are made of several fields, or of its process. */
enum row_field {
	ROW_WAITED,
	ROW_PID,
	ROW_TID,
	ROW_COMMAND,
	ROW_OBJECT,
	ROW_NUM,
	ROW_WISH,
	ROW_TIMEOUT,
	ROW_RELEASED_BY,
	ROW_FIELD_COUNT,
};

static const struct field row_fields[ROW_FIELD_COUNT] = {
	[ROW_WAITED] = {.name = "waited", .heading = "WAITED", .type = VALUE_DURATION},
	[ROW_PID] = {.name = "pid", .heading = "PID", .type = VALUE_PID},
	[ROW_TID] = {.name = "tid", .heading = "TID", .type = VALUE_PID},
	[ROW_COMMAND] = {.name = "command",
			 .heading = "COMMAND",
			 .type = VALUE_TEXT,
			 .can_be_cut = true,
			 .compute = no_text},
	[ROW_OBJECT] = {.name = "object", .heading = "REF", .type = VALUE_TEXT},
	[ROW_NUM] = {.name = "semnum", .heading = "NUM", .type = VALUE_ID},
	[ROW_WISH] = {.name = "wish",
		      .heading = "WANTS-TO",
		      .type = VALUE_TEXT,
		      .compute = no_text},
	[ROW_TIMEOUT] = {.name = "timeout", .heading = "TIMEOUT", .type = VALUE_DURATION},
	[ROW_RELEASED_BY] = {.name = "released_by",
			     .heading = "RELEASED-BY",
			     .type = VALUE_TEXT,
			     .can_be_cut = true,
			     .compute = no_text},
};

static const struct field_table rows = {"waits", row_fields, ROW_FIELD_COUNT, sizeof(struct row),
					false};

/* The field of the wait that a column is, where it is one. */
static const size_t fields_of_rows[ROW_FIELD_COUNT] = {
	[ROW_WAITED] = WAIT_WAITED,
	[ROW_PID] = WAIT_PID,
	[ROW_TID] = WAIT_TID,
	[ROW_OBJECT] = WAIT_OBJECT,
	[ROW_NUM] = WAIT_SEMNUM,
	[ROW_COMMAND] = WAIT_FIELD_COUNT,
	[ROW_WISH] = WAIT_FIELD_COUNT,
	[ROW_TIMEOUT] = WAIT_TIMEOUT,
	[ROW_RELEASED_BY] = WAIT_FIELD_COUNT,
};

static void add_command(struct buffer *buffer, const struct snapshot *snapshot, int64_t pid)
{
	const struct process *process = snapshot_process(snapshot, pid);

	if (process)
		utf8_add_for_terminal(buffer, process->command);
	else
		buffer_add_string(buffer, STYLE_HIDDEN);
}

/*
 * Of a pipe that many inherited, nearly everybody could end the wait: then some stand for all. A
 * list that is cut by the terminal could end within a number.
 */
#define RELEASERS_MAX 8

static void add_releasers(struct buffer *buffer, const struct snapshot *snapshot,
			  const struct wait *wait)
{
	struct record_list pids = wait->released_by;
	size_t more = pids.count > RELEASERS_MAX + 1 ? pids.count - RELEASERS_MAX : 0;

	pids.count -= more;
	process_names_add_list(buffer, snapshot, pids);
	if (more)
		buffer_add_format(buffer, " +%zu", more);
}

static bool add_cell(struct buffer *buffer, const void *record, size_t field,
		     const struct style *style, const void *context)
{
	const struct row *row = record;
	const struct wait *wait = row->wait;

	switch (field) {
	case ROW_TID:
		buffer_add_signed(buffer, wait->tid, 0);
		if (row->others)
			buffer_add_format(buffer, " +%zu", row->others);
		return true;
	case ROW_COMMAND:
		add_command(buffer, context, wait->pid);
		return true;
	case ROW_WISH:
		wait_add_wish(buffer, wait);
		return true;
	case ROW_RELEASED_BY:
		if (!wait_has(wait, WAIT_RELEASED_BY))
			buffer_add_string(buffer, STYLE_HIDDEN);
		else if (!wait->released_by.count)
			buffer_add_string(buffer, STYLE_ABSENT);
		else
			add_releasers(buffer, context, wait);
		if (wait->flags & WAIT_IS_HELD_UNSEEN && wait_has(wait, WAIT_RELEASED_BY))
			buffer_add_string(buffer, ", " STYLE_HIDDEN);
		return true;
	default:
		style_add_field(buffer, &wait_fields, fields_of_rows[field], wait, style);
		return true;
	}
}

/* Which columns have something to say. */
static size_t choose_columns(const struct wait *const *waits, size_t count, bool has_objects,
			     size_t *columns)
{
	bool has_ages = false, has_threads = false, has_numbers = false, has_timeouts = false;
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		has_ages |= wait_has(waits[i], WAIT_WAITED);
		has_threads |= waits[i]->pid != waits[i]->tid;
		has_numbers |= wait_has(waits[i], WAIT_SEMNUM);
		has_timeouts |= wait_has_timeout(waits[i]);
	}
	for (size_t field = 0; field < ROW_FIELD_COUNT; field++) {
		if ((field == ROW_WAITED && !has_ages) || (field == ROW_TID && !has_threads) ||
		    (field == ROW_NUM && !has_numbers) || (field == ROW_TIMEOUT && !has_timeouts) ||
		    (field == ROW_OBJECT && !has_objects))
			continue;
		columns[used++] = field;
	}
	return used;
}

#define COMPARE(a, b)   \
	if ((a) != (b)) \
		return (a) < (b) ? -1 : 1;

static int compare_texts(struct text a, struct text b)
{
	COMPARE(a.length, b.length)
	return a.length ? memcmp(a.bytes, b.bytes, a.length) : 0;
}

static int compare_lists(struct record_list a, struct record_list b)
{
	return compare_texts((struct text){a.items, a.count * sizeof(int64_t)},
			     (struct text){b.items, b.count * sizeof(int64_t)});
}

/* 0 where all that a row shows of them is the same, but for the thread and since when it waits. */
static int compare_waits(const struct wait *a, const struct wait *b)
{
	const uint64_t fields_of_record =
		~(UINT64_C(1) << WAIT_TID | UINT64_C(1) << WAIT_SINCE | UINT64_C(1) << WAIT_WAITED);

	COMPARE(a->pid, b->pid)
	COMPARE(a->object, b->object)
	COMPARE(a->semnum, b->semnum)
	COMPARE(a->operation, b->operation)
	COMPARE(a->amount, b->amount)
	COMPARE(a->type, b->type)
	COMPARE(a->flags, b->flags)
	COMPARE(a->timeout, b->timeout)
	COMPARE(a->offset, b->offset)
	COMPARE(a->record.present & fields_of_record, b->record.present & fields_of_record)
	return compare_lists(a->released_by, b->released_by);
}

static int compare_rows(const void *first, const void *second)
{
	const struct row *a = first, *b = second;
	int order = compare_waits(a->wait, b->wait);

	return order ? order : a->place < b->place ? -1 : 1;
}

static int compare_places(const void *first, const void *second)
{
	const struct row *a = first, *b = second;

	return a->place < b->place ? -1 : 1;
}

/* Makes rows of the waits, in their order; returns how many there are. */
static size_t make_rows(const struct wait *const *waits, size_t count, struct row *ret_rows)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
		ret_rows[i] = (struct row){.wait = waits[i], .place = i};
	qsort(ret_rows, count, sizeof(*ret_rows), compare_rows);
	for (size_t i = 0; i < count; i++) {
		if (used && compare_waits(ret_rows[used - 1].wait, ret_rows[i].wait) == 0)
			ret_rows[used - 1].others++;
		else
			ret_rows[used++] = ret_rows[i];
	}
	qsort(ret_rows, used, sizeof(*ret_rows), compare_places);
	return used;
}

int wait_table_print(const struct snapshot *snapshot, const struct wait *const *waits, size_t count,
		     bool has_objects, const char *indent, const struct style *style)
{
	_cleanup_free_ struct row *made = calloc(count + 1, sizeof(*made));
	_cleanup_free_ const void **pointers = calloc(count + 1, sizeof(*pointers));
	size_t columns[ROW_FIELD_COUNT];
	const struct table_layout layout = {
		.fields = &rows,
		.columns = columns,
		.count = choose_columns(waits, count, has_objects, columns),
		.add_cell = add_cell,
		.context = snapshot,
		.indent = indent};
	size_t used;

	if (!made || !pointers)
		return -ENOMEM;
	used = make_rows(waits, count, made);
	for (size_t i = 0; i < used; i++)
		pointers[i] = &made[i];
	return table_print_array(&layout, style, pointers, used, stdout);
}

struct wait_list {
	VECTOR(const struct wait *) items;
};

static int collect(const struct snapshot *snapshot, const struct object *object,
		   struct wait_list *list)
{
	size_t index = (size_t)(object - snapshot->objects.items);

	vector_for_each (&snapshot->waits, wait) {
		const struct wait **place;

		if (wait->object != index)
			continue;
		place = vector_add(&list->items);
		if (!place)
			return -ENOMEM;
		*place = wait;
	}
	return 0;
}

/* Of the semaphores of an array together; false where the kernel counts nobody, and nobody was
 * found. */
static bool add_up(const struct snapshot *snapshot, size_t index, uint64_t *ret_found,
		   uint64_t *ret_expected)
{
	uint64_t found = 0, expected = 0;

	vector_for_each (&snapshot->accountings, accounting) {
		if (accounting->object != index || accounting->what == ACCOUNTING_ATTACHMENTS)
			continue;
		found += accounting->found;
		expected += accounting->expected;
	}
	*ret_found = found;
	*ret_expected = expected;
	return found || expected;
}

static int print_accounting(const struct snapshot *snapshot, const struct object *object,
			    const char *indent)
{
	size_t index = (size_t)(object - snapshot->objects.items);
	uint64_t found, expected;

	if (!add_up(snapshot, index, &found, &expected))
		return 0;
	return printf("%s%llu of %llu waiters found%s\n", indent, (unsigned long long)found,
		      (unsigned long long)expected,
		      found == expected	 ? ""
		      : found > expected ? ": they come and go, look again"
					 : ": the others may not be inspected, or have gone on") < 0
		       ? -EIO
		       : 0;
}

int wait_table_print_object(const struct snapshot *snapshot, const struct object *object,
			    const char *indent, const struct style *style)
{
	struct wait_list list = {0};
	int r;

	if (!snapshot->has_waits)
		return 0;
	r = collect(snapshot, object, &list);
	if (r == 0 && list.items.count) {
		printf("\n%swaiting for it now:\n", indent);
		r = wait_table_print(snapshot, list.items.items, list.items.count, false, indent,
				     style);
	}
	if (r == 0)
		r = print_accounting(snapshot, object, indent);
	vector_deinit(&list.items);
	return r;
}

const struct issue *wait_why_holders_unknown(const struct snapshot *snapshot)
{
	vector_for_each (&snapshot->issues, issue)
		if (issue->aspect == ISSUE_ABOUT_HOLDERS)
			return issue;
	return NULL;
}
