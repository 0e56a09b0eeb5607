/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which system calls can sleep in IPC, and what their arguments mean.
 */
#ifndef IPCLENS_COLLECT_BLOCKED_CALL_H
#define IPCLENS_COLLECT_BLOCKED_CALL_H

#include <sys/syscall.h>

#include "collect/proc_syscall.h"

/*
 * The headers can be older than the kernel that runs. New calls have the same number on all
 * architectures but this one (arch/alpha/kernel/syscalls/syscall.tbl).
 */
#ifndef __alpha__
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#ifndef SYS_futex_wait
#define SYS_futex_wait 455
#endif
#endif

enum blocked_class {
	BLOCKED_SEMOP,	    /* semid, sembuf array, its length, timespec */
	BLOCKED_MSGSND,	    /* msqid, message, bytes, flags */
	BLOCKED_MSGRCV,	    /* msqid, message, bytes, type, flags */
	BLOCKED_MQ_SEND,    /* fd, message, bytes, priority, absolute timespec */
	BLOCKED_MQ_RECEIVE, /* likewise */
	BLOCKED_READ,	    /* fd */
	BLOCKED_WRITE,	    /* fd */
	BLOCKED_VMSPLICE,   /* fd, which tells the direction */
	BLOCKED_SENDFILE,   /* fd to write to, fd to read from */
	BLOCKED_SPLICE,	    /* fd to read from, offset, fd to write to */
	BLOCKED_TEE,	    /* fd to read from, fd to write to */
	BLOCKED_OPEN,	    /* path, flags */
	BLOCKED_CREAT,	    /* path */
	BLOCKED_OPENAT,	    /* folder, path, flags */
	BLOCKED_OPENAT2,    /* folder, path, open_how */
	BLOCKED_FUTEX,	    /* address, operation, value, timespec */
	BLOCKED_FUTEX_WAIT, /* address, value, mask, flags, timespec, clock */
	BLOCKED_FUTEX_ANY,  /* futex_waitv array, its length, flags, timespec, clock */
	BLOCKED_POLL,	    /* pollfd array, its length, milliseconds */
	BLOCKED_PPOLL,	    /* pollfd array, its length, timespec */
	BLOCKED_SELECT,	    /* number, three sets, timeval */
	BLOCKED_PSELECT,    /* number, three sets, timespec */
	BLOCKED_EPOLL,	    /* fd, events, their number, milliseconds */
	BLOCKED_EPOLL2,	    /* fd, events, their number, timespec */
	BLOCKED_IO_URING,   /* fd of a ring, in which stands what is asked for */
	BLOCKED_RESTART,    /* one that was interrupted: its number is gone */
};

struct blocked_call {
	int64_t number;
	enum blocked_class class;
	const char *name;
};

/* The call of that number on this machine; NULL where it cannot sleep in IPC. */
const struct blocked_call *blocked_call_find(int64_t number);

/* The first call of that class. */
const struct blocked_call *blocked_call_of_class(enum blocked_class class);

/*
 * Whether the thread belongs to a program of 32 bits, whose calls have numbers of their own: its
 * stack is in the first 4 GiB.
 */
bool blocked_call_is_compat(const struct proc_syscall *call);

/* Of a program of 32 bits, whether it sleeps in a call that is about IPC alone. */
bool blocked_call_is_compat_ipc(const struct proc_syscall *call);

#endif
