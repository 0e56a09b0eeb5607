/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the parts of one collection share.
 */
#ifndef IPCLENS_COLLECT_COLLECTOR_H
#define IPCLENS_COLLECT_COLLECTOR_H

#include "base/rooted.h"
#include "collect/collect.h"
#include "collect/places.h"
#include "collect/proc_table.h"

#include <sys/types.h>

/* A /dev/shm of other processes, and the IPC namespace that its objects are told to be of. */
struct shm_place {
	dev_t device;
	uint64_t namespace;
};

/* A semaphore. */
struct semaphore_place {
	size_t array;
	uint64_t num;
};

struct collector {
	struct rooted root;
	struct scope scope;
	enum backend backend;	   /* as asked for */
	struct snapshot *snapshot; /* being filled; borrowed by the parts */
	bool has_namespace;
	uint64_t namespace;    /* the viewer's IPC namespace */
	struct places places;  /* those that are looked at; none: the viewer's alone */
	struct place *place;   /* whose objects are listed just now; NULL: the viewer's */
	struct inside *inside; /* owned; how others are entered */
	bool has_outsiders;    /* processes that this PID namespace hides can use the same IPC */
	VECTOR(struct semaphore_place) held_unseen; /* and hold these */
	bool has_own_pids; /* calls tell the same PIDs as /proc; looked for only where it matters */
	bool used_syscalls;
	bool wants_ends;     /* by bpf: see bpf_use_is_worth_it_for_ends() */
	bool used_bpf;	     /* for the threads that sleep, or for ends */
	struct bpf_use *bpf; /* owned; NULL: not needed so far */
	bool has_dev_shm;    /* the device of /dev/shm is known */
	dev_t dev_shm;
	VECTOR(struct shm_place) other_dev_shm; /* of other mount namespaces */
	bool has_mq_device;			/* that of the queues of this IPC namespace */
	uint64_t mq_device;			/* as VALUE_DEVICE */
	int mq_folder;				/* the queues as files; -1: not to be had */
	bool has_boot_time, has_no_boot_time;	/* looked for when it is needed first */
	int64_t boot_time;

	bool reads_maps_as_text; /* also where the kernel has a better way; for tests */
};

/* Whether it is left to the parts by which way they look: neither a tree nor the user says. */
static inline bool collector_has_choice(const struct collector *collector)
{
	return collector->root.is_live &&
	       (collector->backend == BACKEND_AUTO || collector->backend == BACKEND_BPF);
}

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

/*
 * Asks for the objects one by one, which takes the kernel a sixth of what it takes to write the
 * file. 0, what the handler returned, or OUTCOME_GONE where that does not do: a call fails, or most
 * of the indexes are empty, which makes the file faster.
 */
int sysv_ask_for_each(const struct sysv_mechanism *mechanism, proc_row_handler *handler,
		      void *context);

/*
 * Whether those calls tell all that is wanted. They do not tell what is added up for the file
 * alone: rss and swap. And PIDs in the file are those of the PID namespace that /proc is of, as are
 * those of the processes; a call tells them as this process sees them.
 */
bool sysv_calls_are_enough(const struct collector *collector,
			   const struct sysv_mechanism *mechanism);

/*
 * Adds the objects of these kinds that have a name: in /dev/shm, among the queues, FIFOs that the
 * scope names. 0 or -ENOMEM.
 */
int files_collect(struct collector *collector, unsigned int kinds);
int posix_shm_collect(struct collector *collector, unsigned int kinds);
int posix_mq_collect(struct collector *collector);
int fifo_collect(struct collector *collector);

/* What the queue behind a descriptor tells, and with scope.has_fill its file. 0 or -ENOMEM. */
int posix_mq_ask(struct collector *collector, int fd, struct object *queue);

/* How full a pipe is, by a descriptor of it. */
void pipe_ask(int fd, struct object *pipe);

/* What the scope wants of the objects beyond their lists: the next two. 0 or -ENOMEM. */
int details_collect(struct collector *collector);

/* What only system calls tell: the semaphores of each array, max_bytes of queues. 0 or -ENOMEM. */
int sysv_sem_add_semaphores(struct collector *collector);
int sysv_msg_add_limits(struct collector *collector);

/*
 * The limits that came with entering a namespace, of its queues, which are among the objects from
 * that index on. Those of queues that were made in between are left to sysv_msg_add_limits().
 */
void sysv_msg_take_limits(struct collector *collector, size_t first);

/* The soft limit in the text of /proc/PID/limits, UINT64_MAX for none; 0 or -EINVAL. */
int limits_parse_msgqueue(struct text text, uint64_t *ret_bytes);

/* A limit with its value; 0 or -ENOMEM. */
int limits_add(struct snapshot *snapshot, enum limit_id id, uint64_t value);

/* Limits that are no file of one number: of /dev/shm and of processes. 0 or -ENOMEM. */
int limits_collect_others(struct collector *collector);

/*
 * The bytes of all POSIX queues of the user who has most, as RLIMIT_MSGQUEUE counts them; false
 * where it is not known of each queue.
 */
bool limits_use_of_queues(const struct snapshot *snapshot, uint64_t *ret_used);

/*
 * How many of the waits that the kernel counts were found, once the semaphores were read; and who
 * could end them, once all links are known. 0 or -ENOMEM.
 */
int waits_account(struct collector *collector);
int waits_find_releasers(struct collector *collector);

/* Drops waits that have ended since they were seen, once it is known who holds. 0 or -ENOMEM. */
int waits_confirm(struct collector *collector);

/* The limits of the namespace that is being listed. 0 or -ENOMEM. */
int limits_collect_namespace(struct collector *collector);

/* 0 or -ENOMEM each. Where several namespaces are looked at, their limits are there already. */
int limits_collect(struct collector *collector);
int names_collect(struct collector *collector);
int sight_collect(struct collector *collector);

/* The number in a namespace link, "ipc:[4026531839]"; 0 or -EINVAL. */
int sight_parse_namespace(struct text link, uint64_t *ret_number);

/* The number of the namespace that a link leads to; OUTCOME_MALFORMED, or as rooted_readlink(). */
int sight_read_namespace(const struct rooted *root, const char *path, uint64_t *ret_number);

/*
 * How a /proc mount hides processes, from mountinfo: 0 where no such mount is found. -EINVAL for a
 * way that is not known.
 */
int sight_parse_hidepid(struct text mountinfo, uint64_t *ret_hidepid);

/* The effective capabilities in /proc/self/status as bits of enum sight_capability; or -EINVAL. */
int sight_parse_capabilities(struct text status, uint64_t *ret_capabilities);

/* Whether the PID namespace that /proc is of is this process's own, for sure. */
bool sight_has_own_pids(const struct collector *collector);

/* Looks at the links under proc/self/ns: namespaces of host, and the collector's own. */
int sight_find_namespaces(struct collector *collector);

/*
 * Whether /proc has every process of the machine: no PID namespace and no hidepid keeps one from
 * it. Of a recorded tree that is not known, and taken for granted.
 */
bool sight_has_all_processes(const struct collector *collector);

/*
 * Why answers about all processes are incomplete; NULL: nothing is known that would make them so.
 * In a PID namespace only where the IPC namespace is the machine's first one, or others are known
 * to have used it: one that has both for itself is taken for a container, which mostly has its IPC
 * for itself, too. Notes collector->has_outsiders.
 */
const char *sight_why_processes_are_missing(struct collector *collector);

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

/* Whether a segment is attached as often, and was used last, as we know; row is how it is now. */
bool sysv_shm_is_unchanged(const struct object *object, const struct proc_row *row);

/*
 * Adds an issue: which path or call it is about, and why that could not be seen; object NULL and
 * kind KIND_COUNT: it is about none. The texts are copied. 0 or -ENOMEM.
 */
int collector_add_issue(struct collector *collector, enum issue_aspect aspect, int outcome,
			enum kind kind, const struct object *object, const char *subject,
			const char *reason);

/* Sets a PID that 0 stands for as absent, or as hidden where the event surely happened. */
void collector_set_pid(struct object *object, enum object_field field, int64_t *place, uint64_t pid,
		       bool has_happened);

/* The same of a semaphore whose number and value are set. */
void collector_set_semaphore_pid(const struct object *array, struct semaphore *semaphore,
				 uint64_t pid);

/*
 * Sets the IPC namespace that is being listed as that of the object, if it is of a kind that has
 * one.
 */
void collector_set_namespace(const struct collector *collector, struct object *object);

/* That of a file of that kind on that device; false where it is not known. */
bool collector_find_file_namespace(const struct collector *collector, enum kind kind,
				   uint64_t device, uint64_t *ret_namespace);

/* Marks what each line and each call has: id, key, owner, creator, mode. */
void collector_mark_common(struct object *object);

/* Sets a time, absent where it is 0. */
void collector_set_time(struct object *object, enum object_field field, int64_t *place,
			uint64_t seconds);

#endif
