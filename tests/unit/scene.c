/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scene.h"

#include "model/ref.h"
#include "unit.h"

struct snapshot *scene_begin(void)
{
	struct snapshot *snapshot = snapshot_new();

	assert_non_null(snapshot);
	snapshot->taken_at = 1000;
	snapshot->has_users = snapshot->has_waits = snapshot->knows_holders = true;
	snapshot->sight.is_full = 1;
	return snapshot;
}

size_t scene_add_object(struct snapshot *snapshot, enum kind kind, uint64_t number)
{
	struct object *object = snapshot_add_object(snapshot, kind);
	bool is_sysv = KIND_BIT(kind) & KINDS_SYSV;

	assert_non_null(object);
	object->id = object->inode = number;
	object_mark(object, is_sysv ? OBJECT_ID : OBJECT_INODE);
	if (!is_sysv) {
		_cleanup_buffer_ struct buffer ref = {0};

		ref_add_long(&ref, object, false, false);
		assert_int_equal(snapshot_copy_text(snapshot, buffer_text(&ref), &object->ref), 0);
	}
	if (kind == KIND_SHM) {
		object->size = 4096;
		object_mark(object, OBJECT_SIZE);
	}
	return snapshot->objects.count - 1;
}

struct process *scene_add_process(struct snapshot *snapshot, int64_t pid, const char *command)
{
	struct process *process = vector_add(&snapshot->processes);

	assert_non_null(process);
	process->pid = pid;
	process->threads = 1;
	process->command = text_of(command);
	record_mark(&process->record, PROCESS_PID);
	record_mark(&process->record, PROCESS_UID);
	record_mark(&process->record, PROCESS_THREADS);
	record_mark(&process->record, PROCESS_COMMAND);
	return process;
}

static struct text ref_of(struct snapshot *snapshot, size_t object)
{
	char bytes[REF_MAX];
	struct text ref;

	assert_int_equal(snapshot_copy_text(snapshot,
					    ref_of_object(&snapshot->objects.items[object], bytes),
					    &ref),
			 0);
	return ref;
}

struct link *scene_add_link(struct snapshot *snapshot, size_t object, int64_t pid,
			    enum link_how how, uint64_t access)
{
	struct link *link = vector_add(&snapshot->links);

	assert_non_null(link);
	link->object = object;
	link->object_ref = ref_of(snapshot, object);
	link->pid = pid;
	link->how = how;
	link->access = access;
	link->amount = 1;
	if (access)
		record_mark(&link->record, LINK_ACCESS);
	if (how == LINK_HOLDS) {
		record_mark(&link->record, LINK_AMOUNT);
		record_mark(&link->record, LINK_SEMNUM);
	}
	return link;
}

struct wait *scene_add_wait(struct snapshot *snapshot, size_t object, int64_t pid,
			    const int64_t *holders, size_t count)
{
	struct wait *wait = vector_add(&snapshot->waits);

	assert_non_null(wait);
	wait->pid = wait->tid = pid;
	wait->object = object;
	wait->object_ref = ref_of(snapshot, object);
	wait->operation = WAIT_TAKE;
	wait->amount = 1;
	wait->released_by = (struct record_list){(void *)holders, count};
	record_mark(&wait->record, WAIT_SEMNUM);
	record_mark(&wait->record, WAIT_AMOUNT);
	record_mark(&wait->record, WAIT_RELEASED_BY);
	return wait;
}
