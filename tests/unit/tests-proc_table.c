/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collect/collector.h"
#include "tree.h"

static const struct proc_column columns[] = {
	{"key", false, INT32_MIN, INT32_MAX},
	{"perms", true, 0, UINT32_MAX},
	{"size", false, 0, UINT64_MAX},
	{"extra", false, 0, UINT64_MAX},
};

/* Two columns that each kernel has, two that newer ones add. */
static const struct proc_table_layout layout = {columns, 2, 4};

static int parse_header(const char *line, size_t *ret_columns)
{
	return proc_table_parse_header(&layout, text_of(line), ret_columns);
}

TEST(a_header_tells_how_many_columns_there_are)
{
	size_t count;

	assert_int_equal(parse_header("key perms", &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(parse_header("  key\t perms size  ", &count), 0);
	assert_int_equal(count, 3);
	assert_int_equal(parse_header("key perms size extra later and more", &count), 0);
	assert_int_equal(count, 7);
}

TEST(another_header_is_refused)
{
	static const char *const lines[] = {"",		 "   ",		"key",
					    "perms key", "key perm",	"key permss",
					    "Key perms", "key perms\r", "key perms siz",
					    "1 2",	 "key,perms",	"key perms extra size"};
	size_t count = 42;

	for (size_t i = 0; i < ARRAY_LENGTH(lines); i++)
		if (parse_header(lines[i], &count) != -EINVAL)
			fail_msg("\"%s\" is taken for a header", lines[i]);
	assert_int_equal(proc_table_parse_header(&layout, TEXT_LITERAL("key\0 perms"), &count),
			 -EINVAL);
	assert_int_equal(count, 42);
}

static int parse_row(size_t count, const char *line, struct proc_row *ret_row)
{
	return proc_table_parse_row(&layout, count, text_of(line), ret_row);
}

TEST(a_row_has_its_numbers)
{
	struct proc_row row;

	assert_int_equal(parse_row(4, " -94481758  1644 18446744073709551615 0", &row), 0);
	assert_int_equal(row.count, 4);
	assert_true((int64_t)row.values[0] == -94481758);
	assert_int_equal(row.values[1], 01644);
	assert_true(row.values[2] == UINT64_MAX);
	assert_int_equal(row.values[3], 0);
}

TEST(columns_that_later_kernels_add_are_passed_over)
{
	struct proc_row row;

	assert_int_equal(parse_row(6, "1 2 3 4 -5 18446744073709551615", &row), 0);
	assert_int_equal(row.count, 4);
	assert_int_equal(row.values[3], 4);
	assert_int_equal(parse_row(6, "1 2 3 4 5", &row), -EINVAL);
	assert_int_equal(parse_row(6, "1 2 3 4 5 x", &row), -EINVAL);
	assert_int_equal(parse_row(6, "1 2 3 4 5-6", &row), -EINVAL);
	assert_int_equal(parse_row(6, "1 2 3 4 5 18446744073709551616", &row), -EINVAL);
}

TEST(columns_that_an_older_kernel_lacks_are_not_there)
{
	struct proc_row row;

	assert_int_equal(parse_row(2, "7 0", &row), 0);
	assert_int_equal(row.count, 2);
	assert_int_equal(parse_row(3, "7 0 1", &row), 0);
	assert_int_equal(row.count, 3);
}

TEST(numbers_at_the_edges_of_their_range)
{
	struct proc_row row;

	assert_int_equal(parse_row(2, "2147483647 37777777777", &row), 0);
	assert_int_equal(row.values[0], INT32_MAX);
	assert_int_equal(row.values[1], UINT32_MAX);
	assert_int_equal(parse_row(2, "-2147483648 0", &row), 0);
	assert_true((int64_t)row.values[0] == INT32_MIN);
	assert_int_equal(parse_row(2, "00000000000000000000000000000007 0", &row), 0);
	assert_int_equal(row.values[0], 7);
}

TEST(every_other_line_is_refused)
{
	static const char *const lines[] = {
		"",
		"   ",
		"1",
		"1 2",
		"1 2 3 4",
		"1 2 3 4 5",
		"x 2 3",
		"1 x 3",
		"1 2 x",
		"1 2 3x",
		"1 8 3",
		"1 18",
		"1 1 8-",
		"1 -2 3",
		"1 2 -3",
		"1 2 -0",
		"- 2 3",
		"-- 2 3",
		"--1 2 3",
		"+1 2 3",
		"1 2 +3",
		"1, 2 3",
		"1 2 3\r",
		"1 0x2 3",
		"1 2 3.0",
		"2147483648 2 3",
		"-2147483649 2 3",
		"4294967296 2 3",
		"-4294967296 2 3",
		"1 40000000000 3",
		"1 2 18446744073709551616",
		"1 2 99999999999999999999",
		"1 2 184467440737095516150",
		"1 2 100000000000000000000000000000000",
		"-18446744073709551615 2 3",
		"-18446744073709551616 2 3",
	};

	for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
		struct proc_row row;

		if (parse_row(3, lines[i], &row) != -EINVAL)
			fail_msg("\"%s\" is taken for a row", lines[i]);
	}
}

TEST(nul_bytes_are_no_blanks)
{
	struct proc_row row;

	assert_int_equal(proc_table_parse_row(&layout, 2, TEXT_LITERAL("1\0 2"), &row), -EINVAL);
	assert_int_equal(proc_table_parse_row(&layout, 2, TEXT_LITERAL("1 2\0"), &row), -EINVAL);
	assert_int_equal(proc_table_parse_row(&layout, 2, TEXT_LITERAL("\0"), &row), -EINVAL);
}

/* The sizes that were handed over, in their order. */
struct gathered {
	uint64_t sizes[64];
	size_t count;
	int result; /* of the handler */
};

static int gather(const struct proc_row *row, void *context)
{
	struct gathered *gathered = context;

	if (gathered->result)
		return gathered->result;
	assert_true(gathered->count < ARRAY_LENGTH(gathered->sizes));
	gathered->sizes[gathered->count++] = row->values[2];
	return 0;
}

static struct proc_table_parser parser_for(struct gathered *gathered)
{
	return (struct proc_table_parser){
		.layout = &layout, .handler = gather, .context = gathered};
}

/* As a reader with a buffer would: in pieces, what is left over goes in front of the next. */
static void parse_in_pieces(struct proc_table_parser *parser, struct text text, size_t first)
{
	_cleanup_buffer_ struct buffer rest = {0};
	size_t used;

	buffer_add(&rest, text.bytes, first);
	assert_int_equal(proc_table_parse(parser, buffer_text(&rest), &used), 0);
	memmove(rest.bytes, rest.bytes + used, rest.length - used);
	rest.length -= used;
	buffer_add(&rest, text.bytes + first, text.length - first);
	assert_int_equal(proc_table_parse(parser, buffer_text(&rest), &used), 0);
	proc_table_finish(parser, rest.length - used);
}

#define TABLE "  key perms size\n   1     644   10\n  -2    1000   20\n   3       0   30\n"

TEST(a_split_at_any_place_changes_nothing)
{
	const struct text text = TEXT_LITERAL(TABLE);

	for (size_t first = 1; first <= text.length; first++) {
		struct gathered gathered = {0};
		struct proc_table_parser parser = parser_for(&gathered);

		parse_in_pieces(&parser, text, first);
		assert_int_equal(gathered.count, 3);
		assert_int_equal(gathered.sizes[2], 30);
		assert_int_equal(parser.lines, 4);
		assert_int_equal(parser.malformed, 0);
	}
}

/* A number that was cut is never taken for a number: what is handed over is a prefix of the truth.
 */
TEST(a_cut_at_any_byte_is_noticed)
{
	const struct text text = TEXT_LITERAL(TABLE);

	for (size_t length = 1; length < text.length; length++) {
		struct gathered gathered = {0};
		struct proc_table_parser parser = parser_for(&gathered);
		struct text cut = {text.bytes, length};
		bool is_at_line_end = text.bytes[length - 1] == '\n';

		parse_in_pieces(&parser, cut, length);
		for (size_t i = 0; i < gathered.count; i++)
			assert_int_equal(gathered.sizes[i], (i + 1) * 10);
		assert_true(gathered.count < 3);
		assert_int_equal(parser.malformed, !is_at_line_end);
		if (!is_at_line_end)
			assert_int_equal(parser.first_malformed, parser.lines);
	}
}

static void parse_whole(struct proc_table_parser *parser, const char *string)
{
	parse_in_pieces(parser, text_of(string), strlen(string));
}

TEST(malformed_lines_are_counted_and_the_others_read)
{
	struct gathered gathered = {0};
	struct proc_table_parser parser = parser_for(&gathered);

	parse_whole(&parser, "key perms size\n1 0 10\n\n2 9 20\n3 0 30\r\n4 0 40\n");
	assert_int_equal(gathered.count, 2);
	assert_int_equal(gathered.sizes[1], 40);
	assert_int_equal(parser.lines, 6);
	assert_int_equal(parser.malformed, 3);
	assert_int_equal(parser.first_malformed, 3);
}

TEST(without_its_names_a_table_is_not_read)
{
	struct gathered gathered = {0};
	struct proc_table_parser parser = parser_for(&gathered);

	parse_whole(&parser, "1 0 10\n2 0 20\n");
	assert_int_equal(gathered.count, 0);
	assert_int_equal(parser.columns, 0);
	assert_int_equal(parser.malformed, 1);
	assert_int_equal(parser.first_malformed, 1);
}

TEST(rows_that_the_handler_refuses_are_malformed)
{
	struct gathered gathered = {.result = -EINVAL};
	struct proc_table_parser parser = parser_for(&gathered);

	parse_whole(&parser, TABLE);
	assert_int_equal(parser.malformed, 3);
	assert_int_equal(parser.first_malformed, 2);
}

TEST(what_is_fatal_ends_the_parsing)
{
	struct gathered gathered = {.result = -ENOMEM};
	struct proc_table_parser parser = parser_for(&gathered);
	size_t used = 42;

	assert_int_equal(proc_table_parse(&parser, TEXT_LITERAL(TABLE), &used), -ENOMEM);
	assert_int_equal(parser.lines, 2);
	assert_int_equal(used, 42);
}

/* Fills line with a row of exactly that length, padded with blanks. */
static void make_line(struct buffer *buffer, size_t length, const char *numbers)
{
	buffer_add_repeated(buffer, ' ', length - strlen(numbers));
	buffer_add_string(buffer, numbers);
	buffer_add_char(buffer, '\n');
}

/* Through a real file: the reader's own pieces. */
static void read_file(struct proc_table_parser *parser, struct text text)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;

	tree_init(&tree);
	tree_write_text(&tree, "table", text);
	assert_int_equal(rooted_init(&root, tree.path, NULL), 0);
	assert_int_equal(proc_table_read(parser, &root, "table"), 0);
}

TEST(a_line_may_be_long_but_not_too_long)
{
	for (size_t excess = 0; excess < 2; excess++) {
		_cleanup_buffer_ struct buffer text = {0};
		struct gathered gathered = {0};
		struct proc_table_parser parser = parser_for(&gathered);

		buffer_add_string(&text, "key perms size\n");
		make_line(&text, PROC_TABLE_LINE_MAX + excess, "1 0 10");
		buffer_add_string(&text, "2 0 20\n");
		read_file(&parser, buffer_text(&text));
		assert_int_equal(gathered.count, 2 - excess);
		assert_int_equal(gathered.sizes[1 - excess], 20);
		assert_int_equal(parser.malformed, excess);
		assert_int_equal(parser.lines, 3);
	}
}

TEST(a_line_without_end_takes_no_memory_and_spoils_no_other)
{
	_cleanup_buffer_ struct buffer text = {0};
	struct gathered gathered = {0};
	struct proc_table_parser parser = parser_for(&gathered);

	buffer_add_string(&text, "key perms size\n1 0 10\n");
	for (unsigned int i = 0; i < 50000; i++)
		buffer_add_string(&text, "2 0 20 ");
	buffer_add_string(&text, "\n3 0 30\n");
	read_file(&parser, buffer_text(&text));
	assert_int_equal(gathered.count, 2);
	assert_int_equal(gathered.sizes[1], 30);
	assert_int_equal(parser.malformed, 1);
	assert_int_equal(parser.first_malformed, 3);
	assert_int_equal(parser.lines, 4);
}

TEST(a_long_line_that_never_ends_is_malformed)
{
	_cleanup_buffer_ struct buffer text = {0};
	struct gathered gathered = {0};
	struct proc_table_parser parser = parser_for(&gathered);

	buffer_add_string(&text, "key perms size\n");
	buffer_add_repeated(&text, '7', 100000);
	read_file(&parser, buffer_text(&text));
	assert_int_equal(gathered.count, 0);
	assert_int_equal(parser.lines, 2);
	assert_int_equal(parser.malformed, 1);
}

TEST(a_header_that_is_too_long_is_none)
{
	_cleanup_buffer_ struct buffer text = {0};
	struct gathered gathered = {0};
	struct proc_table_parser parser = parser_for(&gathered);

	buffer_add_string(&text, "key perms size");
	buffer_add_repeated(&text, ' ', 40000);
	buffer_add_string(&text, "\n1 0 10\n");
	read_file(&parser, buffer_text(&text));
	assert_int_equal(gathered.count, 0);
	assert_int_equal(parser.columns, 0);
	assert_int_equal(parser.malformed, 1);
}

TEST(lines_across_the_pieces_of_a_file_are_whole)
{
	_cleanup_buffer_ struct buffer text = {0};
	struct gathered gathered = {0};
	struct proc_table_parser parser = parser_for(&gathered);

	buffer_add_string(&text, "key perms size\n");
	for (unsigned int i = 0; i < 60; i++) {
		char numbers[32];

		snprintf(numbers, sizeof(numbers), "1 0 %u", i);
		make_line(&text, 997, numbers);
	}
	read_file(&parser, buffer_text(&text));
	assert_int_equal(gathered.count, 60);
	for (unsigned int i = 0; i < 60; i++)
		assert_int_equal(gathered.sizes[i], i);
	assert_int_equal(parser.malformed, 0);
}

TEST(an_empty_file_has_no_lines)
{
	struct gathered gathered = {0};
	struct proc_table_parser parser = parser_for(&gathered);

	read_file(&parser, TEXT_LITERAL(""));
	assert_int_equal(parser.lines, 0);
	assert_int_equal(parser.malformed, 0);
	assert_int_equal(parser.columns, 0);
}

static int deny(const char *path)
{
	return strcmp(path, "denied") == 0 ? EACCES : ENOSYS;
}

TEST(a_file_that_cannot_be_read_says_so)
{
	struct gathered gathered = {0};
	struct proc_table_parser parser = parser_for(&gathered);
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;

	assert_int_equal(rooted_init(&root, "/", NULL), 0);
	assert_int_equal(proc_table_read(&parser, &root, "nonexistent"), OUTCOME_GONE);
	assert_int_equal(proc_table_read(&parser, &root, "tmp"), -EISDIR);
	root.inject = deny;
	assert_int_equal(proc_table_read(&parser, &root, "denied"), OUTCOME_DENIED);
	assert_int_equal(proc_table_read(&parser, &root, "other"), OUTCOME_UNSUPPORTED);
	assert_int_equal(parser.lines, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_tells_how_many_columns_there_are),
		cmocka_unit_test(another_header_is_refused),
		cmocka_unit_test(a_row_has_its_numbers),
		cmocka_unit_test(columns_that_later_kernels_add_are_passed_over),
		cmocka_unit_test(columns_that_an_older_kernel_lacks_are_not_there),
		cmocka_unit_test(numbers_at_the_edges_of_their_range),
		cmocka_unit_test(every_other_line_is_refused),
		cmocka_unit_test(nul_bytes_are_no_blanks),
		cmocka_unit_test(a_split_at_any_place_changes_nothing),
		cmocka_unit_test(a_cut_at_any_byte_is_noticed),
		cmocka_unit_test(malformed_lines_are_counted_and_the_others_read),
		cmocka_unit_test(without_its_names_a_table_is_not_read),
		cmocka_unit_test(rows_that_the_handler_refuses_are_malformed),
		cmocka_unit_test(what_is_fatal_ends_the_parsing),
		cmocka_unit_test(a_line_may_be_long_but_not_too_long),
		cmocka_unit_test(a_line_without_end_takes_no_memory_and_spoils_no_other),
		cmocka_unit_test(a_long_line_that_never_ends_is_malformed),
		cmocka_unit_test(a_header_that_is_too_long_is_none),
		cmocka_unit_test(lines_across_the_pieces_of_a_file_are_whole),
		cmocka_unit_test(an_empty_file_has_no_lines),
		cmocka_unit_test(a_file_that_cannot_be_read_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
