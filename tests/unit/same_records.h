/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records from two ways of listing System V objects: the same, field by field. */
#ifndef SAME_RECORDS_H
#define SAME_RECORDS_H

#include "unit.h"

#include "model/snapshot.h"

/* What no call tells of one segment (ipc/shm.c: shmctl_shm_info() has only the sums). */
#define IS_PROC_ALONE(table, index) \
	((table) == &object_fields && ((index) == OBJECT_RSS || (index) == OBJECT_SWAP))

static void assert_same_record(const struct field_table *table, const void *a, const void *b,
			       const char *where);

static void assert_same_list(const struct field *field, struct record_list a, struct record_list b,
			     const char *where)
{
	assert_int_equal(a.count, b.count);
	for (size_t i = 0; i < a.count; i++)
		assert_same_record(field->records,
				   (char *)a.items + i * field->records->record_size,
				   (char *)b.items + i * field->records->record_size, where);
}

static void assert_same_value(const struct field *field, const struct value *a,
			      const struct value *b, const char *where)
{
	bool is_same = a->is_present == b->is_present && a->is_hidden == b->is_hidden;

	if (is_same && a->is_present) {
		if (field->type == VALUE_RECORDS)
			assert_same_list(field, a->records, b->records, where);
		else if (field->type == VALUE_PIDS)
			is_same = pids_are_equal(a->records, b->records);
		else if (field->type == VALUE_TEXT)
			is_same = text_equals(a->text, b->text);
		else
			is_same = a->number == b->number;
	}
	if (!is_same)
		fail_msg("%s: %s is not the same: %ju, %ju", where, field->name,
			 (uintmax_t)a->number, (uintmax_t)b->number);
}

static void assert_same_record(const struct field_table *table, const void *a, const void *b,
			       const char *where)
{
	for (size_t i = 0; i < table->count; i++) {
		struct value_scratch room_a, room_b;
		struct value value_a = field_value(table, i, a, &room_a);
		struct value value_b = field_value(table, i, b, &room_b);

		if (IS_PROC_ALONE(table, i))
			assert_false(value_b.is_present);
		else
			assert_same_value(&table->fields[i], &value_a, &value_b, where);
	}
}

#endif
