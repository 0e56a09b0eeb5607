/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parts of check_judge().
 */
#ifndef IPCLENS_QUERY_CHECK_PARTS_H
#define IPCLENS_QUERY_CHECK_PARTS_H

#include "query/check.h"
#include "query/pairs.h"

/* What is on record of one object. */
struct check_facts {
	size_t dead;	/* PIDs on record that no process has, or another one by now */
	size_t alive;	/* that can be the same process */
	size_t unknown; /* that could not be looked at, or are of another PID namespace */
	size_t holders; /* of a semaphore */
	size_t waits;
};

struct judge {
	const struct snapshot *snapshot;
	const struct check_bounds *bounds;
	struct findings *findings;
	struct check_facts *facts; /* of each object of the snapshot */
	const struct pairs *pairs; /* with the earlier look; NULL: there is none */
};

static inline const struct check_facts *check_facts_of(const struct judge *judge,
						       const struct object *object)
{
	return &judge->facts[object - judge->snapshot->objects.items];
}

/*
 * The latest time that is on record of the object, in seconds since 1970; false where there is
 * none.
 */
bool check_last_time(const struct object *object, int64_t *ret_time);

/* Whether it was used, or changed, so lately that it is no orphan; so also where that is unknown.
 */
bool check_is_young(const struct judge *judge, const struct object *object);

/* A new finding about the object, whose REF is in front of the words; NULL: no memory. */
__attribute__((format(printf, 5, 6))) struct finding *
check_add(struct judge *judge, enum finding_code code, enum finding_certainty certainty,
	  const struct object *object, const char *format, ...);

/* "2 hours": how long ago that was when the snapshot was taken, in the largest unit that fits. */
void check_add_age(struct buffer *buffer, const struct judge *judge, int64_t time);

/* "app 12, ? 13": at most a handful of processes, and how many more there are. */
void check_add_processes(struct buffer *buffer, const struct judge *judge, struct record_list pids);

/* A fact with its source; what may be taken from the buffer is emptied. 0 or -ENOMEM. */
__attribute__((format(printf, 3, 4))) int check_say(struct judge *judge, struct finding *finding,
						    const char *format, ...);
__attribute__((format(printf, 3, 4))) int check_advise(struct judge *judge, struct finding *finding,
						       const char *format, ...);

/* What became of a queue's messages since the earlier look, where they became more. */
struct check_growth {
	uint64_t messages; /* so many more */
	uint64_t seconds;
	bool is_recorded; /* whether anybody received meanwhile: then was_received tells */
	bool was_received;
};

/* False where it did not grow, that is not known, or it can be the moment's. */
bool check_find_growth(const struct judge *judge, const struct object *queue,
		       struct check_growth *ret_growth);

/* A new finding that begins with it; NULL: no memory. */
struct finding *check_add_growth(struct judge *judge, const struct object *queue,
				 const struct check_growth *growth);

/* 0 or -ENOMEM each. */
int check_orphans(struct judge *judge);
int check_removed(struct judge *judge);
int check_queues(struct judge *judge);
int check_waits(struct judge *judge);
int check_limits(struct judge *judge);
int check_access(struct judge *judge);

#endif
