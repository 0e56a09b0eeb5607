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
	OBJECT_INODE,
	OBJECT_DEVICE,
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
	OBJECT_CREATED_AT,
	/* memory */
	OBJECT_SIZE,
	OBJECT_ALLOCATED,
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
	/* psem */
	OBJECT_VALUE,
	OBJECT_WAITERS,
	OBJECT_LAYOUT,
	/* msg, mq, pipes */
	OBJECT_USED_BYTES,
	OBJECT_MAX_BYTES,
	OBJECT_USED_PERCENT,
	OBJECT_MESSAGES,
	OBJECT_LAST_SEND_PID,
	OBJECT_LAST_RECEIVE_PID,
	OBJECT_SENT_AT,
	OBJECT_RECEIVED_AT,
	OBJECT_MAX_MESSAGES,
	OBJECT_MAX_MESSAGE_BYTES,
	OBJECT_NOTIFY_PID,
	OBJECT_READERS,
	OBJECT_WRITERS,
	OBJECT_WAITING,
	OBJECT_FIELD_COUNT,
};

/* Bits of status, named in the field table. */
enum object_status {
	SHM_STATUS_DEST = 1 << 0,
	SHM_STATUS_LOCKED = 1 << 1,
	SHM_STATUS_HUGETLB = 1 << 2,
	SHM_STATUS_NORESERVE = 1 << 3,
	STATUS_UNLINKED = 1 << 4, /* its name is gone, or another object's by now */
	STATUS_ELSEWHERE =
		1 << 5, /* its name is of another mount namespace, or below another root */
};

/* Who wrote a named semaphore; of two layouts that can be told apart. */
enum psem_layout {
	PSEM_UNKNOWN,
	PSEM_GLIBC,
	PSEM_MUSL,
};

/* Times are seconds since 1970 throughout, and sizes bytes. */
struct shm_details {
	uint64_t nattch; /* attachments, as the kernel counts them */
	uint64_t rss, swap;
	int64_t creator_pid, last_pid; /* who attached or detached it last */
	int64_t attached_at, detached_at;
};

struct sem_details {
	uint64_t nsems;
	int64_t operated_at;
	struct record_list semaphores; /* of struct semaphore; absent where it was not read */
};

struct msg_details {
	int64_t last_send_pid, last_receive_pid;
	int64_t sent_at, received_at;
};

/* Objects that are files in memory. */
struct file_details {
	uint64_t allocated;
	int64_t created_at;
	uint64_t value, waiters, layout; /* of psem; enum psem_layout */
};

struct mq_details {
	uint64_t max_messages, max_message_bytes;
	int64_t notify_pid; /* who is told of the next message (mq_notify) */
};

/* Of pipes and FIFOs: int64_t, PIDs that have such an end open, ascending. */
struct pipe_details {
	struct record_list readers, writers;
};

struct object {
	struct record record;
	enum kind kind;
	uint64_t namespace; /* inode of the IPC namespace */
	uint64_t id;
	uint64_t key;		/* 32 bits; 0: private */
	uint64_t inode, device; /* of the file that stands for it; device as VALUE_DEVICE */
	struct text name;
	struct text ref;	       /* where it is not just kind and id; see snapshot_settle() */
	uint64_t uid, gid, cuid, cgid; /* of the owner; of the creator, which System V has, too */
	struct text user, group, cuser, cgroup;
	uint64_t mode; /* permission bits alone, 0777 */
	int64_t changed_at;
	uint64_t size;
	uint64_t status;			  /* enum object_status */
	uint64_t used_bytes, max_bytes, messages; /* of a queue; bytes of a pipe, too */
	uint64_t waiting;			  /* threads that were found asleep on it */
	struct record_list processes;		  /* int64_t: PIDs that use it, ascending */
	union {
		struct shm_details shm;
		struct sem_details sem;
		struct msg_details msg;
		struct file_details file;
		struct mq_details mq;
		struct pipe_details pipe;
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
	uint64_t num, value;
	uint64_t ncount, zcount; /* threads that wait for it to grow, and to be zero */
	int64_t pid;		 /* who changed it last */
};

extern const struct field_table object_fields;
extern const struct field_table semaphore_fields;

#endif
