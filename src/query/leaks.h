/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What only accumulates over a series of snapshots.
 *
 * One snapshot at a time is digested, and can be freed: what is kept is an identity of each object
 * that is there, and how many each group had at each point. Groups are put together last, when it
 * is known what has grown.
 */
#ifndef IPCLENS_QUERY_LEAKS_H
#define IPCLENS_QUERY_LEAKS_H

#include "model/leak.h"
#include "model/snapshot.h"

/* More points than that are thinned out to half as many, again and again. */
#define LEAKS_POINTS_MAX 1000

struct leaks_options {
	unsigned int kinds;	     /* KIND_BIT()s */
	unsigned int nameless_kinds; /* of which those without a name, too */
	struct text owner;	     /* user name or number; TEXT_NONE: any */
	uint64_t min_growth;	     /* so many more there must be; at least 1 */
	enum leak_by by;	     /* LEAK_BY_COUNT: what explains most */
};

struct leaks;

/* An empty series, or NULL when there is no memory. The owner's text is borrowed. */
struct leaks *leaks_new(const struct leaks_options *options);

/* Always returns NULL. */
struct leaks *leaks_free(struct leaks *leaks);

static inline void cleanup_leaks(struct leaks **leaks)
{
	leaks_free(*leaks);
}
#define _cleanup_leaks_ __attribute__((cleanup(cleanup_leaks)))

/* Whether a snapshot can be the next one of the series. */
enum leaks_fit {
	LEAKS_FITS,
	LEAKS_SAME_TIME,
	LEAKS_EARLIER,
	LEAKS_OTHER_HOST,
	LEAKS_OTHER_NAMESPACE,
};

enum leaks_fit leaks_fit(const struct leaks *leaks, const struct snapshot *snapshot);

/*
 * Digests the next snapshot, which is later than those before. One of another namespace, or of the
 * same machine after it was started anew, begins the series again. 0 or -ENOMEM.
 */
int leaks_add(struct leaks *leaks, const struct snapshot *snapshot);

/* All snapshots so far, in the order in which they were added. */
const struct leak_look *leaks_looks(const struct leaks *leaks, size_t *ret_count);

/* How many points have not been thinned out since the last break. */
size_t leaks_point_count(const struct leaks *leaks);

/* What accumulates, the fastest towards its limit first. Texts are borrowed. 0 or -ENOMEM. */
int leaks_judge(const struct leaks *leaks, struct leak_list *list);

#endif
