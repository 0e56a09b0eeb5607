/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects that have a name in a file system: in which order they are looked for, and what they have
 * in common.
 */
#include "collect/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "collect/recorded.h"

struct object *file_add(struct collector *collector, enum kind kind, struct text name,
			const struct stat *status)
{
	struct object *object = snapshot_add_object(collector->snapshot, kind);
	_cleanup_buffer_ struct buffer ref = {0};

	if (!object || snapshot_copy_text(collector->snapshot, name, &object->name) < 0)
		return NULL;
	object->device = device_number(major(status->st_dev), minor(status->st_dev));
	object->inode = status->st_ino;
	object->uid = status->st_uid;
	object->gid = status->st_gid;
	object->mode = status->st_mode & 0777;
	object_mark(object, OBJECT_NAME);
	object_mark(object, OBJECT_DEVICE);
	object_mark(object, OBJECT_INODE);
	object_mark(object, OBJECT_UID);
	object_mark(object, OBJECT_GID);
	object_mark(object, OBJECT_MODE);
	object_mark(object, OBJECT_STATUS);
	collector_set_time(object, OBJECT_CHANGED_AT, &object->changed_at,
			   status->st_ctime > 0 ? (uint64_t)status->st_ctime : 0);
	/* Its number can be part of the REF. */
	collector_set_namespace(collector, object);
	ref_add_long(&ref, object, false, collector->places.items.count);
	if (ref.error ||
	    snapshot_copy_text(collector->snapshot, buffer_text(&ref), &object->ref) < 0)
		return NULL;
	return object;
}

/* A path is looked at by itself: a link to a FIFO is not one. */
static int add_fifo(struct collector *collector, struct text path)
{
	struct stat status;

	if (rooted_stat(&collector->root, path.bytes + 1, AT_SYMLINK_NOFOLLOW, &status) != 0 ||
	    !S_ISFIFO(status.st_mode))
		return 0;
	vector_for_each (&collector->snapshot->objects, object)
		if (object->kind == KIND_FIFO && object->inode == status.st_ino &&
		    object->device == device_number(major(status.st_dev), minor(status.st_dev)))
			return 0;
	return file_add(collector, KIND_FIFO, path, &status) ? 0 : -ENOMEM;
}

/* FIFOs are anywhere in any file system: those that are asked for by name are looked at. */
int fifo_collect(struct collector *collector)
{
	const struct scope *scope = &collector->scope;

	for (size_t i = 0; i < scope->detail_count; i++) {
		const struct ref *ref = &scope->details[i];
		char room[REF_NAME_MAX];
		struct text path;

		if (!(ref->kinds & KIND_BIT(KIND_FIFO)) || ref->form != REF_BY_NAME ||
		    ref_name(ref, room, sizeof(room), &path) < 0)
			continue;
		if (add_fifo(collector, path) < 0)
			return -ENOMEM;
	}
	return 0;
}

int files_collect(struct collector *collector, unsigned int kinds)
{
	int r = 0;

	if (!(kinds & KINDS_IN_PROCESSES))
		return 0;
	if (!collector->root.is_live)
		return recorded_add_files(collector, kinds);
	if (kinds & (KIND_BIT(KIND_PSHM) | KIND_BIT(KIND_PSEM)))
		r = posix_shm_collect(collector, kinds);
	if (r == 0 && kinds & KIND_BIT(KIND_MQ))
		r = posix_mq_collect(collector);
	if (r == 0 && kinds & KIND_BIT(KIND_FIFO))
		r = fifo_collect(collector);
	return r;
}
