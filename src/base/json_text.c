/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json_text.h"

#include <errno.h>

#include "base/utf8.h"

static const char hex_digits[] = "0123456789abcdef";

/* What would act on a terminal, or change the direction of what stands behind it. */
static bool is_control(uint32_t code_point)
{
	return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0) ||
	       code_point == 0x200e || code_point == 0x200f ||
	       (code_point >= 0x2028 && code_point <= 0x202e) ||
	       (code_point >= 0x2066 && code_point <= 0x2069);
}

/* Most bytes of nearly all texts. */
static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

/*
 * How many bytes at the start of the text have to be escaped, 0 if none. Only two first bytes of
 * longer sequences lead to a control character, so that most text is passed over byte by byte.
 */
static size_t escape_length(struct text text, uint32_t *ret_code_point)
{
	unsigned char first = (unsigned char)text.bytes[0];
	size_t length = 1;

	*ret_code_point = first;
	if (first == 0xc2 || first == 0xe2)
		length = utf8_sequence(text, ret_code_point);
	else if (first >= 0x80)
		return 0;
	if (first == '"' || first == '\\')
		return 1;
	return length && is_control(*ret_code_point) ? length : 0;
}

static void add_escape(struct buffer *buffer, uint32_t code_point)
{
	switch (code_point) {
	case '"':
	case '\\':
		buffer_add_char(buffer, '\\');
		buffer_add_char(buffer, (char)code_point);
		break;
	case '\n':
		buffer_add_string(buffer, "\\n");
		break;
	case '\t':
		buffer_add_string(buffer, "\\t");
		break;
	default:
		buffer_add_string(buffer, "\\u");
		buffer_add_hex(buffer, code_point, 4);
		break;
	}
}

void json_add_string(struct buffer *buffer, struct text text)
{
	size_t start = 0, i = 0;

	buffer_add_char(buffer, '"');
	while (i < text.length) {
		uint32_t code_point;
		size_t length = 0;

		if (!is_plain((unsigned char)text.bytes[i]))
			length = escape_length((struct text){text.bytes + i, text.length - i},
					       &code_point);
		if (!length) {
			i++;
			continue;
		}
		buffer_add(buffer, text.bytes + start, i - start);
		add_escape(buffer, code_point);
		i += length;
		start = i;
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
