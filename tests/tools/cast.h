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

/* The scene "users", in cast_users.c. */
void make_users(const struct cast *cast);

#endif
