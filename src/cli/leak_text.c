/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/leak_text.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "model/kind.h"
#include "render/sparkline.h"

/* So many numbers are printed one by one, and so many bars at most. */
#define NUMBERS_MAX 8
#define BARS_MAX 60

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

static void add_headline(struct buffer *output, const struct leak *leak, const struct style *style)
{
	if (style->has_color)
		buffer_add_string(output, "\x1b[1;33m");
	style_add_field(output, &leak_fields, LEAK_WHAT, leak, style);
	if (style->has_color)
		buffer_add_string(output, "\x1b[0m");
	buffer_add_string(output, " (");
	style_add_field(output, &leak_fields, LEAK_CERTAINTY, leak, style);
	buffer_add_string(output, "): ");
	add_what(output, leak, style);
	if (record_has(&leak->record, LEAK_PER_HOUR)) {
		buffer_add_string(output, ", ");
		if (leak->what == LEAK_BYTES)
			style_add_size(output, leak->per_hour / 1000, style);
		else
			style_add_field(output, &leak_fields, LEAK_PER_HOUR, leak, style);
		buffer_add_string(output, " an hour");
	}
	buffer_add_char(output, '\n');
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
	buffer_add_string(output, "  ");
	for (size_t i = 0; i < count; i++) {
		if (count > NUMBERS_MAX && i)
			break;
		add_amount(output, leak, numbers[i], style);
		buffer_add_char(output, ' ');
	}
	sparkline_add(output, numbers, count, BARS_MAX);
	if (count > NUMBERS_MAX) {
		buffer_add_char(output, ' ');
		add_amount(output, leak, numbers[count - 1], style);
	}
	buffer_add_char(output, '\n');
}

/* What the objects have in common beside that by which they were put together. */
static void add_words(struct buffer *output, const struct leak *leak)
{
	static const char *const names[] = {"command ", "unit ", "keys or names ", "user "};
	bool is_first = true;

	for (enum leak_by by = 0; by < LEAK_BY_COUNT; by++) {
		if (leak->by == by || !record_has(&leak->record, leak_field_of(by)))
			continue;
		buffer_add_string(output, is_first ? "  " : ", ");
		is_first = false;
		buffer_add_string(output, names[by]);
		utf8_add_for_terminal(output, leak->words[by]);
	}
	if (!is_first)
		buffer_add_char(output, '\n');
}

static void add_limit(struct buffer *output, const struct leak *leak, const struct style *style)
{
	if (!record_has(&leak->record, LEAK_LIMIT))
		return;
	buffer_add_string(output, "  ");
	buffer_add_text(output, leak->limit);
	buffer_add_format(output, ": %llu of %llu used (", (unsigned long long)leak->limit_used,
			  (unsigned long long)leak->limit_value);
	buffer_add_text(output, leak->sysctl);
	buffer_add_string(output, "); ");
	if (leak->limit_used >= leak->limit_value) {
		buffer_add_string(output, "it is hit");
	} else if (record_has(&leak->record, LEAK_HITS_LIMIT_AT)) {
		buffer_add_string(output, "at this rate it is hit ");
		style_add_field(output, &leak_fields, LEAK_HITS_LIMIT_AT, leak, style);
	} else {
		buffer_add_string(output, "at this rate it is not hit within a hundred years");
	}
	buffer_add_char(output, '\n');
}

void leak_add_text(struct buffer *output, const struct leak *leak, const struct style *style)
{
	const struct text *evidence = leak->evidence.items;

	add_headline(output, leak, style);
	add_course(output, leak, style);
	add_words(output, leak);
	for (size_t i = 0; i < leak->evidence.count; i++) {
		buffer_add_string(output, "  ");
		utf8_add_for_terminal(output, evidence[i]);
		buffer_add_char(output, '\n');
	}
	add_limit(output, leak, style);
	buffer_add_char(output, '\n');
}
