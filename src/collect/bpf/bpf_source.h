/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What programs inside of the kernel (bpf) see of the processes: who holds semaphores, and which
 * IPC namespace an attachment is of, which /proc tells nobody; who is blocked and who has ends
 * open, faster than /proc does and of all users.
 *
 * The lists are of all IPC namespaces. PIDs and TIDs are as the PID namespace of the caller numbers
 * them, and processes that it does not have are left out. Functions that list return 0, what the
 * handler returned if that was not 0 (which ends the list), or a negative errno. A source is for
 * one thread at a time.
 */
#ifndef IPCLENS_COLLECT_BPF_BPF_SOURCE_H
#define IPCLENS_COLLECT_BPF_BPF_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

#define BPF_SOURCE_REASON 160
#define BPF_SOURCE_ARGUMENTS 6

struct bpf_source;

/* Which lists are wanted, as bits. */
enum bpf_source_list {
	BPF_SOURCE_HOLDERS = 1 << 0,
	BPF_SOURCE_BLOCKED = 1 << 1,
	BPF_SOURCE_ENDS = 1 << 2,
	BPF_SOURCE_MAPPINGS = 1 << 3,
	BPF_SOURCE_PLACES = 1 << 4,
	BPF_SOURCE_ALL = (1 << 5) - 1,
};

/*
 * 0; or OUTCOME_DENIED or OUTCOME_UNSUPPORTED and the reason, in words that go on after a colon; or
 * -ENOMEM. What takes time is this, not the lists. A list that was not wanted is -EINVAL later.
 */
int bpf_source_open(unsigned int lists, struct bpf_source **ret_source,
		    char ret_reason[static BPF_SOURCE_REASON]);

/* Accepts NULL; returns NULL. */
struct bpf_source *bpf_source_free(struct bpf_source *source);
DEFINE_CLEANUP(bpf_source, struct bpf_source *, bpf_source_free);

/*
 * One semaphore in an undo list, of one process that has the list. All who share a list have all of
 * its entries; they are one holder, who is known by the list.
 */
struct bpf_holder {
	int64_t pid;   /* 0: of whichever process, see below */
	int64_t tid;   /* the PID; or one thread of those whose list is not the leader's */
	uint64_t list; /* tells lists apart; an address of the kernel, and never to be shown */
	uint64_t namespace;
	uint32_t semid, semnum;
	int32_t amount; /* given back at the end: holds; below 0: taken back; never 0 */
};

/* For semnum, where the PID is 0: holders of any semaphore of the array may be missing. */
#define BPF_SOURCE_ANY_SEMAPHORE UINT32_MAX

/*
 * Where the viewer's PID namespace is not the first one, the entries of all processes are told,
 * too, without a PID, perhaps more than once: of lists that no process has that is told, the viewer
 * sees nobody.
 */

int bpf_source_holders(struct bpf_source *source,
		       int (*handler)(const struct bpf_holder *holder, void *context),
		       void *context);

/* A thread that sleeps in a system call, as /proc/PID/task/TID/syscall and stat tell it. */
struct bpf_blocked {
	int64_t pid, tid;
	int64_t number; /* of the call; in the numbers of 32-bit programs if is_compat */
	uint64_t arguments[BPF_SOURCE_ARGUMENTS];
	uint64_t stack_pointer;
	uint64_t namespace;  /* the thread's IPC namespace; 0: it has none any more */
	uint64_t since, now; /* nanoseconds of the scheduler's clock, which is no other clock's */
	uint32_t processor;  /* by whose clock since is; now is by that of the reader's */
	char state;	     /* S, D, I, or T and t: those are in no queue */
	bool is_compat;
};

int bpf_source_blocked(struct bpf_source *source,
		       int (*handler)(const struct bpf_blocked *blocked, void *context),
		       void *context);

/* A descriptor of a pipe, a FIFO or a POSIX queue. */
struct bpf_end {
	int64_t pid;
	int64_t tid;	/* the PID; or one thread of those whose descriptors are not the leader's */
	uint64_t table; /* tells tables of descriptors apart; as bpf_holder.list */
	uint64_t fd;
	uint64_t device_major, device_minor, inode; /* of the file system, as maps shows them */
	uint64_t access;			    /* bits of enum link_access */
	bool is_pipe, is_fifo, is_queue;

	/* of pipes and FIFOs */
	uint64_t used_bytes;	    /* and of queues */
	uint64_t used_slots, slots; /* a slot is a page, or part of it */
	uint64_t readers, writers;  /* open ends, not descriptors */

	/* of queues */
	uint64_t namespace; /* IPC; 0: it has gone */
	uint64_t messages;
	int64_t notify_pid; /* 0: nobody, or nobody here */
};

int bpf_source_ends(struct bpf_source *source,
		    int (*handler)(const struct bpf_end *end, void *context), void *context);

/*
 * A mapping of a System V segment: an attachment, or a part of one. Processes that share an address
 * space have all of its mappings, each.
 */
struct bpf_mapping {
	int64_t pid;
	int64_t tid;	/* the PID; or one thread of a process whose leader has exited */
	uint64_t space; /* tells address spaces apart; as bpf_holder.list */
	uint64_t address;
	uint64_t namespace; /* that of the segment, wherever the process is now */
	uint32_t id;
};

/* Those of one process; with 0, and where the kernel cannot do that (before 6.1), of all. */
int bpf_source_mappings(struct bpf_source *source, int64_t pid,
			int (*handler)(const struct bpf_mapping *mapping, void *context),
			void *context);

/*
 * The namespaces of a process, as the links in /proc/PID/ns tell them; or of a thread in another
 * IPC namespace than its leader, or whose leader has exited.
 */
struct bpf_place {
	int64_t pid, tid;
	uint64_t ipc, mount; /* mount is 0 where there is none any more */
	/* Objects in the IPC namespace; of POSIX queues those without a name, too. */
	uint64_t shm, sem, msg, mq;
};

int bpf_source_places(struct bpf_source *source,
		      int (*handler)(const struct bpf_place *place, void *context), void *context);

#endif
