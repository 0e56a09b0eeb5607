/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "render/cells.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

void cells_deinit(struct cells *cells)
{
	buffer_deinit(&cells->text);
	vector_deinit(&cells->ends);
}

static int add_row(struct cells *cells, const struct table_layout *layout,
		   const struct style *style, const void *record)
{
	for (size_t i = 0; i < layout->count; i++) {
		size_t *end = vector_add(&cells->ends);

		if (!end)
			return -ENOMEM;
		table_add_cell(&cells->text, layout, i, record, style);
		buffer_add_char(&cells->text, '\0');
		*end = cells->text.length;
	}
	return cells->text.error;
}

int cells_make(const struct table_layout *layout, const struct style *style, table_next *next,
	       void *context, struct cells *ret_cells)
{
	const void *record;
	int r = 0;

	ret_cells->columns = layout->count;
	while (r == 0 && (record = next(context)))
		r = add_row(ret_cells, layout, style, record);
	ret_cells->at = ret_cells->text.bytes;
	ret_cells->end = ret_cells->at ? ret_cells->at + ret_cells->text.length : NULL;
	return r;
}

bool cells_are_ascii(const struct cells *cells)
{
	for (size_t i = 0; i < cells->text.length; i++)
		if ((unsigned char)cells->text.bytes[i] >= 0x80)
			return false;
	return true;
}

const char *cells_next(struct cells *cells)
{
	const char *cell = cells->at;

	if (cell == cells->end)
		return NULL;
	cells->at += strlen(cell) + 1;
	return cell;
}

/* Where the cell begins, and its length without the NUL. */
static struct text cell_at(const struct cells *cells, size_t index)
{
	size_t start = index ? cells->ends.items[index - 1] : 0;

	return (struct text){cells->text.bytes + start, cells->ends.items[index] - start - 1};
}

static const struct field *field_of(const struct table_layout *layout, size_t column)
{
	return &layout->fields->fields[layout->columns[column]];
}

/* Headings count also where they are not printed, so that the columns are the same. */
static void measure(const struct cells *cells, const struct table_layout *layout, size_t *widths)
{
	for (size_t i = 0; i < cells->columns; i++) {
		widths[i] = strlen(field_of(layout, i)->heading);
		if (layout->widths && layout->widths[i] > widths[i])
			widths[i] = layout->widths[i];
	}
	for (size_t i = 0; i < cells->ends.count; i++) {
		size_t length = cell_at(cells, i).length, *width = &widths[i % cells->columns];

		if (length > *width)
			*width = length;
	}
	for (size_t i = 0; layout->widths && i < cells->columns; i++)
		layout->widths[i] = widths[i];
}

/* What is left of the last column's width stays away. */
static void add_padded(struct buffer *output, struct text cell, size_t width, bool is_right,
		       bool is_last)
{
	size_t padding = width - cell.length;

	if (is_right)
		buffer_add_repeated(output, ' ', padding);
	buffer_add_text(output, cell);
	if (!is_last)
		buffer_add_repeated(output, ' ', is_right ? 1 : padding + 1);
}

static void add_headings(struct buffer *output, const struct table_layout *layout,
			 const size_t *widths)
{
	if (layout->indent)
		buffer_add_string(output, layout->indent);
	for (size_t i = 0; i < layout->count; i++) {
		const struct field *field = field_of(layout, i);

		add_padded(output, text_of(field->heading), widths[i],
			   table_is_right_aligned(field->type), i + 1 == layout->count);
	}
	buffer_add_char(output, '\n');
}

static void add_cells(struct buffer *output, const struct cells *cells,
		      const struct table_layout *layout, const size_t *widths)
{
	for (size_t i = 0; i < cells->ends.count; i++) {
		size_t column = i % cells->columns;
		bool is_last = column + 1 == cells->columns;

		if (!column && layout->indent)
			buffer_add_string(output, layout->indent);
		add_padded(output, cell_at(cells, i), widths[column],
			   table_is_right_aligned(field_of(layout, column)->type), is_last);
		if (is_last)
			buffer_add_char(output, '\n');
	}
}

int cells_print(const struct cells *cells, const struct table_layout *layout,
		const struct style *style, FILE *stream)
{
	_cleanup_free_ size_t *widths = calloc(layout->count + 1, sizeof(*widths));
	_cleanup_buffer_ struct buffer output = {.sink = stream};

	if (!widths)
		return -ENOMEM;
	if (!cells->ends.count)
		return 0;
	measure(cells, layout, widths);
	if (style->has_heading)
		add_headings(&output, layout, widths);
	add_cells(&output, cells, layout, widths);
	return buffer_flush(&output);
}
