/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens show: everything about single objects.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/find.h"
#include "cli/limit_table.h"
#include "cli/user_table.h"
#include "cli/view.h"
#include "render/table.h"

#define INDENT "  "

static void print_field(struct buffer *output, const struct object *object, size_t index,
			const struct style *style)
{
	const struct field *field = &object_fields.fields[index];
	struct value_scratch scratch;
	struct value value = field_value(&object_fields, index, object, &scratch);

	buffer_add_string(output, INDENT);
	buffer_add_left(output, text_of(field->name), 18);
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

/* What stands elsewhere in the answer, or cannot be for this object. */
static bool is_passed_over(const struct object *object, size_t index)
{
	const struct field *field = &object_fields.fields[index];

	return !field_applies(field, KIND_BIT(object->kind)) || field->type == VALUE_RECORDS ||
	       field->type == VALUE_PIDS || index == OBJECT_REF || index == OBJECT_KIND ||
	       index == OBJECT_NAME;
}

static void print_fields(struct buffer *output, const struct object *object,
			 const struct style *style)
{
	if (style->has_heading) {
		style_add_field(output, &object_fields, OBJECT_REF, object, style);
		buffer_add_format(output, "  %s\n", kind_info(object->kind)->singular);
	}
	for (size_t i = 0; i < OBJECT_FIELD_COUNT; i++)
		if (!is_passed_over(object, i))
			print_field(output, object, i, style);
}

static int print_semaphores(const struct object *object, const struct style *style)
{
	static const size_t columns[] = {SEMAPHORE_NUM, SEMAPHORE_VALUE, SEMAPHORE_NCOUNT,
					 SEMAPHORE_ZCOUNT, SEMAPHORE_PID};
	const struct table_layout layout = {.fields = &semaphore_fields,
					    .columns = columns,
					    .count = SEMAPHORE_FIELD_COUNT,
					    .indent = INDENT};

	if (!object_has(object, OBJECT_SEMAPHORES)) {
		if (printf("\n" INDENT "the values of its semaphores could not be read\n") < 0)
			return -EIO;
		return 0;
	}
	putchar('\n');
	return table_print_records(&layout, style, object->sem.semaphores, stdout);
}

static int print_object(const struct snapshot *snapshot, const struct object *object,
			const struct style *style)
{
	_cleanup_buffer_ struct buffer output = view_output();
	int r;

	print_fields(&output, object, style);
	r = buffer_flush(&output);
	if (r == 0 && object->kind == KIND_SEM)
		r = print_semaphores(object, style);
	if (r == 0)
		r = user_table_print(snapshot, object, INDENT, style);
	if (r < 0)
		return r;
	putchar('\n');
	return limit_table_print(snapshot, KIND_BIT(object->kind), INDENT, style);
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
	status = find_open(invocation, &scope, &found);
	if (status != STATUS_DONE && !found.snapshot)
		return status;
	return find_answer(invocation, &found, status, true, print_object);
}
