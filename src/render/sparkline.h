/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers as a row of small bars.
 */
#ifndef IPCLENS_RENDER_SPARKLINE_H
#define IPCLENS_RENDER_SPARKLINE_H

#include "base/text.h"

/*
 * Adds a bar for each of the numbers, from the least to the largest of them, one cell wide; where
 * there are more than width, one for the last of each few. In an ASCII locale the bars are
 * punctuation, the darker the higher.
 */
void sparkline_add(struct buffer *buffer, const uint64_t *numbers, size_t count, size_t width);

#endif
