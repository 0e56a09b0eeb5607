/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "render/style.h"

#include "base/utf8.h"
#include "model/value_text.h"

static const char units[] = "KMGTPE";

void style_add_size(struct buffer *buffer, uint64_t bytes, const struct style *style)
{
	unsigned int unit = 0;
	uint64_t whole, tenths;

	if (style->is_exact || bytes < 1024) {
		buffer_add_unsigned(buffer, bytes, 0);
		return;
	}
	while (unit < sizeof(units) - 2 && bytes >> (10 * (unit + 1)) >= 1024)
		unit++;
	whole = bytes >> (10 * (unit + 1));
	/* Rounded down, so that nothing looks full before it is. */
	tenths = ((bytes >> (10 * unit)) & 1023) * 10 / 1024;
	buffer_add_unsigned(buffer, whole, 0);
	if (whole < 100 && tenths) {
		buffer_add_char(buffer, '.');
		buffer_add_unsigned(buffer, tenths, 0);
	}
	buffer_add_char(buffer, units[unit]);
}

void style_add_duration(struct buffer *buffer, uint64_t milliseconds)
{
	uint64_t seconds = milliseconds / 1000;

	if (seconds < 10)
		buffer_add_format(buffer, "%llu.%llus", (unsigned long long)seconds,
				  (unsigned long long)(milliseconds % 1000 / 100));
	else if (seconds < 120)
		buffer_add_format(buffer, "%llus", (unsigned long long)seconds);
	else if (seconds < 7200)
		buffer_add_format(buffer, "%llum", (unsigned long long)(seconds / 60));
	else if (seconds < 172800)
		buffer_add_format(buffer, "%lluh", (unsigned long long)(seconds / 3600));
	else
		buffer_add_format(buffer, "%llud", (unsigned long long)(seconds / 86400));
}

static void add_value(struct buffer *buffer, const struct field *field, const struct value *value,
		      const struct style *style)
{
	switch (value->type) {
	case VALUE_SIZE:
		style_add_size(buffer, value->number, style);
		break;
	case VALUE_TIME:
		time_add_formatted(buffer, style->time_format, value->signed_number, style->now);
		break;
	case VALUE_TEXT:
		utf8_add_for_terminal(buffer, value->text);
		break;
	case VALUE_PERCENT:
		/* A little is not nothing. */
		if (!value->number && value->is_above_zero)
			buffer_add_string(buffer, "<0.1");
		else
			value_add_plain(buffer, field, value);
		buffer_add_char(buffer, '%');
		break;
	case VALUE_BOOL:
		buffer_add_string(buffer, value->number ? "yes" : "no");
		break;
	case VALUE_FLAGS:
		if (!value->number)
			buffer_add_string(buffer, STYLE_ABSENT);
		value_add_plain(buffer, field, value);
		break;
	case VALUE_ADDRESS:
		buffer_add_string(buffer, "0x");
		buffer_add_hex(buffer, value->number, 1);
		break;
	case VALUE_DURATION:
		style_add_duration(buffer, value->number);
		break;
	case VALUE_TEXTS:
	case VALUE_RECORDS:
		buffer_add_unsigned(buffer, value->records.count, 0);
		break;
	default:
		value_add_plain(buffer, field, value);
		break;
	}
}

void style_add_field(struct buffer *buffer, const struct field_table *table, size_t field,
		     const void *record, const struct style *style)
{
	struct value_scratch scratch;
	struct value value = field_value(table, field, record, &scratch);

	if (!value.is_present && table->fields[field].fallback) {
		field = table->fields[field].fallback;
		value = field_value(table, field, record, &scratch);
	}
	if (value.is_present)
		add_value(buffer, &table->fields[field], &value, style);
	else
		buffer_add_string(buffer, value.is_hidden ? STYLE_HIDDEN : STYLE_ABSENT);
}
