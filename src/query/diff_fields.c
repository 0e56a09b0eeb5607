/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects field by field, and semaphores one by one.
 */
#include "model/value_text.h"
#include "query/diff_parts.h"

/* Two records of one table that are the same thing. */
struct couple {
	enum diff_sort sort;
	const struct object *object; /* that they are, or are of */
	const void *before, *after;
};

static int add_change(struct differ *differ, const struct couple *couple, size_t field)
{
	return diff_add_detail(differ, (struct diff_detail){.sort = couple->sort,
							    .field = field,
							    .before = couple->before,
							    .after = couple->after,
							    .is_proven = true});
}

static bool is_known(const struct field *field, const struct value *value)
{
	return value->is_present || (field->absent_is_never && !value->is_hidden);
}

static int compare_field(struct differ *differ, const struct couple *couple, size_t index)
{
	const struct field_table *table = diff_table(couple->sort);
	const struct field *field = &table->fields[index];
	struct value_scratch scratch_before, scratch_after;
	struct value before = field_value(table, index, couple->before, &scratch_before);
	struct value after = field_value(table, index, couple->after, &scratch_after);
	bool is_known_before = is_known(field, &before), is_known_after = is_known(field, &after);

	if (is_known_before && is_known_after)
		return value_compare(&before, &after) ? add_change(differ, couple, index) : 0;
	/* What neither has, or a number tells as well as its name, nobody misses. */
	if (is_known_before == is_known_after || field->fallback)
		return 0;
	return diff_add_gap(differ,
			    (struct diff_gap){.what = field->name,
					      .is_of_semaphores = couple->sort == DIFF_SEMAPHORE,
					      .is_before = !is_known_before,
					      .is_after = !is_known_after,
					      .first = couple->object});
}

static bool has_other_number(const struct couple *couple, const struct field *field)
{
	const struct field_table *table = diff_table(couple->sort);
	struct value_scratch scratch;
	struct value before = field_value(table, field->fallback, couple->before, &scratch);
	struct value after = field_value(table, field->fallback, couple->after, &scratch);

	return before.is_present && after.is_present && value_compare(&before, &after);
}

/*
 * What is computed follows from the others; PIDs of users, and how many wait, are told user by user
 * and wait by wait. That an id has another name now is a change of the user database.
 */
static bool is_compared(const struct couple *couple, size_t index)
{
	const struct field *field = &diff_table(couple->sort)->fields[index];

	if (field->compute || field->type == VALUE_PIDS || field->type == VALUE_RECORDS ||
	    (couple->sort == DIFF_FIELD && index == OBJECT_WAITING))
		return false;
	return !field->fallback || has_other_number(couple, field);
}

static int compare_records(struct differ *differ, const struct couple *couple, unsigned int kinds)
{
	const struct field_table *table = diff_table(couple->sort);
	int r = 0;

	for (size_t i = 0; r == 0 && i < table->count; i++)
		if (field_applies(&table->fields[i], kinds) && is_compared(couple, i))
			r = compare_field(differ, couple, i);
	return r;
}

static int compare_semaphores(struct differ *differ, const struct object *before,
			      const struct object *after)
{
	bool has_before = object_has(before, OBJECT_SEMAPHORES);
	bool has_after = object_has(after, OBJECT_SEMAPHORES);
	const struct semaphore *old = before->sem.semaphores.items;
	const struct semaphore *new = after->sem.semaphores.items;
	int r = 0;

	if (has_before != has_after)
		return diff_add_gap(differ, (struct diff_gap){.what = "semaphores",
							      .is_before = !has_before,
							      .is_after = !has_after,
							      .first = after});
	for (size_t i = 0; r == 0 && has_before && i < before->sem.semaphores.count &&
			   i < after->sem.semaphores.count;
	     i++)
		r = compare_records(differ,
				    &(struct couple){DIFF_SEMAPHORE, after, &old[i], &new[i]}, 0);
	return r;
}

int diff_fields(struct differ *differ, const struct object *before, const struct object *after)
{
	int r = compare_records(differ, &(struct couple){DIFF_FIELD, after, before, after},
				KIND_BIT(after->kind));

	return r == 0 && after->kind == KIND_SEM ? compare_semaphores(differ, before, after) : r;
}

const struct field_table *diff_table(enum diff_sort sort)
{
	switch (sort) {
	case DIFF_FIELD:
		return &object_fields;
	case DIFF_SEMAPHORE:
		return &semaphore_fields;
	case DIFF_USER:
		return &link_fields;
	case DIFF_WAIT:
		break;
	}
	return &wait_fields;
}

void diff_add_name(struct buffer *buffer, const struct diff_detail *detail)
{
	if (detail->sort == DIFF_SEMAPHORE) {
		buffer_add_string(buffer, "semaphores[");
		buffer_add_unsigned(buffer, ((const struct semaphore *)detail->after)->num, 0);
		buffer_add_string(buffer, "].");
	}
	buffer_add_string(buffer, diff_table(detail->sort)->fields[detail->field].name);
}

static bool is_amount(enum value_type type)
{
	return type == VALUE_UNSIGNED || type == VALUE_SIZE || type == VALUE_DURATION;
}

static bool is_of_field(const struct diff_detail *detail)
{
	return detail->sort == DIFF_FIELD || detail->sort == DIFF_SEMAPHORE;
}

bool diff_find_delta(const struct diff_detail *detail, struct diff_delta *ret_delta)
{
	const struct field_table *table = diff_table(detail->sort);
	struct value_scratch scratch;
	struct value before, after;

	if (!is_of_field(detail) || !is_amount(table->fields[detail->field].type))
		return false;
	before = field_value(table, detail->field, detail->before, &scratch);
	after = field_value(table, detail->field, detail->after, &scratch);
	if (!before.is_present || !after.is_present)
		return false;
	ret_delta->is_negative = after.number < before.number;
	ret_delta->amount = ret_delta->is_negative ? before.number - after.number
						   : after.number - before.number;
	return true;
}

bool diff_has_rate(const struct diff *diff, const struct diff_detail *detail)
{
	return diff->seconds && is_of_field(detail) &&
	       diff_table(detail->sort)->fields[detail->field].is_flow;
}
