/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes, and links: that a process uses an object, and how. Links are of two sorts, told apart
 * everywhere: proof (the kernel shows the use as it is now) and history (a PID that the object
 * remembers; the process may have ended since, and its PID may be another's).
 */
#ifndef IPCLENS_MODEL_PROCESS_H
#define IPCLENS_MODEL_PROCESS_H

#include "model/field.h"
#include "model/object.h"

enum process_field {
	PROCESS_PID,
	PROCESS_COMMAND,
	PROCESS_UID,
	PROCESS_USER,
	PROCESS_STARTED_AT,
	PROCESS_START_TICKS,
	PROCESS_THREADS,
	PROCESS_STOPPED,
	PROCESS_NAMESPACE,
	PROCESS_UNIT,
	PROCESS_FIELD_COUNT,
};

/* A process that a link names, as it was then. PIDs are reused: PID and start are its identity. */
struct process {
	struct record record;
	int64_t pid;
	struct text command; /* as the kernel cuts it, 15 bytes; the process chose it */
	uint64_t uid;	     /* effective */
	struct text user;
	int64_t started_at;   /* seconds since 1970 */
	uint64_t start_ticks; /* clock ticks after boot */
	uint64_t threads;
	uint64_t stopped;   /* 1: by a signal, or by who traces it */
	uint64_t namespace; /* inode of its IPC namespace */
	struct text unit;   /* container, pod or unit */
};

enum link_field {
	LINK_OBJECT,
	LINK_PID,
	LINK_HOW,
	LINK_STATE,
	LINK_OPERATION,
	LINK_AT,
	LINK_ACCESS,
	LINK_ADDRESS,
	LINK_LENGTH,
	LINK_FD,
	LINK_AMOUNT,
	LINK_SEMNUM,
	LINK_SHARED_BY,
	LINK_FIELD_COUNT,
};

enum link_how {
	LINK_MAPPED,
	LINK_OPEN,	 /* it has a descriptor */
	LINK_OPENING,	 /* it sleeps in open() until somebody opens the FIFO's other end */
	LINK_HOLDS,	 /* a semaphore: its end would raise it (undo) */
	LINK_TAKES_BACK, /* a semaphore: its end would lower it */
	LINK_CREATED,
	LINK_LAST_OP,
};

/* What an operation of history was. */
enum link_operation {
	LINK_ATTACH_OR_DETACH,
	LINK_SEND,
	LINK_RECEIVE,
	LINK_SEMAPHORE,
};

/* Whether the kernel shows the use itself. */
static inline bool link_is_proof(enum link_how how)
{
	return how <= LINK_TAKES_BACK;
}

/* What became of the process that history names. */
enum link_state {
	LINK_ALIVE,   /* the PID lives since before the event: it can be the same process */
	LINK_DEAD,    /* there is no such process, or nothing of it but the record of its end */
	LINK_REUSED,  /* the PID belongs to a process that started after the event */
	LINK_UNKNOWN, /* it could not be looked at */
};

/* Bits of link.access. */
enum link_access {
	LINK_READ = 1 << 0,
	LINK_WRITE = 1 << 1,
	LINK_EXECUTE = 1 << 2,
	LINK_PRIVATE = 1 << 3, /* what is written stays the process's own */
};

struct link {
	struct record record;
	size_t object; /* its index in the snapshot */
	struct text object_ref;
	int64_t pid;
	uint64_t how;	    /* enum link_how */
	uint64_t state;	    /* enum link_state, of history alone */
	uint64_t operation; /* enum link_operation, of last-op alone */
	int64_t at;	    /* of history: when it was, or the latest time that it can have been */
	uint64_t access;    /* enum link_access */
	uint64_t address, length; /* of a mapping; bytes */
	uint64_t fd;		  /* of an open file; the lowest where there are several alike */
	uint64_t amount;	  /* by how much the semaphore would be raised or lowered */
	uint64_t semnum;
	struct record_list shared_by; /* int64_t: other PIDs of the same address space or
					 descriptor table */
};

/* Whether the link is of that process, or of one that shares with it what the link is about. */
static inline bool link_names(const struct link *link, int64_t pid)
{
	const int64_t *sharers = link->shared_by.items;

	for (size_t i = 0; i < link->shared_by.count; i++)
		if (sharers[i] == pid)
			return true;
	return link->pid == pid;
}

enum accounting_field {
	ACCOUNTING_OBJECT,
	ACCOUNTING_WHAT,
	ACCOUNTING_SEMNUM,
	ACCOUNTING_FOUND,
	ACCOUNTING_EXPECTED,
	ACCOUNTING_COMPLETE,
	ACCOUNTING_DOUBTS,
	ACCOUNTING_FIELD_COUNT,
};

/* Why an accounting is not proven; bits of accounting.doubts. */
enum accounting_doubt {
	DOUBT_UNREADABLE = 1 << 0, /* there are processes that may not be inspected */
	DOUBT_CHANGED = 1 << 1, /* the object or its processes changed while they were looked at */
	DOUBT_SHARED = 1 << 2,	/* whether processes share an address space could not be told */
	DOUBT_ELSEWHERE = 1 << 3, /* a process of another namespace maps a segment of this id */
	DOUBT_MORE = 1 << 4,	  /* more was found than the kernel counts */
};

/* What the kernel counts. */
enum accounting_what {
	ACCOUNTING_ATTACHMENTS,
	ACCOUNTING_NCOUNT, /* threads that wait for a semaphore to grow */
	ACCOUNTING_ZCOUNT, /* or to be zero */
};

/* What was found of what the kernel counts. */
struct accounting {
	struct record record;
	size_t object; /* its index in the snapshot */
	struct text object_ref;
	uint64_t what; /* enum accounting_what */
	uint64_t semnum;
	uint64_t found, expected; /* expected: as the kernel counts */
	uint64_t is_complete;	  /* all were found, and none of the doubts is left */
	uint64_t doubts;	  /* enum accounting_doubt */
};

extern const char *const link_how_names[],
	*const link_state_names[], *const link_operation_names[], *const link_access_names[];

extern const struct field_table process_fields;
extern const struct field_table link_fields;
extern const struct field_table accounting_fields;

#endif
