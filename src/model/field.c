/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/field.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

#include "base/nearest.h"

static struct value stored_value(const struct field *field, const void *record)
{
	const char *address = (const char *)record + field->offset;
	struct value value = {.type = field->type, .is_present = true};

	switch (field->type) {
	case VALUE_TEXT:
		memcpy(&value.text, address, sizeof(value.text));
		break;
	case VALUE_RECORDS:
	case VALUE_PIDS:
	case VALUE_TEXTS:
		memcpy(&value.records, address, sizeof(value.records));
		break;
	case VALUE_TIME:
	case VALUE_PID:
	case VALUE_SIGNED:
		memcpy(&value.signed_number, address, sizeof(value.signed_number));
		break;
	default:
		memcpy(&value.number, address, sizeof(value.number));
		break;
	}
	return value;
}

struct value field_value(const struct field_table *table, size_t index, const void *record,
			 struct value_scratch *scratch)
{
	const struct field *field = &table->fields[index];
	const struct record *header = record;

	if (field->compute)
		return field->compute(record, scratch);
	if (!record_has(header, (unsigned int)index))
		return (struct value){.type = field->type,
				      .is_hidden = record_hides(header, (unsigned int)index)};
	return stored_value(field, record);
}

bool field_applies(const struct field *field, unsigned int kinds)
{
	return !field->kinds || (field->kinds & kinds);
}

static bool equals_ignoring_case(struct text text, const char *string)
{
	return strlen(string) == text.length && strncasecmp(string, text.bytes, text.length) == 0;
}

bool field_find(const struct field_table *table, struct text name, size_t *ret_index)
{
	for (size_t i = 0; i < table->count; i++) {
		if (equals_ignoring_case(name, table->fields[i].name) ||
		    equals_ignoring_case(name, table->fields[i].heading)) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

/* The field whose name or heading is a slip away, the nearest of them; NULL where none is. */
static const char *field_nearest(const struct field_table *table, const char *word)
{
	const char *found = NULL;
	size_t distance = SIZE_MAX;

	for (size_t i = 0; i < 2 * table->count; i++) {
		const struct field *field = &table->fields[i / 2];
		const char *name = i % 2 ? field->heading : field->name;

		if (!nearest_is_slip(word, name) || nearest_distance(word, name) >= distance)
			continue;
		found = field->name;
		distance = nearest_distance(word, name);
	}
	return found;
}

int field_look_up(const struct field_table *table, struct text name, size_t *ret_index,
		  struct ipclens_error *ret_error)
{
	const char *nearest;
	char word[64];

	if (field_find(table, name, ret_index))
		return 0;
	snprintf(word, sizeof(word), "%.*s", (int)name.length, name.bytes ? name.bytes : "");
	nearest = field_nearest(table, word);
	if (nearest)
		return error_set(ret_error, -EINVAL,
				 "there is no field \"%s\"; did you mean \"%s\"?", word, nearest);
	return error_set(ret_error, -EINVAL,
			 "there is no field \"%s\"; \"ipclens explain\" lists them", word);
}
