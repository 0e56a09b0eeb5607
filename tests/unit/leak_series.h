/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Series of snapshots, made in memory, in which things grow or not.
 */
#ifndef IPCLENS_TESTS_LEAK_SERIES_H
#define IPCLENS_TESTS_LEAK_SERIES_H

#include "unit.h"

#include "model/finding.h"
#include "model/snapshot.h"
#include "query/leaks.h"

#define HOUR 3600
#define NAMESPACE 7

/* A series under test, and the snapshot that is being made for it. */
struct series {
	struct leaks *leaks;
	struct snapshot *now;
	struct leak_list list;
	int64_t at;
};

static inline struct series begin_with(const struct leaks_options *options)
{
	struct series series = {.leaks = leaks_new(options)};

	assert_non_null(series.leaks);
	return series;
}

static inline struct series begin(void)
{
	return begin_with(&(struct leaks_options){
		.kinds = KINDS_LISTED, .min_growth = 3, .by = LEAK_BY_COUNT});
}

/* An hour later. */
static inline void look(struct series *series)
{
	series->now = snapshot_new();
	assert_non_null(series->now);
	series->now->taken_at = series->at += HOUR;
	series->now->host.page_size = 4096;
	series->now->host.ipc_namespace = NAMESPACE;
	series->now->sight.is_full = 1;
	record_mark(&series->now->host.record, HOST_PAGE_SIZE);
	record_mark(&series->now->host.record, HOST_IPC_NAMESPACE);
}

static inline void digest(struct series *series)
{
	assert_int_equal(snapshot_settle(series->now), 0);
	assert_int_equal(leaks_fit(series->leaks, series->now), LEAKS_FITS);
	assert_int_equal(leaks_add(series->leaks, series->now), 0);
	series->now = snapshot_free(series->now);
}

static inline const struct leak *judge(struct series *series, size_t count)
{
	leak_list_deinit(&series->list);
	assert_int_equal(leaks_judge(series->leaks, &series->list), 0);
	assert_int_equal(series->list.items.count, count);
	return series->list.items.items;
}

static inline void end(struct series *series)
{
	leak_list_deinit(&series->list);
	leaks_free(series->leaks);
	snapshot_free(series->now);
}

static inline struct object *add(struct series *series, enum kind kind, uint64_t id, uint64_t key,
				 uint64_t uid)
{
	struct object *object = snapshot_add_object(series->now, kind);

	assert_non_null(object);
	object->namespace = NAMESPACE;
	object->id = id;
	object->key = key;
	object->uid = object->cuid = uid;
	object_mark(object, OBJECT_NAMESPACE);
	object_mark(object, OBJECT_ID);
	object_mark(object, OBJECT_KEY);
	object_mark(object, OBJECT_UID);
	object_mark(object, OBJECT_CUID);
	return object;
}

static inline void add_process(struct series *series, int64_t pid, const char *command,
			       uint64_t start_ticks, int64_t boot)
{
	struct process *process = vector_add(&series->now->processes);

	assert_non_null(process);
	process->pid = pid;
	process->command = text_of(command);
	process->start_ticks = start_ticks;
	process->started_at = boot + (int64_t)(start_ticks / 100);
	record_mark(&process->record, PROCESS_PID);
	record_mark(&process->record, PROCESS_COMMAND);
	record_mark(&process->record, PROCESS_START_TICKS);
	record_mark(&process->record, PROCESS_STARTED_AT);
}

static inline void add_link(struct series *series, size_t object, int64_t pid, enum link_how how)
{
	struct link *link = vector_add(&series->now->links);

	assert_non_null(link);
	link->object = object;
	link->pid = pid;
	link->how = how;
	link->state = LINK_ALIVE;
	record_mark(&link->record, LINK_STATE);
}

/* A segment whose creator lives, if it has a command; segments come before all other objects. */
static inline void add_segment(struct series *series, uint64_t id, uint64_t key, uint64_t uid,
			       const char *command)
{
	struct object *object = add(series, KIND_SHM, id, key, uid);
	int64_t pid = command ? 100 + command[0] : 99;

	object->size = 4096;
	object->shm.creator_pid = pid;
	object_mark(object, OBJECT_SIZE);
	object_mark(object, OBJECT_CREATOR_PID);
	if (!command)
		return;
	if (!snapshot_process(series->now, pid))
		add_process(series, pid, command, 100000, 0);
	add_link(series, series->now->objects.count - 1, pid, LINK_CREATED);
}

static inline void add_segments(struct series *series, uint64_t first, uint64_t count, uint64_t uid,
				const char *command)
{
	for (uint64_t i = 0; i < count; i++)
		add_segment(series, first + i, 0, uid, command);
}

static inline void add_queue(struct series *series, uint64_t messages)
{
	struct object *object = add(series, KIND_MSG, 1, 0x4d2, 5);

	object->messages = messages;
	object->used_bytes = messages * 100;
	object->max_bytes = 16384;
	object_mark(object, OBJECT_MESSAGES);
	object_mark(object, OBJECT_USED_BYTES);
	object_mark(object, OBJECT_MAX_BYTES);
}

#endif
