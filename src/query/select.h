/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which objects, in which order.
 */
#ifndef IPCLENS_QUERY_SELECT_H
#define IPCLENS_QUERY_SELECT_H

#include "base/error.h"
#include "base/vector.h"
#include "model/ref.h"
#include "model/snapshot.h"
#include "query/filter.h"

struct sort_key {
	size_t field; /* of object_fields */
	bool is_descending;
};

struct sort_keys {
	VECTOR(struct sort_key) keys;
};

/* Reads "FIELD[:desc],…" and adds the keys. 0, -EINVAL or -ENOMEM with ret_error set. */
int sort_parse(struct text text, struct sort_keys *keys, struct ipclens_error *ret_error);

struct filters {
	VECTOR(struct filter) items;
};

void filters_deinit(struct filters *filters);

/* Objects borrowed from a snapshot. */
struct selection {
	VECTOR(const struct object *) objects;
};

void selection_deinit(struct selection *selection);
#define _cleanup_selection_ __attribute__((cleanup(selection_deinit)))

struct selection_options {
	unsigned int kinds;	       /* KIND_BIT()s */
	unsigned int nameless_kinds;   /* of which those without a name, too */
	struct text owner;	       /* user name or number; TEXT_NONE: any */
	const struct filters *filters; /* all must hold */
	const struct sort_keys *sort;  /* within a kind; then by id */
};

/*
 * The objects that the options ask for, by kind, then sorted; those for which a key is absent come
 * last, in either direction. 0 or -ENOMEM.
 */
int select_objects(const struct snapshot *snapshot, const struct selection_options *options,
		   struct selection *ret_selection);

/* The order of select_objects() where there are no keys: below 0, 0 or above 0. */
int select_compare(const struct object *a, const struct object *b);

/* All objects that the REF names, in the order of the snapshot. 0 or -ENOMEM. */
int select_by_ref(const struct snapshot *snapshot, const struct ref *ref,
		  struct selection *ret_selection);

#endif
