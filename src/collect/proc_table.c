/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/proc_table.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"

/*
 * The kernel hands out no more than a page at a time, whatever the room; a line that was carried
 * over needs some, too. Each further page is one more that a start touches for the first time.
 */
#define CHUNK_SIZE ((size_t)2 * PROC_TABLE_LINE_MAX)

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* The next word of *line, which loses it; empty at the end. */
static struct text next_word(struct text *line)
{
	const char *end = line->bytes + line->length;
	const char *first = line->bytes;
	const char *last;

	while (first < end && is_blank(*first))
		first++;
	for (last = first; last < end && !is_blank(*last);)
		last++;
	*line = (struct text){last, (size_t)(end - last)};
	return (struct text){first, (size_t)(last - first)};
}

int proc_table_parse_header(const struct proc_table_layout *layout, struct text line,
			    size_t *ret_columns)
{
	size_t columns = 0;

	for (;;) {
		struct text word = next_word(&line);

		if (!word.length)
			break;
		if (columns < layout->known &&
		    !text_equals(word, text_of(layout->columns[columns].name)))
			return -EINVAL;
		if (columns == layout->known && layout->name &&
		    !text_equals(word, text_of(layout->name)))
			return -EINVAL;
		columns++;
	}
	if (columns < layout->required || (layout->name && columns != layout->known + 1))
		return -EINVAL;
	*ret_columns = layout->name ? layout->known : columns;
	return 0;
}

/* Reads one number at *place; on success *place is behind it. */
static int parse_number(const struct proc_column *column, const char **place, const char *end,
			uint64_t *ret_number)
{
	unsigned int base = column->is_octal ? 8 : 10;
	const char *at = *place;
	bool is_negative = at < end && *at == '-';
	const char *first = at += is_negative;
	uint64_t number = 0;

	for (; at < end && (unsigned char)(*at - '0') < base; at++) {
		/* 19 digits always fit; beyond them each step is checked. */
		if (at - first < 19)
			number = number * base + (unsigned char)(*at - '0');
		else if (__builtin_mul_overflow(number, base, &number) ||
			 __builtin_add_overflow(number, (unsigned char)(*at - '0'), &number))
			return -EINVAL;
	}
	if (at == first || (at < end && !is_blank(*at)))
		return -EINVAL;
	if (is_negative ? column->least == 0 || number > -(uint64_t)column->least
			: number > column->greatest)
		return -EINVAL;
	*ret_number = is_negative ? -number : number;
	*place = at;
	return 0;
}

int proc_table_parse_row(const struct proc_table_layout *layout, size_t columns, struct text line,
			 struct proc_row *ret_row)
{
	static const struct proc_column unknown = {.least = INT64_MIN, .greatest = UINT64_MAX};
	const char *place = line.bytes;
	const char *end = line.bytes + line.length;
	size_t count = 0;
	uint64_t number;

	for (;;) {
		const struct proc_column *column =
			count < layout->known ? &layout->columns[count] : &unknown;

		while (place < end && is_blank(*place))
			place++;
		if (place == end || (layout->name && count == columns))
			break;
		if (count >= columns || parse_number(column, &place, end, &number) < 0)
			return -EINVAL;
		if (count < layout->known)
			ret_row->values[count] = number;
		count++;
	}
	if (count != columns)
		return -EINVAL;
	ret_row->name = (struct text){place, (size_t)(end - place)};
	ret_row->count = count < layout->known ? count : layout->known;
	return 0;
}

static void count_malformed(struct proc_table_parser *parser)
{
	if (!parser->malformed++)
		parser->first_malformed = parser->lines;
}

static int parse_line(struct proc_table_parser *parser, struct text line)
{
	struct proc_row row;
	int r;

	parser->lines++;
	if (parser->is_skipping) {
		parser->is_skipping = false;
		r = -EINVAL;
	} else if (parser->lines == 1) {
		r = proc_table_parse_header(parser->layout, line, &parser->columns);
	} else if (!parser->columns) {
		/* Without its names a table is not read: said once, for the header. */
		return 0;
	} else {
		r = proc_table_parse_row(parser->layout, parser->columns, line, &row);
		if (r == 0)
			r = parser->handler(&row, parser->context);
	}
	if (r != -EINVAL)
		return r;
	count_malformed(parser);
	return 0;
}

int proc_table_parse(struct proc_table_parser *parser, struct text text, size_t *ret_used)
{
	const char *place = text.bytes;
	const char *end = text.bytes + text.length;

	while (place < end) {
		const char *newline = memchr(place, '\n', (size_t)(end - place));
		int r;

		if (!newline)
			break;
		if (newline - place > PROC_TABLE_LINE_MAX)
			parser->is_skipping = true;
		r = parse_line(parser, (struct text){place, (size_t)(newline - place)});
		if (r != 0)
			return r;
		place = newline + 1;
	}
	*ret_used = text.length - (size_t)(end - place);
	return 0;
}

void proc_table_finish(struct proc_table_parser *parser, size_t bytes_left)
{
	if (!bytes_left && !parser->is_skipping)
		return;
	parser->lines++;
	count_malformed(parser);
}

/* Parses what is in the chunk and moves the unfinished line to its front. */
static int parse_chunk(struct proc_table_parser *parser, char *chunk, size_t *length)
{
	size_t used;
	int r = proc_table_parse(parser, (struct text){chunk, *length}, &used);

	if (r != 0)
		return r;
	*length -= used;
	if (*length > PROC_TABLE_LINE_MAX) {
		/* Nothing of so long a line is kept but the fact. */
		parser->is_skipping = true;
		*length = 0;
	}
	memmove(chunk, chunk + used, *length);
	return 0;
}

int proc_table_read(struct proc_table_parser *parser, const struct rooted *root, const char *path)
{
	_cleanup_close_ int fd = -1;
	char chunk[CHUNK_SIZE];
	size_t length = 0;
	int r = rooted_open(root, path, &fd);

	while (r == 0) {
		ssize_t got = read(fd, chunk + length, sizeof(chunk) - length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return outcome_from_errno(errno) ? outcome_from_errno(errno) : -errno;
		if (got == 0) {
			proc_table_finish(parser, length);
			return 0;
		}
		length += (size_t)got;
		r = parse_chunk(parser, chunk, &length);
	}
	return r;
}
