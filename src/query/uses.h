/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Uses: each link joined with its process and its object, for tables.
 */
#ifndef IPCLENS_QUERY_USES_H
#define IPCLENS_QUERY_USES_H

#include "base/vector.h"
#include "model/snapshot.h"

enum use_field {
	USE_PID,
	USE_COMMAND,
	USE_USER,
	USE_UID,
	USE_STARTED_AT,
	USE_REF,
	USE_HOW,
	USE_ACCESS,
	USE_ADDRESS,
	USE_LENGTH,
	USE_FD,
	USE_AMOUNT,
	USE_SHARED_BY,
	USE_PARTNERS, /* of a pipe; filled in by who prints it, from the object */
	USE_OPERATION,
	USE_SEMNUM,
	USE_AT,
	USE_STATE,
	USE_FIELD_COUNT,
};

struct use {
	const struct link *link;
	const struct process *process; /* NULL: not known, or not the one that history means */
};

extern const struct field_table use_fields;

struct uses {
	VECTOR(struct use) items;
};

void uses_deinit(struct uses *uses);
#define _cleanup_uses_ __attribute__((cleanup(uses_deinit)))

enum use_sort {
	USE_PROOF,
	USE_HISTORY,
};

/* The uses of one object, in the order of the snapshot. Adds to *uses. 0 or -ENOMEM. */
int uses_of_object(const struct snapshot *snapshot, const struct object *object, enum use_sort sort,
		   struct uses *uses);

/* The uses of one process that are proven. Adds to *uses. 0 or -ENOMEM. */
int uses_of_process(const struct snapshot *snapshot, int64_t pid, struct uses *uses);

#endif
