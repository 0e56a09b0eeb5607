/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * System V semaphores: /proc/sysvipc/sem (ipc/sem.c: sysvipc_sem_proc_show) and semctl(). The
 * values inside of an array are told by semctl() alone, and only to who may read the array.
 */
#include "collect/inside.h"

#include <errno.h>
#include <sys/sem.h>

#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif

/* Semaphores of one array that are read; the rest of a larger array is said to be missing. */
#define SEMAPHORES_MAX ((uint64_t)1 << 18)

/* And that are asked for at once. */
#define AT_ONCE 256

enum column {
	KEY,
	SEMID,
	PERMS,
	NSEMS,
	UID,
	GID,
	CUID,
	CGID,
	OTIME,
	CTIME,
	COLUMN_COUNT,
};

static const struct proc_column columns[COLUMN_COUNT] = {
	[KEY] = {"key", false, INT32_MIN, INT32_MAX}, [SEMID] = {"semid", false, 0, INT32_MAX},
	[PERMS] = {"perms", true, 0, UINT32_MAX},     [NSEMS] = {"nsems", false, 0, INT32_MAX},
	[UID] = {"uid", false, 0, UINT32_MAX},	      [GID] = {"gid", false, 0, UINT32_MAX},
	[CUID] = {"cuid", false, 0, UINT32_MAX},      [CGID] = {"cgid", false, 0, UINT32_MAX},
	[OTIME] = {"otime", false, 0, UINT64_MAX},    [CTIME] = {"ctime", false, 0, UINT64_MAX},
};

static const struct proc_table_layout layout = {columns, COLUMN_COUNT, COLUMN_COUNT};

/* The argument of semctl(), which the C library leaves to its callers. */
union semctl_argument {
	int value;
	struct semid_ds *state;
	struct seminfo *info;
};

static void fill_from_row(const struct proc_row *row, struct object *object)
{
	const uint64_t *values = row->values;

	object->key = (uint32_t)values[KEY];
	object->id = values[SEMID];
	object->mode = values[PERMS] & 0777;
	object->uid = values[UID];
	object->gid = values[GID];
	object->cuid = values[CUID];
	object->cgid = values[CGID];
	object->sem.nsems = values[NSEMS];
	collector_mark_common(object);
	object_mark(object, OBJECT_NSEMS);
	collector_set_time(object, OBJECT_CHANGED_AT, &object->changed_at, values[CTIME]);
	collector_set_time(object, OBJECT_OPERATED_AT, &object->sem.operated_at, values[OTIME]);
}

static int highest_index(void)
{
	struct seminfo info;

	return semctl(0, 0, SEM_INFO, (union semctl_argument){.info = &info});
}

static int row_from_index(int index, struct proc_row *ret_row)
{
	struct semid_ds state = {0}; /* valgrind does not know that SEM_STAT_ANY fills it in */
	union semctl_argument argument = {.state = &state};
	int id = semctl(index, 0, SEM_STAT_ANY, argument);

	/* Before 4.17 there is only SEM_STAT, which wants read permission. */
	if (id < 0 && errno == EINVAL)
		id = semctl(index, 0, SEM_STAT, argument);
	if (id < 0)
		return errno;
	*ret_row = (struct proc_row){
		.count = COLUMN_COUNT,
		.values =
			{
				[KEY] = (uint64_t)state.sem_perm.__key,
				[SEMID] = (uint64_t)id,
				[PERMS] = state.sem_perm.mode,
				[NSEMS] = state.sem_nsems,
				[UID] = state.sem_perm.uid,
				[GID] = state.sem_perm.gid,
				[CUID] = state.sem_perm.cuid,
				[CGID] = state.sem_perm.cgid,
				[OTIME] = (uint64_t)state.sem_otime,
				[CTIME] = (uint64_t)state.sem_ctime,
			},
	};
	return 0;
}

const struct sysv_mechanism sysv_sem = {
	.kind = KIND_SEM,
	.path = "proc/sysvipc/sem",
	.info_call = "semctl(SEM_INFO)",
	.stat_call = "semctl(SEM_STAT_ANY)",
	.layout = &layout,
	.fill_from_row = fill_from_row,
	.highest_index = highest_index,
	.row_from_index = row_from_index,
};

static void fill(const struct object *array, struct semaphore *semaphore,
		 const struct semaphore_state *state)
{
	semaphore->value = (uint64_t)state->value;
	semaphore->ncount = (uint64_t)state->ncount;
	semaphore->zcount = (uint64_t)state->zcount;
	record_mark(&semaphore->record, SEMAPHORE_NUM);
	record_mark(&semaphore->record, SEMAPHORE_VALUE);
	record_mark(&semaphore->record, SEMAPHORE_NCOUNT);
	record_mark(&semaphore->record, SEMAPHORE_ZCOUNT);
	collector_set_semaphore_pid(array, semaphore, (uint64_t)state->pid);
}

/* 0 or a positive errno. */
static int read_semaphores(const struct collector *collector, const struct object *array,
			   struct semaphore *semaphores, uint64_t count)
{
	struct semaphore_state states[AT_ONCE];
	int number = 0;

	for (uint64_t first = 0; !number && first < count; first += AT_ONCE) {
		uint64_t some = count - first < AT_ONCE ? count - first : AT_ONCE;

		number = inside_semaphores(collector, array, first, some, states);
		for (uint64_t i = 0; !number && i < some; i++) {
			semaphores[first + i].num = first + i;
			fill(array, &semaphores[first + i], &states[i]);
		}
	}
	return number;
}

static int report(struct collector *collector, const struct object *object, int number)
{
	int outcome = number == EINVAL ? OUTCOME_GONE : outcome_from_errno(number);

	return collector_add_issue(
		collector, ISSUE_ABOUT_SEMAPHORES, outcome ? outcome : OUTCOME_UNSUPPORTED,
		KIND_SEM, object, "semctl(GETVAL)",
		outcome == OUTCOME_GONE ? "the array was removed meanwhile" : strerror(number));
}

static int read_array(struct collector *collector, struct object *object)
{
	uint64_t count = object->sem.nsems;
	struct semaphore *semaphores;
	int number;

	if (count > SEMAPHORES_MAX)
		return report(collector, object, E2BIG);
	semaphores = arena_alloc_array(&collector->snapshot->arena, count, sizeof(*semaphores));
	if (!semaphores)
		return -ENOMEM;
	number = read_semaphores(collector, object, semaphores, count);
	if (number)
		return report(collector, object, number);
	object->sem.semaphores = (struct record_list){semaphores, count};
	object_mark(object, OBJECT_SEMAPHORES);
	return 0;
}

/*
 * Whether its values are wanted. Where every thread could be seen, arrays without a wait have none
 * that could tell of others.
 */
static bool is_wanted(const struct collector *collector, const struct object *object)
{
	const struct snapshot *snapshot = collector->snapshot;
	size_t index = (size_t)(object - snapshot->objects.items);

	if (object->kind != KIND_SEM || !scope_has_details(&collector->scope, object))
		return false;
	if (collector->scope.has_semaphores ||
	    snapshot_has_unseen_waits(snapshot, KIND_BIT(KIND_SEM)))
		return true;
	vector_for_each (&snapshot->waits, wait)
		if (wait->object == index)
			return true;
	return false;
}

int sysv_sem_add_semaphores(struct collector *collector)
{
	vector_for_each (&collector->snapshot->objects, object) {
		int r;

		if (!is_wanted(collector, object))
			continue;
		r = read_array(collector, object);
		if (r < 0)
			return r;
	}
	return 0;
}
