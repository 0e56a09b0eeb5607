/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How much there is of each kind: one record for each, with a field table as every other.
 */
#ifndef IPCLENS_QUERY_TOTALS_H
#define IPCLENS_QUERY_TOTALS_H

#include "model/snapshot.h"

enum totals_field {
	TOTALS_KIND,
	TOTALS_OBJECTS,
	TOTALS_AT_LEAST,
	TOTALS_BYTES,
	TOTALS_ALLOCATED,
	TOTALS_RESIDENT,
	TOTALS_SWAPPED,
	TOTALS_ATTACHMENTS,
	TOTALS_REMOVED,
	TOTALS_SEMAPHORES,
	TOTALS_WAITING,
	TOTALS_UNREAD,
	TOTALS_MESSAGES,
	TOTALS_FULL,
	TOTALS_FIELD_COUNT,
};

struct totals {
	struct record record;
	uint64_t kind; /* enum kind */
	uint64_t objects;
	uint64_t is_at_least; /* others can be in processes that could not be inspected */
	uint64_t bytes, allocated, resident, swapped; /* all in bytes */
	uint64_t attachments;
	uint64_t removed; /* objects that are still in use */
	uint64_t semaphores;
	uint64_t waiting; /* threads; of the arrays or semaphores that could be read */
	uint64_t unread;  /* those that could not */
	uint64_t messages;
	uint64_t full; /* queues in which less than a tenth is free */
};

extern const struct field_table totals_fields;

/* What of a queue, in tenths of a percent, makes it "full" here. */
#define TOTALS_FULL_FROM 900

/*
 * Counts the snapshot's objects of the kind. Sums saturate. Where not all objects could be listed,
 * every field but the kind is absent.
 */
struct totals totals_of(const struct snapshot *snapshot, enum kind kind);

#endif
