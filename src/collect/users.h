/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who uses the objects: what the parts of this search share.
 *
 * The attachments of segments are mappings; each process is looked at once, by several threads at a
 * time. Every address space counts once: processes that share one (CLONE_VM, vfork) show the same
 * mapping again.
 */
#ifndef IPCLENS_COLLECT_USERS_H
#define IPCLENS_COLLECT_USERS_H

#include <sys/types.h>

#include "collect/collector.h"
#include "collect/proc_stat.h"

/*
 * A use that was seen in a process: of a segment, or of a thing (things.h). As small as can be, for
 * a machine has many of them.
 */
struct seen_use {
	pid_t pid;
	pid_t task; /* the thread that it was seen in: the leader, unless that has exited */
	uint32_t
		object; /* index in the snapshot; of a thing among things, until it has an object */
	uint8_t access; /* bits of enum link_access */
	uint8_t how;	/* enum link_how */
	/* Of the same use in a lower PID of the same address space, or table of descriptors. */
	bool is_shared_copy;
	uint64_t address, length; /* of LINK_OPEN the descriptor, and nothing */
	struct record_list shared_by;
};

/* A wait that was seen, before its object is known. */
struct seen_wait {
	struct wait wait; /* wait.object is that of System V */
	bool is_thing;
	bool has_deadline; /* its timeout is what was left of it then */
	int64_t left_at;   /* milliseconds of the monotonic clock */
	bool is_stray;	   /* in a mapping that is none of the process's own namespace */
	uint32_t thing;	   /* its index among things */
	uint64_t mapping;  /* of memory in a segment: where that is mapped */
	const char *call;  /* static */
	char wchan[48];
};

struct seen_waits {
	VECTOR(struct seen_wait) items;
};

struct seen_uses {
	VECTOR(struct seen_use) items;
};

/* A process that uses something. */
struct seen_process {
	int64_t pid;
	struct proc_stat stat; /* with has_no_starts the command alone */
};

struct seen_processes {
	VECTOR(struct seen_process) items;
};

/* What was found last of two address spaces: often the next segment has the same users. */
struct address_spaces {
	int64_t task, other; /* the lower number first; 0: nothing yet */
	int order;
};

/*
 * Finds the uses among those of one object and one sort (sorted by address and PID) that are one,
 * because their processes share an address space, or with LINK_OPEN their descriptors. Each
 * is_shared_copy then stands behind the one that counts. Whether it could be told. May be called
 * by several threads at a time, each with a last of its own.
 */
bool address_spaces_compare(const struct collector *collector, struct address_spaces *last,
			    struct seen_use *mappings, size_t count);

/* Fills in shared_by of what was compared. 0 or -ENOMEM. */
int address_spaces_share(struct collector *collector, struct seen_use *mappings, size_t count);

/* Both. 0 or -ENOMEM. */
int address_spaces_merge(struct collector *collector, struct address_spaces *last,
			 struct seen_use *mappings, size_t count, bool *ret_is_sure);

/*
 * Adds the processes that the objects remember, as links of history. 0 or -ENOMEM. processes are
 * those that are known already; others are added.
 */
int history_collect(struct collector *collector, struct seen_processes *processes);

/*
 * Adds who holds semaphores as links, and an issue with the reason where that cannot be seen. 0 or
 * -ENOMEM.
 */
int holders_collect(struct collector *collector, struct seen_processes *processes);

/* Whether a process of the running machine exists, also where /proc hides it (hidepid=2). */
bool process_is_there(const struct collector *collector, int64_t pid);

/*
 * Reads a process and adds it to those that are known. 0, -ENOMEM, or what kept it from being read
 * as of proc_stat_read().
 */
int processes_see(struct collector *collector, int64_t pid, struct seen_processes *processes);

/* For semaphore_place.num, where which one of the array it is is not known. */
#define ANY_SEMAPHORE UINT32_MAX

/* Adds those that own the locks for which threads wait. 0 or -ENOMEM. */
int wait_owners_collect(struct collector *collector, struct seen_processes *processes);

/* When a process that started so many ticks after boot did; false where that is not known. */
bool processes_start_time(struct collector *collector, uint64_t ticks, int64_t *ret_seconds);

/* An issue that says that this one may not be inspected. 0 or -ENOMEM. */
int processes_report_denied(struct collector *collector, int64_t pid);

/*
 * Whether the number is that of a thread, of which /proc has a hidden folder like that of a
 * process: 1, and an issue says of which; 0; -ENOMEM.
 */
int processes_report_thread(struct collector *collector, int64_t pid);

/* Makes records of the processes, each once, in the order of PIDs. 0 or -ENOMEM. */
int processes_add(struct collector *collector, struct seen_processes *processes);

/* The links, accountings and processes that the scope asks for. 0 or -ENOMEM. */
int users_collect(struct collector *collector);

#endif
