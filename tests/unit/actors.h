/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes of a test that have a segment attached, each in a way of its own. Every failure fails
 * the test; all of them end with it.
 */
#ifndef IPCLENS_TESTS_ACTORS_H
#define IPCLENS_TESTS_ACTORS_H

#include <stdint.h>
#include <sys/types.h>

#define PAGE 4096

/* A process of the test. It does its work, reports one number, and sleeps until it is killed. */
struct actor {
	pid_t pid;
	int64_t reported;
};

/* What the work is done on, and where it is reported. */
struct work {
	int segment, report;
};

typedef void actor_work(const struct work *work);

struct actor actor_start(actor_work *act, int segment);
void actor_end(const struct actor *actor);

/* What an actor can do; it reports 0 unless something else is said. */
actor_work attach_once; /* the address */
actor_work attach_read_only_and_to_execute;
actor_work split_a_mapping;  /* into three, by mprotect() */
actor_work attach_and_clone; /* the PID of a process with the same memory */
actor_work attach_and_vfork; /* likewise, for which it waits in vfork() */
actor_work leave_a_thread;   /* which is all that stays of the process; its TID */
actor_work attach_and_leave_a_thread;
actor_work attach_elsewhere; /* to a segment of another IPC namespace; its id */
actor_work attach_and_move;  /* to another IPC namespace, with the attachment */

/* A segment of three pages. */
int make_segment(void);
/*
 * Until nobody has it attached. A process that was cloned and killed is nobody's child, so that it
 * cannot be waited for; and while it ends, a removed segment is still among those of the next test.
 */
void await_detached(int id);
void remove_segment(int id);

#endif
