/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens show: everything about single objects.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/find.h"
#include "cli/limit_table.h"
#include "cli/list_log.h"
#include "cli/process_names.h"
#include "cli/user_table.h"
#include "cli/view.h"
#include "cli/wait_table.h"
#include "render/table.h"

#define INDENT "  "

static void print_field(struct buffer *output, const struct snapshot *snapshot,
			const struct object *object, size_t index, const struct style *style)
{
	const struct field *field = &object_fields.fields[index];
	struct value_scratch scratch;
	struct value value = field_value(&object_fields, index, object, &scratch);

	buffer_add_string(output, INDENT);
	buffer_add_left(output, text_of(field->name), 18);
	if (!list_add_cell(output, object, index, style, snapshot))
		style_add_field(output, &object_fields, index, object, style);
	if (value.is_hidden)
		buffer_add_string(output, " (a process that this PID namespace does not show)");
	if (value.is_present && index == OBJECT_KEY && !value.number)
		buffer_add_string(output, " (private)");
	if (value.is_present && value.type == VALUE_SIZE && !style->is_exact &&
	    value.number >= 1024)
		buffer_add_format(output, " (%llu bytes)", (unsigned long long)value.number);
	if (value.is_present && value.type == VALUE_TIME &&
	    style->time_format == TIME_FORMAT_SHORT) {
		buffer_add_string(output, " (");
		time_add_formatted(output, TIME_FORMAT_RELATIVE, value.signed_number, style->now);
		buffer_add_char(output, ')');
	}
	buffer_add_char(output, '\n');
}

/* A name that is the last one known; others stand in the REF. */
static bool has_old_name(const struct object *object)
{
	return object->kind == KIND_MAP || object->status & (STATUS_UNLINKED | STATUS_ELSEWHERE);
}

/* What stands elsewhere in the answer, or cannot be for this object. */
static bool is_passed_over(const struct object *object, size_t index)
{
	const struct field *field = &object_fields.fields[index];

	return !field_applies(field, KIND_BIT(object->kind)) || field->type == VALUE_RECORDS ||
	       field->type == VALUE_PIDS || index == OBJECT_REF || index == OBJECT_KIND ||
	       (index == OBJECT_NAME &&
		(KIND_BIT(object->kind) & KINDS_SYSV || !has_old_name(object)));
}

static void print_fields(struct buffer *output, const struct snapshot *snapshot,
			 const struct object *object, const struct style *style)
{
	if (style->has_heading) {
		style_add_field(output, &object_fields, OBJECT_REF, object, style);
		buffer_add_format(output, "  %s\n", kind_info(object->kind)->singular);
	}
	for (size_t i = 0; i < OBJECT_FIELD_COUNT; i++)
		if (!is_passed_over(object, i))
			print_field(output, snapshot, object, i, style);
}

/* What a cell of the table of semaphores is made from. */
struct array_view {
	const struct snapshot *snapshot;
	size_t array;
};

/* Whether no holder is nobody. */
static bool knows_all_holders(const struct snapshot *snapshot)
{
	return snapshot->knows_holders && !wait_why_holders_unknown(snapshot);
}

/* "app 12 (2), db 13": who holds how much of the semaphore. */
static void add_holders(struct buffer *buffer, const struct array_view *view, uint64_t num)
{
	size_t count = 0;

	vector_for_each (&view->snapshot->links, link) {
		int64_t pids[] = {link->pid};

		if (link->object != view->array || link->semnum != num ||
		    (link->how != LINK_HOLDS && link->how != LINK_TAKES_BACK))
			continue;
		if (count++)
			buffer_add_string(buffer, ", ");
		process_names_add_list(buffer, view->snapshot, (struct record_list){pids, 1});
		buffer_add_format(buffer, link->how == LINK_HOLDS ? " (%llu)" : " (-%llu)",
				  (unsigned long long)link->amount);
	}
	if (!count)
		buffer_add_string(buffer,
				  knows_all_holders(view->snapshot) ? STYLE_ABSENT : STYLE_HIDDEN);
}

static void add_amount(struct buffer *buffer, const struct wait *wait, size_t threads)
{
	if (wait->operation == WAIT_TAKE)
		buffer_add_format(buffer, " (%llu)", (unsigned long long)wait->amount);
	else
		buffer_add_string(buffer, " (zero)");
	if (threads > 1)
		buffer_add_format(buffer, " x%zu", threads);
}

/* Whether the next one is another thread of the same process that wants the same. */
static bool is_one_more(const struct snapshot *snapshot, const struct wait *wait)
{
	const struct wait *next = wait + 1;

	return next < snapshot->waits.items + snapshot->waits.count && next->pid == wait->pid &&
	       next->object == wait->object && next->semnum == wait->semnum &&
	       next->operation == wait->operation && next->amount == wait->amount;
}

/*
 * "app 14 (1), app 15 (zero) x3": who waits for how much, with how many threads; "?" for those that
 * the kernel counts and that were not found.
 */
static void add_waiters(struct buffer *buffer, const struct array_view *view,
			const struct semaphore *semaphore)
{
	uint64_t found = 0, expected = semaphore->ncount + semaphore->zcount;
	size_t count = 0, threads = 0;

	vector_for_each (&view->snapshot->waits, wait) {
		int64_t pids[] = {wait->pid};

		if (wait->object != view->array || wait->semnum != semaphore->num)
			continue;
		found++;
		threads++;
		if (is_one_more(view->snapshot, wait))
			continue;
		if (count++)
			buffer_add_string(buffer, ", ");
		process_names_add_list(buffer, view->snapshot, (struct record_list){pids, 1});
		add_amount(buffer, wait, threads);
		threads = 0;
	}
	if (!view->snapshot->has_waits || found < expected)
		buffer_add_string(buffer, count ? ", " STYLE_HIDDEN : STYLE_HIDDEN);
	else if (!count)
		buffer_add_string(buffer, STYLE_ABSENT);
}

/* The fields of a semaphore, and behind them two columns that are none. */
enum {
	COLUMN_HOLDERS = SEMAPHORE_FIELD_COUNT,
	COLUMN_WAITERS,
	COLUMNS,
};

static bool add_semaphore_cell(struct buffer *buffer, const void *record, size_t field,
			       const struct style *style, const void *context)
{
	const struct semaphore *semaphore = record;

	(void)style;
	if (field == COLUMN_HOLDERS)
		add_holders(buffer, context, semaphore->num);
	else if (field == COLUMN_WAITERS)
		add_waiters(buffer, context, semaphore);
	return field >= SEMAPHORE_FIELD_COUNT;
}

static struct value no_value(const void *record, struct value_scratch *scratch)
{
	(void)record;
	(void)scratch;
	return (struct value){.type = VALUE_TEXT};
}

static int print_semaphores(const struct snapshot *snapshot, const struct object *object,
			    const struct style *style)
{
	static const size_t columns[] = {SEMAPHORE_NUM,	   SEMAPHORE_VALUE, SEMAPHORE_NCOUNT,
					 SEMAPHORE_ZCOUNT, SEMAPHORE_PID,   COLUMN_HOLDERS,
					 COLUMN_WAITERS};
	bool is_looked_at = snapshot->has_waits || snapshot->knows_holders;
	struct field fields[COLUMNS];
	const struct field_table table = {"semaphores", fields, COLUMNS, sizeof(struct semaphore),
					  true};
	const struct array_view view = {snapshot, (size_t)(object - snapshot->objects.items)};
	const struct table_layout layout = {.fields = &table,
					    .columns = columns,
					    .count = is_looked_at ? COLUMNS : SEMAPHORE_FIELD_COUNT,
					    .add_cell = add_semaphore_cell,
					    .context = &view,
					    .indent = INDENT};

	if (!object_has(object, OBJECT_SEMAPHORES)) {
		if (printf("\n" INDENT "the values of its semaphores could not be read\n") < 0)
			return -EIO;
		return 0;
	}
	memcpy(fields, semaphore_fields.fields, SEMAPHORE_FIELD_COUNT * sizeof(fields[0]));
	fields[COLUMN_HOLDERS] = (struct field){
		.name = "holders", .heading = "HELD-BY", .type = VALUE_TEXT, .compute = no_value};
	fields[COLUMN_WAITERS] = (struct field){
		.name = "waiters", .heading = "WAITING", .type = VALUE_TEXT, .compute = no_value};
	putchar('\n');
	return table_print_records(&layout, style, object->sem.semaphores, stdout);
}

static bool has_limits(const struct snapshot *snapshot, enum kind kind)
{
	vector_for_each (&snapshot->limits, limit)
		if (limit_info(limit->id)->kind == kind)
			return true;
	return false;
}

static int print_object(const struct snapshot *snapshot, const struct object *object,
			const struct style *style)
{
	_cleanup_buffer_ struct buffer output = view_output();
	int r;

	print_fields(&output, snapshot, object, style);
	r = buffer_flush(&output);
	if (r == 0 && object->kind == KIND_SEM)
		r = print_semaphores(snapshot, object, style);
	if (r == 0)
		r = user_table_print(snapshot, object, INDENT, style);
	if (r < 0 || !has_limits(snapshot, object->kind))
		return r;
	putchar('\n');
	return limit_table_print(snapshot, KIND_BIT(object->kind), object->namespace, INDENT,
				 style);
}

enum exit_status cmd_show(struct invocation *invocation)
{
	_cleanup_found_ struct found found = {0};
	struct scope scope = scope_everything;
	enum exit_status status = find_read(invocation, &found);

	if (status != STATUS_DONE)
		return status;
	/* All kinds are listed, so that a REF of the wrong kind can be told what would be right. */
	scope.has_semaphores = found.wanted_kinds & KIND_BIT(KIND_SEM);
	scope.has_queue_limits = found.wanted_kinds & KIND_BIT(KIND_MSG);
	scope.link_kinds = found.wanted_kinds;
	find_narrow(&found, &scope);
	status = find_open(invocation, &scope, &found);
	if (status != STATUS_DONE && !found.snapshot)
		return status;
	return find_answer(invocation, &found, status, true, print_object);
}
