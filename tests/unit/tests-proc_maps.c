/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/vector.h"
#include "collect/proc_maps.h"
#include "model/process.h"
#include "private_ipc.h"
#include "tree.h"

static const char *not_private; /* why there is no IPC namespace of our own */

/* Mappings with names of their own. */
struct found {
	struct mapping mapping;
	char name[PROC_MAPS_NAME_MAX];
};

struct found_list {
	VECTOR(struct found) items;
	size_t stop_at; /* fails at this mapping, counted from 1 */
};

static int keep(const struct mapping *mapping, void *context)
{
	struct found_list *list = context;
	struct found *found = vector_add(&list->items);

	assert_non_null(found);
	assert_true(mapping->name.length <= PROC_MAPS_NAME_MAX);
	found->mapping = *mapping;
	memcpy(found->name, mapping->name.bytes, mapping->name.length);
	return list->items.count == list->stop_at ? -EIO : 0;
}

static struct text name_of(const struct found *found)
{
	return (struct text){found->name, found->mapping.name.length};
}

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
	assert_text(name_of(&found), "/SYSV000004d2 (deleted)");
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
	assert_text(name_of(&(struct found){.mapping = parse_well("1-2 r--p 0 0:0 0").mapping}),
		    "");
	assert_int_equal(parse_well("1-2 r--p 0 0:0 0 ").mapping.name.length, 0);
}

static void assert_name(const char *written, const char *expected)
{
	struct found found;
	char line[512];

	snprintf(line, sizeof(line), "1000-2000 r--s 0 00:01 5   %s", written);
	found = parse_well(line);
	assert_text(name_of(&found), expected);
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

TEST(of_a_long_name_the_beginning_is_told)
{
	char written[300], expected[PROC_MAPS_NAME_MAX + 1];

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
	r = proc_maps_read(ends[0], keep, list);
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
	assert_text(name_of(&list.items.items[0]), "a");
	assert_text(name_of(&list.items.items[1]), "c");
	assert_text(name_of(&list.items.items[2]), "d");
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
		assert_text(name_of(&list.items.items[1]), "/lib\nx");
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

	assert_int_equal(proc_maps_read(fd, keep, &list), -EISDIR);
	assert_int_equal(proc_maps_read(-1, keep, &list), -EBADF);
	assert_int_equal(proc_maps_query(-1, keep, &list), -EBADF);
	assert_int_equal(list.items.count, 0);
}

/* All kinds of mappings in this process. */
static void map_memfd(const char *name, int protection, int flags)
{
	_cleanup_close_ int fd = memfd_create(name, MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 8192), 0);
	assert_true(mmap(NULL, 8192, protection, flags, fd, 0) != MAP_FAILED);
}

static void map_file(const struct tree *tree, const char *name, int flags)
{
	char path[256];
	_cleanup_close_ int fd = -1;

	tree_write(tree, name, "content");
	snprintf(path, sizeof(path), "%s/%s", tree->path, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(mmap(NULL, 1, PROT_READ | PROT_WRITE, flags, fd, 0) != MAP_FAILED);
}

static void map_segments(void)
{
	int id = shmget(IPC_PRIVATE, 3 * 4096, 0600);
	char *whole = shmat(id, NULL, 0);

	assert_true(id >= 0);
	assert_true(whole != (void *)-1);
	assert_true(shmat(id, NULL, SHM_RDONLY) != (void *)-1);
	assert_true(shmat(id, NULL, SHM_EXEC) != (void *)-1);
	/* Three mappings of one. */
	assert_int_equal(mprotect(whole + 4096, 4096, PROT_NONE), 0);
	assert_int_equal(shmctl(id, IPC_RMID, NULL), 0);
}

static int map_everything(void **state)
{
	static struct tree tree;
	char name[200];

	*state = &tree;
	tree_init(&tree);
	if (!not_private)
		map_segments();
	map_memfd("short", PROT_READ | PROT_WRITE, MAP_SHARED);
	map_memfd("executable", PROT_READ | PROT_EXEC, MAP_SHARED);
	map_memfd("private", PROT_READ, MAP_PRIVATE);
	map_memfd("line\nbreak", PROT_READ, MAP_SHARED);
	map_memfd("", PROT_NONE, MAP_SHARED);
	memset(name, 'n', sizeof(name));
	for (size_t length = PROC_MAPS_NAME_MAX - 24; length < PROC_MAPS_NAME_MAX + 4; length++) {
		name[length] = '\0';
		map_memfd(name, PROT_READ, MAP_SHARED);
		name[length] = 'n';
	}
	map_file(&tree, "SYSV00000000", MAP_SHARED);
	map_file(&tree, "private", MAP_PRIVATE);
	map_file(&tree, "new\nline", MAP_SHARED);
	assert_true(mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
	return 0;
}

static int unmap_nothing(void **state)
{
	tree_deinit(*state);
	return 0;
}

/* The memory of the test itself grows meanwhile, but that is private. */
TEST(both_ways_tell_the_same_of_this_process)
{
	_cleanup_close_ int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	struct found_list asked = {0}, read = {0};

	assert_int_equal(proc_maps_query(fd, keep, &asked), 0);
	assert_int_equal(proc_maps_read(fd, keep, &read), 0);
	assert_in_range(read.items.count, 35, 1000);
	assert_int_equal(asked.items.count, read.items.count);
	for (size_t i = 0; i < read.items.count; i++) {
		const struct found *a = &asked.items.items[i], *b = &read.items.items[i];

		assert_true(a->mapping.start == b->mapping.start);
		assert_true(a->mapping.end == b->mapping.end);
		assert_int_equal(a->mapping.access, b->mapping.access);
		assert_true(a->mapping.is_shared && b->mapping.is_shared);
		assert_int_equal(a->mapping.device, b->mapping.device);
		assert_int_equal(a->mapping.inode, b->mapping.inode);
		/* A name that does not fit is told by the text alone, its beginning. */
		if (b->mapping.name.length < PROC_MAPS_NAME_MAX)
			assert_true(text_equals(name_of(a), name_of(b)));
		else
			assert_int_equal(a->mapping.name.length, 0);
	}
	vector_deinit(&asked.items);
	vector_deinit(&read.items);
}

static size_t count_named(const struct found_list *list, const char *start, uint64_t access)
{
	size_t count = 0;

	vector_for_each (&list->items, found)
		count += found->mapping.name.length >= strlen(start) &&
			 memcmp(found->name, start, strlen(start)) == 0 &&
			 found->mapping.access == access;
	return count;
}

/* Two empty lists would be the same, too. */
TEST(the_text_tells_what_was_mapped)
{
	_cleanup_close_ int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	struct found_list list = {0};

	assert_int_equal(proc_maps_read(fd, keep, &list), 0);
	if (!not_private) {
		/* Two ends of the first one, its middle, read-only, executable. */
		assert_int_equal(count_named(&list, "/SYSV00000000", LINK_READ | LINK_WRITE), 2);
		assert_int_equal(count_named(&list, "/SYSV00000000", 0), 1);
		assert_int_equal(count_named(&list, "/SYSV00000000", LINK_READ), 1);
		assert_int_equal(
			count_named(&list, "/SYSV00000000", LINK_READ | LINK_WRITE | LINK_EXECUTE),
			1);
	}
	assert_int_equal(count_named(&list, "/memfd:short", LINK_READ | LINK_WRITE), 1);
	assert_int_equal(count_named(&list, "/memfd:executable", LINK_READ | LINK_EXECUTE), 1);
	assert_int_equal(count_named(&list, "/memfd:private", LINK_READ), 0);
	assert_int_equal(count_named(&list, "/memfd:line\nbreak", LINK_READ), 1);
	assert_int_equal(count_named(&list, "/dev/zero", LINK_READ), 1);
	vector_deinit(&list.items);
}

TEST(an_error_of_the_handler_ends_the_asking)
{
	_cleanup_close_ int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	struct found_list list = {.stop_at = 3};

	assert_int_equal(proc_maps_query(fd, keep, &list), -EIO);
	assert_int_equal(list.items.count, 3);
	vector_deinit(&list.items);
}

/* Anything but maps has no such call, as in an older kernel. */
TEST(a_file_without_the_call_is_said_to_have_none)
{
	_cleanup_close_ int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	struct found_list list = {0};

	assert_int_equal(proc_maps_query(fd, keep, &list), OUTCOME_UNSUPPORTED);
	assert_int_equal(list.items.count, 0);
}

static int ignore(const struct mapping *mapping, void *context)
{
	(void)mapping;
	(void)context;
	return 0;
}

static bool has_query(void)
{
	_cleanup_close_ int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	return proc_maps_query(fd, ignore, NULL) != OUTCOME_UNSUPPORTED;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_is_read),
		cmocka_unit_test(every_permission_is_told),
		cmocka_unit_test(numbers_are_whole_at_their_greatest),
		cmocka_unit_test(a_line_may_have_no_name),
		cmocka_unit_test(names_have_their_bytes_back),
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
		cmocka_unit_test(the_text_tells_what_was_mapped),
		cmocka_unit_test(a_file_without_the_call_is_said_to_have_none),
		/* The last ones, left out where the kernel has no such call. */
		cmocka_unit_test(both_ways_tell_the_same_of_this_process),
		cmocka_unit_test(an_error_of_the_handler_ends_the_asking),
	};
	size_t count = ARRAY_LENGTH(tests);

	not_private = private_ipc_enter();
	if (not_private)
		printf("# without segments: %s\n", not_private);
	if (!has_query()) {
		printf("# without PROCMAP_QUERY, which this kernel does not have (6.11)\n");
		count -= 2;
	}
	return _cmocka_run_group_tests("tests", tests, count, map_everything, unmap_nothing);
}
