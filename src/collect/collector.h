/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the parts of one collection share.
 */
#ifndef IPCLENS_COLLECT_COLLECTOR_H
#define IPCLENS_COLLECT_COLLECTOR_H

#include "base/rooted.h"
#include "collect/collect.h"
#include "collect/proc_table.h"

struct collector {
	struct rooted root;
	struct scope scope;
	enum backend backend;	   /* as asked for */
	struct snapshot *snapshot; /* being filled; borrowed by the parts */
	bool has_namespace;
	uint64_t namespace; /* IPC namespace that is looked at */
	bool used_syscalls;
	bool has_boot_time, has_no_boot_time; /* looked for when it is needed first */
	int64_t boot_time;

	bool reads_maps_as_text; /* also where the kernel has a better way; for tests */
};

/*
 * A mechanism of System V: what differs between segments, arrays and queues.
 */
struct sysv_mechanism {
	enum kind kind;
	const char *path; /* below the root */
	const char *info_call, *stat_call;
	const struct proc_table_layout *layout;
	/* From a line of the /proc file. */
	void (*fill_from_row)(const struct proc_row *row, struct object *object);
	/* The highest index in use, from the *_INFO call; -1 with errno. */
	int (*highest_index)(void);
	/*
	 * The answer of the *_STAT_ANY call for an index in the shape of a line of the file; 0 or a
	 * positive errno (EINVAL: nothing there).
	 */
	int (*row_from_index)(int index, struct proc_row *ret_row);
};

extern const struct sysv_mechanism sysv_shm;
extern const struct sysv_mechanism sysv_sem;
extern const struct sysv_mechanism sysv_msg;

/* Adds all objects of the kind to the snapshot. 0 or -ENOMEM. */
int sysv_collect(struct collector *collector, const struct sysv_mechanism *mechanism);

/*
 * What the *_STAT_ANY call tells of the object with that id, in the shape of a line of the file;
 * false where it tells nothing.
 */
bool sysv_row_of_id(const struct sysv_mechanism *mechanism, uint64_t id, struct proc_row *ret_row);

/* What only system calls tell: the semaphores of each array, max_bytes of queues. 0 or -ENOMEM. */
int sysv_sem_add_semaphores(struct collector *collector);
int sysv_msg_add_limits(struct collector *collector);

/* 0 or -ENOMEM each. */
int limits_collect(struct collector *collector);
int names_collect(struct collector *collector);
int sight_collect(struct collector *collector);

/* The number in a namespace link, "ipc:[4026531839]"; 0 or -EINVAL. */
int sight_parse_namespace(struct text link, uint64_t *ret_number);

/*
 * How a /proc mount hides processes, from mountinfo: 0 where no such mount is found. -EINVAL for a
 * way that is not known.
 */
int sight_parse_hidepid(struct text mountinfo, uint64_t *ret_hidepid);

/* The effective capabilities in /proc/self/status as bits of enum sight_capability; or -EINVAL. */
int sight_parse_capabilities(struct text status, uint64_t *ret_capabilities);

/* Looks at the links under proc/self/ns: namespaces of host, and the collector's own. */
int sight_find_namespaces(struct collector *collector);

/*
 * Whether /proc has every process of the machine: no PID namespace and no hidepid keeps one from
 * it. Of a recorded tree that is not known, and taken for granted.
 */
bool sight_has_all_processes(const struct collector *collector);

/* Room for a path as it is shown. */
struct shown_path {
	char bytes[64];
};

/* The path as a person finds it: from the root of this machine, or from the top of the tree. */
const char *collector_show_path(const struct collector *collector, const char *path,
				struct shown_path *room);

/* The object's REF as a text of the snapshot; 0 or -ENOMEM. */
int collector_copy_ref(struct collector *collector, const struct object *object,
		       struct text *ret_text);

/* Whether a segment of the running machine is attached as often, and was used last, as we know. */
bool sysv_shm_is_unchanged(const struct object *object);

/* Adds an issue about a path or a call. errno_text is why. 0 or -ENOMEM. */
int collector_add_issue(struct collector *collector, enum issue_aspect aspect, int outcome,
			enum kind kind, const struct object *object, const char *subject,
			const char *reason);

/* Sets a PID that 0 stands for as absent, or as hidden where the event surely happened. */
void collector_set_pid(struct object *object, enum object_field field, int64_t *place, uint64_t pid,
		       bool has_happened);

/* The same of a semaphore whose number and value are set. */
void collector_set_semaphore_pid(const struct object *array, struct semaphore *semaphore,
				 uint64_t pid);

/* Marks what each line and each call has: id, key, owner, creator, mode. */
void collector_mark_common(struct object *object);

/* Sets a time, absent where it is 0. */
void collector_set_time(struct object *object, enum object_field field, int64_t *place,
			uint64_t seconds);

#endif
