/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPCLENS_CLI_WRAP_H
#define IPCLENS_CLI_WRAP_H

#include "base/text.h"

/*
 * Adds the text, the first word at the column and the others in lines of at most so many columns
 * (0: all in one line), behind the indent. Lines are broken at spaces alone; a word that is longer
 * stays whole. The text is safe for a terminal already.
 */
void wrap_add(struct buffer *output, struct text text, size_t column, const char *indent,
	      size_t columns);

/* Prints our own text to standard output in lines of at most 78 columns behind the indent. */
void wrap_print(const char *text, const char *indent);

#endif
