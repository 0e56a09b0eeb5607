/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/vector.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

int vector_reserve_one(void **items, size_t count, size_t *capacity, size_t item_size)
{
	size_t wanted = *capacity ? *capacity + *capacity / 2 + 1 : 16;
	size_t bytes;
	void *grown;

	if (count < *capacity)
		return 0;
	if (wanted < *capacity || __builtin_mul_overflow(wanted, item_size, &bytes))
		return -ENOMEM;
	grown = realloc(*items, bytes);
	if (!grown)
		return -ENOMEM;
	*items = grown;
	*capacity = wanted;
	return 0;
}

void *vector_add_zeroed(void **items, size_t *count, size_t *capacity, size_t item_size)
{
	void *item;

	if (vector_reserve_one(items, *count, capacity, item_size) < 0)
		return NULL;
	item = (char *)*items + *count * item_size;
	(*count)++;
	return memset(item, 0, item_size);
}
