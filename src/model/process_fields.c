/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Field tables of processes, links and accountings.
 */
#include "model/process.h"

const char *const link_how_names[] = {"mapped",	    "open",    "opening", "holds",
				      "takes-back", "created", "last-op", NULL};
const char *const link_state_names[] = {"alive", "dead", "reused", "unknown", NULL};
const char *const link_operation_names[] = {"attach-or-detach", "send", "receive", "semaphore",
					    NULL};
const char *const link_access_names[] = {"read", "write", "execute", "private", NULL};
static const char *const doubt_names[] = {
	"unreadable-processes", "changed-meanwhile", "shared-address-spaces",
	"other-namespace",	"more-found",	     NULL};

static const char *const what_names[] = {"attachments", "ncount", "zcount", NULL};

/* clang-format off */
static const struct field process[PROCESS_FIELD_COUNT] = {
	[PROCESS_PID] = {
		.name = "pid", .heading = "PID", .type = VALUE_PID,
		.offset = offsetof(struct process, pid),
		.help = "number of the process in the viewer's PID namespace",
		.explain = "The number by which a process is addressed. It can be given to another "
			   "process after this one has ended: only together with the time of its start "
			   "it names one process.",
		.source = "name of the directory /proc/PID",
	},
	[PROCESS_COMMAND] = {
		.name = "command", .heading = "COMMAND", .type = VALUE_TEXT, .can_be_cut = true,
		.offset = offsetof(struct process, command),
		.help = "name of the program, which the process may have changed",
		.explain = "The first 15 bytes of the program's file name, or what the process has set "
			   "in its place: it proves nothing.",
		.source = "/proc/PID/stat: comm",
	},
	[PROCESS_UID] = {
		.name = "uid", .heading = "UID", .type = VALUE_ID,
		.offset = offsetof(struct process, uid),
		.help = "effective user id of the process",
		.explain = "The user with whose rights the process acts.",
		.source = "/proc/PID/status: Uid",
	},
	[PROCESS_USER] = {
		.name = "user", .heading = "USER", .type = VALUE_TEXT, .can_be_cut = true,
		.fallback = PROCESS_UID, .offset = offsetof(struct process, user),
		.help = "its name in the user database",
		.explain = "The name of the process's effective user id, from the user database.",
		.source = "getpwuid",
	},
	[PROCESS_STARTED_AT] = {
		.name = "started_at", .heading = "STARTED", .type = VALUE_TIME,
		.offset = offsetof(struct process, started_at),
		.help = "when the process started",
		.explain = "The time at which the process began to exist. One that started after an event "
			   "cannot have caused it, although it may have the PID that did.",
		.source = "/proc/PID/stat: starttime, and /proc/stat: btime",
	},
	[PROCESS_START_TICKS] = {
		.name = "start_ticks", .heading = "TICKS", .type = VALUE_ID,
		.offset = offsetof(struct process, start_ticks),
		.help = "the same in clock ticks after boot, exactly",
		.explain = "With the PID it names one process for as long as the machine runs.",
		.source = "/proc/PID/stat: starttime",
	},
	[PROCESS_THREADS] = {
		.name = "threads", .heading = "THREADS", .type = VALUE_UNSIGNED,
		.offset = offsetof(struct process, threads),
		.help = "how many threads it has",
		.explain = "A process can go on as long as one of its threads can.",
		.source = "/proc/PID/stat: num_threads",
	},
	[PROCESS_STOPPED] = {
		.name = "stopped", .heading = "STOPPED", .type = VALUE_BOOL,
		.offset = offsetof(struct process, stopped),
		.help = "whether it was stopped, by a signal or by who traces it",
		.explain = "A process that is stopped does nothing until it is continued (SIGCONT), or until "
			   "its debugger lets it go on: who waits for it waits for that.",
		.source = "/proc/PID/stat: state T or t",
	},
	[PROCESS_NAMESPACE] = {
		.name = "namespace", .heading = "NAMESPACE", .type = VALUE_ID,
		.offset = offsetof(struct process, namespace),
		.help = "number of its IPC namespace, as lsns prints it",
		.explain = "The namespace in which the process finds objects by their ids and keys. What "
			   "it has mapped or open can be of another one, from which it has come.",
		.source = "link /proc/PID/ns/ipc",
	},
	[PROCESS_UNIT] = {
		.name = "unit", .heading = "UNIT", .type = VALUE_TEXT, .can_be_cut = true,
		.offset = offsetof(struct process, unit),
		.help = "its container, pod or unit of systemd",
		.explain = "From the path of its control group, without asking anybody: docker:ID, "
			   "podman:ID, containerd:ID, cri-o:ID (with pod:UID/ in front of it), lxc:NAME, "
			   "nspawn:NAME, or the unit of systemd.",
		.source = "/proc/PID/cgroup",
	},
};

static const struct field link[LINK_FIELD_COUNT] = {
	[LINK_OBJECT] = {
		.name = "object", .heading = "REF", .type = VALUE_TEXT,
		.offset = offsetof(struct link, object_ref),
		.help = "REF of the object", .explain = "The object that is used.",
		.source = "the object",
	},
	[LINK_PID] = {
		.name = "pid", .heading = "PID", .type = VALUE_PID,
		.offset = offsetof(struct link, pid),
		.help = "the process", .explain = "The process that uses the object, or did.",
		.source = "name of the directory /proc/PID; for history the object",
	},
	[LINK_HOW] = {
		.name = "how", .heading = "HOW", .type = VALUE_CHOICE,
		.offset = offsetof(struct link, how), .names = link_how_names,
		.help = "mapped, open, opening, holds: proof; created, last-op: history",
		.explain = "Proof or history. mapped means that the kernel shows the object in "
			   "the process's memory now, open that the process has a descriptor of it, "
			   "opening that it sleeps until the other end of a FIFO is opened. holds: when the "
			   "process ends the kernel raises the semaphore (SEM_UNDO); takes-back: it lowers "
			   "it. created and last-op are what the object "
			   "remembers of the past: that the process uses the object still is not "
			   "proven by them.",
		.source = "/proc/PID/maps, fd, task/TID/syscall; the object's PIDs",
	},
	[LINK_STATE] = {
		.name = "state", .heading = "STATE", .type = VALUE_CHOICE,
		.offset = offsetof(struct link, state), .names = link_state_names,
		.help = "of history: what became of the process",
		.explain = "What became of the process since. dead: there is none with that PID. "
			   "reused: there is one, but it started after the event. alive: it "
			   "started before, and may be the one. unknown: it could not be looked "
			   "at.",
		.source = "/proc/PID/stat: starttime, against the time of the event",
	},
	[LINK_OPERATION] = {
		.name = "operation", .heading = "OPERATION", .type = VALUE_CHOICE,
		.offset = offsetof(struct link, operation), .names = link_operation_names,
		.help = "of last-op: what the process did",
		.explain = "Which operation the object remembers the process for.",
		.source = "which of the object's PIDs it is",
	},
	[LINK_AT] = {
		.name = "at", .heading = "AT", .type = VALUE_TIME,
		.offset = offsetof(struct link, at),
		.help = "of history: when that was, at the latest",
		.explain = "The time that the object keeps with the PID. Of the creation and of single "
			   "semaphores there is none: then it is the latest that it can have been.",
		.source = "the object's times",
	},
	[LINK_ACCESS] = {
		.name = "access", .heading = "ACCESS", .type = VALUE_FLAGS,
		.offset = offsetof(struct link, access), .names = link_access_names,
		.help = "what the mapping or the descriptor permits",
		.explain = "What the process may do with it: read, write, execute. private: what it "
			   "writes into such a mapping is seen by nobody else.",
		.source = "/proc/PID/maps: permissions; link /proc/PID/fd/N: mode",
	},
	[LINK_ADDRESS] = {
		.name = "address", .heading = "ADDRESS", .type = VALUE_ADDRESS,
		.offset = offsetof(struct link, address),
		.help = "where it is mapped",
		.explain = "Where in the process's memory the mapping begins.",
		.source = "/proc/PID/maps: address",
	},
	[LINK_LENGTH] = {
		.name = "length", .heading = "LENGTH", .type = VALUE_SIZE,
		.offset = offsetof(struct link, length),
		.help = "bytes that are mapped",
		.explain = "How much of the object this mapping covers, in whole pages. Changing the "
			   "protection of a part splits a mapping.",
		.source = "/proc/PID/maps: address",
	},
	[LINK_FD] = {
		.name = "fd", .heading = "FD", .type = VALUE_ID,
		.offset = offsetof(struct link, fd),
		.help = "number of the descriptor",
		.explain = "The number by which the process calls what it has open. Threads share their "
			   "descriptors; children of fork have copies of them.",
		.source = "name of the link /proc/PID/fd/N",
	},
	[LINK_AMOUNT] = {
		.name = "amount", .heading = "AMOUNT", .type = VALUE_UNSIGNED,
		.offset = offsetof(struct link, amount),
		.help = "by how much the semaphore would change at the end of the process",
		.explain = "What the kernel would give back for the process, or take back, if it ended now. "
			   "It is proof of that record, not of what the program means by it.",
		.source = "bpf: sem_undo.semadj of the undo list",
	},
	[LINK_SEMNUM] = {
		.name = "semnum", .heading = "NUM", .type = VALUE_ID,
		.offset = offsetof(struct link, semnum),
		.help = "number of the semaphore in its array",
		.explain = "Which semaphore of the array it was.",
		.source = "its place in the array",
	},
	[LINK_SHARED_BY] = {
		.name = "shared_by", .heading = "SHARED", .type = VALUE_PIDS,
		.offset = offsetof(struct link, shared_by),
		.help = "other processes with the same memory or descriptors",
		.explain = "Processes that were made with CLONE_VM, or by vfork, have one address space "
			   "together, with CLONE_FILES one table of descriptors: the use is counted once. Where single objects were asked for, "
			   "not all who share it need be named: the search ends when all attachments are "
			   "found.",
		.source = "kcmp: KCMP_VM, KCMP_FILES",
	},
};

static const struct field accounting[ACCOUNTING_FIELD_COUNT] = {
	[ACCOUNTING_OBJECT] = {
		.name = "object", .heading = "REF", .type = VALUE_TEXT,
		.offset = offsetof(struct accounting, object_ref),
		.help = "REF of the object", .explain = "The object whose users are counted.",
		.source = "the object",
	},
	[ACCOUNTING_WHAT] = {
		.name = "what", .heading = "WHAT", .type = VALUE_CHOICE,
		.offset = offsetof(struct accounting, what), .names = what_names,
		.help = "what is counted: attachments, ncount or zcount",
		.explain = "attachments of a segment; threads that wait for a semaphore to grow (ncount) or "
			   "to be zero (zcount).",
		.source = "the collector",
	},
	[ACCOUNTING_SEMNUM] = {
		.name = "semnum", .heading = "NUM", .type = VALUE_ID,
		.offset = offsetof(struct accounting, semnum),
		.help = "number of the semaphore in its array",
		.explain = "Which semaphore of the array the count is of.",
		.source = "its place in the array",
	},
	[ACCOUNTING_FOUND] = {
		.name = "found", .heading = "FOUND", .type = VALUE_UNSIGNED,
		.offset = offsetof(struct accounting, found),
		.help = "how many were found in processes",
		.explain = "How many attachments were found, each address space counted once; or how many "
			   "threads that wait.",
		.source = "the links, the waits",
	},
	[ACCOUNTING_EXPECTED] = {
		.name = "expected", .heading = "EXPECTED", .type = VALUE_UNSIGNED,
		.offset = offsetof(struct accounting, expected),
		.help = "how many the kernel counts",
		.explain = "How many there are in truth.",
		.source = "/proc/sysvipc/shm: nattch; semctl: GETNCNT, GETZCNT",
	},
	[ACCOUNTING_COMPLETE] = {
		.name = "complete", .heading = "COMPLETE", .type = VALUE_BOOL,
		.offset = offsetof(struct accounting, is_complete),
		.help = "whether all were found",
		.explain = "True only where as many were found as the kernel counts, and nothing casts "
			   "doubt on it. Fewer than all, and nobody is proven not to use the object.",
		.source = "found, expected and doubts",
	},
	[ACCOUNTING_DOUBTS] = {
		.name = "doubts", .heading = "DOUBTS", .type = VALUE_FLAGS,
		.offset = offsetof(struct accounting, doubts), .names = doubt_names,
		.help = "why it is not proven",
		.explain = "Why it is not proven. unreadable-processes: some may not be "
			   "inspected. changed-meanwhile: the object or its processes changed. "
			   "shared-address-spaces: it could not be told who shares one. "
			   "other-namespace: a process elsewhere maps a segment with this id. "
			   "more-found: more was found than the kernel counts. None, and yet "
			   "fewer found than expected: they are in processes that the viewer is "
			   "not shown.",
		.source = "the collector",
	},
};
/* clang-format on */

const struct field_table process_fields = {"processes", process, PROCESS_FIELD_COUNT,
					   sizeof(struct process), false};
const struct field_table link_fields = {"links", link, LINK_FIELD_COUNT, sizeof(struct link),
					false};
const struct field_table accounting_fields = {"accounting", accounting, ACCOUNTING_FIELD_COUNT,
					      sizeof(struct accounting), false};
