/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is wrong with the IPC of a snapshot: every finding that model/finding.h knows, each with its
 * evidence. Only what the kernel counts can be certain, and only where nothing was hidden from the
 * viewer; who will use a semaphore, a queue or a name is on record nowhere.
 */
#ifndef IPCLENS_QUERY_CHECK_H
#define IPCLENS_QUERY_CHECK_H

#include "model/finding.h"
#include "model/snapshot.h"

/* From where on something is found. */
struct check_bounds {
	uint64_t older_than; /* seconds: what was used later than that is no orphan */
	uint64_t long_wait;  /* milliseconds */
	uint64_t stuck;	     /* seconds since anybody took a message out of a queue that has some */
	uint64_t near;	     /* tenths of a percent of a limit */
	/*
	 * An earlier look at the same machine (see pairs_check()), at queues at least; borrowed.
	 * NULL: there is none.
	 */
	const struct snapshot *since;
};

extern const struct check_bounds check_usual_bounds;

/*
 * Adds all that is found, the worst first. The snapshot must have what scope_everything asks for.
 * 0 or -ENOMEM.
 */
int check_judge(const struct snapshot *snapshot, const struct check_bounds *bounds,
		struct findings *findings);

/*
 * Whether so little could be seen that to find nothing proves nothing: something that exists could
 * not be listed or inspected, or it is not known who waits.
 */
bool check_sees_too_little(const struct snapshot *snapshot);

#endif
