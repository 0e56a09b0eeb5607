/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether processes that the viewer's PID namespace does not show use its IPC namespace, as in a
 * pod, whose containers have the one in common and not the other. Nothing tells of such processes
 * but what they left in objects: a PID that the kernel prints as 0 where one surely was.
 */
#include "collect/outsiders.h"

#include <sys/sem.h>

union semctl_argument {
	int value;
};

static bool has_hidden_pid(const struct snapshot *snapshot)
{
	vector_for_each (&snapshot->objects, object)
		if (object->record.hidden)
			return true;
	return false;
}

/* -1: it may not be read. */
static int ask(const struct object *array, uint64_t number, int command)
{
	return semctl((int)array->id, (int)number, command, (union semctl_argument){0});
}

/*
 * Who operates on a semaphore leaves a PID in it, and so does who sets it. So none may be 0 in one
 * that is not 0, and not all of them in an array that was operated on.
 */
static bool was_used_by_hidden(const struct object *array)
{
	bool has_pid = false;

	for (uint64_t i = 0; i < array->sem.nsems; i++) {
		int pid = ask(array, i, GETPID);

		if (pid < 0)
			return false;
		if (!pid && ask(array, i, GETVAL) > 0)
			return true;
		has_pid |= pid;
	}
	return !has_pid && object_has(array, OBJECT_OPERATED_AT);
}

static bool has_hidden_user(const struct snapshot *arrays)
{
	vector_for_each (&arrays->objects, array)
		if (array->kind == KIND_SEM && was_used_by_hidden(array))
			return true;
	return false;
}

bool outsiders_are_known(const struct collector *collector)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct collector again = {
		.root = collector->root,
		.backend = collector->backend,
		.scope = {.kinds = KINDS_SYSV},
		.snapshot = snapshot,
	};

	if (!snapshot || sysv_collect(&again, &sysv_shm) < 0 || sysv_collect(&again, &sysv_msg) < 0)
		return false;
	if (has_hidden_pid(snapshot))
		return true;
	return sysv_collect(&again, &sysv_sem) == 0 && has_hidden_user(snapshot);
}
