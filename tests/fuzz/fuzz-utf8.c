/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Escaped text is valid, harmless, bounded, and tells the original. */
#include "fuzz.h"

#include "base/utf8.h"

static unsigned int hex_value(char digit)
{
	REQUIRE((digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f'));
	return (unsigned int)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* Undoes the escapes. */
static void unescape(struct text text, struct buffer *original)
{
	for (size_t i = 0; i < text.length; i++) {
		if (text.bytes[i] != '\\') {
			buffer_add_char(original, text.bytes[i]);
			continue;
		}
		REQUIRE(++i < text.length);
		if (text.bytes[i] == '\\') {
			buffer_add_char(original, '\\');
			continue;
		}
		REQUIRE(text.bytes[i] == 'x' && i + 2 < text.length);
		buffer_add_char(original, (char)(hex_value(text.bytes[i + 1]) << 4 |
						 hex_value(text.bytes[i + 2])));
		i += 2;
	}
}

static void check_escaped(struct text escaped, struct text input)
{
	_cleanup_buffer_ struct buffer original = {0};

	REQUIRE(utf8_is_valid(escaped));
	REQUIRE(escaped.length <= 4 * input.length);
	unescape(escaped, &original);
	REQUIRE(text_equals(buffer_text(&original), input));
}

static void check_harmless(struct text text)
{
	while (text.length) {
		uint32_t code_point;
		size_t length = utf8_sequence(text, &code_point);

		REQUIRE(length && length <= text.length);
		REQUIRE(code_point >= 0x20 && !(code_point >= 0x7f && code_point < 0xa0));
		REQUIRE(!(code_point >= 0x2028 && code_point <= 0x202e));
		REQUIRE(!(code_point >= 0x2066 && code_point <= 0x2069));
		text = (struct text){text.bytes + length, text.length - length};
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_buffer_ struct buffer terminal = {0}, escaped = {0};
	struct text input = fuzz_input(data, size);

	utf8_add_for_terminal(&terminal, input);
	check_escaped(buffer_text(&terminal), input);
	check_harmless(buffer_text(&terminal));
	utf8_add_escaped(&escaped, input);
	check_escaped(buffer_text(&escaped), input);
	REQUIRE(escaped.length <= terminal.length);
	return 0;
}
