/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/wrap.h"

#define COLUMNS 78

static size_t columns_of(struct text word)
{
	size_t columns = 0;

	for (size_t i = 0; i < word.length; i++)
		columns += ((unsigned char)word.bytes[i] & 0xc0) != 0x80;
	return columns;
}

/* How many bytes there are from the start up to the next space, or as many spaces. */
static size_t run_length(struct text text, bool is_of_spaces)
{
	size_t length = 0;

	while (length < text.length && (text.bytes[length] == ' ') == is_of_spaces)
		length++;
	return length;
}

void wrap_add(struct buffer *output, struct text text, size_t column, const char *indent,
	      size_t columns)
{
	size_t spaces = 0;

	while (text.length) {
		struct text word = {text.bytes, run_length(text, false)};
		size_t width = columns_of(word);

		if (columns && spaces && column + spaces + width > columns) {
			buffer_add_char(output, '\n');
			buffer_add_string(output, indent);
			column = strlen(indent);
			spaces = 0;
		}
		buffer_add_repeated(output, ' ', spaces);
		buffer_add_text(output, word);
		column += spaces + width;
		text = (struct text){text.bytes + word.length, text.length - word.length};
		spaces = run_length(text, true);
		text = (struct text){text.bytes + spaces, text.length - spaces};
	}
	buffer_add_repeated(output, ' ', spaces);
}

void wrap_print(const char *text, const char *indent)
{
	_cleanup_buffer_ struct buffer output = {.sink = stdout};

	buffer_add_string(&output, indent);
	wrap_add(&output, text_of(text), strlen(indent), indent, COLUMNS);
	buffer_add_char(&output, '\n');
	/* What went wrong with standard output stays there, and is looked for at the end. */
	buffer_flush(&output);
}
