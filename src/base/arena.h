/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Arena: memory that is given back all at once. A snapshot's strings and small arrays live in its
 * arena and are borrowed by everybody else.
 */
#ifndef IPCLENS_BASE_ARENA_H
#define IPCLENS_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

/* All zero is a valid empty arena. */
struct arena {
	struct arena_block *blocks;
};

/* Gives back everything that was allocated; the arena is empty and usable again. */
void arena_deinit(struct arena *arena);

/* Zeroed memory, aligned for any type; NULL when there is none left. */
void *arena_alloc(struct arena *arena, size_t size);

/* Room for count items of size bytes each; NULL also when the product overflows. */
void *arena_alloc_array(struct arena *arena, size_t count, size_t size);

/* A copy of length bytes followed by a NUL; NULL when there is no memory. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);

#endif
