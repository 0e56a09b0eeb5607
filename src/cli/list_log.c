/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/list_log.h"

#include "cli/complain.h"
#include "cli/process_names.h"

#define TIME_COLUMN OBJECT_FIELD_COUNT

void list_log_init(struct list_log *log)
{
	*log = (struct list_log){.table = object_fields};
	memcpy(log->fields, object_fields.fields,
	       OBJECT_FIELD_COUNT * sizeof(*object_fields.fields));
	log->fields[TIME_COLUMN] =
		(struct field){.name = "time", .heading = "TIME", .type = VALUE_TIME};
	log->table.fields = log->fields;
	log->table.count = OBJECT_FIELD_COUNT + 1;
}

/*
 * "postgres 312 313, psql 400": the processes of an object, those of one command together. "2+": so
 * many threads wait, and others may that could not be looked at.
 */
bool list_add_cell(struct buffer *buffer, const void *record, size_t field,
		   const struct style *style, const void *context)
{
	const struct object *object = record;

	(void)style;
	if (!object_has(object, (enum object_field)field))
		return false;
	if (object_fields.fields[field].type == VALUE_PIDS)
		process_names_add(buffer, context, object, (enum object_field)field);
	else if (field == OBJECT_WAITING &&
		 snapshot_has_unseen_waits(context, KIND_BIT(object->kind)))
		buffer_add_format(buffer, "%llu+", (unsigned long long)object->waiting);
	else
		return false;
	return true;
}

/* Looks of one minute would have the same time. */
static void add_time(struct buffer *buffer, const struct snapshot *snapshot,
		     const struct style *style)
{
	time_add_formatted(buffer,
			   style->time_format == TIME_FORMAT_SHORT ? TIME_FORMAT_SECONDS
								   : style->time_format,
			   snapshot->taken_at, style->now);
}

static bool add_cell(struct buffer *buffer, const void *record, size_t field,
		     const struct style *style, const void *context)
{
	const struct snapshot *snapshot = context;

	if (field != TIME_COLUMN)
		return list_add_cell(buffer, record, field, style, context);
	add_time(buffer, snapshot, style);
	return true;
}

/*
 * Nothing is cut to the width of a terminal, which would lay out each look anew: the rows of all
 * stand below each other.
 */
int list_log_print(struct list_log *log, const struct snapshot *snapshot, const struct style *style,
		   const size_t *columns, size_t count, const struct object *const *objects,
		   size_t object_count)
{
	enum kind kind = objects[0]->kind;
	size_t with_time[OBJECT_FIELD_COUNT + 1] = {TIME_COLUMN};
	struct style of_log = *style;
	const struct table_layout layout = {.fields = &log->table,
					    .columns = with_time,
					    .count = count + 1,
					    .add_cell = add_cell,
					    .context = snapshot,
					    .widths = log->widths[kind]};

	memcpy(with_time + 1, columns, count * sizeof(*columns));
	of_log.is_terminal = false;
	of_log.has_heading = style->has_heading && !log->has_heading[kind];
	log->has_heading[kind] = true;
	log->is_empty[kind] = false;
	return table_print_array(&layout, &of_log, (const void *const *)objects, object_count,
				 stdout);
}

int list_log_begin_none(struct list_log *log, const struct snapshot *snapshot,
			const struct style *style, enum kind kind)
{
	_cleanup_buffer_ struct buffer output = {.sink = stdout};
	int r;

	if (log->is_empty[kind])
		return 0;
	log->is_empty[kind] = true;
	add_time(&output, snapshot, style);
	buffer_add_char(&output, ' ');
	r = buffer_flush(&output);
	return r ? r : 1;
}

/* A new line is only between members: inside of texts it is escaped. */
int list_log_print_json(const struct buffer *document)
{
	_cleanup_buffer_ struct buffer output = {.sink = stdout};

	if (document->error)
		return document->error;
	for (size_t i = 0; i < document->length; i++)
		if (document->bytes[i] != '\n')
			buffer_add_char(&output, document->bytes[i]);
	buffer_add_char(&output, '\n');
	return buffer_flush(&output);
}

/* Without the reason, which can have a number in it that is another one each time. */
static uint64_t hash_of(const struct issue *issue)
{
	uint64_t hash = issue->code << 16 ^ issue->aspect << 8 ^ issue->kind;

	for (size_t i = 0; i < issue->subject.length; i++)
		hash = (hash ^ (unsigned char)issue->subject.bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static bool is_told(const struct list_log *log, uint64_t hash)
{
	size_t count = log->told_count < LIST_LOG_TOLD ? log->told_count : LIST_LOG_TOLD;

	for (size_t i = 0; i < count; i++)
		if (log->told[i] == hash)
			return true;
	return false;
}

void list_log_complain(struct list_log *log, const struct snapshot *snapshot,
		       const struct scope *scope)
{
	bool has_new = false;

	vector_for_each (&snapshot->issues, issue) {
		uint64_t hash = hash_of(issue);

		if (!scope_covers_issue(scope, snapshot, issue) || is_told(log, hash))
			continue;
		log->told[log->told_count++ % LIST_LOG_TOLD] = hash;
		has_new = true;
	}
	if (has_new)
		complain_of_issues(snapshot, scope);
}
