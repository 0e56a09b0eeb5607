/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is different in the later of two snapshots: objects that appeared or are gone, and of the
 * others each field, semaphore, user and wait. What one of the snapshots does not have is never a
 * change: it is a gap.
 */
#ifndef IPCLENS_QUERY_DIFF_H
#define IPCLENS_QUERY_DIFF_H

#include "query/pairs.h"
#include "query/select.h"

enum diff_change {
	DIFF_GONE,
	DIFF_APPEARED,
	DIFF_CHANGED,
	DIFF_CHANGE_COUNT,
};

extern const char *const diff_change_names[];

/* Objects that have their partner are borrowed from the two snapshots. */
struct diff_item {
	enum diff_change change;
	const struct object *before, *after; /* NULL: not there */
	const struct object *heir;	     /* as in struct pairs_partner */
	enum pairs_heir heir_sort;
	bool is_proven;	     /* it could not have been there, or be there, without being seen */
	size_t first, count; /* its details */
};

enum diff_sort {
	DIFF_FIELD,	/* records are objects */
	DIFF_SEMAPHORE, /* semaphores of one number */
	DIFF_USER,	/* links that prove the use */
	DIFF_WAIT,
};

/* One difference. */
struct diff_detail {
	enum diff_sort sort;
	size_t field;		    /* of object_fields or semaphore_fields */
	const void *before, *after; /* records; of users and waits NULL where there was none */
	bool is_proven;		    /* as that of an item, where one is NULL */
};

/* Whether they are there at all: nobody looked into their IPC namespace. */
#define DIFF_PRESENCE "presence"

/* What could not be compared, of how many objects. */
struct diff_gap {
	const char *what;	  /* a field, "users", "holders", "waits", or DIFF_PRESENCE */
	bool is_of_semaphores;	  /* a field of these */
	bool is_before, is_after; /* which of the snapshots does not have it */
	const struct object *first, *last; /* of the objects */
	size_t objects;
};

struct diff {
	const struct snapshot *before, *after;
	uint64_t seconds; /* between them */
	VECTOR(struct diff_item) items;
	VECTOR(struct diff_detail) details;
	VECTOR(struct diff_gap) gaps;
};

void diff_deinit(struct diff *diff);
#define _cleanup_diff_ __attribute__((cleanup(diff_deinit)))

/*
 * Compares all that the options select in either of the snapshots, the earlier of which comes
 * first; in the order of select_objects() without sort keys. 0 or -ENOMEM.
 */
int diff_make(const struct snapshot *before, const struct snapshot *after,
	      const struct selection_options *options, struct diff *ret_diff);

/* The table of what the detail's records are. */
const struct field_table *diff_table(enum diff_sort sort);

/* Adds the name of the detail's field: "messages", "semaphores[3].value". */
void diff_add_name(struct buffer *buffer, const struct diff_detail *detail);

/* How much more it is, where that is a number: false where not. */
struct diff_delta {
	bool is_negative;
	uint64_t amount;
};
bool diff_find_delta(const struct diff_detail *detail, struct diff_delta *ret_delta);

/* Whether that much in that time is a rate: an amount that comes and goes, and time has passed. */
bool diff_has_rate(const struct diff *diff, const struct diff_detail *detail);

#endif
