/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "render/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/object.h"
#include "render/cells.h"
#include "render/cut.h"
#include "render/smartcols.h"

/* What one table is made with; text is room for one cell after the other. */
struct rows {
	const struct smartcols *scols;
	struct libscols_table *table;
	const struct table_layout *layout;
	const struct style *style;
	struct buffer text;
};

bool table_is_right_aligned(enum value_type type)
{
	switch (type) {
	case VALUE_UNSIGNED:
	case VALUE_ID:
	case VALUE_SIZE:
	case VALUE_PID:
	case VALUE_PERCENT:
	case VALUE_RATE:
	case VALUE_SIGNED:
	case VALUE_DURATION:
	case VALUE_RECORDS:
		return true;
	default:
		return false;
	}
}

/*
 * As far as columns fit in that share of the terminal, none is made narrower so that another one,
 * whose texts wrap anyway, can be wider.
 */
#define WRAPPED_SHARE 0.3

static int add_column(const struct rows *rows, const struct field *field)
{
	const struct smartcols *scols = rows->scols;
	int flags = table_is_right_aligned(field->type) ? SCOLS_FL_RIGHT : 0;
	struct libscols_column *column;

	if (field->can_be_cut)
		flags |= SCOLS_FL_TRUNC;
	if (field->can_be_wrapped)
		flags |= SCOLS_FL_WRAP;
	column = scols->table_new_column(rows->table, field->heading,
					 field->can_be_wrapped ? WRAPPED_SHARE : 0, flags);
	if (!column)
		return -ENOMEM;
	return scols->cell_set_color(scols->column_get_header(column), "bold");
}

static int add_columns(const struct rows *rows)
{
	const struct table_layout *layout = rows->layout;

	for (size_t i = 0; i < layout->count; i++) {
		int r = add_column(rows, &layout->fields->fields[layout->columns[i]]);

		if (r < 0)
			return r;
	}
	return 0;
}

/* What deserves a look is coloured: almost full, removed but attached. */
static const char *color_of(const struct value *value, const struct field *field)
{
	if (!value->is_present)
		return NULL;
	if (field->type == VALUE_PERCENT)
		return value->number >= 900 ? "red" : value->number >= 800 ? "yellow" : NULL;
	if (field->names == object_fields.fields[OBJECT_STATUS].names &&
	    value->number & SHM_STATUS_DEST)
		return "yellow";
	return NULL;
}

static int set_color(const struct rows *rows, struct libscols_line *line, size_t column,
		     const void *record)
{
	size_t index = rows->layout->columns[column];
	struct value_scratch scratch;
	struct value value = field_value(rows->layout->fields, index, record, &scratch);
	const char *color = color_of(&value, &rows->layout->fields->fields[index]);

	return color ? rows->scols->cell_set_color(rows->scols->line_get_cell(line, column), color)
		     : 0;
}

/*
 * A number that stands in for a name is never cut: it would be another number. A column is never
 * narrower than its heading.
 */
static int keep_whole(const struct rows *rows, size_t column, const char *number)
{
	const struct smartcols *scols = rows->scols;
	struct libscols_cell *heading =
		scols->column_get_header(scols->table_get_column(rows->table, column));
	const char *text = scols->cell_get_data(heading);
	char padded[64];

	if (strlen(text) >= strlen(number))
		return 0;
	snprintf(padded, sizeof(padded), "%-*s", (int)strlen(number), text);
	return scols->cell_set_data(heading, padded);
}

static bool is_stood_in_for(const struct table_layout *layout, size_t field, const void *record)
{
	struct value_scratch scratch;

	return layout->fields->fields[field].fallback &&
	       !field_value(layout->fields, field, record, &scratch).is_present;
}

bool table_add_cell(struct buffer *buffer, const struct table_layout *layout, size_t column,
		    const void *record, const struct style *style)
{
	size_t field = layout->columns[column];

	if (layout->add_cell && layout->add_cell(buffer, record, field, style, layout->context))
		return true;
	style_add_field(buffer, layout->fields, field, record, style);
	return false;
}

static int add_cell(struct rows *rows, struct libscols_line *line, size_t column,
		    const void *record)
{
	const struct table_layout *layout = rows->layout;
	size_t field = layout->columns[column];
	const char *text;
	bool is_own;
	int r;

	rows->text.length = 0;
	is_own = table_add_cell(&rows->text, layout, column, record, rows->style);
	text = buffer_string(&rows->text);
	r = text ? rows->scols->line_set_data(line, column, text) : rows->text.error;
	if (r == 0 && rows->style->is_terminal && is_stood_in_for(layout, field, record))
		r = keep_whole(rows, column, text);
	if (r == 0 && rows->style->has_color && !is_own)
		r = set_color(rows, line, column, record);
	return r;
}

static int add_row(struct rows *rows, const void *record)
{
	struct libscols_line *line = rows->scols->table_new_line(rows->table, NULL);

	if (!line)
		return -ENOMEM;
	for (size_t i = 0; i < rows->layout->count; i++) {
		int r = add_cell(rows, line, i, record);

		if (r < 0)
			return r;
	}
	return 0;
}

static void set_up(const struct rows *rows, FILE *stream)
{
	const struct smartcols *scols = rows->scols;
	const struct style *style = rows->style;

	scols->table_set_stream(rows->table, stream);
	scols->table_enable_noheadings(rows->table, !style->has_heading);
	scols->table_enable_colors(rows->table, style->has_color);
	scols->table_set_termforce(rows->table, style->is_terminal ? SCOLS_TERMFORCE_AUTO
								   : SCOLS_TERMFORCE_NEVER);
	if (rows->layout->indent)
		scols->table_reduce_termwidth(rows->table, strlen(rows->layout->indent));
	/* Everything is escaped already, and a second time would double the backslashes. */
	scols->table_enable_noencoding(rows->table, 1);
}

/* The lines of the table, each behind the indent. */
static int print_indented(const struct rows *rows, FILE *stream)
{
	_cleanup_free_ char *text = NULL;
	int r = rows->scols->print_table_to_string(rows->table, &text);

	if (r < 0)
		return r;
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		if (*line && fprintf(stream, "%s%s\n", rows->layout->indent, line) < 0)
			return -errno;
	return 0;
}

/* Rows of what was made text already. */
static int add_made(const struct rows *rows, struct cells *cells)
{
	const char *cell = cells_next(cells);

	while (cell) {
		struct libscols_line *line = rows->scols->table_new_line(rows->table, NULL);

		if (!line)
			return -ENOMEM;
		for (size_t i = 0; i < cells->columns; i++) {
			int r = rows->scols->line_set_data(line, i, cell);

			if (r < 0)
				return r;
			cell = cells_next(cells);
		}
	}
	return 0;
}

static int add_all(struct rows *rows, table_next *next, void *context)
{
	const void *record;
	int r = 0;

	while (r == 0 && (record = next(context)))
		r = add_row(rows, record);
	return r;
}

/* As far as that terminal is known to be too narrow. */
static int cut(const struct rows *rows)
{
	size_t columns = rows->style->is_terminal ? rows->style->columns : 0;
	size_t indent = rows->layout->indent ? strlen(rows->layout->indent) : 0;

	return columns > indent
		       ? cut_to_fit(rows->scols, rows->table, rows->layout, columns - indent)
		       : 0;
}

/* Of the cells, or where there are none, of all records. */
static int fill_and_print(struct rows *rows, struct cells *cells, table_next *next, void *context,
			  FILE *stream)
{
	int r;

	set_up(rows, stream);
	r = add_columns(rows);
	if (r == 0)
		r = cells ? add_made(rows, cells) : add_all(rows, next, context);
	if (r == 0)
		r = cut(rows);
	if (r < 0)
		return r;
	if (rows->layout->indent)
		return print_indented(rows, stream);
	return rows->scols->print_table(rows->table);
}

static int print_by_library(const struct table_layout *layout, const struct style *style,
			    struct cells *cells, table_next *next, void *context, FILE *stream)
{
	struct smartcols scols;
	struct rows rows = {.scols = &scols, .layout = layout, .style = style};
	int r = smartcols_load(&scols);

	if (r < 0)
		return r;
	rows.table = scols.new_table();
	if (!rows.table)
		return -ENOMEM;
	r = fill_and_print(&rows, cells, next, context, stream);
	buffer_deinit(&rows.text);
	scols.unref_table(rows.table);
	return r;
}

int table_print(const struct table_layout *layout, const struct style *style, table_next *next,
		void *context, FILE *stream)
{
	_cleanup_cells_ struct cells cells = {0};
	int r;

	if (style->is_terminal || style->has_color)
		return print_by_library(layout, style, NULL, next, context, stream);
	r = cells_make(layout, style, next, context, &cells);
	if (r < 0)
		return r;
	return cells_are_ascii(&cells)
		       ? cells_print(&cells, layout, style, stream)
		       : print_by_library(layout, style, &cells, next, context, stream);
}

struct array {
	const void *const *next;
	const void *const *end;
};

static const void *next_of_array(void *context)
{
	struct array *array = context;

	return array->next < array->end ? *array->next++ : NULL;
}

int table_print_array(const struct table_layout *layout, const struct style *style,
		      const void *const *records, size_t count, FILE *stream)
{
	struct array array = {records, records + count};

	return table_print(layout, style, next_of_array, &array, stream);
}

struct sequence {
	struct record_list left;
	size_t record_size;
};

static const void *next_of_sequence(void *context)
{
	struct sequence *sequence = context;
	char *record = sequence->left.items;

	if (!sequence->left.count)
		return NULL;
	sequence->left.count--;
	sequence->left.items = record + sequence->record_size;
	return record;
}

int table_print_records(const struct table_layout *layout, const struct style *style,
			struct record_list records, FILE *stream)
{
	struct sequence sequence = {records, layout->fields->record_size};

	return table_print(layout, style, next_of_sequence, &sequence, stream);
}
