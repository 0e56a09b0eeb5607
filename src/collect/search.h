/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The search through processes: what each maps and has open (search.c, search_things.c), and what
 * follows from it for segments (segment_accounts.c) and for things (thing_accounts.c).
 */
#ifndef IPCLENS_COLLECT_SEARCH_H
#define IPCLENS_COLLECT_SEARCH_H

#include <stdatomic.h>

#include "base/id_map.h"
#include "base/parallel.h"
#include "collect/segment_devices.h"
#include "collect/things.h"
#include "collect/users.h"

/* A mapping of a segment that its process's own IPC namespace does not have (search_strays.c). */
struct stray {
	struct seen_use use; /* without an object */
	uint64_t id;
	uint32_t key;
	uint64_t start_ticks; /* of its process */
};

struct strays {
	VECTOR(struct stray) items;
};

/* One look at the processes. */
struct search {
	struct collector *collector;
	unsigned int kinds;	 /* KIND_BIT()s: what is looked for */
	unsigned int wait_kinds; /* KIND_BIT()s: who sleeps on what is looked for */
	bool has_scheduler;	 /* it keeps a record of when threads ran last */
	struct id_map segments;	 /* search_segment_key() to struct object */
	struct id_map sysv;	 /* search_sysv_key() to struct object, where waits are wanted */
	bool is_wide;		 /* several IPC namespaces are looked at, or another one */
	size_t slots;		 /* how many there are */
	struct things known;	 /* objects that were listed by their names */
	/* Nothing but what is known: nobody else's things are of interest. */
	bool wants_only_known;
	bool has_sleepers;		       /* threads that sleep were looked at already */
	bool is_repeated;		       /* a second look at the same processes */
	struct segment_devices devices;	       /* of segments */
	VECTOR(dev_t) mapped_devices;	       /* and of /dev/shm, of each mount namespace */
	struct recorded_descriptors *recorded; /* of a recorded tree */
	atomic_uchar *doubts; /* of each object of the snapshot; enum accounting_doubt */
	bool *is_in_doubt;    /* of each, too: which segment its mappings are of */
	const int64_t *pids;
	uint64_t began_ticks;	  /* clock ticks after boot; 0: not known */
	atomic_bool has_no_query; /* the kernel does not have PROCMAP_QUERY */
	struct finder *finders;
	struct address_spaces last_spaces, last_tables; /* compared last */
	/* All that was found so far. */
	struct seen_uses mappings; /* of segments */
	struct strays strays;
	struct things things;
	struct seen_uses uses; /* of things */
	struct seen_waits waits;
	struct seen_processes processes;
	size_t unreadable, unread_calls, undecoded, in_rings, cut_waits;
	size_t told;	   /* of the unreadable, each by its PID */
	size_t changing;   /* descriptors that were another file's at each look */
	size_t unplaced;   /* waits in segments of which the namespace could not be told */
	bool has_seen_all; /* no process was hidden from the search */
};

/* What one thread found. */
struct finder {
	struct search *search;
	struct seen_uses mappings;
	struct strays strays;
	struct things things;
	struct seen_uses uses;
	struct seen_waits waits;
	struct seen_processes processes;
	size_t unreadable;   /* processes that may not be inspected */
	size_t unread_calls; /* threads whose call may not be read */
	size_t undecoded;    /* threads whose call is not understood */
	size_t in_rings;     /* threads in a call of io_uring */
	size_t cut_waits;    /* threads that wait for more than is told */
	size_t changing;     /* descriptors that were another file's at each look */
	pid_t pid;	     /* the one that is looked at */
	pid_t thread;	     /* the one through which its memory was read; 0: its leader */
	bool has_slot;	     /* it is in a namespace that is looked at; see search_find_slot() */
	size_t slot;
};

/* Whether the object is a segment whose users are asked for. */
bool search_wants(const struct search *search, const struct object *object);

/*
 * Issues about processes that may not be inspected, and about those that /proc does not show: that
 * is found out once the accountings are there. 0 or -ENOMEM each.
 */
int search_report_unreadable(struct search *search);
int search_report_missing(struct search *search);

/* Prepares the search; search->collector must be set. 0 or -ENOMEM. */
int search_init(struct search *search);
void search_deinit(struct search *search);

/* Looks at these processes, and adds what was found to what was found before. 0 or -ENOMEM. */
int search_look_at(struct search *search, const int64_t *pids, size_t count);

/*
 * Runs the task for so many items, each worker with a finder of its own in search->finders, and
 * adds what they found to what was found before. 0, -ENOMEM, or what a task returned.
 */
int search_run(struct search *search, size_t workers, size_t count, parallel_task *task,
	       void *context);

/*
 * Looks at the threads that sleep by bpf, where that pays: what they wait for, and who opens FIFOs.
 * 0; OUTCOME_UNSUPPORTED: /proc has to be asked; -ENOMEM.
 */
int search_sleepers(struct search *search);

/*
 * Looks for the ends of pipes, FIFOs and queues by bpf, where that pays, and takes the kinds of
 * which all were found out of search->kinds: /proc need not be asked for them. 0 or -ENOMEM.
 */
int search_ends(struct search *search);

/* Puts the mappings found so far, from that one on, in the order of objects, addresses and PIDs. */
void search_sort(struct search *search, size_t first);

/* How many of the mappings of one object count: how many times address spaces have it attached. */
uint64_t search_count(const struct seen_use *mappings, size_t count);

/* Makes links and accountings of what was found of segments. 0 or -ENOMEM. */
int search_conclude(struct search *search);

/*
 * Asks for what only a descriptor tells: of queues, and with scope.has_fill of pipes. 0 or -ENOMEM.
 */
int things_ask(struct collector *collector, const struct things *things);

/* Makes objects and links of the things that were found. 0 or -ENOMEM. */
int search_conclude_things(struct search *search);

/*
 * Looks at one process. 0 or -ENOMEM; what could not be read is counted.
 */
int search_process(struct finder *finder, pid_t pid);

/*
 * For the parts of the search: a mapping that is no segment, all descriptors of a task, and the
 * calls in which its threads sleep. prefix is in front of the names of files, "proc/4711/" or
 * "".
 */
struct mapping;
int search_handle_mapping(struct finder *finder, const struct mapping *mapping);
int search_descriptors(struct finder *finder, const struct rooted *root, const char *prefix);
int search_calls(struct finder *finder, const struct rooted *root, const char *prefix);

/*
 * Of what is mapped: the segment, of the namespace that the process is in; or the thing, whose name
 * is in room or borrowed.
 */
struct object *search_find_segment(const struct finder *finder, const struct mapping *mapping);
bool search_identify_mapping(const struct search *search, const struct mapping *mapping,
			     struct thing *thing, char room[static 256]);

/* What a descriptor is of is added, if it is wanted. 0 or -ENOMEM. */
struct descriptor;
int search_handle_descriptor(struct finder *finder, const struct descriptor *descriptor);

/* Whether a descriptor of the pipe with that inode has to be looked at for its owner. */
bool search_needs_owner(const struct finder *finder, uint64_t pipe);

/* The thing behind a descriptor, whose name is in room or borrowed. */
bool search_identify(const struct finder *finder, const struct descriptor *descriptor,
		     struct thing *thing, char room[static 256]);

/*
 * The place of an IPC namespace among those that are looked at. Where it is the viewer's alone, all
 * that is found is taken for it at first, and what is not of it is dropped afterwards: that saves a
 * look at each process that uses nothing.
 */
bool search_find_slot(const struct search *search, uint64_t namespace, size_t *ret_slot);
size_t search_slot_of(const struct search *search, const struct object *object);

/*
 * Of what is mapped and is no segment of the process's own namespace: one of another, from which it
 * can have come; there may be more.
 */
struct object *search_find_stray(const struct finder *finder, const struct mapping *mapping);

/* Remembers such a mapping. 0 or -ENOMEM. */
int search_add_stray(struct finder *finder, const struct seen_use *use,
		     const struct object *segment);

/* Doubts the accounting of each segment that it can be of. */
void search_doubt_stray(const struct search *search, const struct stray *stray,
			enum accounting_doubt doubt);

/*
 * Once everybody was looked at, and the mappings are sorted: which segments are in doubt, as strays
 * can be of them, or what was held for theirs can be of others; whether there are any.
 */
bool search_find_doubtful(struct search *search);

/*
 * Finds out which mappings those have, by bpf where it may be asked. The mappings of all other
 * segments keep their order; those of these come behind them, sorted. 0 or -ENOMEM.
 */
int search_place(struct search *search);

/* Of a task, whose folder that is; only where several are looked at. */
void search_learn_slot(struct finder *finder, const struct rooted *root, const char *prefix);

static inline uint64_t search_segment_key(size_t slot, uint64_t id)
{
	return (uint64_t)slot << 32 | id;
}

static inline uint64_t search_sysv_key(size_t slot, enum kind kind, uint64_t id)
{
	return (uint64_t)slot << 36 | (uint64_t)kind << 32 | id;
}

/* The kind of the thing that is waited for. */
static inline enum kind search_thing_kind(const struct finder *finder, const struct seen_wait *seen)
{
	return finder->things.items.items[seen->thing].kind;
}

/* Makes waits of what was found, with their objects. 0 or -ENOMEM. */
int search_conclude_waits(struct search *search);

/* Gives the thing an object of the snapshot, if it has none. 0 or -ENOMEM. */
int search_find_object(struct search *search, struct thing *thing);

/* Remembers that the process that is looked at uses the thing, if it is wanted. 0 or -ENOMEM. */
int search_add_use(struct finder *finder, const struct thing *thing, const struct seen_use *use);

#endif
