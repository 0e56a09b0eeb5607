/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "base/cleanup.h"

TEST(a_buffer_grows_and_keeps_its_text)
{
	_cleanup_buffer_ struct buffer buffer = {0};

	for (int i = 0; i < 100000; i++)
		buffer_add_char(&buffer, (char)('a' + i % 26));
	assert_int_equal(buffer.error, 0);
	assert_int_equal(buffer.length, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(buffer.bytes[i], 'a' + i % 26);
}

TEST(a_piece_of_any_size_fits)
{
	static char piece[5000];

	memset(piece, 'x', sizeof(piece));
	for (size_t length = 0; length < sizeof(piece); length += 61) {
		_cleanup_buffer_ struct buffer buffer = {0};

		buffer_add(&buffer, "<", 1);
		buffer_add(&buffer, piece, length);
		buffer_add(&buffer, ">", 1);
		assert_int_equal(buffer.length, length + 2);
		assert_memory_equal(buffer.bytes + 1, piece, length);
		assert_int_equal(buffer.bytes[length + 1], '>');
	}
}

TEST(nothing_can_be_added)
{
	_cleanup_buffer_ struct buffer buffer = {0};

	buffer_add_text(&buffer, TEXT_NONE);
	buffer_add_repeated(&buffer, ' ', 0);
	assert_int_equal(buffer.error, 0);
	assert_int_equal(buffer.length, 0);
	assert_string_equal(buffer_string(&buffer), "");
}

TEST(a_string_ends_with_nul_and_can_go_on)
{
	_cleanup_buffer_ struct buffer buffer = {0};

	buffer_add_string(&buffer, "one");
	assert_string_equal(buffer_string(&buffer), "one");
	buffer_add_string(&buffer, " two");
	assert_string_equal(buffer_string(&buffer), "one two");
	assert_int_equal(buffer.length, 7);
}

TEST(formats_of_any_length_are_whole)
{
	_cleanup_buffer_ struct buffer buffer = {0};

	buffer_add_format(&buffer, "%s-%d", "a", 7);
	assert_buffer(&buffer, "a-7");
	buffer_add_format(&buffer, "%*d", 3000, 5);
	assert_int_equal(buffer.length, 3000);
	assert_int_equal(buffer.bytes[2999], '5');
}

TEST(numbers_at_their_extremes)
{
	_cleanup_buffer_ struct buffer buffer = {0};

	buffer_add_unsigned(&buffer, 0, 0);
	assert_buffer(&buffer, "0");
	buffer_add_unsigned(&buffer, UINT64_MAX, 0);
	assert_buffer(&buffer, "18446744073709551615");
	buffer_add_signed(&buffer, INT64_MIN, 0);
	assert_buffer(&buffer, "-9223372036854775808");
	buffer_add_signed(&buffer, INT64_MAX, 0);
	assert_buffer(&buffer, "9223372036854775807");
	buffer_add_signed(&buffer, -1, 0);
	assert_buffer(&buffer, "-1");
	buffer_add_signed(&buffer, 0, 0);
	assert_buffer(&buffer, "0");
}

TEST(widths_fill_but_never_cut)
{
	_cleanup_buffer_ struct buffer buffer = {0};

	buffer_add_unsigned(&buffer, 42, 5);
	assert_buffer(&buffer, "   42");
	buffer_add_unsigned(&buffer, 123456, 5);
	assert_buffer(&buffer, "123456");
	buffer_add_signed(&buffer, -42, 5);
	assert_buffer(&buffer, "  -42");
	buffer_add_left(&buffer, TEXT_LITERAL("ab"), 4);
	assert_buffer(&buffer, "ab  ");
	buffer_add_right(&buffer, TEXT_LITERAL("ab"), 4);
	assert_buffer(&buffer, "  ab");
	buffer_add_left(&buffer, TEXT_LITERAL("abcde"), 4);
	assert_buffer(&buffer, "abcde");
	buffer_add_right(&buffer, TEXT_LITERAL("abcd"), 4);
	assert_buffer(&buffer, "abcd");
}

TEST(octal_and_hexadecimal)
{
	_cleanup_buffer_ struct buffer buffer = {0};

	buffer_add_octal(&buffer, 0644, 4);
	assert_buffer(&buffer, "0644");
	buffer_add_octal(&buffer, 0, 0);
	assert_buffer(&buffer, "0");
	buffer_add_octal(&buffer, UINT64_MAX, 3);
	assert_buffer(&buffer, "1777777777777777777777");
	buffer_add_hex(&buffer, 0x4d2, 8);
	assert_buffer(&buffer, "000004d2");
	buffer_add_hex(&buffer, UINT64_MAX, 0);
	assert_buffer(&buffer, "ffffffffffffffff");
	buffer_add_hex(&buffer, 0xabcdef, 2);
	assert_buffer(&buffer, "abcdef");
	buffer_add_hex(&buffer, 1, 24);
	assert_buffer(&buffer, "000000000000000000000001");
}

TEST(an_impossible_size_is_an_error_that_sticks)
{
	_cleanup_buffer_ struct buffer buffer = {0};

	buffer_add_string(&buffer, "before");
	assert_null(buffer_reserve(&buffer, SIZE_MAX - 2));
	assert_int_equal(buffer.error, -ENOMEM);
	buffer_add_string(&buffer, "after");
	buffer_add_char(&buffer, 'x');
	buffer_add_repeated(&buffer, 'x', 3);
	buffer_add_format(&buffer, "%d", 1);
	assert_int_equal(buffer.length, 6);
	assert_null(buffer_string(&buffer));
	assert_int_equal(buffer_flush(&buffer), -ENOMEM);
}

TEST(a_sink_gets_every_byte_in_order)
{
	_cleanup_free_ char *written = NULL;
	size_t length = 0;
	FILE *sink = open_memstream(&written, &length);
	_cleanup_buffer_ struct buffer buffer = {.sink = sink};

	for (unsigned int i = 0; i < 50000; i++)
		buffer_add_unsigned(&buffer, i % 10, 4);
	assert_true(buffer.capacity < 200000);
	assert_int_equal(buffer_flush(&buffer), 0);
	assert_int_equal(buffer.length, 0);
	fclose(sink);
	assert_int_equal(length, 200000);
	for (size_t i = 0; i < 50000; i++) {
		assert_memory_equal(written + i * 4, "   ", 3);
		assert_int_equal(written[i * 4 + 3], '0' + (int)(i % 10));
	}
}

TEST(a_full_disk_is_an_error_that_sticks)
{
	_cleanup_fclose_ FILE *sink = fopen("/dev/full", "w");
	_cleanup_buffer_ struct buffer buffer = {.sink = sink};

	assert_non_null(sink);
	buffer_add_string(&buffer, "text");
	assert_int_equal(buffer.error, 0);
	assert_int_equal(buffer_flush(&buffer), -ENOSPC);
	buffer_add_string(&buffer, "more");
	assert_int_equal(buffer.length, 0);
	assert_int_equal(buffer_flush(&buffer), -ENOSPC);
}

TEST(a_full_disk_is_noticed_before_the_end)
{
	_cleanup_fclose_ FILE *sink = fopen("/dev/full", "w");
	_cleanup_buffer_ struct buffer buffer = {.sink = sink};

	assert_non_null(sink);
	for (int i = 0; i < 1000; i++)
		buffer_add_repeated(&buffer, 'x', 1000);
	assert_int_equal(buffer.error, -ENOSPC);
	assert_true(buffer.capacity < 500000);
}

TEST(texts_are_equal_byte_by_byte)
{
	assert_true(text_equals(TEXT_NONE, TEXT_LITERAL("")));
	assert_true(text_equals(text_of(NULL), TEXT_NONE));
	assert_true(text_equals(TEXT_LITERAL("a\0b"), TEXT_LITERAL("a\0b")));
	assert_false(text_equals(TEXT_LITERAL("a\0b"), TEXT_LITERAL("a\0c")));
	assert_false(text_equals(TEXT_LITERAL("ab"), TEXT_LITERAL("abc")));
}

TEST(parts_are_taken_off_one_after_the_other)
{
	struct text text = TEXT_LITERAL("a::bc:"), none = TEXT_NONE;

	assert_text(text_take_part(&text, ':'), "a");
	assert_text(text_take_part(&text, ':'), "");
	assert_text(text_take_part(&text, ':'), "bc");
	assert_int_equal(text.length, 0);
	assert_int_equal(text_take_part(&text, ':').length, 0);
	text = TEXT_LITERAL("whole");
	assert_text(text_take_part(&text, ':'), "whole");
	assert_int_equal(text.length, 0);
	assert_int_equal(text_take_part(&none, ':').length, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_taken_off_one_after_the_other),
		cmocka_unit_test(a_buffer_grows_and_keeps_its_text),
		cmocka_unit_test(a_piece_of_any_size_fits),
		cmocka_unit_test(nothing_can_be_added),
		cmocka_unit_test(a_string_ends_with_nul_and_can_go_on),
		cmocka_unit_test(formats_of_any_length_are_whole),
		cmocka_unit_test(numbers_at_their_extremes),
		cmocka_unit_test(widths_fill_but_never_cut),
		cmocka_unit_test(octal_and_hexadecimal),
		cmocka_unit_test(an_impossible_size_is_an_error_that_sticks),
		cmocka_unit_test(a_sink_gets_every_byte_in_order),
		cmocka_unit_test(a_full_disk_is_an_error_that_sticks),
		cmocka_unit_test(a_full_disk_is_noticed_before_the_end),
		cmocka_unit_test(texts_are_equal_byte_by_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
