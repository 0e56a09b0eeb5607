/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/id_map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct id_map_entry {
	uint64_t number;
	void *pointer;
	bool is_used;
};

void id_map_deinit(struct id_map *map)
{
	free(map->entries);
	*map = (struct id_map){0};
}

/* Where the number is, or the free place for it. The capacity is a power of two, never full. */
static struct id_map_entry *find_place(const struct id_map *map, uint64_t number)
{
	uint64_t mixed = (number ^ number >> 32) * 0x9e3779b97f4a7c15ULL;
	size_t place = (size_t)(mixed >> 32) & (map->capacity - 1);

	while (map->entries[place].is_used && map->entries[place].number != number)
		place = (place + 1) & (map->capacity - 1);
	return &map->entries[place];
}

bool id_map_find(const struct id_map *map, uint64_t number, void **ret_pointer)
{
	const struct id_map_entry *entry;

	if (!map->capacity)
		return false;
	entry = find_place(map, number);
	if (!entry->is_used)
		return false;
	*ret_pointer = entry->pointer;
	return true;
}

static int grow(struct id_map *map)
{
	struct id_map grown = {.capacity = map->capacity ? map->capacity * 2 : 64};

	grown.entries = malloc(grown.capacity * sizeof(*grown.entries));
	if (!grown.entries)
		return -ENOMEM;
	/* Not calloc(): most pages are read first, and would be faulted in twice. */
	memset(grown.entries, 0, grown.capacity * sizeof(*grown.entries));
	for (size_t i = 0; i < map->capacity; i++)
		if (map->entries[i].is_used)
			*find_place(&grown, map->entries[i].number) = map->entries[i];
	grown.count = map->count;
	free(map->entries);
	*map = grown;
	return 0;
}

int id_map_put(struct id_map *map, uint64_t number, void *pointer)
{
	struct id_map_entry *entry;

	if (map->count * 4 >= map->capacity * 3 && grow(map) < 0)
		return -ENOMEM;
	entry = find_place(map, number);
	map->count += !entry->is_used;
	*entry = (struct id_map_entry){number, pointer, true};
	return 0;
}
