/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines that are as wide as a terminal. */
#include "unit.h"

#include "cli/wrap.h"

static void assert_wrapped(const char *text, size_t column, size_t columns, const char *expected)
{
	_cleanup_buffer_ struct buffer output = {0};

	wrap_add(&output, text_of(text), column, "  ", columns);
	assert_text(buffer_text(&output), expected);
}

TEST(what_fits_is_one_line)
{
	assert_wrapped("", 0, 10, "");
	assert_wrapped("one two", 0, 7, "one two");
	assert_wrapped("one two", 3, 10, "one two");
}

TEST(what_does_not_goes_on_behind_the_indent)
{
	assert_wrapped("one two", 0, 6, "one\n  two");
	assert_wrapped("one two", 4, 10, "one\n  two");
	assert_wrapped("one two three", 0, 9, "one two\n  three");
	assert_wrapped("a b c d e f", 0, 4, "a b\n  c\n  d\n  e\n  f");
}

TEST(no_width_is_no_limit)
{
	assert_wrapped("one two three", 70, 0, "one two three");
}

TEST(a_word_that_is_too_long_stays_whole)
{
	assert_wrapped("shm:1234567890 is", 2, 8, "shm:1234567890\n  is");
	assert_wrapped("is shm:1234567890", 2, 8, "is\n  shm:1234567890");
	assert_wrapped("shm:1234567890", 20, 8, "shm:1234567890");
}

TEST(spaces_of_names_are_kept_within_a_line)
{
	assert_wrapped("a  b ", 0, 20, "a  b ");
	assert_wrapped(" a", 0, 20, " a");
	assert_wrapped("aaaa  bbbb", 0, 8, "aaaa\n  bbbb");
}

TEST(letters_count_and_not_bytes)
{
	assert_wrapped("\xc3\xa9\xc3\xa9 \xc3\xa9", 0, 4, "\xc3\xa9\xc3\xa9 \xc3\xa9");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_one_line),
		cmocka_unit_test(what_does_not_goes_on_behind_the_indent),
		cmocka_unit_test(no_width_is_no_limit),
		cmocka_unit_test(a_word_that_is_too_long_stays_whole),
		cmocka_unit_test(spaces_of_names_are_kept_within_a_line),
		cmocka_unit_test(letters_count_and_not_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
