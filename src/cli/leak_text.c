/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/leak_text.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "cli/wrap.h"
#include "model/kind.h"
#include "render/sparkline.h"

/* So many numbers are printed one by one, and so many bars at most. */
#define NUMBERS_MAX 8
#define BARS_MAX 60
/* What two numbers beside the bars may take. */
#define NUMBERS_ROOM 20
#define INDENT "  "
#define FURTHER "    "

static void add_amount(struct buffer *output, const struct leak *leak, uint64_t amount,
		       const struct style *style)
{
	if (leak->what == LEAK_BYTES)
		style_add_size(output, amount, style);
	else
		buffer_add_unsigned(output, amount, 0);
}

/* "of worker", "of user alice", "with keys 0x0105*" */
static void add_group(struct buffer *output, const struct leak *leak)
{
	if (leak->by == LEAK_BY_KEY)
		buffer_add_string(output, leak->group.bytes[0] == '/' ? " named " : " with keys ");
	else
		buffer_add_string(output, leak->by == LEAK_BY_USER   ? " of user "
					  : leak->by == LEAK_BY_UNIT ? " of unit "
								     : " of ");
	utf8_add_for_terminal(output, leak->group);
}

static void add_what(struct buffer *output, const struct leak *leak, const struct style *style)
{
	const struct kind_info *kind = kind_info((enum kind)leak->kind);
	uint64_t growth = leak->last - leak->first;

	if (leak->what == LEAK_OBJECTS) {
		buffer_add_unsigned(output, growth, 0);
		buffer_add_string(output, " more ");
		buffer_add_string(output, growth == 1 ? kind->singular : kind->plural);
		add_group(output, leak);
		return;
	}
	utf8_add_for_terminal(output, leak->object);
	buffer_add_string(output, leak->what == LEAK_QUEUE ? " has " : " is ");
	add_amount(output, leak, growth, style);
	if (leak->what == LEAK_QUEUE)
		buffer_add_string(output, growth == 1 ? " message more" : " messages more");
	else
		buffer_add_string(output, " larger");
}

static void add_rate(struct buffer *output, const struct leak *leak, const struct style *style)
{
	if (!record_has(&leak->record, LEAK_PER_HOUR))
		return;
	buffer_add_string(output, ", ");
	if (leak->what == LEAK_BYTES)
		style_add_size(output, leak->per_hour / 1000, style);
	else
		style_add_field(output, &leak_fields, LEAK_PER_HOUR, leak, style);
	buffer_add_string(output, " an hour");
}

/* Ends a line that begins at the column, and goes on further in where the terminal is narrow. */
static void add_line(struct buffer *output, const struct buffer *line, size_t column,
		     const struct style *style)
{
	wrap_add(output, buffer_text(line), column, FURTHER, style->columns);
	buffer_add_char(output, '\n');
}

static void add_headline(struct buffer *output, const struct leak *leak, const struct style *style)
{
	_cleanup_buffer_ struct buffer line = {0};
	const char *what = leak_fields.fields[LEAK_WHAT].names[leak->what];

	if (style->has_color)
		buffer_add_string(output, "\x1b[1;33m");
	buffer_add_string(output, what);
	if (style->has_color)
		buffer_add_string(output, "\x1b[0m");
	buffer_add_string(&line, " (");
	style_add_field(&line, &leak_fields, LEAK_CERTAINTY, leak, style);
	buffer_add_string(&line, "): ");
	add_what(&line, leak, style);
	add_rate(&line, leak, style);
	add_line(output, &line, strlen(what), style);
}

/* As many bars as there is room for beside the numbers. */
static size_t bars_of(const struct style *style)
{
	if (!style->columns || style->columns >= BARS_MAX + NUMBERS_ROOM)
		return BARS_MAX;
	return style->columns > NUMBERS_ROOM ? style->columns - NUMBERS_ROOM : 1;
}

/* "3 5 8 12  ▁▃▅█", or of many "3 ▁▁▂▃▄▅▆▇█ 120" */
static void add_course(struct buffer *output, const struct leak *leak, const struct style *style)
{
	const struct leak_point *points = leak->points.items;
	size_t count = leak->points.count;
	_cleanup_free_ uint64_t *numbers = calloc(count + 1, sizeof(*numbers));

	if (!numbers) {
		output->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < count; i++)
		numbers[i] = points[i].count;
	buffer_add_string(output, INDENT);
	for (size_t i = 0; i < count; i++) {
		if (count > NUMBERS_MAX && i)
			break;
		add_amount(output, leak, numbers[i], style);
		buffer_add_char(output, ' ');
	}
	sparkline_add(output, numbers, count, bars_of(style));
	if (count > NUMBERS_MAX) {
		buffer_add_char(output, ' ');
		add_amount(output, leak, numbers[count - 1], style);
	}
	buffer_add_char(output, '\n');
}

/* What the objects have in common beside that by which they were put together. */
static void add_words(struct buffer *output, const struct leak *leak, const struct style *style)
{
	static const char *const names[] = {"command ", "unit ", "keys or names ", "user "};
	_cleanup_buffer_ struct buffer line = {0};

	for (enum leak_by by = 0; by < LEAK_BY_COUNT; by++) {
		if (leak->by == by || !record_has(&leak->record, leak_field_of(by)))
			continue;
		buffer_add_string(&line, line.length ? ", " : INDENT);
		buffer_add_string(&line, names[by]);
		utf8_add_for_terminal(&line, leak->words[by]);
	}
	if (line.length)
		add_line(output, &line, 0, style);
}

static void add_limit(struct buffer *output, const struct leak *leak, const struct style *style)
{
	_cleanup_buffer_ struct buffer line = {0};

	if (!record_has(&leak->record, LEAK_LIMIT))
		return;
	buffer_add_string(&line, INDENT);
	buffer_add_text(&line, leak->limit);
	buffer_add_format(&line, ": %llu of %llu used (", (unsigned long long)leak->limit_used,
			  (unsigned long long)leak->limit_value);
	buffer_add_text(&line, leak->sysctl);
	buffer_add_string(&line, "); ");
	if (leak->limit_used >= leak->limit_value) {
		buffer_add_string(&line, "it is hit");
	} else if (record_has(&leak->record, LEAK_HITS_LIMIT_AT)) {
		buffer_add_string(&line, "at this rate it is hit ");
		style_add_field(&line, &leak_fields, LEAK_HITS_LIMIT_AT, leak, style);
	} else {
		buffer_add_string(&line, "at this rate it is not hit within a hundred years");
	}
	add_line(output, &line, 0, style);
}

static void add_fact(struct buffer *output, struct text fact, const struct style *style)
{
	_cleanup_buffer_ struct buffer line = {0};

	buffer_add_string(&line, INDENT);
	utf8_add_for_terminal(&line, fact);
	add_line(output, &line, 0, style);
}

void leak_add_text(struct buffer *output, const struct leak *leak, const struct style *style)
{
	const struct text *evidence = leak->evidence.items;

	add_headline(output, leak, style);
	add_course(output, leak, style);
	add_words(output, leak, style);
	for (size_t i = 0; i < leak->evidence.count; i++)
		add_fact(output, evidence[i], style);
	add_limit(output, leak, style);
	buffer_add_char(output, '\n');
}
