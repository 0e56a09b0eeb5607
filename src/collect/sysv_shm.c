/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * System V shared memory: /proc/sysvipc/shm (ipc/shm.c: sysvipc_shm_proc_show) and shmctl().
 */
#include "collect/collector.h"

#include <errno.h>
#include <sys/shm.h>

#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif

/* Bits of the mode above the permissions (include/linux/shm.h, uapi/linux/shm.h). */
#define MODE_DEST 01000U
#define MODE_LOCKED 02000U
#define MODE_HUGETLB 04000U
#define MODE_NORESERVE 010000U

enum column {
	KEY,
	SHMID,
	PERMS,
	SIZE,
	CPID,
	LPID,
	NATTCH,
	UID,
	GID,
	CUID,
	CGID,
	ATIME,
	DTIME,
	CTIME,
	RSS, /* since 2.6.33 */
	SWAP,
	COLUMN_COUNT,
};

static const struct proc_column columns[COLUMN_COUNT] = {
	[KEY] = {"key", false, INT32_MIN, INT32_MAX}, [SHMID] = {"shmid", false, 0, INT32_MAX},
	[PERMS] = {"perms", true, 0, UINT32_MAX},     [SIZE] = {"size", false, 0, UINT64_MAX},
	[CPID] = {"cpid", false, 0, INT32_MAX},	      [LPID] = {"lpid", false, 0, INT32_MAX},
	[NATTCH] = {"nattch", false, 0, UINT64_MAX},  [UID] = {"uid", false, 0, UINT32_MAX},
	[GID] = {"gid", false, 0, UINT32_MAX},	      [CUID] = {"cuid", false, 0, UINT32_MAX},
	[CGID] = {"cgid", false, 0, UINT32_MAX},      [ATIME] = {"atime", false, 0, UINT64_MAX},
	[DTIME] = {"dtime", false, 0, UINT64_MAX},    [CTIME] = {"ctime", false, 0, UINT64_MAX},
	[RSS] = {"rss", false, 0, UINT64_MAX},	      [SWAP] = {"swap", false, 0, UINT64_MAX},
};

static const struct proc_table_layout layout = {columns, RSS, COLUMN_COUNT};

static void set_mode(struct object *object, uint64_t mode)
{
	object->mode = mode & 0777;
	object->status = (mode & MODE_DEST ? SHM_STATUS_DEST : 0U) |
			 (mode & MODE_LOCKED ? SHM_STATUS_LOCKED : 0U) |
			 (mode & MODE_HUGETLB ? SHM_STATUS_HUGETLB : 0U) |
			 (mode & MODE_NORESERVE ? SHM_STATUS_NORESERVE : 0U);
}

static void fill_from_row(const struct proc_row *row, struct object *object)
{
	const uint64_t *values = row->values;
	struct shm_details *shm = &object->shm;

	object->key = (uint32_t)values[KEY];
	object->id = values[SHMID];
	set_mode(object, values[PERMS]);
	object->uid = values[UID];
	object->gid = values[GID];
	object->cuid = values[CUID];
	object->cgid = values[CGID];
	object->size = values[SIZE];
	shm->nattch = values[NATTCH];
	collector_mark_common(object);
	object_mark(object, OBJECT_SIZE);
	object_mark(object, OBJECT_NATTCH);
	object_mark(object, OBJECT_STATUS);
	collector_set_time(object, OBJECT_CHANGED_AT, &object->changed_at, values[CTIME]);
	collector_set_time(object, OBJECT_ATTACHED_AT, &shm->attached_at, values[ATIME]);
	collector_set_time(object, OBJECT_DETACHED_AT, &shm->detached_at, values[DTIME]);
	collector_set_pid(object, OBJECT_CREATOR_PID, &shm->creator_pid, values[CPID], true);
	collector_set_pid(object, OBJECT_LAST_PID, &shm->last_pid, values[LPID],
			  values[ATIME] || values[DTIME]);
	if (row->count == COLUMN_COUNT) {
		shm->rss = values[RSS];
		shm->swap = values[SWAP];
		object_mark(object, OBJECT_RSS);
		object_mark(object, OBJECT_SWAP);
	}
}

static int highest_index(void)
{
	struct shminfo info;

	/* SHM_INFO tells it, too, and adds up the pages of all segments for that. */
	return shmctl(0, IPC_INFO, (struct shmid_ds *)&info);
}

int collect_shm_resident(uint64_t *ret_resident, uint64_t *ret_swapped)
{
	struct shm_info info;

	if (shmctl(0, SHM_INFO, (struct shmid_ds *)&info) < 0)
		return errno;
	*ret_resident = info.shm_rss;
	*ret_swapped = info.shm_swp;
	return 0;
}

/* As row_from_index() of a mechanism, by that call. */
static int ask(int index, int call, struct proc_row *ret_row)
{
	struct shmid_ds state = {0}; /* valgrind does not know that SHM_STAT_ANY fills it in */
	int id = shmctl(index, call, &state);

	if (id < 0)
		return errno;
	*ret_row = (struct proc_row){
		.count = RSS, /* no call tells rss and swap of one segment */
		.values =
			{
				[KEY] = (uint64_t)state.shm_perm.__key,
				[SHMID] = (uint64_t)id,
				[PERMS] = state.shm_perm.mode,
				[SIZE] = state.shm_segsz,
				[CPID] = (uint64_t)state.shm_cpid,
				[LPID] = (uint64_t)state.shm_lpid,
				[NATTCH] = state.shm_nattch,
				[UID] = state.shm_perm.uid,
				[GID] = state.shm_perm.gid,
				[CUID] = state.shm_perm.cuid,
				[CGID] = state.shm_perm.cgid,
				[ATIME] = (uint64_t)state.shm_atime,
				[DTIME] = (uint64_t)state.shm_dtime,
				[CTIME] = (uint64_t)state.shm_ctime,
			},
	};
	return 0;
}

static int row_from_index(int index, struct proc_row *ret_row)
{
	int number = ask(index, SHM_STAT_ANY, ret_row);

	/* Before 4.17 there is only SHM_STAT, which wants read permission. */
	return number == EINVAL ? ask(index, SHM_STAT, ret_row) : number;
}

const struct sysv_mechanism sysv_shm = {
	.kind = KIND_SHM,
	.path = "proc/sysvipc/shm",
	.info_call = "shmctl(IPC_INFO)",
	.stat_call = "shmctl(SHM_STAT_ANY)",
	.layout = &layout,
	.fill_from_row = fill_from_row,
	.highest_index = highest_index,
	.row_from_index = row_from_index,
};

bool sysv_shm_is_unchanged(const struct object *object, const struct proc_row *row)
{
	return row->values[NATTCH] == object->shm.nattch &&
	       row->values[LPID] == (uint64_t)object->shm.last_pid &&
	       row->values[ATIME] == (uint64_t)object->shm.attached_at &&
	       row->values[DTIME] == (uint64_t)object->shm.detached_at;
}
