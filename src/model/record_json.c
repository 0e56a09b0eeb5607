/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/record_json.h"

#include "base/json_text.h"
#include "base/time_text.h"
#include "model/value_text.h"

static void add_flags(struct buffer *buffer, const struct field *field, uint64_t flags)
{
	bool is_first = true;

	buffer_add_char(buffer, '[');
	for (size_t i = 0; field->names[i]; i++) {
		if (!(flags >> i & 1))
			continue;
		if (!is_first)
			buffer_add_char(buffer, ',');
		is_first = false;
		json_add_string(buffer, text_of(field->names[i]));
	}
	buffer_add_char(buffer, ']');
}

static void add_records(struct buffer *buffer, const struct field_table *table,
			struct record_list records)
{
	const char *items = records.items;

	buffer_add_char(buffer, '[');
	for (size_t i = 0; i < records.count; i++) {
		if (i)
			buffer_add_char(buffer, ',');
		record_add_json(buffer, table, items + i * table->record_size, 0);
	}
	buffer_add_char(buffer, ']');
}

static void add_texts(struct buffer *buffer, struct record_list texts)
{
	const struct text *items = texts.items;

	buffer_add_char(buffer, '[');
	for (size_t i = 0; i < texts.count; i++) {
		if (i)
			buffer_add_char(buffer, ',');
		json_add_foreign_string(buffer, items[i]);
	}
	buffer_add_char(buffer, ']');
}

/* Adds a value that is present. False if its text had to be escaped. */
static bool add_value(struct buffer *buffer, const struct field *field, const struct value *value)
{
	switch (value->type) {
	case VALUE_TEXT:
		return json_add_foreign_string(buffer, value->text);
	case VALUE_FLAGS:
		add_flags(buffer, field, value->number);
		break;
	case VALUE_PIDS:
		buffer_add_char(buffer, '[');
		value_add_plain(buffer, field, value);
		buffer_add_char(buffer, ']');
		break;
	case VALUE_TEXTS:
		add_texts(buffer, value->records);
		break;
	case VALUE_RECORDS:
		add_records(buffer, field->records, value->records);
		break;
	case VALUE_TIME:
	case VALUE_MODE:
	case VALUE_KEY:
	case VALUE_DEVICE:
	case VALUE_CHOICE:
		buffer_add_char(buffer, '"');
		value_add_plain(buffer, field, value);
		buffer_add_char(buffer, '"');
		break;
	default:
		value_add_plain(buffer, field, value);
		break;
	}
	return true;
}

static void add_name(struct buffer *buffer, const char *name, const char *ending)
{
	size_t length = strlen(name), rest = strlen(ending);
	char *room = buffer_reserve(buffer, length + rest + 3);

	if (!room)
		return;
	*room++ = '"';
	memcpy(room, name, length);
	memcpy(room + length, ending, rest);
	memcpy(room + length + rest, "\":", 2);
	buffer_advance(buffer, length + rest + 3);
}

static void add_hidden(struct buffer *buffer, const struct field_table *table, uint64_t hidden)
{
	bool is_first = true;

	buffer_add_string(buffer, ",\"hidden\":[");
	for (size_t i = 0; hidden && i < table->count; i++) {
		if (!(hidden >> i & 1))
			continue;
		if (!is_first)
			buffer_add_char(buffer, ',');
		is_first = false;
		json_add_string(buffer, text_of(table->fields[i].name));
	}
	buffer_add_char(buffer, ']');
}

void record_add_json_member(struct buffer *buffer, const struct field_table *table, size_t index,
			    const void *record, const char *name)
{
	struct value_scratch scratch;
	struct value value = field_value(table, index, record, &scratch);

	add_name(buffer, name, "");
	if (!value.is_present) {
		buffer_add_string(buffer, "null");
	} else if (!add_value(buffer, &table->fields[index], &value)) {
		buffer_add_char(buffer, ',');
		add_name(buffer, name, "_hex");
		json_add_hex(buffer, value.text);
	}
}

void record_add_json(struct buffer *buffer, const struct field_table *table, const void *record,
		     unsigned int kinds)
{
	const struct record *header = record;
	bool is_first = true;

	buffer_add_char(buffer, '{');
	for (size_t i = 0; i < table->count; i++) {
		const struct field *field = &table->fields[i];

		if (kinds && !field_applies(field, kinds))
			continue;
		if (!is_first)
			buffer_add_char(buffer, ',');
		is_first = false;
		record_add_json_member(buffer, table, i, record, field->name);
	}
	if (table->can_hide)
		add_hidden(buffer, table, header->hidden);
	buffer_add_char(buffer, '}');
}

void object_add_json(struct buffer *buffer, const struct object *object)
{
	record_add_json(buffer, &object_fields, object, KIND_BIT(object->kind));
}

void document_begin(struct buffer *buffer, const struct snapshot *snapshot, const char *command)
{
	buffer_add_string(buffer, "{\n\"schema\":\"" SNAPSHOT_SCHEMA "\",\n\"command\":");
	json_add_string(buffer, text_of(command));
	buffer_add_string(buffer, ",\n\"taken_at\":");
	buffer_add_char(buffer, '"');
	time_add_rfc3339(buffer, snapshot->taken_at);
	buffer_add_char(buffer, '"');
	buffer_add_string(buffer, ",\n\"host\":");
	record_add_json(buffer, &host_fields, &snapshot->host, 0);
	buffer_add_string(buffer, ",\n\"sight\":");
	record_add_json(buffer, &sight_fields, &snapshot->sight, 0);
	if (snapshot->namespaces.count)
		document_add_records(buffer, &namespace_fields, snapshot->namespaces.items,
				     snapshot->namespaces.count);
}

void document_add_record(struct buffer *buffer, const struct field_table *table, const void *record)
{
	buffer_add_string(buffer, ",\n");
	add_name(buffer, table->name, "");
	record_add_json(buffer, table, record, 0);
}

void document_begin_list(struct buffer *buffer, const char *name)
{
	buffer_add_string(buffer, ",\n");
	add_name(buffer, name, "");
	buffer_add_char(buffer, '[');
}

void document_next(struct buffer *buffer, bool is_first)
{
	buffer_add_string(buffer, is_first ? "\n" : ",\n");
}

void document_end_list(struct buffer *buffer)
{
	buffer_add_char(buffer, ']');
}

void document_add_records(struct buffer *buffer, const struct field_table *table,
			  const void *records, size_t count)
{
	const char *record = records;

	document_begin_list(buffer, table->name);
	for (size_t i = 0; i < count; i++) {
		document_next(buffer, i == 0);
		record_add_json(buffer, table, record + i * table->record_size, 0);
	}
	document_end_list(buffer);
}

void document_add_users(struct buffer *buffer, const struct snapshot *snapshot)
{
	document_add_records(buffer, &process_fields, snapshot->processes.items,
			     snapshot->processes.count);
	document_add_records(buffer, &link_fields, snapshot->links.items, snapshot->links.count);
	document_add_records(buffer, &accounting_fields, snapshot->accountings.items,
			     snapshot->accountings.count);
	if (snapshot->has_waits)
		document_add_records(buffer, &wait_fields, snapshot->waits.items,
				     snapshot->waits.count);
}

void document_add_limits(struct buffer *buffer, const struct snapshot *snapshot, unsigned int kinds)
{
	bool is_first = true;

	document_begin_list(buffer, limit_fields.name);
	vector_for_each (&snapshot->limits, limit) {
		if (!(kinds & KIND_BIT(limit_info(limit->id)->kind)))
			continue;
		document_next(buffer, is_first);
		is_first = false;
		record_add_json(buffer, &limit_fields, limit, 0);
	}
	document_end_list(buffer);
}

void document_add_issues(struct buffer *buffer, const struct snapshot *snapshot,
			 const struct scope *scope)
{
	bool is_first = true;

	document_begin_list(buffer, issue_fields.name);
	vector_for_each (&snapshot->issues, issue) {
		if (!scope_covers_issue(scope, snapshot, issue))
			continue;
		document_next(buffer, is_first);
		is_first = false;
		record_add_json(buffer, &issue_fields, issue, 0);
	}
	document_end_list(buffer);
}

void document_end(struct buffer *buffer)
{
	buffer_add_string(buffer, "\n}\n");
}
