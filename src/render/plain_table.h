/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tables for programs: without headings and colours, not cut to a terminal. They look as those of
 * the table library, which takes a tenth of the time of a long listing.
 */
#ifndef IPCLENS_RENDER_PLAIN_TABLE_H
#define IPCLENS_RENDER_PLAIN_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"

struct plain_table {
	struct buffer text; /* the cells, one behind the other */
	size_t used;	    /* bytes of the text that are cells already */
	size_t *lengths;    /* of the cells, row by row */
	size_t cells;	    /* how many there are */
	size_t *widths;	    /* of the columns */
	size_t columns, rows;
	bool is_wide; /* not all is ASCII: how wide that is, only the table library knows */
};

/* For so many rows and columns, not to be printed before they are complete. 0 or -ENOMEM. */
int plain_table_init(struct plain_table *table, size_t columns, size_t rows);
void plain_table_deinit(struct plain_table *table);

/* Makes a column at least that wide. */
void plain_table_widen(struct plain_table *table, size_t column, size_t width);

/* Ends the next cell, whose text was added to table->text. */
void plain_table_end_cell(struct plain_table *table);

/* 0 or a negative errno. */
int plain_table_print(const struct plain_table *table, const bool *is_right_aligned, FILE *stream);

#define _cleanup_plain_table_ __attribute__((cleanup(plain_table_deinit)))

#endif
