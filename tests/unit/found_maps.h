/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was read of maps, kept to be looked at.
 */
#ifndef IPCLENS_TESTS_FOUND_MAPS_H
#define IPCLENS_TESTS_FOUND_MAPS_H

#include "base/vector.h"
#include "collect/proc_maps.h"

/* Mappings with names of their own. */
struct found {
	struct mapping mapping;
	char name[PROC_MAPS_NAME_MAX];
};

struct found_list {
	VECTOR(struct found) items;
	size_t stop_at; /* fails at this mapping, counted from 1 */
};

/* Adds the mapping to a struct found_list; 0, or -EIO where it has to fail. */
int found_maps_keep(const struct mapping *mapping, void *list);

static inline struct text found_name(const struct found *found)
{
	return (struct text){found->name, found->mapping.name.length};
}

#endif
