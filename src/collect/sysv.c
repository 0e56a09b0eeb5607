/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the three System V mechanisms have in common: two ways to list their objects.
 */
#include "collect/collector.h"

#include <errno.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "collect/inside.h"

void collector_set_pid(struct object *object, enum object_field field, int64_t *place, uint64_t pid,
		       bool has_happened)
{
	if (pid) {
		*place = (int64_t)pid;
		object_mark(object, field);
	} else if (has_happened) {
		/* The kernel prints 0 for a process that this PID namespace does not see. */
		record_mark_hidden(&object->record, field);
	}
}

/*
 * A semaphore has no time of its own, but that of its array tells that somebody operated on one of
 * them: "never" cannot be said of any. A value other than the first one, 0, was set by somebody.
 */
void collector_set_semaphore_pid(const struct object *array, struct semaphore *semaphore,
				 uint64_t pid)
{
	semaphore->pid = (int64_t)pid;
	if (pid)
		record_mark(&semaphore->record, SEMAPHORE_PID);
	else if (object_has(array, OBJECT_OPERATED_AT) || semaphore->value)
		record_mark_hidden(&semaphore->record, SEMAPHORE_PID);
}

void collector_set_namespace(const struct collector *collector, struct object *object)
{
	if (!(KINDS_IN_NAMESPACES & KIND_BIT(object->kind)) ||
	    (!collector->place && !collector->has_namespace))
		return;
	object->namespace =
		collector->place ? collector->place->record.number : collector->namespace;
	object_mark(object, OBJECT_NAMESPACE);
}

static bool find_place_of_queues(const struct collector *collector, uint64_t device,
				 uint64_t *ret_namespace)
{
	vector_for_each (&collector->places.items, place) {
		if (!place->has_mq_device || place->mq_device != device)
			continue;
		*ret_namespace = place->record.number;
		return true;
	}
	return false;
}

bool collector_find_file_namespace(const struct collector *collector, enum kind kind,
				   uint64_t device, uint64_t *ret_namespace)
{
	if (!(KINDS_IN_NAMESPACES & KIND_BIT(kind)))
		return false;
	if (collector->places.items.count && kind == KIND_MQ)
		return find_place_of_queues(collector, device, ret_namespace);
	vector_for_each (&collector->other_dev_shm, other) {
		if (device != device_number(major(other->device), minor(other->device)))
			continue;
		*ret_namespace = other->namespace;
		return true;
	}
	*ret_namespace = collector->namespace;
	return collector->has_namespace;
}

void collector_mark_common(struct object *object)
{
	static const enum object_field always[] = {OBJECT_ID,	OBJECT_KEY,  OBJECT_UID, OBJECT_GID,
						   OBJECT_CUID, OBJECT_CGID, OBJECT_MODE};

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		object_mark(object, always[i]);
}

void collector_set_time(struct object *object, enum object_field field, int64_t *place,
			uint64_t seconds)
{
	if (!seconds)
		return;
	*place = (int64_t)seconds;
	object_mark(object, field);
}

const char *collector_show_path(const struct collector *collector, const char *path,
				struct shown_path *room)
{
	snprintf(room->bytes, sizeof(room->bytes), "%s%s", collector->root.is_live ? "/" : "",
		 path);
	return room->bytes;
}

int collector_add_issue(struct collector *collector, enum issue_aspect aspect, int outcome,
			enum kind kind, const struct object *object, const char *subject,
			const char *reason)
{
	return snapshot_add_issue(collector->snapshot, aspect, outcome, kind, object, subject,
				  reason);
}

int collector_copy_ref(struct collector *collector, const struct object *object,
		       struct text *ret_text)
{
	char bytes[REF_MAX];

	return snapshot_copy_text(collector->snapshot, ref_of_object(object, bytes), ret_text);
}

/* Reading of a file that has rows: who they belong to, and where they go. */
struct row_context {
	struct collector *collector;
	const struct sysv_mechanism *mechanism;
};

static int handle_row(const struct proc_row *row, void *context)
{
	struct row_context *rows = context;
	struct collector *collector = rows->collector;
	struct object *object = snapshot_add_object(collector->snapshot, rows->mechanism->kind);

	if (!object)
		return -ENOMEM;
	collector_set_namespace(collector, object);
	rows->mechanism->fill_from_row(row, object);
	if (collector->place)
		places_translate(collector, collector->place, object);
	if (collector->scope.only && !ref_matches(collector->scope.only, object))
		collector->snapshot->objects.count--;
	else if (collector->places.items.count)
		return snapshot_add_long_ref(collector->snapshot, object);
	return 0;
}

static int report_malformed(struct collector *collector, const struct sysv_mechanism *mechanism,
			    const struct proc_table_parser *parser)
{
	struct shown_path room;
	char reason[160];

	if (!parser->lines)
		snprintf(reason, sizeof(reason), "the file is empty, it has no line of names");
	else if (!parser->columns)
		snprintf(reason, sizeof(reason), "the first line is not the names of its columns");
	else if (parser->malformed)
		snprintf(reason, sizeof(reason),
			 "%zu of %zu lines cannot be read, the first is %zu", parser->malformed,
			 parser->lines, parser->first_malformed);
	else
		return 0;
	return collector_add_issue(collector, ISSUE_ABOUT_OBJECTS, OUTCOME_MALFORMED,
				   mechanism->kind, NULL,
				   collector_show_path(collector, mechanism->path, &room), reason);
}

static int report_failure(struct collector *collector, const struct sysv_mechanism *mechanism,
			  int outcome, const char *subject, const char *reason)
{
	return collector_add_issue(collector, ISSUE_ABOUT_OBJECTS, outcome, mechanism->kind, NULL,
				   subject, reason);
}

/* 0, -ENOMEM, or OUTCOME_GONE where the file does not exist. */
static int collect_from_proc(struct collector *collector, const struct sysv_mechanism *mechanism)
{
	struct row_context context = {collector, mechanism};
	struct proc_table_parser parser = {
		.layout = mechanism->layout, .handler = handle_row, .context = &context};
	int r = proc_table_read(&parser, &collector->root, mechanism->path);
	struct shown_path room;

	if (r == 0)
		return report_malformed(collector, mechanism, &parser);
	if (r == -ENOMEM || r == OUTCOME_GONE)
		return r;
	return report_failure(collector, mechanism, r > 0 ? r : OUTCOME_UNSUPPORTED,
			      collector_show_path(collector, mechanism->path, &room),
			      r == OUTCOME_UNSUPPORTED ? "the kernel does not have it"
						       : rooted_reason(r));
}

static int report_call(struct collector *collector, const struct sysv_mechanism *mechanism,
		       const char *call, int number)
{
	int outcome = outcome_from_errno(number);

	return report_failure(collector, mechanism, outcome ? outcome : OUTCOME_UNSUPPORTED, call,
			      number == ENOSYS ? "this kernel has no System V IPC"
					       : strerror(number));
}

/*
 * Indexes are not dense, and objects come and go: each index up to the highest one is asked for,
 * and nothing there is normal.
 */
static int collect_from_calls(struct collector *collector, const struct sysv_mechanism *mechanism)
{
	struct row_context context = {collector, mechanism};
	int highest = mechanism->highest_index();

	if (highest < 0)
		return report_call(collector, mechanism, mechanism->info_call, errno);
	collector->used_syscalls = true;
	for (int index = 0; index <= highest; index++) {
		struct proc_row row;
		int number = mechanism->row_from_index(index, &row);
		int r = 0;

		if (!number)
			r = handle_row(&row, &context);
		else if (outcome_from_errno(number) == OUTCOME_DENIED)
			r = report_call(collector, mechanism, mechanism->stat_call, number);
		if (r < 0)
			return r;
	}
	return 0;
}

/* All three mechanisms have the id in the second column. */
#define ID_COLUMN 1

bool sysv_row_of_id(const struct sysv_mechanism *mechanism, uint64_t id, struct proc_row *ret_row)
{
	/*
	 * The index is in the lower bits of the id, 15 of them, or 24 with ipcmni_extend
	 * (ipc/util.h). What is there tells its own id, so that a wrong guess is seen.
	 */
	static const uint64_t masks[] = {0x7fff, 0xffffff};
	struct proc_row row;

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		if (mechanism->row_from_index((int)(id & masks[i]), &row) != 0 ||
		    row.values[ID_COLUMN] != id)
			continue;
		*ret_row = row;
		return true;
	}
	return false;
}

/* Whether it can be asked for the only object instead of looking for it among all of them. */
static bool can_ask_for_only(const struct collector *collector)
{
	const struct scope *scope = &collector->scope;

	return scope->only && scope->only->form == REF_BY_ID && scope->has_no_residence &&
	       collector_has_choice(collector);
}

/* 0, -ENOMEM, or OUTCOME_GONE where the call does not tell. */
static int collect_only(struct collector *collector, const struct sysv_mechanism *mechanism)
{
	struct row_context context = {collector, mechanism};
	struct proc_row row;

	if (!sysv_row_of_id(mechanism, collector->scope.only->number, &row))
		return OUTCOME_GONE;
	return handle_row(&row, &context);
}

bool sysv_calls_are_enough(const struct collector *collector,
			   const struct sysv_mechanism *mechanism)
{
	const struct scope *scope = &collector->scope;
	/* An array has no PIDs on record, and its semaphores are not in the file. */
	bool has_pids =
		mechanism->kind == KIND_SEM || scope->has_no_past || collector->has_own_pids;
	bool has_sizes = mechanism->kind != KIND_SHM || scope->has_no_residence;

	return has_pids && has_sizes && !scope->only && collector_has_choice(collector);
}

/* Where more of the indexes are empty than this and half of all, the file is faster. */
#define EMPTY_MANY 64

int sysv_ask_for_each(const struct sysv_mechanism *mechanism, proc_row_handler *handler,
		      void *context)
{
	int highest = mechanism->highest_index(), found = 0, r = 0;

	if (highest < 0)
		return OUTCOME_GONE;
	for (int index = 0; r == 0 && index <= highest; index++) {
		struct proc_row row;
		int number = mechanism->row_from_index(index, &row);

		if (!number)
			r = handler(&row, context);
		else if ((number != EINVAL && number != EIDRM) ||
			 index - found > found + EMPTY_MANY)
			return OUTCOME_GONE;
		found += !number;
	}
	return r;
}

/* 0, -ENOMEM, or OUTCOME_GONE, and nothing is kept, where the calls do not tell. */
static int collect_each(struct collector *collector, const struct sysv_mechanism *mechanism)
{
	struct row_context context = {collector, mechanism};
	size_t before = collector->snapshot->objects.count;
	int r;

	r = sysv_ask_for_each(mechanism, handle_row, &context);
	if (r == OUTCOME_GONE)
		collector->snapshot->objects.count = before;
	return r;
}

int sysv_collect(struct collector *collector, const struct sysv_mechanism *mechanism)
{
	struct row_context rows = {collector, mechanism};
	struct shown_path room;
	int r = OUTCOME_GONE;

	if (collector->root.elsewhere)
		r = inside_visited_rows(collector, mechanism, handle_row, &rows);
	else if (can_ask_for_only(collector))
		r = collect_only(collector, mechanism);
	else if (sysv_calls_are_enough(collector, mechanism))
		r = collect_each(collector, mechanism);
	if (r != OUTCOME_GONE)
		return r;
	if (collector->backend != BACKEND_SYSCALL || collector->root.elsewhere) {
		r = collect_from_proc(collector, mechanism);
		if (r != OUTCOME_GONE)
			return r;
	}
	if (collector->root.is_live && !collector->root.elsewhere &&
	    collector->backend != BACKEND_PROCFS)
		return collect_from_calls(collector, mechanism);
	return report_failure(collector, mechanism, OUTCOME_UNSUPPORTED,
			      collector_show_path(collector, mechanism->path, &room),
			      "no such file");
}
