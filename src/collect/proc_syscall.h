/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What /proc/PID/task/TID/syscall tells of a sleeping thread (fs/proc/base.c: proc_pid_syscall).
 */
#ifndef IPCLENS_COLLECT_PROC_SYSCALL_H
#define IPCLENS_COLLECT_PROC_SYSCALL_H

#include "base/rooted.h"
#include "base/text.h"

#define PROC_SYSCALL_ARGUMENTS 6

struct proc_syscall {
	bool is_running; /* or ready to run: what it does cannot be read */
	int64_t number;	 /* -1: it is in the kernel, but in no call (a fault, its end) */
	uint64_t arguments[PROC_SYSCALL_ARGUMENTS];
	uint64_t stack_pointer, program_counter;
};

/* Reads the text; 0 or -EINVAL. */
int proc_syscall_parse(struct text text, struct proc_syscall *ret_syscall);

/* Reads such a file; results as of rooted_read_once(), or OUTCOME_MALFORMED. */
int proc_syscall_read(const struct rooted *root, const char *path,
		      struct proc_syscall *ret_syscall);

#endif
