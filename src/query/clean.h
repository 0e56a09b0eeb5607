/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which of the orphans may be removed, and which not, and why.
 */
#ifndef IPCLENS_QUERY_CLEAN_H
#define IPCLENS_QUERY_CLEAN_H

#include "query/check.h"
#include "query/select.h"

struct clean_rules {
	struct check_bounds bounds;
	bool has_likely;	  /* also what is only likely unused */
	unsigned int kinds;	  /* KIND_BIT()s: nothing else is looked at */
	struct text owner;	  /* user name or number; TEXT_NONE: any */
	const struct ref *wanted; /* by a key; NULL: any */
	const struct ref *kept;	  /* these are never removed */
	size_t kept_count;
};

struct clean_item {
	const struct object *object;
	const struct finding *finding;
	struct text why_kept; /* TEXT_NONE: it may be removed */
};

/* What was judged, and what follows. All zero is empty. */
struct clean_plan {
	struct findings findings; /* they own the texts */
	VECTOR(struct clean_item) items;
};

void clean_plan_deinit(struct clean_plan *plan);
#define _cleanup_clean_plan_ __attribute__((cleanup(clean_plan_deinit)))

/*
 * Judges the snapshot, which must have all processes beside what check_judge() needs. Items are in
 * the order of objects. 0 or -ENOMEM.
 */
int clean_make_plan(const struct snapshot *snapshot, const struct clean_rules *rules,
		    struct clean_plan *ret_plan);

/* The item about the object of that identity, in another snapshot; NULL: it is no orphan there. */
const struct clean_item *clean_find(const struct clean_plan *plan, const struct object *object);

#endif
