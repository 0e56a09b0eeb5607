/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Threads that sleep in IPC: what each of them waits for, from its system call. search_calls.c
 * finds them, the files call_*.c understand one sort of call each.
 */
#ifndef IPCLENS_COLLECT_SEARCH_CALLS_H
#define IPCLENS_COLLECT_SEARCH_CALLS_H

#include "collect/blocked_call.h"
#include "collect/search.h"

/* A thread that a program inside of the kernel saw asleep. */
struct sleeper {
	pid_t pid, tid;
	struct proc_syscall call;
	bool is_compat;	    /* a program of 32 bits */
	uint64_t namespace; /* IPC */
	uint64_t ran_at;    /* as wait.ran_at */
	uint32_t processor;
};

/* Looks at such a thread. 0 or -ENOMEM. */
int search_sleeper(struct finder *finder, const struct sleeper *sleeper);

/* A thread that is looked at. */
struct blocked_thread {
	struct finder *finder;
	const struct rooted *root;
	const char *prefix; /* its folder below the root, with a slash at the end */
	pid_t tid;
	const struct blocked_call *blocked;
	struct proc_syscall call;      /* as a program of 64 bits would make it */
	struct proc_syscall seen;      /* as it was seen */
	bool is_compat;		       /* a program of 32 bits */
	bool has_narrow_time;	       /* see compat_call.h */
	const struct sleeper *sleeper; /* NULL: seen in /proc alone */
	uint64_t processor;	       /* as proc_stat.processor, once it is known to sleep */
};

/* What a call waits for: of several things each is an alternative. */
#define BLOCKED_WAITS_MAX 64

struct blocked_waits {
	struct seen_wait items[BLOCKED_WAITS_MAX];
	size_t count;
	size_t left_out; /* of kinds that are not asked for */
	bool is_cut;	 /* there are more */
	bool has_others; /* it waits for something that is no IPC, too: then it is no wait */
};

/* A new wait of the thread on an object of System V; NULL where there is no room for more. */
struct seen_wait *blocked_waits_add(struct blocked_waits *waits, enum wait_operation operation);

/* The same on a thing. 0 or -ENOMEM. */
int blocked_waits_add_thing(struct blocked_waits *waits, struct blocked_thread *thread,
			    const struct thing *thing, enum wait_operation operation);

/* Any of several, also of those that were left out, ends the sleep. */
void blocked_waits_mark_alternatives(struct blocked_waits *waits);

/* Sets a field, which is then there. */
static inline void seen_wait_set(struct seen_wait *seen, enum wait_field field, uint64_t *place,
				 uint64_t number)
{
	*place = number;
	record_mark(&seen->wait.record, field);
}

/* Milliseconds of the monotonic clock. */
int64_t search_now(void);

/* Sets the timeout of all waits: from now to a point in time, or a span; address 0: none. */
enum blocked_clock {
	BLOCKED_SPAN,
	BLOCKED_MICROSECONDS, /* a span, in a timeval */
	BLOCKED_REALTIME,
	BLOCKED_MONOTONIC,
};
void blocked_waits_set_timeout(struct blocked_waits *waits, const struct blocked_thread *thread,
			       uint64_t address, enum blocked_clock clock);
void blocked_waits_set_milliseconds(struct blocked_waits *waits, int64_t milliseconds);

/* The index of the object of System V with that id in this namespace; false: not ours. */
bool blocked_find_sysv(const struct blocked_thread *thread, enum kind kind, uint64_t id,
		       size_t *ret_index);

/*
 * Whether the thread is in an IPC namespace that is looked at. An id, or a segment's key, of
 * another one can be like one of ours.
 */
bool blocked_is_of_namespace(const struct blocked_thread *thread);

/* What a call waits for, if it is one of theirs. 0 or -ENOMEM. */
int call_sysv_decode(struct blocked_thread *thread, struct blocked_waits *waits);
int call_file_decode(struct blocked_thread *thread, struct blocked_waits *waits);
int call_poll_decode(struct blocked_thread *thread, struct blocked_waits *waits);
int call_futex_decode(struct blocked_thread *thread, struct blocked_waits *waits);

/*
 * The FIFO that an open() sleeps for; name has its path, borrowed by the thing. False where it is
 * none.
 */
bool call_open_decode(const struct blocked_thread *thread, struct thing *ret_fifo,
		      char name[static REF_NAME_MAX], uint64_t *ret_access);

/*
 * The descriptor of the thread's process as an alternative of the wait; operation as poll's events
 * say. Where it is no IPC, waits->has_others. 0 or -ENOMEM.
 */
int call_file_add(struct blocked_thread *thread, struct blocked_waits *waits, int64_t fd,
		  bool wants_to_write);

#endif
