/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "render/plain_table.h"

#include <errno.h>
#include <stdlib.h>

int plain_table_init(struct plain_table *table, size_t columns, size_t rows)
{
	*table = (struct plain_table){.columns = columns, .rows = rows};
	table->widths = calloc(columns, sizeof(*table->widths));
	table->lengths = calloc(columns * rows, sizeof(*table->lengths));
	return table->widths && table->lengths ? 0 : -ENOMEM;
}

void plain_table_deinit(struct plain_table *table)
{
	buffer_deinit(&table->text);
	free(table->widths);
	free(table->lengths);
}

void plain_table_widen(struct plain_table *table, size_t column, size_t width)
{
	if (table->widths[column] < width)
		table->widths[column] = width;
}

void plain_table_end_cell(struct plain_table *table)
{
	size_t length = table->text.length - table->used;

	for (size_t i = table->used; i < table->text.length; i++)
		table->is_wide |= table->text.bytes[i] & 0x80;
	plain_table_widen(table, table->cells % table->columns, length);
	table->lengths[table->cells++] = length;
	table->used = table->text.length;
}

static void add_row(const struct plain_table *table, size_t row, const char *text,
		    const bool *is_right_aligned, struct buffer *output)
{
	for (size_t i = 0; i < table->columns; i++) {
		struct text cell = {text, table->lengths[row * table->columns + i]};

		if (i)
			buffer_add_char(output, ' ');
		if (is_right_aligned[i])
			buffer_add_right(output, cell, table->widths[i]);
		else if (i + 1 < table->columns)
			buffer_add_left(output, cell, table->widths[i]);
		else
			buffer_add_text(output, cell);
		text += cell.length;
	}
	buffer_add_char(output, '\n');
}

int plain_table_print(const struct plain_table *table, const bool *is_right_aligned, FILE *stream)
{
	_cleanup_buffer_ struct buffer output = {.sink = stream};
	const char *text = table->text.bytes;

	if (table->text.error)
		return table->text.error;
	for (size_t row = 0; row < table->rows; row++) {
		add_row(table, row, text, is_right_aligned, &output);
		for (size_t i = 0; i < table->columns; i++)
			text += table->lengths[row * table->columns + i];
	}
	return buffer_flush(&output);
}
