/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef IPCLENS_BASE_NEAREST_H
#define IPCLENS_BASE_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * How many letters have to be changed, added, left out or swapped with their neighbour to make one
 * word of the other; words of more than 32 letters are far from everything.
 */
size_t nearest_distance(const char *a, const char *b);

/* Whether that is little enough for a slip of the fingers. */
bool nearest_is_slip(const char *word, const char *meant);

#endif
