/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "found_maps.h"

#include <errno.h>

#include "unit.h"

int found_maps_keep(const struct mapping *mapping, void *context)
{
	struct found_list *list = context;
	struct found *found = vector_add(&list->items);

	assert_non_null(found);
	assert_true(mapping->name.length <= PROC_MAPS_NAME_MAX);
	found->mapping = *mapping;
	memcpy(found->name, mapping->name.bytes, mapping->name.length);
	return list->items.count == list->stop_at ? -EIO : 0;
}
