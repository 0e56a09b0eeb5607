/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libsmartcols, loaded when a table is printed: loading it with the program would make every start
 * slower by a tenth, also where no table is printed.
 */
#ifndef IPCLENS_RENDER_SMARTCOLS_H
#define IPCLENS_RENDER_SMARTCOLS_H

#include <libsmartcols.h>

/* Each function that is used, without its "scols_". */
/* clang-format off */
#define SMARTCOLS_FUNCTIONS(FUNCTION) \
	FUNCTION(cell_get_data) \
	FUNCTION(cell_set_color) \
	FUNCTION(cell_set_data) \
	FUNCTION(column_get_header) \
	FUNCTION(line_get_cell) \
	FUNCTION(line_set_data) \
	FUNCTION(new_table) \
	FUNCTION(print_table) \
	FUNCTION(print_table_to_string) \
	FUNCTION(table_enable_colors) \
	FUNCTION(table_enable_noencoding) \
	FUNCTION(table_enable_noheadings) \
	FUNCTION(table_get_column) \
	FUNCTION(table_get_line) \
	FUNCTION(table_get_nlines) \
	FUNCTION(table_new_column) \
	FUNCTION(table_new_line) \
	FUNCTION(table_reduce_termwidth) \
	FUNCTION(table_set_stream) \
	FUNCTION(table_set_termforce) \
	FUNCTION(unref_table)
/* clang-format on */

#define SMARTCOLS_MEMBER(name) __typeof__(scols_##name) *name;
struct smartcols {
	SMARTCOLS_FUNCTIONS(SMARTCOLS_MEMBER)
};
#undef SMARTCOLS_MEMBER

/* 0, or -ELIBACC where the library is missing or lacks one of these. It stays loaded. */
int smartcols_load(struct smartcols *ret_smartcols);

#endif
