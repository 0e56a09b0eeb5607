/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waits: that a thread sleeps in IPC, on what, and who could end it.
 */
#ifndef IPCLENS_MODEL_WAIT_H
#define IPCLENS_MODEL_WAIT_H

#include "model/field.h"
#include "model/object.h"

enum wait_field {
	WAIT_OBJECT,
	WAIT_PID,
	WAIT_TID,
	WAIT_OPERATION,
	WAIT_SEMNUM,
	WAIT_AMOUNT,
	WAIT_TYPE,
	WAIT_FLAGS,
	WAIT_TIMEOUT,
	WAIT_OFFSET,
	WAIT_OWNER_TID,
	WAIT_CALL,
	WAIT_WCHAN,
	WAIT_SINCE,
	WAIT_WAITED,
	WAIT_RELEASED_BY,
	WAIT_FIELD_COUNT,
};

/* What the thread wants to do, and cannot yet. */
enum wait_operation {
	WAIT_TAKE,	 /* lower a semaphore */
	WAIT_AWAIT_ZERO, /* until a semaphore is zero */
	WAIT_SEND,
	WAIT_RECEIVE,
	WAIT_READ,
	WAIT_WRITE,
	WAIT_OPEN,  /* a FIFO, whose other end nobody has open */
	WAIT_FUTEX, /* a lock, a semaphore or a condition in shared memory */
};

/* Bits of wait.flags. */
enum wait_flag {
	WAIT_HAS_UNDO = 1 << 0,		/* SEM_UNDO: given back when the process ends */
	WAIT_IS_EXCEPT = 1 << 1,	/* MSG_EXCEPT: any type but this one */
	WAIT_IS_ALTERNATIVE = 1 << 2,	/* one of several things any of which ends the sleep */
	WAIT_IS_FULL_BY_COUNT = 1 << 3, /* the queue holds as many messages as it may, not bytes */
	WAIT_IS_MUTEX = 1 << 4,		/* what lies there is a lock with an owner */
	WAIT_IS_SEMAPHORE = 1 << 5,	/* what lies there is a POSIX semaphore */
	WAIT_IS_HELD_UNSEEN = 1 << 6,	/* somebody whom the viewer is not shown holds it, too */
	WAIT_HAS_ALARM = 1 << 7,	/* its process catches SIGALRM: it may have set a time */
};

/* The thread was asleep in this call before and after the rest was read. */
struct wait {
	struct record record;
	size_t object; /* its index in the snapshot; WAIT_NO_OBJECT */
	struct text object_ref;
	int64_t pid, tid;
	uint64_t operation; /* enum wait_operation */
	uint64_t semnum;    /* the one that it is really blocked at, of those in the call */
	uint64_t amount;    /* how much it wants to take; bytes it wants to send */
	int64_t type;	    /* of message: 0 any, below 0 any up to that number */
	uint64_t flags;	    /* enum wait_flag */
	uint64_t timeout;   /* milliseconds in all; absent: it waits for ever */
	uint64_t offset;    /* in the memory object */
	int64_t owner_tid;  /* of a lock, as the memory says */
	struct text call;   /* its name, as "semtimedop" */
	struct text
		wchan; /* the function of the kernel that it sleeps in (/proc/PID/task/TID/wchan) */
	int64_t since; /* seconds since 1970 */
	uint64_t waited;		/* milliseconds */
	struct record_list released_by; /* int64_t: PIDs; absent: who could is not known */
	/*
	 * While it is collected: when the thread ran last, in nanoseconds of the scheduler's clock
	 * of that processor; 0: not known.
	 */
	uint64_t ran_at;
	uint32_t processor;
	int64_t owner; /* the process of owner_tid; 0: there is none; WAIT_OWNER_ELSEWHERE */
};

/* The number is one of another PID namespace. */
#define WAIT_OWNER_ELSEWHERE (-1)

#define WAIT_NO_OBJECT SIZE_MAX

static inline bool wait_has(const struct wait *wait, enum wait_field field)
{
	return record_has(&wait->record, field);
}

/* Also where there is one that could not be read: who may give up is in no deadlock. */
static inline bool wait_has_timeout(const struct wait *wait)
{
	return wait_has(wait, WAIT_TIMEOUT) || record_hides(&wait->record, WAIT_TIMEOUT);
}

extern const char *const wait_operation_names[];
extern const struct field_table wait_fields;

#endif
