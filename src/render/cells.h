/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cells of a table as text, row by row. Where nothing has to be cut or coloured and all of it
 * is ASCII, they are laid out here, to the same bytes as by TABLE_LIBRARY: that measures each
 * letter twice, which took most of the time of a long table that goes into a pipe or a file.
 */
#ifndef IPCLENS_RENDER_CELLS_H
#define IPCLENS_RENDER_CELLS_H

#include "base/vector.h"
#include "render/table.h"

struct cells {
	struct buffer text;   /* all cells, each with its NUL */
	VECTOR(size_t) ends;  /* of each cell, behind its NUL */
	size_t columns;	      /* in a row */
	const char *at, *end; /* what cells_next() has not read yet */
};

void cells_deinit(struct cells *cells);
#define _cleanup_cells_ __attribute__((cleanup(cells_deinit)))

/* Makes the cells of all records. 0 or -ENOMEM. */
int cells_make(const struct table_layout *layout, const struct style *style, table_next *next,
	       void *context, struct cells *ret_cells);

/* Whether one column is as wide as it has bytes. */
bool cells_are_ascii(const struct cells *cells);

/* The next cell, in the order in which they were made; NULL behind the last one. */
const char *cells_next(struct cells *cells);

/* Prints them below the headings, with the layout's indent. 0 or a negative errno. */
int cells_print(const struct cells *cells, const struct table_layout *layout,
		const struct style *style, FILE *stream);

#endif
