/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/finding_list.h"

#include "base/utf8.h"

static void add_finding(struct buffer *output, const struct finding *finding,
			const struct style *style)
{
	const struct text *evidence = finding->evidence.items;
	bool is_critical = finding->severity == FINDING_CRITICAL;

	if (style->has_color)
		buffer_add_string(output, is_critical ? "\x1b[1;31m" : "\x1b[1;33m");
	buffer_add_string(output, finding_info((enum finding_code)finding->code)->word);
	if (style->has_color)
		buffer_add_string(output, "\x1b[0m");
	buffer_add_string(output, " (");
	style_add_field(output, &finding_fields, FINDING_CERTAINTY, finding, style);
	buffer_add_string(output, "): ");
	utf8_add_for_terminal(output, finding->summary);
	buffer_add_char(output, '\n');
	for (size_t i = 0; i < finding->evidence.count; i++) {
		buffer_add_string(output, "  ");
		utf8_add_for_terminal(output, evidence[i]);
		buffer_add_char(output, '\n');
	}
	if (record_has(&finding->record, FINDING_FIX)) {
		buffer_add_string(output, "  to do: ");
		utf8_add_for_terminal(output, finding->fix);
		buffer_add_char(output, '\n');
	}
	buffer_add_char(output, '\n');
}

int finding_list_print(const struct findings *findings, const struct style *style)
{
	_cleanup_buffer_ struct buffer output = {.sink = stdout};

	vector_for_each (&findings->items, finding)
		add_finding(&output, finding, style);
	return buffer_flush(&output);
}
