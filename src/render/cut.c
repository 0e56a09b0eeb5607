/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "render/cut.h"

#include <errno.h>
#include <langinfo.h>
#include <string.h>
#include <wchar.h>

#include "base/cleanup.h"
#include "base/text.h"

struct width {
	size_t now, least;
};

/* How far the text comes in so many columns of the terminal, in bytes, and how wide that is. */
static size_t measure(const char *text, size_t room, size_t *ret_width)
{
	size_t length = 0, width = 0, left = strlen(text);
	mbstate_t state = {0};

	while (left) {
		wchar_t letter;
		size_t bytes = mbrtowc(&letter, text + length, left, &state);
		int columns;

		/* Cells are escaped for the locale: what is no letter of it is not there. */
		if (!bytes || bytes > left)
			break;
		columns = wcwidth(letter);
		if (width + (size_t)(columns > 0 ? columns : 0) > room)
			break;
		width += (size_t)(columns > 0 ? columns : 0);
		length += bytes;
		left -= bytes;
	}
	*ret_width = width;
	return length;
}

static size_t width_of(const char *text)
{
	size_t width = 0;

	if (text)
		measure(text, SIZE_MAX, &width);
	return width;
}

static const char *cell_text(const struct smartcols *scols, struct libscols_table *table,
			     size_t line, size_t column)
{
	return scols->cell_get_data(
		scols->line_get_cell(scols->table_get_line(table, line), column));
}

static struct width measure_column(const struct smartcols *scols, struct libscols_table *table,
				   size_t column)
{
	struct libscols_cell *heading =
		scols->column_get_header(scols->table_get_column(table, column));
	struct width width = {.least = width_of(scols->cell_get_data(heading))};

	width.now = width.least;
	for (size_t i = 0; i < scols->table_get_nlines(table); i++) {
		size_t own = width_of(cell_text(scols, table, i, column));

		width.now = own > width.now ? own : width.now;
	}
	return width;
}

static bool can_be_cut(const struct table_layout *layout, size_t column)
{
	return layout->fields->fields[layout->columns[column]].can_be_cut;
}

/* The widest that can still be cut; NULL where there is none. */
static struct width *find_widest(const struct table_layout *layout, struct width *widths)
{
	struct width *widest = NULL;

	for (size_t i = 0; i < layout->count; i++)
		if (can_be_cut(layout, i) && widths[i].now > widths[i].least &&
		    (!widest || widths[i].now > widest->now))
			widest = &widths[i];
	return widest;
}

static int cut_cell(const struct smartcols *scols, struct libscols_cell *cell, size_t room)
{
	bool is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	const char *text = scols->cell_get_data(cell);
	_cleanup_buffer_ struct buffer shorter = {0};
	size_t width;

	if (width_of(text) <= room)
		return 0;
	buffer_add_text(&shorter, (struct text){text, measure(text, room - 1, &width)});
	buffer_add_string(&shorter, is_utf8 ? "…" : "+");
	text = buffer_string(&shorter);
	return text ? scols->cell_set_data(cell, text) : -ENOMEM;
}

static int cut_column(const struct smartcols *scols, struct libscols_table *table, size_t column,
		      size_t room)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < scols->table_get_nlines(table); i++)
		r = cut_cell(scols, scols->line_get_cell(scols->table_get_line(table, i), column),
			     room);
	return r;
}

int cut_to_fit(const struct smartcols *scols, struct libscols_table *table,
	       const struct table_layout *layout, size_t room)
{
	_cleanup_free_ struct width *widths = calloc(layout->count, sizeof(*widths));
	size_t whole = layout->count ? layout->count - 1 : 0;
	struct width *widest;
	int r = 0;

	if (!widths)
		return -ENOMEM;
	for (size_t i = 0; i < layout->count; i++) {
		/* Others are made narrower for it by the library, in a way of its own. */
		if (layout->fields->fields[layout->columns[i]].can_be_wrapped)
			return 0;
		widths[i] = measure_column(scols, table, i);
		whole += widths[i].now;
	}
	for (; whole > room && (widest = find_widest(layout, widths)); whole--)
		widest->now--;
	for (size_t i = 0; r == 0 && i < layout->count; i++)
		if (can_be_cut(layout, i))
			r = cut_column(scols, table, i, widths[i].now);
	return r;
}
