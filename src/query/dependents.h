/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who would be hurt if an object were removed: those who have it mapped or open, hold it, or sleep
 * on it. Who only knows its name is on no record.
 */
#ifndef IPCLENS_QUERY_DEPENDENTS_H
#define IPCLENS_QUERY_DEPENDENTS_H

#include "model/action.h"
#include "model/snapshot.h"

struct dependents {
	size_t count;	    /* uses that were found, or that the kernel counts */
	bool is_fully_seen; /* there is no other use of the kinds above */
};

/*
 * Finds them in a snapshot that has users, waits, and of arrays the semaphores and holders. Each is
 * a line of the action's evidence, as is what could not be seen, and what would be lost. 0 or
 * -ENOMEM.
 */
int dependents_find(const struct snapshot *snapshot, const struct object *object,
		    struct actions *actions, struct action *action,
		    struct dependents *ret_dependents);

#endif
