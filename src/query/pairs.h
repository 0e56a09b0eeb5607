/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The objects of two snapshots, the same ones together.
 */
#ifndef IPCLENS_QUERY_PAIRS_H
#define IPCLENS_QUERY_PAIRS_H

#include "base/error.h"
#include "model/snapshot.h"

/* How what was given to one object was given to another one later; the strongest comes first. */
enum pairs_heir {
	PAIRS_NO_HEIR,
	PAIRS_SAME_ID, /* of files the inode */
	PAIRS_SAME_KEY,
	PAIRS_SAME_NAME,
};

struct pairs_partner {
	const struct object *same; /* the same object in the other snapshot; NULL: none */
	const struct object *heir; /* where there is none: another one that has its id, key or name
				    */
	enum pairs_heir sort;
};

struct pairs {
	const struct snapshot *before, *after;
	/* Of each object, in the order of its snapshot. */
	struct pairs_partner *of_before, *of_after;
};

/* Both snapshots are borrowed. 0 or -ENOMEM; after success pairs_deinit() is due. */
int pairs_make(const struct snapshot *before, const struct snapshot *after,
	       struct pairs *ret_pairs);
void pairs_deinit(struct pairs *pairs);
#define _cleanup_pairs_ __attribute__((cleanup(pairs_deinit)))

/*
 * Whether objects of the two can be the same at all: of one machine, since it was started last, one
 * IPC namespace and one PID namespace, as far as that is known. 0, or -EINVAL with ret_error saying
 * why not.
 */
int pairs_check(const struct snapshot *before, const struct snapshot *after,
		struct ipclens_error *ret_error);

/* What the object of the later snapshot was before; NULL: not there. */
static inline const struct object *pairs_before(const struct pairs *pairs,
						const struct object *after)
{
	return pairs->of_after[after - pairs->after->objects.items].same;
}

#endif
