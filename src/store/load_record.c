/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/load_record.h"

#include <errno.h>
#include <string.h>

#include "base/json_text.h"
#include "base/parse_number.h"
#include "base/time_text.h"
#include "model/value_text.h"

int load_error(struct loader *loader, const char *field, const char *why)
{
	char index[32] = "";

	if (loader->has_index)
		snprintf(index, sizeof(index), "[%zu]", loader->index);
	return error_set(loader->ret_error, -EINVAL, "%s%s%s%s: %s", loader->list, index,
			 field ? "." : "", field ? field : "", why);
}

int load_error_memory(struct loader *loader)
{
	return error_set(loader->ret_error, -ENOMEM, "%s", strerror(ENOMEM));
}

struct text load_text(struct json_object *string)
{
	return (struct text){json_object_get_string(string),
			     (size_t)json_object_get_string_len(string)};
}

/* Not negative and exact: json-c hands out what it has to clamp otherwise. */
static int read_unsigned(struct json_object *json, uint64_t *ret_number)
{
	if (!json_object_is_type(json, json_type_int) || json_object_get_int64(json) < 0)
		return -EINVAL;
	*ret_number = json_object_get_uint64(json);
	return 0;
}

static int read_pid(struct json_object *json, int64_t *ret_pid)
{
	int64_t pid;

	if (!json_object_is_type(json, json_type_int))
		return -EINVAL;
	pid = json_object_get_int64(json);
	if (pid < 0 || pid > INT32_MAX)
		return -EINVAL;
	*ret_pid = pid;
	return 0;
}

static int read_signed(struct json_object *json, int64_t *ret_number)
{
	if (!json_object_is_type(json, json_type_int))
		return -EINVAL;
	*ret_number = json_object_get_int64(json);
	return 0;
}

static int read_time(struct json_object *json, int64_t *ret_seconds)
{
	if (!json_object_is_type(json, json_type_string))
		return -EINVAL;
	return time_parse_rfc3339(load_text(json), ret_seconds);
}

/* "0644": base 8; "0x000004d2": base 16 without its prefix. */
static int read_digits(struct json_object *json, size_t prefix, unsigned int base, uint64_t maximum,
		       uint64_t *ret_number)
{
	struct text text;

	if (!json_object_is_type(json, json_type_string))
		return -EINVAL;
	text = load_text(json);
	if (text.length <= prefix || text.bytes[0] != '0' || (prefix == 2 && text.bytes[1] != 'x'))
		return -EINVAL;
	if (parse_unsigned((struct text){text.bytes + prefix, text.length - prefix}, base, maximum,
			   ret_number) < 0)
		return -EINVAL;
	return 0;
}

static int read_name(struct json_object *json, const char *const *names, uint64_t *ret_index)
{
	if (!json_object_is_type(json, json_type_string))
		return -EINVAL;
	for (uint64_t i = 0; names[i]; i++) {
		if (text_equals(load_text(json), text_of(names[i]))) {
			*ret_index = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int read_flags(struct json_object *json, const char *const *names, uint64_t *ret_flags)
{
	uint64_t flags = 0, bit;

	if (!json_object_is_type(json, json_type_array))
		return -EINVAL;
	for (size_t i = 0; i < json_object_array_length(json); i++) {
		if (read_name(json_object_array_get_idx(json, i), names, &bit) < 0)
			return -EINVAL;
		flags |= UINT64_C(1) << bit;
	}
	*ret_flags = flags;
	return 0;
}

/* The bytes themselves where the string beside them is only their escaped form. */
static int read_text(struct loader *loader, struct json_object *record, const struct field *field,
		     struct json_object *json, struct text *ret_text)
{
	_cleanup_buffer_ struct buffer bytes = {0};
	struct json_object *hex;
	struct text text;
	char name[64];

	if (!json_object_is_type(json, json_type_string))
		return -EINVAL;
	text = load_text(json);
	snprintf(name, sizeof(name), "%s_hex", field->name);
	if (json_object_object_get_ex(record, name, &hex)) {
		if (!json_object_is_type(hex, json_type_string) ||
		    json_parse_hex(load_text(hex), &bytes) < 0)
			return -EINVAL;
		text = buffer_text(&bytes);
	}
	return snapshot_copy_text(loader->snapshot, text, ret_text);
}

static int read_records(struct loader *loader, struct json_object *json,
			const struct field_table *table, struct record_list *ret_records)
{
	size_t count;
	char *items;

	if (!json_object_is_type(json, json_type_array))
		return -EINVAL;
	count = json_object_array_length(json);
	items = arena_alloc_array(&loader->snapshot->arena, count, table->record_size);
	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct json_object *element = json_object_array_get_idx(json, i);
		int r = -EINVAL;

		if (json_object_is_type(element, json_type_object))
			r = load_record(loader, element, table, items + i * table->record_size, 0);
		if (r < 0)
			return r;
	}
	*ret_records = (struct record_list){items, count};
	return 0;
}

static int read_pids(struct loader *loader, struct json_object *json, struct record_list *ret_pids)
{
	size_t count;
	int64_t *pids;

	if (!json_object_is_type(json, json_type_array))
		return -EINVAL;
	count = json_object_array_length(json);
	pids = arena_alloc_array(&loader->snapshot->arena, count, sizeof(*pids));
	if (!pids)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (read_pid(json_object_array_get_idx(json, i), &pids[i]) < 0)
			return -EINVAL;
	*ret_pids = (struct record_list){pids, count};
	return 0;
}

static int read_value(struct loader *loader, struct json_object *record, const struct field *field,
		      struct json_object *json, void *place)
{
	switch (field->type) {
	case VALUE_UNSIGNED:
	case VALUE_ID:
	case VALUE_SIZE:
	case VALUE_ADDRESS:
	case VALUE_DURATION:
		return read_unsigned(json, place);
	case VALUE_PID:
		return read_pid(json, place);
	case VALUE_SIGNED:
		return read_signed(json, place);
	case VALUE_TIME:
		return read_time(json, place);
	case VALUE_MODE:
		return read_digits(json, 1, 8, 0777, place);
	case VALUE_KEY:
		return read_digits(json, 2, 16, UINT32_MAX, place);
	case VALUE_DEVICE:
		if (!json_object_is_type(json, json_type_string))
			return -EINVAL;
		return value_parse_device(load_text(json), place);
	case VALUE_TEXT:
		return read_text(loader, record, field, json, place);
	case VALUE_FLAGS:
		return read_flags(json, field->names, place);
	case VALUE_CHOICE:
		return read_name(json, field->names, place);
	case VALUE_BOOL:
		if (!json_object_is_type(json, json_type_boolean))
			return -EINVAL;
		*(uint64_t *)place = json_object_get_boolean(json) ? 1 : 0;
		return 0;
	case VALUE_PIDS:
		return read_pids(loader, json, place);
	case VALUE_RECORDS:
		return read_records(loader, json, field->records, place);
	case VALUE_TEXTS:   /* of findings, which are never loaded */
	case VALUE_RATE:    /* of leaks, neither */
	case VALUE_PERCENT: /* always computed */
		break;
	}
	return -EINVAL;
}

static const char *what_is_right(enum value_type type)
{
	switch (type) {
	case VALUE_TIME:
		return "not a time like \"2026-01-31T12:00:00Z\"";
	case VALUE_MODE:
		return "not permission bits like \"0644\"";
	case VALUE_KEY:
		return "not a key like \"0x000004d2\"";
	case VALUE_DEVICE:
		return "not a device like \"0:25\"";
	case VALUE_TEXT:
		return "not a string, or its bytes in hexadecimal are malformed";
	case VALUE_FLAGS:
	case VALUE_CHOICE:
		return "a name that this version does not know";
	case VALUE_BOOL:
		return "neither true nor false";
	case VALUE_RECORDS:
		return "not an array of objects";
	default:
		return "not a number in its range";
	}
}

static int load_hidden(struct loader *loader, struct json_object *json,
		       const struct field_table *table, struct record *record)
{
	struct json_object *names;
	size_t index;

	if (!table->can_hide || !json_object_object_get_ex(json, "hidden", &names))
		return 0;
	if (!json_object_is_type(names, json_type_array))
		return load_error(loader, "hidden", "not an array");
	for (size_t i = 0; i < json_object_array_length(names); i++) {
		struct json_object *name = json_object_array_get_idx(names, i);

		if (!json_object_is_type(name, json_type_string))
			return load_error(loader, "hidden", "not an array of names");
		if (field_find(table, load_text(name), &index) &&
		    !record_has(record, (unsigned int)index))
			record_mark_hidden(record, (unsigned int)index);
	}
	return 0;
}

int load_record(struct loader *loader, struct json_object *json, const struct field_table *table,
		void *record, unsigned int kinds)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct field *field = &table->fields[i];
		struct json_object *member;
		int r;

		if (field->compute || (kinds && !field_applies(field, kinds)))
			continue;
		if (!json_object_object_get_ex(json, field->name, &member) || !member)
			continue;
		r = read_value(loader, json, field, member, field_address(field, record));
		if (r == -ENOMEM)
			return load_error_memory(loader);
		if (r < 0)
			/* What is inside of a list inside has said where already. */
			return field->type == VALUE_RECORDS && loader->ret_error->number
				       ? r
				       : load_error(loader, field->name,
						    what_is_right(field->type));
		record_mark(record, (unsigned int)i);
	}
	return load_hidden(loader, json, table, record);
}
