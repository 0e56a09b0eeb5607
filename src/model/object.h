/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An IPC object as it was when the snapshot was taken. Which members are filled in is told by
 * record.present, with the bits of enum object_field; the meaning of each is in field_table.c.
 */
#ifndef IPCLENS_MODEL_OBJECT_H
#define IPCLENS_MODEL_OBJECT_H

#include "model/field.h"
#include "model/kind.h"

/* In the order of JSON output. */
enum object_field {
	OBJECT_REF,
	OBJECT_KIND,
	OBJECT_NAMESPACE,
	OBJECT_ID,
	OBJECT_KEY,
	OBJECT_NAME,
	OBJECT_UID,
	OBJECT_USER,
	OBJECT_GID,
	OBJECT_GROUP,
	OBJECT_CUID,
	OBJECT_CUSER,
	OBJECT_CGID,
	OBJECT_CGROUP,
	OBJECT_MODE,
	OBJECT_CHANGED_AT,
	/* shm */
	OBJECT_SIZE,
	OBJECT_NATTCH,
	OBJECT_RSS,
	OBJECT_SWAP,
	OBJECT_STATUS,
	OBJECT_CREATOR_PID,
	OBJECT_LAST_PID,
	OBJECT_PROCESSES,
	OBJECT_ATTACHED_AT,
	OBJECT_DETACHED_AT,
	/* sem */
	OBJECT_NSEMS,
	OBJECT_OPERATED_AT,
	OBJECT_SEMAPHORES,
	/* msg */
	OBJECT_USED_BYTES,
	OBJECT_MAX_BYTES,
	OBJECT_USED_PERCENT,
	OBJECT_MESSAGES,
	OBJECT_LAST_SEND_PID,
	OBJECT_LAST_RECEIVE_PID,
	OBJECT_SENT_AT,
	OBJECT_RECEIVED_AT,
	OBJECT_FIELD_COUNT,
};

/* Bits of shm.status, named in the field table. */
enum shm_status {
	SHM_STATUS_DEST = 1 << 0,
	SHM_STATUS_LOCKED = 1 << 1,
	SHM_STATUS_HUGETLB = 1 << 2,
	SHM_STATUS_NORESERVE = 1 << 3,
};

struct shm_details {
	uint64_t size, nattch, rss, swap, status;
	int64_t creator_pid, last_pid;
	struct record_list processes; /* int64_t: PIDs that have it mapped, ascending */
	int64_t attached_at, detached_at;
};

struct sem_details {
	uint64_t nsems;
	int64_t operated_at;
	struct record_list semaphores; /* of struct semaphore; absent where it was not read */
};

struct msg_details {
	uint64_t used_bytes, max_bytes, messages;
	int64_t last_send_pid, last_receive_pid;
	int64_t sent_at, received_at;
};

struct object {
	struct record record;
	enum kind kind;
	uint64_t namespace; /* inode of the IPC namespace */
	uint64_t id;
	uint64_t key; /* 32 bits; 0: private */
	struct text name;
	uint64_t uid, gid, cuid, cgid;
	struct text user, group, cuser, cgroup;
	uint64_t mode; /* permission bits alone, 0777 */
	int64_t changed_at;
	union {
		struct shm_details shm;
		struct sem_details sem;
		struct msg_details msg;
	};
};

static inline bool object_has(const struct object *object, enum object_field field)
{
	return record_has(&object->record, field);
}

static inline void object_mark(struct object *object, enum object_field field)
{
	record_mark(&object->record, field);
}

enum semaphore_field {
	SEMAPHORE_NUM,
	SEMAPHORE_VALUE,
	SEMAPHORE_NCOUNT,
	SEMAPHORE_ZCOUNT,
	SEMAPHORE_PID,
	SEMAPHORE_FIELD_COUNT,
};

/* One semaphore of an array. */
struct semaphore {
	struct record record;
	uint64_t num, value, ncount, zcount;
	int64_t pid;
};

extern const struct field_table object_fields;
extern const struct field_table semaphore_fields;

#endif
