/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Growing arrays: VECTOR(type) is a struct of items, count and capacity; all zero is empty.
 */
#ifndef IPCLENS_BASE_VECTOR_H
#define IPCLENS_BASE_VECTOR_H

#include <stddef.h>
#include <stdlib.h>

#define VECTOR(type)                    \
	struct {                        \
		type *items;            \
		size_t count, capacity; \
	}

/* Makes room for one more item; 0 or -ENOMEM. Used through vector_add(). */
int vector_reserve_one(void **items, size_t count, size_t *capacity, size_t item_size);

/* The address of a new, zeroed last item, or NULL when there is no memory. */
#define vector_add(vector)                                                                     \
	((__typeof__((vector)->items))vector_add_zeroed((void **)&(vector)->items,             \
							&(vector)->count, &(vector)->capacity, \
							sizeof(*(vector)->items)))

void *vector_add_zeroed(void **items, size_t *count, size_t *capacity, size_t item_size);

#define vector_deinit(vector)                             \
	do {                                              \
		free((vector)->items);                    \
		(vector)->items = NULL;                   \
		(vector)->count = (vector)->capacity = 0; \
	} while (0)

/* Nothing may be added meanwhile. An empty vector has no items to point into. */
#define vector_for_each(vector, item)                                                          \
	for (__typeof__(*(vector)->items) *item = (vector)->items,                             \
					  *item##_end_ = item ? item + (vector)->count : item; \
	     item != item##_end_; item++)

#endif
