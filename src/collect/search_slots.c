/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which of the IPC namespaces that are looked at a process is in. What it has mapped can be of
 * another one, from which it has come.
 */
#include <stdio.h>

#include "collect/search.h"

bool search_find_slot(const struct search *search, uint64_t namespace, size_t *ret_slot)
{
	const struct collector *collector = search->collector;

	if (search->is_wide)
		return places_slot(&collector->places, namespace, ret_slot);
	*ret_slot = 0;
	return collector->has_namespace && namespace == collector->namespace;
}

size_t search_slot_of(const struct search *search, const struct object *object)
{
	size_t slot = 0;

	if (search->is_wide)
		places_slot(&search->collector->places, object->namespace, &slot);
	return slot;
}

void search_learn_slot(struct finder *finder, const struct rooted *root, const char *prefix)
{
	uint64_t namespace;
	char path[96];

	if (!finder->search->is_wide)
		return;
	snprintf(path, sizeof(path), "%sns/ipc", prefix);
	finder->has_slot = sight_read_namespace(root, path, &namespace) == 0 &&
			   search_find_slot(finder->search, namespace, &finder->slot);
}
