/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether processes that the viewer's PID namespace does not show use its IPC namespace, as in a
 * pod, whose containers have the one in common and not the other. Nothing tells of such processes
 * but what they left in objects: a PID that the kernel prints as 0 where one surely was.
 */
#include "collect/outsiders.h"

#include <sys/sem.h>

/*
 * Of objects that were not listed so many of a kind are asked, evenly spread: all of most machines,
 * and half a millisecond where there are thousands. Of semaphores, in calls.
 */
#define MOST_ASKED 256
#define MOST_SEMAPHORES 512

union semctl_argument {
	int value;
};

/* -1: it may not be read. */
static int ask(const struct object *array, uint64_t number, int command)
{
	return semctl((int)array->id, (int)number, command, (union semctl_argument){0});
}

/*
 * Who operates on a semaphore leaves a PID in it, and so does who sets it. So none may be 0 in one
 * that is not 0, and not all of them in an array that was operated on.
 */
static bool was_used_by_hidden(const struct object *array, uint64_t *left)
{
	bool has_pid = false;

	for (uint64_t i = 0; i < array->sem.nsems; i++) {
		int pid = *left ? ask(array, i, GETPID) : -1;

		if (pid < 0)
			return false;
		(*left)--;
		if (!pid && ask(array, i, GETVAL) > 0)
			return true;
		has_pid |= pid;
	}
	return !has_pid && object_has(array, OBJECT_OPERATED_AT);
}

/* Listed ones were read anyway. */
static bool are_known_of_listed(const struct collector *collector)
{
	vector_for_each (&collector->snapshot->objects, object)
		if (object->record.hidden && KINDS_SYSV & KIND_BIT(object->kind) &&
		    (!object_has(object, OBJECT_NAMESPACE) ||
		     object->namespace == collector->namespace))
			return true;
	return false;
}

static bool are_known_of(const struct sysv_mechanism *mechanism)
{
	int highest = mechanism->highest_index();
	int step = highest / MOST_ASKED + 1;
	uint64_t left = MOST_SEMAPHORES;

	for (int index = 0; index <= highest; index += step) {
		struct object object = {.kind = mechanism->kind};
		struct proc_row row;

		if (mechanism->row_from_index(index, &row) != 0)
			continue;
		mechanism->fill_from_row(&row, &object);
		if (object.record.hidden ||
		    (object.kind == KIND_SEM && was_used_by_hidden(&object, &left)))
			return true;
	}
	return false;
}

bool outsiders_are_known(const struct collector *collector)
{
	return are_known_of_listed(collector) || are_known_of(&sysv_shm) ||
	       are_known_of(&sysv_msg) || are_known_of(&sysv_sem);
}
