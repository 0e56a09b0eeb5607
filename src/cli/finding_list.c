/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/finding_list.h"

#include "base/utf8.h"
#include "cli/wrap.h"

/* Lines that go on are set further in, so that each fact begins where one can see it. */
#define INDENT "  "
#define FURTHER "    "
#define TO_DO "to do: "

/* The columns that the code and the certainty take, in colour or not. */
static size_t add_head(struct buffer *output, const struct finding *finding,
		       const struct style *style)
{
	const char *word = finding_info((enum finding_code)finding->code)->word;
	const char *certainty = finding_fields.fields[FINDING_CERTAINTY].names[finding->certainty];

	if (style->has_color)
		buffer_add_string(output, finding->severity == FINDING_CRITICAL ? "\x1b[1;31m"
										: "\x1b[1;33m");
	buffer_add_string(output, word);
	if (style->has_color)
		buffer_add_string(output, "\x1b[0m");
	buffer_add_format(output, " (%s): ", certainty);
	return strlen(word) + strlen(" (): ") + strlen(certainty);
}

/* A line, which begins at the column, made safe for a terminal and as wide as that is. */
static void add_line(struct buffer *output, struct text text, size_t column,
		     const struct style *style)
{
	_cleanup_buffer_ struct buffer line = {0};

	utf8_add_for_terminal(&line, text);
	wrap_add(output, buffer_text(&line), column, FURTHER, style->columns);
	buffer_add_char(output, '\n');
}

/* A command is to be copied, and stays one line. */
static bool is_command(struct text fix)
{
	static const char *const starts[] = {"ipclens ", "sysctl ", "mount "};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (fix.length > strlen(starts[i]) &&
		    memcmp(fix.bytes, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

static void add_fix(struct buffer *output, const struct finding *finding, const struct style *style)
{
	struct style unbroken = *style;

	if (!record_has(&finding->record, FINDING_FIX))
		return;
	unbroken.columns = 0;
	buffer_add_string(output, INDENT TO_DO);
	add_line(output, finding->fix, strlen(INDENT TO_DO),
		 is_command(finding->fix) ? &unbroken : style);
}

static void add_finding(struct buffer *output, const struct finding *finding,
			const struct style *style)
{
	const struct text *evidence = finding->evidence.items;

	add_line(output, finding->summary, add_head(output, finding, style), style);
	for (size_t i = 0; i < finding->evidence.count; i++) {
		buffer_add_string(output, INDENT);
		add_line(output, evidence[i], strlen(INDENT), style);
	}
	add_fix(output, finding, style);
	buffer_add_char(output, '\n');
}

int finding_list_print(const struct findings *findings, const struct style *style)
{
	_cleanup_buffer_ struct buffer output = {.sink = stdout};

	vector_for_each (&findings->items, finding)
		add_finding(&output, finding, style);
	return buffer_flush(&output);
}
