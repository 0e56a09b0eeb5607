/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <json-c/json.h>

#include "base/json_text.h"

static void assert_string(struct text text, const char *expected)
{
	_cleanup_buffer_ struct buffer buffer = {0};

	json_add_string(&buffer, text);
	assert_buffer(&buffer, expected);
}

TEST(strings_are_quoted_and_escaped)
{
	assert_string(TEXT_NONE, "\"\"");
	assert_string(TEXT_LITERAL("plain"), "\"plain\"");
	assert_string(TEXT_LITERAL("a\"b\\c"), "\"a\\\"b\\\\c\"");
	assert_string(TEXT_LITERAL("\n\t\r\x1b\0\x1f"), "\"\\n\\t\\u000d\\u001b\\u0000\\u001f\"");
	assert_string(TEXT_LITERAL("\xc3\xa9/\x7f"), "\"\xc3\xa9/\\u007f\"");
}

/* U+0080, U+009F, U+00A0; U+200E, U+2028, U+202E, U+2066, U+2069, and their neighbours. */
TEST(characters_that_act_on_a_terminal_are_escaped)
{
	assert_string(TEXT_LITERAL("\xc2\x80\xc2\x9f\xc2\xa0"), "\"\\u0080\\u009f\xc2\xa0\"");
	assert_string(TEXT_LITERAL("\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90"),
		      "\"\xe2\x80\x8d\\u200e\\u200f\xe2\x80\x90\"");
	assert_string(TEXT_LITERAL("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xaf"),
		      "\"\xe2\x80\xa7\\u2028\\u202e\xe2\x80\xaf\"");
	assert_string(TEXT_LITERAL("\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa"),
		      "\"\xe2\x81\xa5\\u2066\\u2069\xe2\x81\xaa\"");
	/* Cut in the middle, they are no characters. */
	assert_string(TEXT_LITERAL("a\xc2"), "\"a\xc2\"");
	assert_string(TEXT_LITERAL("a\xe2\x80"), "\"a\xe2\x80\"");
}

/* Another reader has the last word. */
TEST(every_byte_below_128_is_read_back)
{
	_cleanup_buffer_ struct buffer buffer = {0};
	struct json_object *object;
	char bytes[128];

	for (int i = 0; i < 128; i++)
		bytes[i] = (char)i;
	json_add_string(&buffer, (struct text){bytes, sizeof(bytes)});
	object = json_tokener_parse(buffer_string(&buffer));
	assert_non_null(object);
	assert_int_equal(json_object_get_string_len(object), sizeof(bytes));
	assert_memory_equal(json_object_get_string(object), bytes, sizeof(bytes));
	json_object_put(object);
}

TEST(foreign_text_says_whether_it_is_itself)
{
	_cleanup_buffer_ struct buffer buffer = {0};

	assert_true(json_add_foreign_string(&buffer, TEXT_LITERAL("caf\xc3\xa9\\")));
	assert_buffer(&buffer, "\"caf\xc3\xa9\\\\\"");
	assert_false(json_add_foreign_string(&buffer, TEXT_LITERAL("caf\xe9\\")));
	assert_buffer(&buffer, "\"caf\\\\xe9\\\\\\\\\"");
}

TEST(bytes_survive_as_hexadecimal)
{
	_cleanup_buffer_ struct buffer hex = {0}, bytes = {0};
	char all[256];

	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	json_add_hex(&hex, (struct text){all, sizeof(all)});
	assert_int_equal(hex.length, 2 * 256 + 2);
	assert_int_equal(json_parse_hex((struct text){hex.bytes + 1, 512}, &bytes), 0);
	assert_int_equal(bytes.length, 256);
	assert_memory_equal(bytes.bytes, all, 256);
}

TEST(what_is_no_hexadecimal_is_refused)
{
	static const char *const texts[] = {"0",  "000", "0g",	 "g0",	 "0 ",
					    "0X", "AB",	 "0x12", "\3770"};
	_cleanup_buffer_ struct buffer bytes = {0};

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		if (json_parse_hex(text_of(texts[i]), &bytes) != -EINVAL)
			fail_msg("\"%s\" is taken for hexadecimal", texts[i]);
	assert_int_equal(json_parse_hex(TEXT_LITERAL("0\0"), &bytes), -EINVAL);
	assert_int_equal(json_parse_hex((struct text){"0011", 3}, &bytes), -EINVAL);
	assert_int_equal(json_parse_hex(TEXT_NONE, &bytes), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_quoted_and_escaped),
		cmocka_unit_test(characters_that_act_on_a_terminal_are_escaped),
		cmocka_unit_test(every_byte_below_128_is_read_back),
		cmocka_unit_test(foreign_text_says_whether_it_is_itself),
		cmocka_unit_test(bytes_survive_as_hexadecimal),
		cmocka_unit_test(what_is_no_hexadecimal_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
