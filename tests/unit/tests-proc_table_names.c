/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables whose lines end in a name. */
#include "unit.h"

#include <errno.h>

#include "collect/proc_table.h"

static const struct proc_column columns[] = {
	{"key", false, INT32_MIN, INT32_MAX},
	{"perms", true, 0, UINT32_MAX},
};

static const struct proc_table_layout named = {columns, 2, 2, "name"};

TEST(a_table_with_names_has_exactly_their_header)
{
	static const char *const lines[] = {"key perms",      "key perms name extra",
					    "key name perms", "key perms other",
					    "key perms size", "name"};
	size_t count = 42;

	for (size_t i = 0; i < ARRAY_LENGTH(lines); i++)
		if (proc_table_parse_header(&named, text_of(lines[i]), &count) != -EINVAL)
			fail_msg("\"%s\" is taken for a header", lines[i]);
	assert_int_equal(count, 42);
	assert_int_equal(proc_table_parse_header(&named, TEXT_LITERAL(" key perms  name "), &count),
			 0);
	assert_int_equal(count, 2);
}

TEST(a_name_is_the_rest_of_its_line)
{
	static const struct {
		const char *line, *name;
	} rows[] = {
		{"1 644 /name", "/name"},
		{"  1   644   /name", "/name"},
		{"1 644 /a name with 7 blanks  ", "/a name with 7 blanks  "},
		{"1 644 8", "8"},
		{"1 644\t-", "-"},
		{"1 644 ", ""},
		{"1 644", ""},
		{"1 644 /\xff\x1b[31m", "/\xff\x1b[31m"},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct proc_row row;

		assert_int_equal(proc_table_parse_row(&named, 2, text_of(rows[i].line), &row), 0);
		assert_int_equal(row.count, 2);
		assert_int_equal(row.values[0], 1);
		assert_int_equal(row.values[1], 0644);
		assert_text(row.name, rows[i].name);
	}
}

TEST(a_name_does_not_stand_for_a_number)
{
	static const char *const lines[] = {"",		  "1",		 "1 /name",    "/name",
					    "1 644/name", "x 644 /name", "1 648 /name"};
	struct proc_row row;

	for (size_t i = 0; i < ARRAY_LENGTH(lines); i++)
		if (proc_table_parse_row(&named, 2, text_of(lines[i]), &row) != -EINVAL)
			fail_msg("\"%s\" is taken for a row", lines[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_with_names_has_exactly_their_header),
		cmocka_unit_test(a_name_is_the_rest_of_its_line),
		cmocka_unit_test(a_name_does_not_stand_for_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
