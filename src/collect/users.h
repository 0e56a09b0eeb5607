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

/* A segment's mapping in a process; as small as can be, for a machine has many of them. */
struct seen_mapping {
	pid_t pid;
	pid_t task;	 /* the thread that it was seen in: the leader, unless that has exited */
	uint32_t object; /* index in the snapshot */
	uint8_t access;	 /* bits of enum link_access */
	bool is_shared_copy; /* of the same mapping in a lower PID of the same address space */
	uint64_t address, length;
	struct record_list shared_by;
};

struct seen_mappings {
	VECTOR(struct seen_mapping) items;
};

/* A process that uses something. */
struct seen_process {
	int64_t pid;
	struct proc_stat stat;
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
 * Finds the mappings among those of one object (sorted by address and PID) that are one, because
 * their processes share an address space; fills in shared_by and is_shared_copy. *ret_is_sure is
 * whether it could be told. 0 or -ENOMEM.
 */
int address_spaces_merge(struct collector *collector, struct address_spaces *last,
			 struct seen_mapping *mappings, size_t count, bool *ret_is_sure);

/*
 * Adds the processes that the objects remember, as links of history. 0 or -ENOMEM. processes are
 * those that are known already; others are added.
 */
int history_collect(struct collector *collector, struct seen_processes *processes);

/* Whether a process of the running machine exists, also where /proc hides it (hidepid=2). */
bool process_is_there(const struct collector *collector, int64_t pid);

/*
 * Reads a process and adds it to those that are known. 0, -ENOMEM, or what kept it from being read
 * as of proc_stat_read().
 */
int processes_see(struct collector *collector, int64_t pid, struct seen_processes *processes);

/* When a process that started so many ticks after boot did; false where that is not known. */
bool processes_start_time(struct collector *collector, uint64_t ticks, int64_t *ret_seconds);

/* Makes records of the processes, each once, in the order of PIDs. 0 or -ENOMEM. */
int processes_add(struct collector *collector, struct seen_processes *processes);

/* The links, accountings and processes that the scope asks for. 0 or -ENOMEM. */
int users_collect(struct collector *collector);

#endif
