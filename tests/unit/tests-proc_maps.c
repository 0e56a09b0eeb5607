/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of maps. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "found_maps.h"
#include "model/process.h"

static const struct mapping_filter all_shared = {.has_private = false};

static int parse(struct text line, struct found *ret_found)
{
	char room[PROC_MAPS_NAME_MAX];
	int r = proc_maps_parse_line(line, room, &ret_found->mapping);

	if (r == 0)
		memcpy(ret_found->name, room, ret_found->mapping.name.length);
	return r;
}

static struct found parse_well(const char *line)
{
	struct found found;

	if (parse(text_of(line), &found) != 0)
		fail_msg("\"%s\" is malformed", line);
	return found;
}

TEST(a_segment_is_read)
{
	const struct found found =
		parse_well("7f1c2d400000-7f1c2d500000 rw-s 00000000 00:01 98311  "
			   "                   /SYSV000004d2 (deleted)");

	assert_true(found.mapping.start == 0x7f1c2d400000);
	assert_true(found.mapping.end == 0x7f1c2d500000);
	assert_int_equal(found.mapping.access, LINK_READ | LINK_WRITE);
	assert_true(found.mapping.is_shared);
	assert_int_equal(found.mapping.device, makedev(0, 1));
	assert_int_equal(found.mapping.inode, 98311);
	assert_text(found_name(&found), "/SYSV000004d2 (deleted)");
}

TEST(every_permission_is_told)
{
	for (unsigned int bits = 0; bits < 16; bits++) {
		struct found found;
		char line[64];

		snprintf(line, sizeof(line), "1000-2000 %c%c%c%c 00000000 00:01 5 x",
			 bits & 1 ? 'r' : '-', bits & 2 ? 'w' : '-', bits & 4 ? 'x' : '-',
			 bits & 8 ? 's' : 'p');
		found = parse_well(line);
		assert_int_equal(found.mapping.access, (bits & 1 ? LINK_READ : 0U) |
							       (bits & 2 ? LINK_WRITE : 0U) |
							       (bits & 4 ? LINK_EXECUTE : 0U));
		assert_int_equal(found.mapping.is_shared, bits >> 3);
	}
}

TEST(numbers_are_whole_at_their_greatest)
{
	const struct found found =
		parse_well("fffffffffffff000-ffffffffffffffff r--s ffffffffffffffff fff:fffff "
			   "18446744073709551615 /x");

	assert_true(found.mapping.start == 0xfffffffffffff000);
	assert_true(found.mapping.end == UINT64_MAX);
	assert_int_equal(major(found.mapping.device), 0xfff);
	assert_int_equal(minor(found.mapping.device), 0xfffff);
	assert_true(found.mapping.inode == UINT64_MAX);
	assert_int_equal(parse_well("1-2 r--s 0 fd:10 5 x").mapping.device, makedev(0xfd, 0x10));
}

TEST(a_line_may_have_no_name)
{
	assert_text(found_name(&(struct found){.mapping = parse_well("1-2 r--p 0 0:0 0").mapping}),
		    "");
	assert_int_equal(parse_well("1-2 r--p 0 0:0 0 ").mapping.name.length, 0);
}

static void assert_name(const char *written, const char *expected)
{
	struct found found;
	char line[3 * PROC_MAPS_NAME_MAX];

	snprintf(line, sizeof(line), "1000-2000 r--s 0 00:01 5   %s", written);
	found = parse_well(line);
	assert_text(found_name(&found), expected);
}

TEST(names_have_their_bytes_back)
{
	assert_name("/a\\012b", "/a\nb");
	assert_name("\\012\\012", "\n\n");
	assert_name("/a b  c", "/a b  c");
	assert_name("/a\\b\\01", "/a\\b\\01");
	assert_name("/a\\019", "/a\\019");
	assert_name("/a\\", "/a\\");
	assert_name("/a\r", "/a\r");
	assert_name("/x (deleted)", "/x (deleted)");
	assert_name("/x\\012 (deleted) (deleted)", "/x\n (deleted) (deleted)");
	assert_name("[heap]", "[heap]");
	assert_name("/caf\xe9", "/caf\xe9");
}

/* The digit behind the end is not part of it. */
TEST(an_escape_that_is_cut_stands_for_itself)
{
	const struct text line = TEXT_LITERAL("1000-2000 r--s 0 00:01 5 /a\\012");
	struct found found;

	assert_int_equal(parse((struct text){line.bytes, line.length - 1}, &found), 0);
	assert_text(found_name(&found), "/a\\01");
}

TEST(of_a_long_name_the_beginning_is_told)
{
	char written[2 * PROC_MAPS_NAME_MAX], expected[PROC_MAPS_NAME_MAX + 1];

	memset(written, 'n', sizeof(written));
	memset(expected, 'n', sizeof(expected));
	expected[PROC_MAPS_NAME_MAX] = '\0';
	for (size_t length = PROC_MAPS_NAME_MAX - 1; length < sizeof(written); length++) {
		written[length] = '\0';
		assert_name(written, length < PROC_MAPS_NAME_MAX ? written : expected);
		written[length] = 'n';
	}
	/* Escapes at the bound. */
	memset(written, 'n', PROC_MAPS_NAME_MAX);
	strcpy(written + PROC_MAPS_NAME_MAX - 1, "\\012tail");
	expected[PROC_MAPS_NAME_MAX - 1] = '\n';
	assert_name(written, expected);
}

static const char *const malformed[] = {
	"",
	" ",
	"1000",
	"1000-2000",
	"1000-2000 ",
	"-2000 r--s 0 00:01 5 x",
	"1000- r--s 0 00:01 5 x",
	"2000-1000 r--s 0 00:01 5 x",
	"1000-1000 r--s 0 00:01 5 x",
	"1000 -2000 r--s 0 00:01 5 x",
	"0x1000-0x2000 r--s 0 00:01 5 x",
	"1000-10000000000000000 r--s 0 00:01 5 x",
	"1000-2000 r--s 0 00:01 18446744073709551616 x",
	"1000-2000 r--s 0 00:01 -5 x",
	"1000-2000 r--s 0 00:01 5f x",
	"1000-2000 r--s 0 00:01 5\r",
	"1000-2000 r--s 0 00:01  x",
	"1000-2000 r--s 0 100000000:01 5 x",
	"1000-2000 r--s 0 00:100000000 5 x",
	"1000-2000 r--s 0 0001 5 x",
	"1000-2000 r--s 0 g:01 5 x",
	"1000-2000 r--s g 00:01 5 x",
	"1000-2000 r--s 10000000000000000 00:01 5 x",
	"1000-2000 r-- 0 00:01 5 x",
	"1000-2000 r--ss 0 00:01 5 x",
	"1000-2000 R--s 0 00:01 5 x",
	"1000-2000 -r-s 0 00:01 5 x",
	"1000-2000 r--x 0 00:01 5 x",
	"+1000-2000 r--s 0 00:01 5 x",
};

TEST(what_is_no_line_is_refused)
{
	struct found found = {.mapping = {.inode = 77}};

	for (size_t i = 0; i < ARRAY_LENGTH(malformed); i++) {
		if (parse(text_of(malformed[i]), &found) != -EINVAL)
			fail_msg("\"%s\" is no line", malformed[i]);
		assert_int_equal(found.mapping.inode, 77);
	}
	assert_int_equal(parse(TEXT_LITERAL("1000-20\00000 r--s 0 00:01 5 x"), &found), -EINVAL);
	assert_int_equal(parse(TEXT_LITERAL("1000-2000 r--s 0 00:01 5\0x"), &found), -EINVAL);
	assert_int_equal(parse(TEXT_NONE, &found), -EINVAL);
}

/* Nothing of a line is optional but the name: it can be cut behind the inode's first digit. */
TEST(every_truncation_before_the_inode_is_noticed)
{
	const struct text line =
		TEXT_LITERAL("1000-2000 rw-s 0000 00:01 5 /SYSV00000000 (deleted)");
	size_t first_whole = strlen("1000-2000 rw-s 0000 00:01 5");
	struct found found;

	for (size_t length = 0; length < line.length; length++) {
		/* A copy of exactly this size, so that a read beyond it is seen. */
		_cleanup_free_ char *copy = malloc(length + 1);

		assert_non_null(copy);
		memcpy(copy, line.bytes, length);
		copy[length] = 'Z';
		assert_int_equal(parse((struct text){copy, length}, &found),
				 length < first_whole ? -EINVAL : 0);
	}
}

/* The text through a pipe, in pieces of this size; the result of the reader. */
struct writer {
	int fd;
	struct text text;
	size_t piece;
};

static void *write_pieces(void *argument)
{
	struct writer *writer = argument;
	size_t done = 0;

	while (done < writer->text.length) {
		size_t left = writer->text.length - done;
		ssize_t wrote = write(writer->fd, writer->text.bytes + done,
				      left < writer->piece ? left : writer->piece);

		if (wrote <= 0)
			break;
		done += (size_t)wrote;
	}
	close(writer->fd);
	return NULL;
}

static int read_text(struct text text, size_t piece, struct found_list *list)
{
	struct writer writer = {.text = text, .piece = piece};
	pthread_t thread;
	int ends[2], r;

	/* As packets, so that each read gets one piece. */
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_DIRECT), 0);
	writer.fd = ends[1];
	assert_int_equal(pthread_create(&thread, NULL, write_pieces, &writer), 0);
	r = proc_maps_read(ends[0], &all_shared, found_maps_keep, list);
	/* Whatever was not read is taken, so that the writer ends. */
	for (char rest[4096]; read(ends[0], rest, sizeof(rest)) > 0;)
		;
	pthread_join(thread, NULL);
	close(ends[0]);
	return r;
}

static int read_string(const char *string, struct found_list *list)
{
	vector_deinit(&list->items);
	return read_text(text_of(string), 4096, list);
}

#define SEGMENT_LINE "1000-2000 rw-s 0 00:01 5 /SYSV00000000 (deleted)\n"

TEST(only_shared_mappings_of_files_are_handed_out)
{
	struct found_list list = {0};

	assert_int_equal(read_string("1000-2000 rw-s 0 00:01 5 a\n"
				     "2000-3000 rw-p 0 00:01 5 b\n"
				     "3000-4000 rw-s 0 00:00 0 \n"
				     "4000-5000 ---s 0 00:05 0 c\n"
				     "5000-6000 r--s 0 00:00 6 d\n",
				     &list),
			 0);
	assert_int_equal(list.items.count, 3);
	assert_text(found_name(&list.items.items[0]), "a");
	assert_text(found_name(&list.items.items[1]), "c");
	assert_text(found_name(&list.items.items[2]), "d");
	vector_deinit(&list.items);
}

TEST(an_empty_text_is_a_process_without_memory)
{
	struct found_list list = {0};

	assert_int_equal(read_string("", &list), OUTCOME_GONE);
}

TEST(a_malformed_line_does_not_hide_the_others)
{
	struct found_list list = {0};

	assert_int_equal(read_string(SEGMENT_LINE "odd\n" SEGMENT_LINE, &list), OUTCOME_MALFORMED);
	assert_int_equal(list.items.count, 2);
	assert_int_equal(read_string("\n" SEGMENT_LINE, &list), OUTCOME_MALFORMED);
	assert_int_equal(list.items.count, 1);
	/* A line that was not finished may be cut. */
	assert_int_equal(read_string(SEGMENT_LINE "1000-2000 rw-s 0 00:01 5", &list),
			 OUTCOME_MALFORMED);
	assert_int_equal(list.items.count, 1);
	assert_int_equal(read_string("1000-2000 rw-s 0 00:01 5", &list), OUTCOME_MALFORMED);
	vector_deinit(&list.items);
}

TEST(pieces_of_any_size_tell_the_same)
{
	static const char text[] =
		SEGMENT_LINE "odd\n"
			     "2000-3000 r--p 0 00:01 5 private\n"
			     "3000-5000 r-xs 0 08:01 77 /lib\\012x\n" SEGMENT_LINE;

	for (size_t piece = 1; piece < sizeof(text); piece++) {
		struct found_list list = {0};

		assert_int_equal(read_text(text_of(text), piece, &list), OUTCOME_MALFORMED);
		assert_int_equal(list.items.count, 3);
		assert_text(found_name(&list.items.items[1]), "/lib\nx");
		assert_int_equal(list.items.items[2].mapping.inode, 5);
		vector_deinit(&list.items);
	}
}

/* A line of this many bytes between two others. */
static int read_long_line(size_t length, bool has_end, bool has_others, struct found_list *list)
{
	_cleanup_buffer_ struct buffer text = {0};
	size_t before;

	if (has_others)
		buffer_add_string(&text, SEGMENT_LINE);
	before = text.length;
	buffer_add_string(&text, "1000-2000 rw-s 0 00:01 6 ");
	buffer_add_repeated(&text, 'n', length - (text.length - before));
	if (has_end)
		buffer_add_char(&text, '\n');
	if (has_others)
		buffer_add_string(&text, SEGMENT_LINE);
	vector_deinit(&list->items);
	return read_text(buffer_text(&text), 4096, list);
}

TEST(a_line_over_the_bound_is_passed_over)
{
	struct found_list list = {0};

	assert_int_equal(read_long_line(PROC_MAPS_LINE_MAX, true, true, &list), 0);
	assert_int_equal(list.items.count, 3);
	/* In whole pieces, of which the newline is the first byte of the last one. */
	assert_int_equal(read_long_line(PROC_MAPS_LINE_MAX, true, false, &list), 0);
	assert_int_equal(list.items.count, 1);
	for (size_t times = 2; times < 40; times += 3) {
		assert_int_equal(
			read_long_line(times * PROC_MAPS_LINE_MAX + times, true, true, &list),
			OUTCOME_MALFORMED);
		assert_int_equal(list.items.count, 2);
	}
	vector_deinit(&list.items);
}

/* At whatever place of the text the reader gives up on it. */
TEST(a_line_over_the_bound_without_an_end_is_malformed)
{
	struct found_list list = {0};

	for (size_t length = PROC_MAPS_LINE_MAX - 5; length < PROC_MAPS_LINE_MAX + 5; length++)
		assert_int_equal(read_long_line(length, false, false, &list), OUTCOME_MALFORMED);
	for (size_t pages = 5; pages < 40; pages++) {
		assert_int_equal(read_long_line(pages * 4096, false, false, &list),
				 OUTCOME_MALFORMED);
		assert_int_equal(list.items.count, 0);
	}
}

TEST(a_hundred_thousand_lines_are_all_read)
{
	_cleanup_buffer_ struct buffer text = {0};
	struct found_list list = {0};

	for (unsigned int i = 1; i <= 100000; i++)
		buffer_add_format(&text, "%x000-%x000 rw-s 0 00:01 %u /SYSV00000000 (deleted)\n", i,
				  i + 1, i);
	assert_int_equal(read_text(buffer_text(&text), 4000, &list), 0);
	assert_int_equal(list.items.count, 100000);
	for (unsigned int i = 0; i < 100000; i++)
		assert_int_equal(list.items.items[i].mapping.inode, i + 1);
	vector_deinit(&list.items);
}

TEST(an_error_of_the_handler_ends_the_reading)
{
	struct found_list list = {.stop_at = 2};

	assert_int_equal(read_string(SEGMENT_LINE SEGMENT_LINE SEGMENT_LINE, &list), -EIO);
	assert_int_equal(list.items.count, 2);
	vector_deinit(&list.items);
}

TEST(what_cannot_be_read_is_an_error)
{
	struct found_list list = {0};
	_cleanup_close_ int fd = open("/", O_RDONLY | O_CLOEXEC);

	assert_int_equal(proc_maps_read(fd, &all_shared, found_maps_keep, &list), -EISDIR);
	assert_int_equal(proc_maps_read(-1, &all_shared, found_maps_keep, &list), -EBADF);
	assert_int_equal(proc_maps_query(-1, &all_shared, found_maps_keep, &list), -EBADF);
	assert_int_equal(list.items.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_is_read),
		cmocka_unit_test(every_permission_is_told),
		cmocka_unit_test(numbers_are_whole_at_their_greatest),
		cmocka_unit_test(a_line_may_have_no_name),
		cmocka_unit_test(names_have_their_bytes_back),
		cmocka_unit_test(an_escape_that_is_cut_stands_for_itself),
		cmocka_unit_test(of_a_long_name_the_beginning_is_told),
		cmocka_unit_test(what_is_no_line_is_refused),
		cmocka_unit_test(every_truncation_before_the_inode_is_noticed),
		cmocka_unit_test(only_shared_mappings_of_files_are_handed_out),
		cmocka_unit_test(an_empty_text_is_a_process_without_memory),
		cmocka_unit_test(a_malformed_line_does_not_hide_the_others),
		cmocka_unit_test(pieces_of_any_size_tell_the_same),
		cmocka_unit_test(a_line_over_the_bound_is_passed_over),
		cmocka_unit_test(a_line_over_the_bound_without_an_end_is_malformed),
		cmocka_unit_test(a_hundred_thousand_lines_are_all_read),
		cmocka_unit_test(an_error_of_the_handler_ends_the_reading),
		cmocka_unit_test(what_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
