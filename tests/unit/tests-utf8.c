/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <locale.h>

#include "base/utf8.h"

struct sequence_case {
	const char *bytes;
	size_t length; /* 0: not valid */
	uint32_t code_point;
};

static const struct sequence_case sequences[] = {
	{"a", 1, 'a'},
	{"\x7f", 1, 0x7f},
	{"\xc2\x80", 2, 0x80},
	{"\xc3\xa9x", 2, 0xe9},
	{"\xdf\xbf", 2, 0x7ff},
	{"\xe0\xa0\x80", 3, 0x800},
	{"\xed\x9f\xbf", 3, 0xd7ff},
	{"\xee\x80\x80", 3, 0xe000},
	{"\xef\xbf\xbf", 3, 0xffff},
	{"\xf0\x90\x80\x80", 4, 0x10000},
	{"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
	/* continuation bytes alone, lead bytes that never occur */
	{"\x80", 0, 0},
	{"\xbf", 0, 0},
	{"\xfe", 0, 0},
	{"\xff", 0, 0},
	{"\xf5\x80\x80\x80", 0, 0},
	/* overlong */
	{"\xc0\x80", 0, 0},
	{"\xc1\xbf", 0, 0},
	{"\xe0\x80\x80", 0, 0},
	{"\xe0\x9f\xbf", 0, 0},
	{"\xf0\x80\x80\x80", 0, 0},
	{"\xf0\x8f\xbf\xbf", 0, 0},
	/* surrogates, beyond the last code point */
	{"\xed\xa0\x80", 0, 0},
	{"\xed\xbf\xbf", 0, 0},
	{"\xf4\x90\x80\x80", 0, 0},
	/* truncated, or interrupted */
	{"\xc3", 0, 0},
	{"\xe2\x82", 0, 0},
	{"\xf0\x9f\x98", 0, 0},
	{"\xc3"
	 "a",
	 0, 0},
	{"\xe2"
	 "a\x82",
	 0, 0},
	{"\xe2\x82"
	 "a",
	 0, 0},
	{"\xf0\x9f\x98\xc3", 0, 0},
};

TEST(sequences_are_decoded_strictly)
{
	for (size_t i = 0; i < ARRAY_LENGTH(sequences); i++) {
		uint32_t code_point = 42;
		size_t length = utf8_sequence(text_of(sequences[i].bytes), &code_point);

		if (length != sequences[i].length ||
		    code_point != (length ? sequences[i].code_point : 42))
			fail_msg("case %zu: length %zu, U+%04X", i, length, code_point);
	}
}

/* The encoder is written down once more here, the simple way. */
static size_t encode(uint32_t code_point, char *bytes)
{
	if (code_point < 0x80) {
		bytes[0] = (char)code_point;
		return 1;
	}
	if (code_point < 0x800) {
		bytes[0] = (char)(0xc0 | code_point >> 6);
		bytes[1] = (char)(0x80 | (code_point & 0x3f));
		return 2;
	}
	if (code_point < 0x10000) {
		bytes[0] = (char)(0xe0 | code_point >> 12);
		bytes[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
		bytes[2] = (char)(0x80 | (code_point & 0x3f));
		return 3;
	}
	bytes[0] = (char)(0xf0 | code_point >> 18);
	bytes[1] = (char)(0x80 | (code_point >> 12 & 0x3f));
	bytes[2] = (char)(0x80 | (code_point >> 6 & 0x3f));
	bytes[3] = (char)(0x80 | (code_point & 0x3f));
	return 4;
}

TEST(every_code_point_but_surrogates_is_valid)
{
	for (uint32_t code_point = 0; code_point <= 0x110000; code_point++) {
		bool is_valid =
			code_point <= 0x10ffff && !(code_point >= 0xd800 && code_point <= 0xdfff);
		char bytes[4];
		size_t length = encode(code_point, bytes);
		uint32_t decoded = 0;
		size_t got = utf8_sequence((struct text){bytes, length}, &decoded);

		if (got != (is_valid ? length : 0) || (is_valid && decoded != code_point))
			fail_msg("U+%04X: length %zu, U+%04X", code_point, got, decoded);
		if (utf8_sequence((struct text){bytes, length - 1}, &decoded) && length > 1)
			fail_msg("U+%04X is valid without its last byte", code_point);
	}
}

TEST(a_text_is_valid_as_a_whole)
{
	assert_true(utf8_is_valid(TEXT_NONE));
	assert_true(utf8_is_valid(TEXT_LITERAL("plain")));
	assert_true(utf8_is_valid(TEXT_LITERAL("\xc3\xa9\0\xf0\x9f\x98\x80")));
	assert_false(utf8_is_valid(TEXT_LITERAL("a\xff")));
	assert_false(utf8_is_valid((struct text){"caf\xc3\xa9", 4}));
}

static void assert_for_terminal(struct text text, const char *expected)
{
	_cleanup_buffer_ struct buffer buffer = {0};

	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	utf8_add_for_terminal(&buffer, text);
	assert_buffer(&buffer, expected);
}

TEST(where_the_locale_is_not_of_utf8_only_ascii_reaches_the_terminal)
{
	_cleanup_buffer_ struct buffer buffer = {0};

	assert_non_null(setlocale(LC_CTYPE, "C"));
	utf8_add_for_terminal(&buffer, TEXT_LITERAL("sl\xc3\xa9\tep\\ \xff"));
	assert_buffer(&buffer, "sl\\xc3\\xa9\\x09ep\\\\ \\xff");
}

TEST(harmless_text_reaches_the_terminal_unchanged)
{
	assert_for_terminal(TEXT_NONE, "");
	assert_for_terminal(TEXT_LITERAL(" name-1.2 \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
			    " name-1.2 \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
}

TEST(control_sequences_do_not_reach_the_terminal)
{
	assert_for_terminal(TEXT_LITERAL("\x1b[2J"), "\\x1b[2J");
	assert_for_terminal(TEXT_LITERAL("a\nb\tc\rd\0e\x7f"), "a\\x0ab\\x09c\\x0dd\\x00e\\x7f");
	/* C1: U+009B is a control sequence introducer. */
	assert_for_terminal(TEXT_LITERAL("\xc2\x9b"
					 "2J"),
			    "\\xc2\\x9b2J");
	assert_for_terminal(TEXT_LITERAL("\xc2\x80\xc2\x9f\xc2\xa0"),
			    "\\xc2\\x80\\xc2\\x9f\xc2\xa0");
}

TEST(marks_of_direction_do_not_reach_the_terminal)
{
	static const uint32_t marks[] = {0x061c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029,
					 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066,
					 0x2067, 0x2068, 0x2069, 0xfeff};

	for (size_t i = 0; i < ARRAY_LENGTH(marks); i++) {
		_cleanup_buffer_ struct buffer buffer = {0};
		char bytes[4];

		utf8_add_for_terminal(&buffer, (struct text){bytes, encode(marks[i], bytes)});
		if (!buffer.length || buffer.bytes[0] != '\\')
			fail_msg("U+%04X is not escaped", marks[i]);
	}
}

TEST(invalid_bytes_and_backslashes_can_be_told_apart)
{
	assert_for_terminal(TEXT_LITERAL("\xff"), "\\xff");
	assert_for_terminal(TEXT_LITERAL("\\xff"), "\\\\xff");
	assert_for_terminal(TEXT_LITERAL("\xc3"
					 "a"),
			    "\\xc3a");
	assert_for_terminal(TEXT_LITERAL("\xed\xa0\x80"), "\\xed\\xa0\\x80");
	assert_for_terminal(TEXT_LITERAL("\xe2\x82"), "\\xe2\\x82");
}

TEST(escaping_keeps_what_is_valid)
{
	_cleanup_buffer_ struct buffer buffer = {0};

	utf8_add_escaped(&buffer, TEXT_LITERAL("a\n\x1b\xc2\x9b\xe2\x80\xae"));
	assert_buffer(&buffer, "a\n\x1b\xc2\x9b\xe2\x80\xae");
	utf8_add_escaped(&buffer, TEXT_LITERAL("\\\xc0\x80\xc3\xa9\xc3"));
	assert_buffer(&buffer, "\\\\\\xc0\\x80\xc3\xa9\\xc3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequences_are_decoded_strictly),
		cmocka_unit_test(every_code_point_but_surrogates_is_valid),
		cmocka_unit_test(a_text_is_valid_as_a_whole),
		cmocka_unit_test(where_the_locale_is_not_of_utf8_only_ascii_reaches_the_terminal),
		cmocka_unit_test(harmless_text_reaches_the_terminal_unchanged),
		cmocka_unit_test(control_sequences_do_not_reach_the_terminal),
		cmocka_unit_test(marks_of_direction_do_not_reach_the_terminal),
		cmocka_unit_test(invalid_bytes_and_backslashes_can_be_told_apart),
		cmocka_unit_test(escaping_keeps_what_is_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
