/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the scenes share: objects that are announced, and children that use them. All of it ends the
 * program where something fails.
 */
#ifndef CAST_H
#define CAST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct cast {
	bool is_printing;
	int readiness[2]; /* pipe: children say that they are ready */
};

/* Tells an id: in the environment of the command as CAST_NAME, and on stdout when asked to. */
void announce(const struct cast *cast, const char *name, long value);

/* New objects, announced. */
int make_segment(const struct cast *cast, const char *name, key_t key, size_t size, int flags);
int make_array(const struct cast *cast, const char *name, key_t key, int nsems, int flags);
int make_queue(const struct cast *cast, const char *name, key_t key, int flags);

/*
 * In the child, which dies with the cast, the result is 0; the parent goes on once the child has
 * called report_ready().
 */
pid_t start_child(const struct cast *cast);
void report_ready(const struct cast *cast);
_Noreturn void sleep_forever(const struct cast *cast);

/* A process that attaches each of the segments, and writes to the first bytes of each. */
pid_t attach(const struct cast *cast, const int *segments, size_t count);

/* The same; in the parent, the child's PID is announced. */
pid_t start_announced(const struct cast *cast, const char *name);

/* What a child can end with: each reports that it is ready. */
/* Another process, of the next PID, with the same memory. */
_Noreturn void share_memory(const struct cast *cast);
/* The same, for which this one waits in vfork(). */
_Noreturn void wait_in_vfork(const struct cast *cast);
/* The first thread ends, and another one is left. */
_Noreturn void leave_to_a_thread(const struct cast *cast);

/* Until the process sleeps in one of these system calls, for at most ten seconds. */
void await_call(pid_t pid, long call, long other_call);

/* The scenes, each in a file of its own. */
void make_users(const struct cast *cast);
void make_posix(const struct cast *cast);
/* The part of the scene "posix" that has no names in /dev/shm, or in a queue's file system. */
void make_streams(const struct cast *cast);

/* The scene "blocked", in cast_blocked.c. */
void make_blocked(const struct cast *cast);
void make_calls(const struct cast *cast);

#endif
