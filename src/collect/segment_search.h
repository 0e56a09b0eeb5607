/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The search for the mappings of segments: in which processes they are (segment_finder.c), and what
 * follows from them (segment_accounts.c).
 */
#ifndef IPCLENS_COLLECT_SEGMENT_SEARCH_H
#define IPCLENS_COLLECT_SEGMENT_SEARCH_H

#include <stdatomic.h>

#include "base/id_map.h"
#include "collect/segment_devices.h"
#include "collect/users.h"

/* One look at the processes. */
struct segment_search {
	struct collector *collector;
	struct id_map segments; /* ids to struct object */
	struct segment_devices devices;
	atomic_uchar *doubts; /* of each object of the snapshot; enum accounting_doubt */
	const int64_t *pids;
	uint64_t began_ticks;	  /* clock ticks after boot; 0: not known */
	atomic_bool has_no_query; /* the kernel does not have PROCMAP_QUERY */
	struct finder *finders;
	struct address_spaces last_spaces;
	/* All that was found so far. */
	struct seen_mappings mappings;
	struct seen_processes processes;
	size_t unreadable;
	bool has_seen_all; /* no process was hidden from the search */
};

/* Whether the object is a segment whose users are asked for. */
bool segment_search_wants(const struct segment_search *search, const struct object *object);

/* Prepares the search for all wanted segments; search->collector must be set. 0 or -ENOMEM. */
int segment_search_init(struct segment_search *search);
void segment_search_deinit(struct segment_search *search);

/* Looks at these processes, and adds what was found to what was found before. 0 or -ENOMEM. */
int segment_search_look_at(struct segment_search *search, const int64_t *pids, size_t count);

/* Puts the mappings found so far in the order of objects, addresses and PIDs. */
void segment_search_sort(struct segment_search *search);

/* How many of the mappings of one object count: how many times address spaces have it attached. */
uint64_t segment_search_count(const struct seen_mapping *mappings, size_t count);

/* Makes links and accountings of what was found. 0 or -ENOMEM. */
int segment_search_conclude(struct segment_search *search);

#endif
