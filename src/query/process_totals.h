/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How much each process uses, of which it is proven, and with whom it is joined by pipes.
 */
#ifndef IPCLENS_QUERY_PROCESS_TOTALS_H
#define IPCLENS_QUERY_PROCESS_TOTALS_H

#include "base/vector.h"
#include "model/snapshot.h"

enum process_totals_field {
	PROCESS_TOTALS_PID,
	PROCESS_TOTALS_COMMAND,
	PROCESS_TOTALS_USER,
	PROCESS_TOTALS_UID,
	PROCESS_TOTALS_STARTED_AT,
	PROCESS_TOTALS_SEGMENTS,
	PROCESS_TOTALS_MAPPINGS,
	PROCESS_TOTALS_BYTES,
	PROCESS_TOTALS_SEMAPHORES,
	PROCESS_TOTALS_QUEUES,
	PROCESS_TOTALS_PIPES,
	PROCESS_TOTALS_PEERS,
	PROCESS_TOTALS_FIELD_COUNT,
};

struct process_totals {
	struct record record;
	const struct process *process;
	uint64_t segments; /* different ones: shm, pshm and map */
	uint64_t mappings;
	uint64_t bytes;	     /* mapped */
	uint64_t semaphores; /* psem */
	uint64_t queues;     /* mq */
	uint64_t pipes;	     /* pipe and fifo, not their ends */
	/* int64_t: processes at the other ends of its pipes, ascending. Owned by the list. */
	struct record_list peers;
	size_t peer_capacity;
	/* While it is counted. */
	size_t uses;
	size_t last_object;
};

extern const struct field_table process_totals_fields;

struct process_totals_list {
	VECTOR(struct process_totals) items;
};

void process_totals_deinit(struct process_totals_list *list);
#define _cleanup_process_totals_ __attribute__((cleanup(process_totals_deinit)))

/* One for each process that uses something, in the order of PIDs. 0 or -ENOMEM. */
int process_totals_list(const struct snapshot *snapshot, struct process_totals_list *ret_list);

/*
 * Who is at the other end of what the link has open: the writers, where it reads. Borrowed from the
 * snapshot; nobody, where it is no pipe.
 */
struct record_list process_totals_partners(const struct snapshot *snapshot,
					   const struct link *link);

/* Whether a use by the process is proven, or that it waits for something. */
bool process_uses_something(const struct snapshot *snapshot, const struct process *process);

#endif
