/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records as a table for people: one row for each, one column for each field.
 */
#ifndef IPCLENS_RENDER_TABLE_H
#define IPCLENS_RENDER_TABLE_H

#include <stdio.h>

#include "render/style.h"

/*
 * What lays out tables on a terminal, in colour, or with letters beyond ASCII. Loaded with the
 * first; the name says which interface it has.
 */
#define TABLE_LIBRARY "libsmartcols.so.1"

struct table_layout {
	const struct field_table *fields;
	const size_t *columns; /* indexes of fields */
	size_t count;
	/* Adds the cell where it differs from style_add_field() and returns true, behind what the
	 * buffer holds already. NULL: it never does. */
	bool (*add_cell)(struct buffer *buffer, const void *record, size_t field,
			 const struct style *style, const void *context);
	const void *context; /* for add_cell */
	const char *indent;  /* in front of each line; NULL: none */
	/*
	 * Of each column, for tables that are to stand below each other: how wide it is at least,
	 * and has become. NULL: each table is as wide as it has to be. TABLE_LIBRARY does not heed
	 * it.
	 */
	size_t *widths;
};

/* Whether a column of the type is flush right. */
bool table_is_right_aligned(enum value_type type);

/* Adds one cell of a row; true where layout->add_cell made it. */
bool table_add_cell(struct buffer *buffer, const struct table_layout *layout, size_t column,
		    const void *record, const struct style *style);

/* What gives the table its rows: the next record, or NULL at the end. */
typedef const void *table_next(void *context);

/*
 * Prints the table; 0 or a negative errno, which is -ELIBACC where it takes TABLE_LIBRARY, and that
 * is not there. Nothing is printed for no rows.
 */
int table_print(const struct table_layout *layout, const struct style *style, table_next *next,
		void *context, FILE *stream);

/* The same for an array of pointers to records. */
int table_print_array(const struct table_layout *layout, const struct style *style,
		      const void *const *records, size_t count, FILE *stream);

/* The same for records that stand one behind the other. */
int table_print_records(const struct table_layout *layout, const struct style *style,
			struct record_list records, FILE *stream);

#endif
