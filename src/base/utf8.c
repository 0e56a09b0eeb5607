/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/utf8.h"

#include <langinfo.h>

size_t utf8_sequence(struct text text, uint32_t *ret_code_point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *bytes = (const unsigned char *)text.bytes;
	uint32_t code_point;
	size_t length;

	if (!text.length)
		return 0;
	if (bytes[0] < 0x80) {
		*ret_code_point = bytes[0];
		return 1;
	}
	length = bytes[0] >= 0xf0 && bytes[0] < 0xf5   ? 4
		 : bytes[0] >= 0xe0 && bytes[0] < 0xf0 ? 3
		 : bytes[0] >= 0xc2 && bytes[0] < 0xe0 ? 2
						       : 0;
	if (!length || text.length < length)
		return 0;
	code_point = bytes[0] & (0xffU >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		code_point = code_point << 6 | (bytes[i] & 0x3f);
	}
	if (code_point < least[length] || code_point > 0x10ffff ||
	    (code_point >= 0xd800 && code_point <= 0xdfff))
		return 0;
	*ret_code_point = code_point;
	return length;
}

bool utf8_is_valid(struct text text)
{
	while (text.length) {
		uint32_t code_point;
		size_t length = utf8_sequence(text, &code_point);

		if (!length)
			return false;
		text = (struct text){text.bytes + length, text.length - length};
	}
	return true;
}

static bool is_harmless(uint32_t code_point)
{
	if (code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0))
		return false;
	/* Direction marks, overrides and isolates; line and paragraph separators; byte order. */
	if ((code_point >= 0x200b && code_point <= 0x200f) ||
	    (code_point >= 0x2028 && code_point <= 0x202e) ||
	    (code_point >= 0x2066 && code_point <= 0x2069) || code_point == 0xfeff ||
	    code_point == 0x061c)
		return false;
	return true;
}

static bool is_ascii_and_harmless(uint32_t code_point)
{
	return code_point < 0x80 && is_harmless(code_point);
}

static bool every_one_is_harmless(uint32_t code_point)
{
	(void)code_point;
	return true;
}

/* The length of what stands at the start and stays as it is in any case: nearly every text is that.
 */
static size_t plain_length(struct text text)
{
	size_t length = 0;

	while (length < text.length && text.bytes[length] >= ' ' && text.bytes[length] < 0x7f &&
	       text.bytes[length] != '\\')
		length++;
	return length;
}

static void add_escaped(struct buffer *buffer, struct text text, bool (*is_kept)(uint32_t))
{
	size_t plain = plain_length(text);

	buffer_add(buffer, text.bytes, plain);
	/* Without any bytes there is nothing to point behind. */
	if (plain)
		text = (struct text){text.bytes + plain, text.length - plain};
	while (text.length) {
		uint32_t code_point;
		size_t length = utf8_sequence(text, &code_point);

		if (!length || !is_kept(code_point)) {
			length = length ? length : 1;
			for (size_t i = 0; i < length; i++) {
				buffer_add_string(buffer, "\\x");
				buffer_add_hex(buffer, (unsigned char)text.bytes[i], 2);
			}
		} else if (code_point == '\\') {
			buffer_add_string(buffer, "\\\\");
		} else {
			buffer_add(buffer, text.bytes, length);
		}
		text = (struct text){text.bytes + length, text.length - length};
	}
}

void utf8_add_for_terminal(struct buffer *buffer, struct text text)
{
	bool is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

	add_escaped(buffer, text, is_utf8 ? is_harmless : is_ascii_and_harmless);
}

void utf8_add_escaped(struct buffer *buffer, struct text text)
{
	add_escaped(buffer, text, every_one_is_harmless);
}
