/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What the bpf programs hand out: an array of slots that both sides see, of which the first says
 * how many are used. A program that finds it full stops, and goes on where it was once the reader
 * has emptied it.
 */
#ifndef IPCLENS_COLLECT_BPF_RECORDS_H
#define IPCLENS_COLLECT_BPF_RECORDS_H

#include <stdint.h>

#define BPF_RECORDS_MAP "records"
#define BPF_RECORDS_SLOTS 2048 /* one of them the header */
#define BPF_RECORDS_ARGUMENTS 6

/* All zero at the start. */
struct bpf_records_header {
	uint32_t used;
	uint32_t resumed_number; /* so many adjustments of this list were handed out before */
	uint64_t resumed_list;
	uint64_t viewer_namespace; /* of PIDs; found by the first record */
	uint32_t viewer_level;
	uint32_t namespaces; /* of IPC, whose arrays were walked through */
	/* Whose descriptors come, one after the other: found by the first of them. */
	uint64_t owner, owner_started, owner_table;
	uint32_t owner_pid, owner_tid;
	/* The mapping in the last slot: see mappings.bpf.c. */
	uint64_t resumed_task, resumed_address;
};

/* For semnum: of any semaphore of the array. */
#define BPF_HOLDER_OF_ALL UINT32_MAX

/*
 * PIDs and TIDs are the viewer's; pointers only tell one thing from another. Where the viewer is in
 * a PID namespace below the first one, entries of all processes come once more, with 0 for both.
 */
struct bpf_holder_record {
	uint64_t list;
	uint32_t pid, tid;
	uint32_t namespace;
	uint32_t semid, semnum;
	int32_t amount;
};

struct bpf_blocked_record {
	int64_t number;
	uint64_t arguments[BPF_RECORDS_ARGUMENTS];
	uint64_t stack_pointer;
	uint64_t since, now;
	uint32_t pid, tid;
	uint32_t namespace;
	uint32_t state; /* task_struct.__state */
	uint32_t is_compat;
	uint32_t processor;
};

enum bpf_end_type {
	BPF_END_PIPE,
	BPF_END_FIFO,
	BPF_END_QUEUE,
};

struct bpf_end_record {
	uint64_t table;
	uint64_t inode;
	uint64_t used_bytes;
	uint64_t messages;
	uint32_t device; /* the kernel's dev_t: 12 bits and 20 */
	uint32_t type;
	uint32_t pid, tid, fd;
	uint32_t mode; /* file.f_mode */
	uint32_t used_slots, most_slots;
	uint32_t readers, writers;
	uint32_t namespace, notified;
};

struct bpf_mapping_record {
	uint64_t space, address;
	uint32_t pid, tid;
	uint32_t namespace;
	uint32_t id;
};

struct bpf_place_record {
	uint32_t pid, tid;
	uint32_t ipc, mount;
	uint32_t shm, sem, msg, mq;
};

union bpf_record {
	struct bpf_records_header header;
	struct bpf_holder_record holder;
	struct bpf_blocked_record blocked;
	struct bpf_end_record end;
	struct bpf_mapping_record mapping;
	struct bpf_place_record place;
	uint8_t room[128];
};

#endif
