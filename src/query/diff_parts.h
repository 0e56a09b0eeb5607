/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parts of diff_make().
 */
#ifndef IPCLENS_QUERY_DIFF_PARTS_H
#define IPCLENS_QUERY_DIFF_PARTS_H

#include "query/diff.h"

/* The links that are proof, and the waits, of each object of one snapshot. */
struct diff_uses {
	const struct snapshot *snapshot;
	const struct link **links;
	const struct wait **waits;
	size_t *first_link, *first_wait; /* of each object, and one more */
};

/* 0 or -ENOMEM; diff_uses_deinit() is due in either case. */
int diff_uses_make(const struct snapshot *snapshot, struct diff_uses *uses);
void diff_uses_deinit(struct diff_uses *uses);

struct differ {
	struct diff *diff;
	struct diff_uses before, after;
};

/* A detail at the end; 0 or -ENOMEM. */
int diff_add_detail(struct differ *differ, struct diff_detail detail);

/*
 * Counts what could not be compared of the object. what is a literal, or a field's name. 0 or
 * -ENOMEM.
 */
int diff_add_gap(struct differ *differ, struct diff_gap gap);

/* The details of one object, one of which can be NULL; 0 or -ENOMEM each. */
int diff_fields(struct differ *differ, const struct object *before, const struct object *after);
int diff_users(struct differ *differ, const struct object *before, const struct object *after);
int diff_waits(struct differ *differ, const struct object *before, const struct object *after);

#endif
