/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What system calls tell of the running machine, told by side files of a recorded tree:
 * ipclens/semaphores, ipclens/queues, ipclens/page_size and ipclens/taken_at. The first two are
 * tables in the shape of /proc/sysvipc.
 */
#include "collect/collector.h"

#include <errno.h>
#include <stdlib.h>

#include "base/parse_number.h"
#include "base/time_text.h"
#include "collect/recorded.h"

enum semaphore_column {
	SEMID,
	NUM,
	VALUE,
	NCOUNT,
	ZCOUNT,
	PID,
	SEMAPHORE_COLUMNS,
};

static const struct proc_column semaphore_columns[SEMAPHORE_COLUMNS] = {
	[SEMID] = {"semid", false, 0, INT32_MAX},   [NUM] = {"num", false, 0, INT32_MAX},
	[VALUE] = {"value", false, 0, INT32_MAX},   [NCOUNT] = {"ncount", false, 0, INT32_MAX},
	[ZCOUNT] = {"zcount", false, 0, INT32_MAX}, [PID] = {"pid", false, 0, INT32_MAX},
};

static const struct proc_table_layout semaphore_layout = {semaphore_columns, SEMAPHORE_COLUMNS,
							  SEMAPHORE_COLUMNS};

enum queue_column {
	MSQID,
	QBYTES,
	QUEUE_COLUMNS,
};

static const struct proc_column queue_columns[QUEUE_COLUMNS] = {
	[MSQID] = {"msqid", false, 0, INT32_MAX},
	[QBYTES] = {"qbytes", false, 0, UINT64_MAX},
};

static const struct proc_table_layout queue_layout = {queue_columns, QUEUE_COLUMNS, QUEUE_COLUMNS};

static struct object *find(struct collector *collector, enum kind kind, uint64_t id)
{
	vector_for_each (&collector->snapshot->objects, object)
		if (object->kind == kind && object->id == id)
			return object;
	return NULL;
}

/*
 * Lines come in the order of the array; a line that is not the next of its array is malformed. The
 * array takes up only as much memory as there are lines.
 */
static int handle_semaphore(const struct proc_row *row, void *context)
{
	struct collector *collector = context;
	struct object *object = find(collector, KIND_SEM, row->values[SEMID]);
	struct record_list *list;
	struct semaphore *semaphore;

	if (!object)
		return 0;
	list = &object->sem.semaphores;
	if (row->values[NUM] != list->count || list->count >= object->sem.nsems)
		return -EINVAL;
	if ((list->count & (list->count - 1)) == 0) {
		struct semaphore *grown =
			arena_alloc_array(&collector->snapshot->arena,
					  list->count ? list->count * 2 : 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		if (list->count)
			memcpy(grown, list->items, list->count * sizeof(*grown));
		list->items = grown;
	}
	semaphore = (struct semaphore *)list->items + list->count++;
	semaphore->num = row->values[NUM];
	semaphore->value = row->values[VALUE];
	semaphore->ncount = row->values[NCOUNT];
	semaphore->zcount = row->values[ZCOUNT];
	for (unsigned int field = SEMAPHORE_NUM; field < SEMAPHORE_PID; field++)
		record_mark(&semaphore->record, field);
	collector_set_semaphore_pid(object, semaphore, row->values[PID]);
	return 0;
}

static int handle_queue(const struct proc_row *row, void *context)
{
	struct object *object = find(context, KIND_MSG, row->values[MSQID]);

	if (!object)
		return 0;
	object->max_bytes = row->values[QBYTES];
	object_mark(object, OBJECT_MAX_BYTES);
	return 0;
}

/* A side file: what it is about, and the field that it fills in. */
struct side_file {
	const char *path;
	enum kind kind;
	enum object_field field;
	enum issue_aspect aspect;
};

static int report(struct collector *collector, const struct side_file *file, int outcome,
		  const struct object *object, const char *reason)
{
	return collector_add_issue(collector, file->aspect, outcome, file->kind, object, file->path,
				   reason);
}

/* Objects that the file, which is well formed, does not have. */
static int report_missing(struct collector *collector, const struct side_file *file)
{
	vector_for_each (&collector->snapshot->objects, object) {
		int r = 0;

		if (object->kind == file->kind && !object_has(object, file->field) &&
		    scope_has_details(&collector->scope, object))
			r = report(collector, file, OUTCOME_UNSUPPORTED, object,
				   "it was not recorded, or not as a whole");
		if (r < 0)
			return r;
	}
	return 0;
}

static int report_table(struct collector *collector, const struct side_file *file, int result,
			const struct proc_table_parser *parser)
{
	if (result == -ENOMEM)
		return result;
	if (result < 0)
		return report(collector, file, OUTCOME_UNSUPPORTED, NULL, rooted_reason(result));
	if (result > 0)
		return report(collector, file, result, NULL,
			      result == OUTCOME_DENIED ? "permission denied"
						       : "the recorded tree does not have it");
	if (parser->malformed || !parser->columns)
		return report(collector, file, OUTCOME_MALFORMED, NULL,
			      "lines of it cannot be read");
	return report_missing(collector, file);
}

int recorded_add_semaphores(struct collector *collector)
{
	static const struct side_file file = {"ipclens/semaphores", KIND_SEM, OBJECT_SEMAPHORES,
					      ISSUE_ABOUT_SEMAPHORES};
	struct proc_table_parser parser = {
		.layout = &semaphore_layout, .handler = handle_semaphore, .context = collector};
	int r = proc_table_read(&parser, &collector->root, file.path);

	/* An array of which only a part was recorded has no values that could be relied on. */
	vector_for_each (&collector->snapshot->objects, object)
		if (object->kind == KIND_SEM && object->sem.semaphores.count == object->sem.nsems)
			object_mark(object, OBJECT_SEMAPHORES);
	return report_table(collector, &file, r, &parser);
}

int recorded_add_queue_limits(struct collector *collector)
{
	static const struct side_file file = {"ipclens/queues", KIND_MSG, OBJECT_MAX_BYTES,
					      ISSUE_ABOUT_QUEUE_LIMITS};
	struct proc_table_parser parser = {
		.layout = &queue_layout, .handler = handle_queue, .context = collector};
	int r = proc_table_read(&parser, &collector->root, file.path);

	return report_table(collector, &file, r, &parser);
}

/* A small file's text without its newline; false where it is not there. */
static bool read_line(const struct collector *collector, const char *path, struct buffer *buffer)
{
	if (rooted_read(&collector->root, path, 256, buffer) != 0)
		return false;
	while (buffer->length && buffer->bytes[buffer->length - 1] == '\n')
		buffer->length--;
	return true;
}

bool recorded_page_size(const struct collector *collector, uint64_t *ret_size)
{
	_cleanup_buffer_ struct buffer line = {0};

	return read_line(collector, "ipclens/page_size", &line) &&
	       parse_unsigned(buffer_text(&line), 10, UINT32_MAX, ret_size) == 0 && *ret_size;
}

bool recorded_time(const struct collector *collector, int64_t *ret_seconds)
{
	_cleanup_buffer_ struct buffer line = {0};

	return read_line(collector, "ipclens/taken_at", &line) &&
	       time_parse_rfc3339(buffer_text(&line), ret_seconds) == 0;
}
