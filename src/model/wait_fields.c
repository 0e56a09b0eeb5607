/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The field table of waits.
 */
#include "model/wait.h"

#define AT(member) offsetof(struct wait, member)

const char *const wait_operation_names[] = {"take",  "await-zero", "send",  "receive", "read",
					    "write", "open",	   "futex", NULL};
static const char *const flag_names[] = {"undo",	  "except", "alternative",
					 "full-by-count", "mutex",  "semaphore",
					 "held-unseen",	  "alarm",  NULL};

/* clang-format off */
static const struct field fields[WAIT_FIELD_COUNT] = {
	[WAIT_OBJECT] = {
		.name = "object", .heading = "REF", .type = VALUE_TEXT, .offset = AT(object_ref),
		.help = "REF of the object that is waited for",
		.explain = "The object on which the thread sleeps.",
		.source = "/proc/PID/task/TID/syscall: arguments",
	},
	[WAIT_PID] = {
		.name = "pid", .heading = "PID", .type = VALUE_PID, .offset = AT(pid),
		.help = "the process", .explain = "The process whose thread sleeps.",
		.source = "name of the directory /proc/PID",
	},
	[WAIT_TID] = {
		.name = "tid", .heading = "TID", .type = VALUE_PID, .offset = AT(tid),
		.help = "its thread",
		.explain = "The thread that sleeps. The first thread of a process has the number of the "
			   "process.",
		.source = "name of the directory /proc/PID/task/TID",
	},
	[WAIT_OPERATION] = {
		.name = "operation", .heading = "WANTS-TO", .type = VALUE_CHOICE,
		.offset = AT(operation), .names = wait_operation_names,
		.help = "what it wants to do: take, await-zero, send, receive, read, write, open, futex",
		.explain = "What the thread wants to do, and cannot yet. take: lower a semaphore further "
			   "than its value allows. await-zero: go on when a semaphore is zero. send, "
			   "receive: of a queue that is full, or has no such message. read, write: of a "
			   "pipe that is empty, or full. open: a FIFO whose other end nobody has open. "
			   "futex: a lock, semaphore or condition in memory that processes share.",
		.source = "/proc/PID/task/TID/syscall: number",
	},
	[WAIT_SEMNUM] = {
		.name = "semnum", .heading = "NUM", .type = VALUE_ID, .offset = AT(semnum),
		.help = "number of the semaphore that it is blocked at",
		.explain = "A call can name several semaphores of an array. This is the one at which it is "
			   "blocked: the first, in the order of the call, that does not allow it now.",
		.source = "the call's sembuf array in the process's memory, against the values",
	},
	[WAIT_AMOUNT] = {
		.name = "amount", .heading = "AMOUNT", .type = VALUE_UNSIGNED, .offset = AT(amount),
		.help = "how much it wants to take, or bytes it wants to send",
		.explain = "By how much the thread wants to lower the semaphore, or how large the message "
			   "is that it wants to send.",
		.source = "the call's sembuf array; /proc/PID/task/TID/syscall: arguments",
	},
	[WAIT_TYPE] = {
		.name = "type", .heading = "TYPE", .type = VALUE_SIGNED, .offset = AT(type),
		.help = "type of message that it wants to receive",
		.explain = "0 is any message, a number above 0 the first one of this type (with the flag "
			   "except: of any other type), one below 0 the lowest type up to its amount.",
		.source = "/proc/PID/task/TID/syscall: arguments",
	},
	[WAIT_FLAGS] = {
		.name = "flags", .heading = "FLAGS", .type = VALUE_FLAGS, .offset = AT(flags),
		.names = flag_names,
		.help = "undo, except, alternative, full-by-count, mutex, semaphore, held-unseen, alarm",
		.explain = "undo: the kernel gives back what is taken when the process ends. except: any "
			   "type of message but this. alternative: the thread waits for several things, of "
			   "which any one wakes it (poll). full-by-count: the queue has as many messages as "
			   "it may. mutex, semaphore: what lies at that place in shared memory. held-unseen: a process outside "
			   "of the viewer's PID namespace holds the semaphore, too. alarm: the process catches "
			   "SIGALRM, by which it can end the wait at a time of its own; looked at of those who "
			   "hold what others wait for.",
		.source = "the call's arguments",
	},
	[WAIT_TIMEOUT] = {
		.name = "timeout", .heading = "TIMEOUT", .type = VALUE_DURATION, .offset = AT(timeout),
		.help = "how long it would wait in all, in milliseconds; absent: for ever",
		.explain = "The time after which the thread gives up by itself, counted from when it began (where "
			   "the call is given a point in time and the age is not known: from now). "
			   "Where there is one, the wait is part of no deadlock, also where the time itself could "
			   "not be read (it is hidden then).",
		.source = "the call's timespec in the process's memory",
	},
	[WAIT_OFFSET] = {
		.name = "offset", .heading = "OFFSET", .type = VALUE_ADDRESS, .offset = AT(offset),
		.help = "where in the shared memory the futex is",
		.explain = "A lock or semaphore in shared memory has no name: object and offset say which "
			   "one it is, and are the same for all processes that use it.",
		.source = "the futex's address, and /proc/PID/maps",
	},
	[WAIT_OWNER_TID] = {
		.name = "owner_tid", .heading = "OWNER", .type = VALUE_PID, .offset = AT(owner_tid),
		.help = "thread that owns the lock, as the memory says",
		.explain = "The thread whose number the C library has written into the lock. It is read from "
			   "memory that the processes share and anybody of them can have changed: no proof.",
		.source = "the lock in the process's memory: pthread_mutex_t.__owner",
	},
	[WAIT_CALL] = {
		.name = "call", .heading = "CALL", .type = VALUE_TEXT, .offset = AT(call),
		.help = "system call in which it sleeps",
		.explain = "The system call by which the thread came to sleep. glibc's semop() is semtimedop.",
		.source = "/proc/PID/task/TID/syscall: number",
	},
	[WAIT_WCHAN] = {
		.name = "wchan", .heading = "WCHAN", .type = VALUE_TEXT, .offset = AT(wchan),
		.help = "kernel function in which it sleeps",
		.explain = "The function of the kernel in which the thread sleeps; its name differs from "
			   "kernel to kernel. Absent where the kernel does not show it to this viewer.",
		.source = "/proc/PID/task/TID/wchan",
	},
	[WAIT_SINCE] = {
		.name = "since", .heading = "SINCE", .type = VALUE_TIME, .offset = AT(since),
		.help = "when it began to sleep",
		.explain = "When the thread ran last. A stop and continuation count as running.",
		.source = "/proc/PID/task/TID/sched: se.exec_start, on the scheduler's clock",
	},
	[WAIT_WAITED] = {
		.name = "waited", .heading = "WAITED", .type = VALUE_DURATION, .offset = AT(waited),
		.help = "how long it has slept, in milliseconds",
		.explain = "The time since the thread ran last. Absent where the kernel keeps no record of "
			   "the scheduler (CONFIG_SCHED_DEBUG), or the thread ran last on a processor on which the "
			   "viewer may not run.",
		.source = "/proc/PID/task/TID/sched: se.exec_start, against the clock of its processor",
	},
	[WAIT_RELEASED_BY] = {
		.name = "released_by", .heading = "RELEASED-BY", .type = VALUE_PIDS,
		.offset = AT(released_by), .can_be_cut = true,
		.help = "processes that could end the wait; absent: not known",
		.explain = "For a semaphore those that would give it back when they end (they hold it), for a "
			   "pipe those at its other end, for a lock its owner. Any process with permission "
			   "could raise a semaphore or send a message, too: that is recorded nowhere. An empty "
			   "list means that nobody is known to hold it.",
		.source = "links of the kinds holds and open; the lock's owner",
	},
};
/* clang-format on */

const struct field_table wait_fields = {"waits", fields, WAIT_FIELD_COUNT, sizeof(struct wait),
					false};
