/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The IPC namespaces that a collection looks at, where it is not the viewer's own alone: which
 * there are, what keeps each of them, and where each can be entered.
 */
#ifndef IPCLENS_COLLECT_PLACES_H
#define IPCLENS_COLLECT_PLACES_H

#include "base/error.h"
#include "base/id_map.h"
#include "model/namespace.h"
#include "model/snapshot.h"

struct collector;

/* Of several processes that are in a namespace one may end before it is entered. */
#define PLACE_CANDIDATES 4

/* Ids of users as a user namespace has them, and as this one does (man 7 user_namespaces). */
struct id_range {
	uint64_t inside, outside, length;
};

struct id_ranges {
	VECTOR(struct id_range) items;
};

struct place {
	struct namespace record; /* its texts are the snapshot's */
	int64_t candidates[PLACE_CANDIDATES];
	size_t candidate_count;
	struct text other;   /* path of another thing that leads to it */
	char other_root[32]; /* where that begins: a process's root; empty: the usual one */
	int way;	     /* the outcome that keeps it from being entered; or 0 */
	bool is_entered;     /* its objects could be looked at */
	bool through_user;   /* the child is in its user namespace, too, and its ids are those of it
			      */
	bool has_id_ranges;  /* how they are read here */
	struct id_ranges uids, gids;
	unsigned int empty_kinds; /* KIND_BIT()s: there is nothing of these, as the kernel counts */
	bool has_mq_device;
	uint64_t mq_device; /* of its queues, as VALUE_DEVICE */
};

/* A mount namespace, by one of its processes. */
struct mount_place {
	uint64_t number, ipc;
	int64_t pid;
	bool is_first; /* of that mount namespace */
};

/* All zero: the viewer's own is looked at alone. */
struct places {
	VECTOR(struct place) items; /* the viewer's own first, then by number */
	struct id_map slots;	    /* numbers to indexes + 1 */
	VECTOR(struct mount_place) mounts;
	struct id_map mount_slots, mount_pairs; /* mount namespaces; these with IPC namespaces */
};

void places_deinit(struct places *places);

/* Whether the scope asks for any but the viewer's own. */
bool places_are_wanted(const struct collector *collector);

/*
 * Looks for those that the scope asks for. 0, with no items where that is the viewer's own alone;
 * -ENOENT with ret_error where there is none of that name; -ENOMEM.
 */
int places_find(struct collector *collector, struct ipclens_error *ret_error);

/* The index of the namespace with that number; false where it is not looked at. */
bool places_slot(const struct places *places, uint64_t number, size_t *ret_slot);

/*
 * A descriptor of the namespace, owned by the caller. 0, OUTCOME_GONE where nobody is in it any
 * more, OUTCOME_DENIED, or another result of rooted_open().
 */
int places_open(const struct collector *collector, const struct place *place, int *ret_fd);

/* The ids of an object's owners as they are here; those that are nobody's here become absent. */
void places_translate(struct collector *collector, struct place *place, struct object *object);

/* Makes records of them, with what was found in each. 0 or -ENOMEM. */
int places_add(struct collector *collector);

#endif
