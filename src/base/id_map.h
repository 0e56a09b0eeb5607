/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A map from 64-bit numbers to pointers (open addressing): names looked up once per id. Pointers
 * are borrowed; NULL can be stored and is told apart from "not there".
 */
#ifndef IPCLENS_BASE_ID_MAP_H
#define IPCLENS_BASE_ID_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_map_entry;

/* All zero is a valid empty map. */
struct id_map {
	struct id_map_entry *entries;
	size_t count, capacity;
};

void id_map_deinit(struct id_map *map);

/* Whether the number is there; then its pointer is stored through ret_pointer. */
bool id_map_find(const struct id_map *map, uint64_t number, void **ret_pointer);

/* Stores or replaces; 0 or -ENOMEM. */
int id_map_put(struct id_map *map, uint64_t number, void *pointer);

#endif
