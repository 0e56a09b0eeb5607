/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How much each process uses, of which it is proven.
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
	PROCESS_TOTALS_FIELD_COUNT,
};

struct process_totals {
	struct record record;
	const struct process *process;
	uint64_t segments; /* different ones */
	uint64_t mappings;
	uint64_t bytes; /* mapped */
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

/* Whether a use by the process is proven. */
bool process_uses_something(const struct snapshot *snapshot, const struct process *process);

#endif
