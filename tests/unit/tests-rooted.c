/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/rooted.h"
#include "tree.h"

struct fixture {
	struct tree tree;
	struct rooted root;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	tree_init(&fixture.tree);
	tree_write(&fixture.tree, "proc/file", "content\n");
	tree_write(&fixture.tree, "proc/empty", "");
	tree_link(&fixture.tree, "proc/link", "ipc:[4026531839]");
	*state = &fixture;
	return rooted_init(&fixture.root, fixture.tree.path, NULL);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	rooted_deinit(&fixture->root);
	tree_deinit(&fixture->tree);
	return 0;
}

static void a_tree_is_told_from_the_machine(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_rooted_ struct rooted live = ROOTED_NONE;

	assert_false(fixture->root.is_live);
	assert_int_equal(rooted_init(&live, NULL, NULL), 0);
	assert_true(live.is_live);
	rooted_deinit(&live);
	assert_int_equal(live.fd, -1);
}

TEST(a_path_that_is_too_long_is_an_error)
{
	_cleanup_rooted_ struct rooted live = ROOTED_NONE;
	char path[PATH_MAX + 1];
	struct stat status;
	int fd;

	memset(path, 'a', PATH_MAX);
	path[PATH_MAX] = '\0';
	assert_int_equal(rooted_init(&live, NULL, NULL), 0);
	assert_int_equal(rooted_open(&live, path, &fd), -ENAMETOOLONG);
	assert_int_equal(rooted_stat(&live, path, 0, &status), -ENAMETOOLONG);
	assert_int_equal(rooted_readlink(&live, path, path, sizeof(path)), -ENAMETOOLONG);
}

TEST(a_root_that_is_none_is_an_error_with_its_name)
{
	struct rooted root = ROOTED_NONE;
	struct ipclens_error error;

	assert_int_equal(rooted_init(&root, "/nonexistent/root", &error), -ENOENT);
	assert_non_null(strstr(error.text, "/nonexistent/root"));
	assert_int_equal(rooted_init(&root, "/dev/null", &error), -ENOTDIR);
	assert_int_equal(root.fd, -1);
}

static void a_file_is_added_to_the_buffer(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_buffer_ struct buffer buffer = {0};

	buffer_add_string(&buffer, "before ");
	assert_int_equal(rooted_read(&fixture->root, "proc/file", 100, &buffer), 0);
	assert_buffer(&buffer, "before content\n");
	assert_int_equal(rooted_read(&fixture->root, "proc/empty", 0, &buffer), 0);
	assert_buffer(&buffer, "");
}

static void what_does_not_exist_is_gone(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_buffer_ struct buffer buffer = {0};
	char target[64] = "untouched";
	int fd = -7;

	assert_int_equal(rooted_read(&fixture->root, "proc/none", 100, &buffer), OUTCOME_GONE);
	assert_int_equal(rooted_open(&fixture->root, "proc/none", &fd), OUTCOME_GONE);
	assert_int_equal(fd, -7);
	assert_int_equal(rooted_readlink(&fixture->root, "none", target, sizeof(target)),
			 OUTCOME_GONE);
	assert_string_equal(target, "untouched");
}

static void a_file_over_the_limit_is_refused(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_buffer_ struct buffer buffer = {0};

	assert_int_equal(rooted_read(&fixture->root, "proc/file", 8, &buffer), 0);
	buffer.length = 0;
	assert_int_equal(rooted_read(&fixture->root, "proc/file", 7, &buffer), -EFBIG);
}

static void a_file_larger_than_one_read_is_whole(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_buffer_ struct buffer large = {0}, buffer = {0};

	for (unsigned int i = 0; i < 20000; i++)
		buffer_add_unsigned(&large, i, 6);
	tree_write_text(&fixture->tree, "large", buffer_text(&large));
	assert_int_equal(rooted_read(&fixture->root, "large", 120000, &buffer), 0);
	assert_true(text_equals(buffer_text(&buffer), buffer_text(&large)));
	assert_int_equal(rooted_read(&fixture->root, "large", 119999, &buffer), -EFBIG);
}

static void a_link_is_read_or_does_not_fit(void **state)
{
	struct fixture *fixture = *state;
	char target[17];

	assert_int_equal(rooted_readlink(&fixture->root, "proc/link", target, 17), 0);
	assert_string_equal(target, "ipc:[4026531839]");
	assert_int_equal(rooted_readlink(&fixture->root, "proc/link", target, 16), -ENAMETOOLONG);
	assert_int_equal(rooted_readlink(&fixture->root, "proc/file", target, 17), -EINVAL);
}

static void a_folder_is_no_file(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_buffer_ struct buffer buffer = {0};

	assert_int_equal(rooted_read(&fixture->root, "proc", 100, &buffer), -EISDIR);
}

static void a_fifo_does_not_block(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_buffer_ struct buffer buffer = {0};
	char path[128];
	int fd = -7;

	snprintf(path, sizeof(path), "%s/fifo", fixture->tree.path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(rooted_read(&fixture->root, "fifo", 100, &buffer), -ENXIO);
	assert_int_equal(buffer.length, 0);
	assert_int_equal(rooted_open(&fixture->root, "fifo", &fd), -ENXIO);
	assert_int_equal(fd, -7);
}

/* It would be read without end. */
static void a_link_to_a_device_is_refused(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_buffer_ struct buffer buffer = {0};

	tree_link(&fixture->tree, "zero", "/dev/zero");
	assert_int_equal(rooted_read(&fixture->root, "zero", 100, &buffer), -ENXIO);
	assert_int_equal(buffer.length, 0);
}

static void a_file_read_once_is_cut_to_the_room(void **state)
{
	struct fixture *fixture = *state;
	char room[8];
	size_t length = 77;

	assert_int_equal(rooted_read_once(&fixture->root, "proc/file", room, 8, &length), 0);
	assert_int_equal(length, 8);
	assert_memory_equal(room, "content\n", 8);
	assert_int_equal(rooted_read_once(&fixture->root, "proc/file", room, 3, &length), 0);
	assert_int_equal(length, 3);
	assert_int_equal(rooted_read_once(&fixture->root, "proc/none", room, 8, &length),
			 OUTCOME_GONE);
	assert_int_equal(length, 3);
}

static void a_directory_is_opened_to_look_below(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_rooted_ struct rooted below = ROOTED_NONE;
	_cleanup_buffer_ struct buffer buffer = {0};
	int fd = -7;

	assert_int_equal(rooted_open_directory(&fixture->root, "proc/none", &fd), OUTCOME_GONE);
	assert_int_equal(rooted_open_directory(&fixture->root, "proc/file", &fd), -ENOTDIR);
	assert_int_equal(fd, -7);
	assert_int_equal(rooted_open_directory(&fixture->root, "proc", &below.fd), 0);
	assert_true(fcntl(below.fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(rooted_read(&below, "file", 100, &buffer), 0);
	assert_buffer(&buffer, "content\n");
}

static void descriptors_are_closed_on_exec(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_close_ int fd = -1;

	assert_int_equal(rooted_open(&fixture->root, "proc/file", &fd), 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fixture->root.fd, F_GETFD) & FD_CLOEXEC);
}

static int deny(const char *path)
{
	return strcmp(path, "proc/file") == 0	 ? EACCES
	       : strcmp(path, "proc/link") == 0	 ? EPERM
	       : strcmp(path, "proc/empty") == 0 ? ENOSYS
						 : 0;
}

static void injected_failures_are_seen_by_every_way_of_reading(void **state)
{
	struct fixture *fixture = *state;
	struct rooted root = fixture->root;
	_cleanup_buffer_ struct buffer buffer = {0};
	char target[64];
	int fd = -7;

	root.inject = deny;
	assert_int_equal(rooted_read(&root, "proc/file", 100, &buffer), OUTCOME_DENIED);
	assert_int_equal(rooted_open(&root, "proc/file", &fd), OUTCOME_DENIED);
	assert_int_equal(fd, -7);
	assert_int_equal(rooted_readlink(&root, "proc/link", target, 64), OUTCOME_DENIED);
	assert_int_equal(rooted_read(&root, "proc/empty", 100, &buffer), OUTCOME_UNSUPPORTED);
	assert_int_equal(buffer.length, 0);
	assert_int_equal(rooted_read(&root, "proc/none", 100, &buffer), OUTCOME_GONE);
}

static void a_buffer_that_failed_is_not_read_into(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_buffer_ struct buffer buffer = {.error = -ENOMEM};

	assert_int_equal(rooted_read(&fixture->root, "proc/file", 100, &buffer), -ENOMEM);
	assert_int_equal(buffer.length, 0);
}

#define FIXTURE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_tree_is_told_from_the_machine),
		cmocka_unit_test(a_path_that_is_too_long_is_an_error),
		cmocka_unit_test(a_root_that_is_none_is_an_error_with_its_name),
		FIXTURE_TEST(a_file_is_added_to_the_buffer),
		FIXTURE_TEST(what_does_not_exist_is_gone),
		FIXTURE_TEST(a_file_over_the_limit_is_refused),
		FIXTURE_TEST(a_file_larger_than_one_read_is_whole),
		FIXTURE_TEST(a_link_is_read_or_does_not_fit),
		FIXTURE_TEST(a_folder_is_no_file),
		FIXTURE_TEST(a_fifo_does_not_block),
		FIXTURE_TEST(a_link_to_a_device_is_refused),
		FIXTURE_TEST(a_file_read_once_is_cut_to_the_room),
		FIXTURE_TEST(a_directory_is_opened_to_look_below),
		FIXTURE_TEST(descriptors_are_closed_on_exec),
		FIXTURE_TEST(injected_failures_are_seen_by_every_way_of_reading),
		FIXTURE_TEST(a_buffer_that_failed_is_not_read_into),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
