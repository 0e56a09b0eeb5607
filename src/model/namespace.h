/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IPC namespaces: worlds of System V objects and POSIX queues, each with limits of its own.
 */
#ifndef IPCLENS_MODEL_NAMESPACE_H
#define IPCLENS_MODEL_NAMESPACE_H

#include "model/field.h"

enum namespace_field {
	NAMESPACE_NUMBER,
	NAMESPACE_IS_VIEWERS,
	NAMESPACE_USER_NAMESPACE,
	NAMESPACE_KEPT_BY,
	NAMESPACE_PROCESSES,
	NAMESPACE_PID,
	NAMESPACE_COMMAND,
	NAMESPACE_UNIT,
	NAMESPACE_PATH,
	NAMESPACE_SHM,
	NAMESPACE_SHM_BYTES,
	NAMESPACE_SEM,
	NAMESPACE_SEMAPHORES,
	NAMESPACE_MSG,
	NAMESPACE_MSG_BYTES,
	NAMESPACE_MQ,
	NAMESPACE_MQ_MESSAGES,
	NAMESPACE_PSHM,
	NAMESPACE_PSHM_BYTES,
	NAMESPACE_PSEM,
	NAMESPACE_FIELD_COUNT,
};

/* What keeps a namespace there; bits of kept_by. */
enum namespace_keeper {
	KEPT_BY_PROCESSES = 1 << 0,
	KEPT_BY_THREADS = 1 << 1, /* of processes that are in another one */
	KEPT_BY_MOUNT = 1 << 2,
	KEPT_BY_DESCRIPTOR = 1 << 3,
	KEPT_BY_MAPPING = 1 << 4, /* nothing else does */
};

struct namespace
{
	struct record record;
	uint64_t number; /* its inode */
	uint64_t is_viewers;
	uint64_t user_namespace; /* that owns it */
	uint64_t kept_by;	 /* enum namespace_keeper */
	uint64_t processes;
	int64_t pid; /* the first of them, or who keeps it in another way */
	struct text command, unit;
	struct text path; /* where it is mounted */
	/* Objects; absent where they were not, or could not be, looked at. */
	uint64_t shm, shm_bytes, sem, semaphores, msg, msg_bytes, mq, mq_messages;
	uint64_t pshm, pshm_bytes, psem;
};

extern const struct field_table namespace_fields;

#endif
