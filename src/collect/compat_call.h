/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls of programs of 32 bits, which have numbers of their own: each as the same call of a program
 * of 64 bits.
 */
#ifndef IPCLENS_COLLECT_COMPAT_CALL_H
#define IPCLENS_COLLECT_COMPAT_CALL_H

#include <sys/types.h>

#include "collect/proc_syscall.h"

struct compat_call {
	struct proc_syscall call; /* with the number that this program has for it */
	bool has_narrow_time;	  /* its timespec or timeval has members of 32 bits */
};

/*
 * 1; 0: it cannot sleep in IPC; -1: what it does is not understood, but it can. The task is the
 * thread that makes it.
 */
int compat_call_translate(pid_t task, const struct proc_syscall *call,
			  struct compat_call *ret_call);

#endif
