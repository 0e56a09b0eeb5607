/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the bpf source share: the source, and children that do something to be seen.
 */
#ifndef IPCLENS_TESTS_BPF_CHILDREN_H
#define IPCLENS_TESTS_BPF_CHILDREN_H

#include <stdint.h>
#include <sys/types.h>

#include "collect/bpf/bpf_source.h"

/* Opened once for all tests of a program, in an IPC namespace of its own. */
extern struct bpf_source *source;

/* The number of that namespace. */
extern uint64_t own_namespace;

/* Opens the source and runs the tests; where that is not permitted they are skipped. */
int run_with_source(int (*run_all)(void));

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
