/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cursors: records of any field table, one after the other.
 */
#include <errno.h>
#include <stdlib.h>

#include "lib/lib.h"
#include "model/value_text.h"

struct ipclens_cursor {
	const struct field_table *table;
	const char *records; /* borrowed from the snapshot */
	size_t count;
	size_t place; /* from 1; 0: in front of the first */
};

static int cursor_new(const struct field_table *table, const void *records, size_t count,
		      struct ipclens_cursor **ret_cursor)
{
	struct ipclens_cursor *cursor = malloc(sizeof(*cursor));

	if (!cursor)
		return -ENOMEM;
	*cursor = (struct ipclens_cursor){table, records, count, 0};
	*ret_cursor = cursor;
	return 0;
}

int ipclens_cursor_new(const struct ipclens_snapshot *snapshot, const char *list,
		       struct ipclens_cursor **ret_cursor)
{
	const struct snapshot *model = lib_model(snapshot);
	const struct {
		const struct field_table *table;
		const void *records;
		size_t count;
	} lists[] = {
		{&object_fields, model->objects.items, model->objects.count},
		{&process_fields, model->processes.items, model->processes.count},
		{&link_fields, model->links.items, model->links.count},
		{&accounting_fields, model->accountings.items, model->accountings.count},
		{&limit_fields, model->limits.items, model->limits.count},
		{&issue_fields, model->issues.items, model->issues.count},
		{&namespace_fields, model->namespaces.items, model->namespaces.count},
		{&host_fields, &model->host, 1},
		{&sight_fields, &model->sight, 1},
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (strcmp(lists[i].table->name, list) == 0)
			return cursor_new(lists[i].table, lists[i].records, lists[i].count,
					  ret_cursor);
	return -ENOENT;
}

struct ipclens_cursor *ipclens_cursor_free(struct ipclens_cursor *cursor)
{
	free(cursor);
	return NULL;
}

size_t ipclens_cursor_get_count(const struct ipclens_cursor *cursor)
{
	return cursor->count;
}

bool ipclens_cursor_next(struct ipclens_cursor *cursor)
{
	if (cursor->place <= cursor->count)
		cursor->place++;
	return cursor->place <= cursor->count;
}

/* Only objects are of kinds, which have some of the fields. */
static unsigned int kinds_of(const struct field_table *table, const void *record)
{
	return table == &object_fields ? KIND_BIT(((const struct object *)record)->kind) : 0;
}

/* The value of the field by its name; results as of ipclens_cursor_get_unsigned(). */
static int find_value(const struct ipclens_cursor *cursor, const char *name, size_t *ret_index,
		      struct value *ret_value, struct value_scratch *scratch)
{
	const struct field_table *table = cursor->table;
	unsigned int kinds;
	const void *record;
	size_t index = 0;

	if (!cursor->place || cursor->place > cursor->count)
		return -ENODATA;
	record = cursor->records + (cursor->place - 1) * table->record_size;
	kinds = kinds_of(table, record);
	while (index < table->count && strcmp(table->fields[index].name, name) != 0)
		index++;
	if (index == table->count || (kinds && !field_applies(&table->fields[index], kinds)))
		return -ENOENT;
	*ret_index = index;
	*ret_value = field_value(table, index, record, scratch);
	if (!ret_value->is_present)
		return ret_value->is_hidden ? IPCLENS_HIDDEN : IPCLENS_ABSENT;
	return 0;
}

static bool is_signed(enum value_type type)
{
	return type == VALUE_TIME || type == VALUE_PID;
}

static bool is_unsigned(enum value_type type)
{
	return !is_signed(type) && type != VALUE_TEXT && type != VALUE_RECORDS &&
	       type != VALUE_PIDS;
}

int ipclens_cursor_get_unsigned(const struct ipclens_cursor *cursor, const char *field,
				uint64_t *ret_number)
{
	struct value_scratch scratch;
	struct value value = {0};
	size_t index;
	int r = find_value(cursor, field, &index, &value, &scratch);

	if (r >= 0 && !is_unsigned(value.type))
		return -EINVAL;
	if (r == 0)
		*ret_number = value.number;
	return r;
}

int ipclens_cursor_get_signed(const struct ipclens_cursor *cursor, const char *field,
			      int64_t *ret_number)
{
	struct value_scratch scratch;
	struct value value = {0};
	size_t index;
	int r = find_value(cursor, field, &index, &value, &scratch);

	if (r >= 0 && !is_signed(value.type))
		return -EINVAL;
	if (r == 0)
		*ret_number = value.signed_number;
	return r;
}

int ipclens_cursor_get_text(const struct ipclens_cursor *cursor, const char *field, char **ret_text)
{
	struct value_scratch scratch;
	struct value value = {0};
	struct buffer buffer = {0};
	size_t index;
	int r = find_value(cursor, field, &index, &value, &scratch);

	if (r >= 0 && value.type == VALUE_RECORDS)
		return -EINVAL;
	if (r != 0)
		return r;
	value_add_plain(&buffer, &cursor->table->fields[index], &value);
	if (!buffer_string(&buffer)) {
		buffer_deinit(&buffer);
		return -ENOMEM;
	}
	*ret_text = buffer.bytes;
	return 0;
}

int ipclens_cursor_new_inside(const struct ipclens_cursor *cursor, const char *field,
			      struct ipclens_cursor **ret_cursor)
{
	struct value_scratch scratch;
	struct value value = {0};
	size_t index;
	int r = find_value(cursor, field, &index, &value, &scratch);

	if (r >= 0 && value.type != VALUE_RECORDS)
		return -EINVAL;
	if (r != 0)
		return r;
	return cursor_new(cursor->table->fields[index].records, value.records.items,
			  value.records.count, ret_cursor);
}
