/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json_text.h"

#include <errno.h>

#include "base/utf8.h"

static const char hex_digits[] = "0123456789abcdef";

static bool must_escape(char byte)
{
	return (unsigned char)byte < 0x20 || byte == '"' || byte == '\\';
}

static void add_escape(struct buffer *buffer, char byte)
{
	switch (byte) {
	case '"':
	case '\\':
		buffer_add_char(buffer, '\\');
		buffer_add_char(buffer, byte);
		break;
	case '\n':
		buffer_add_string(buffer, "\\n");
		break;
	case '\t':
		buffer_add_string(buffer, "\\t");
		break;
	default:
		buffer_add_string(buffer, "\\u00");
		buffer_add_char(buffer, hex_digits[(unsigned char)byte >> 4]);
		buffer_add_char(buffer, hex_digits[byte & 15]);
		break;
	}
}

void json_add_string(struct buffer *buffer, struct text text)
{
	size_t start = 0;

	buffer_add_char(buffer, '"');
	for (size_t i = 0; i < text.length; i++) {
		if (!must_escape(text.bytes[i]))
			continue;
		buffer_add(buffer, text.bytes + start, i - start);
		add_escape(buffer, text.bytes[i]);
		start = i + 1;
	}
	if (start < text.length)
		buffer_add(buffer, text.bytes + start, text.length - start);
	buffer_add_char(buffer, '"');
}

bool json_add_foreign_string(struct buffer *buffer, struct text text)
{
	_cleanup_buffer_ struct buffer escaped = {0};

	if (utf8_is_valid(text)) {
		json_add_string(buffer, text);
		return true;
	}
	utf8_add_escaped(&escaped, text);
	if (escaped.error && !buffer->error)
		buffer->error = escaped.error;
	json_add_string(buffer, buffer_text(&escaped));
	return false;
}

void json_add_hex(struct buffer *buffer, struct text text)
{
	buffer_add_char(buffer, '"');
	for (size_t i = 0; i < text.length; i++) {
		buffer_add_char(buffer, hex_digits[(unsigned char)text.bytes[i] >> 4]);
		buffer_add_char(buffer, hex_digits[text.bytes[i] & 15]);
	}
	buffer_add_char(buffer, '"');
}

static int hex_value(char digit)
{
	const char *place = digit ? strchr(hex_digits, digit) : NULL;

	return place ? (int)(place - hex_digits) : -EINVAL;
}

int json_parse_hex(struct text text, struct buffer *buffer)
{
	if (text.length % 2)
		return -EINVAL;
	for (size_t i = 0; i < text.length; i += 2) {
		int high = hex_value(text.bytes[i]);
		int low = hex_value(text.bytes[i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		buffer_add_char(buffer, (char)(high << 4 | low));
	}
	return buffer->error;
}
