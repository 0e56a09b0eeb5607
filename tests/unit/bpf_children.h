/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the bpf source share: the source, and children that do something to be seen.
 */
#ifndef IPCLENS_TESTS_BPF_CHILDREN_H
#define IPCLENS_TESTS_BPF_CHILDREN_H

#include <stdint.h>
#include <sys/types.h>

#include "base/vector.h"
#include "collect/bpf/bpf_source.h"
#include "unit.h"

/* Opened once for all tests of a program, in an IPC namespace of its own. */
extern struct bpf_source *source;

/* The number of that namespace. */
extern uint64_t own_namespace;

/* Opens the source and runs the tests; where that is not permitted they are skipped. */
int run_with_source(int (*run_all)(void));

/* The number of a namespace of the thread; kind is as in /proc/PID/ns. */
uint64_t namespace_of(pid_t pid, pid_t tid, const char *kind);

/*
 * Defines a vector, and keep(), the handler by which a list of the source fills it with its
 * records. Whoever defines it has to vector_deinit() it.
 */
#define DEFINE_KEPT(record, vector)                               \
	static VECTOR(struct record) vector;                      \
                                                                  \
	static int keep(const struct record *told, void *context) \
	{                                                         \
		struct record *kept = vector_add(&vector);        \
                                                                  \
		(void)context;                                    \
		assert_non_null(kept);                            \
		*kept = *told;                                    \
		return 0;                                         \
	}                                                         \
	struct kept_##vector##_needs_semicolon

/* A child that does something, tells one number, and sleeps until it is ended. */
struct child {
	pid_t pid;
	int64_t told;
};

/* act returns what is told, below 0 for a failure; or tells, and never comes back. */
typedef int64_t act_function(int argument);
struct child child_start(act_function *act, int argument);
void child_tell(int64_t number);
void child_end(const struct child *child);

/* Waits until the thread sleeps in that system call. */
void await_call(pid_t pid, pid_t tid, int64_t number);

#endif
