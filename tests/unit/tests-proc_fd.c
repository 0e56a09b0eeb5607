/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "collect/proc_fd.h"
#include "model/process.h"
#include "tree.h"

TEST(a_link_to_a_pipe_has_its_inode)
{
	uint64_t inode;

	assert_true(proc_fd_parse_pipe(TEXT_LITERAL("pipe:[4711]"), &inode));
	assert_int_equal(inode, 4711);
	assert_true(proc_fd_parse_pipe(TEXT_LITERAL("pipe:[0]"), &inode));
	assert_int_equal(inode, 0);
	assert_true(proc_fd_parse_pipe(TEXT_LITERAL("pipe:[18446744073709551615]"), &inode));
	assert_true(inode == UINT64_MAX);
}

TEST(any_other_link_is_none)
{
	static const char *const links[] = {"",
					    "pipe:",
					    "pipe:[",
					    "pipe:[]",
					    "pipe:[4711",
					    "pipe:4711",
					    "pipe:[4711]x",
					    "pipe:[47 11]",
					    "pipe:[-1]",
					    "pipe:[+1]",
					    "pipe:[0x1]",
					    "socket:[4711]",
					    "/pipe:[4711]",
					    "Pipe:[4711]",
					    " pipe:[4711]",
					    "pipe:[4711]]",
					    "pipe:[18446744073709551616]"};
	uint64_t inode = 77;

	for (size_t i = 0; i < ARRAY_LENGTH(links); i++)
		if (proc_fd_parse_pipe(text_of(links[i]), &inode))
			fail_msg("\"%s\" is taken for a pipe", links[i]);
	assert_false(proc_fd_parse_pipe(TEXT_NONE, &inode));
	assert_int_equal(inode, 77);
}

/* What was seen of some descriptors of this process. */
struct seen {
	uint64_t fds[2], access[2], inode[2];
	size_t count, all;
	int result;
};

static int look(const struct descriptor *descriptor, void *context)
{
	struct seen *seen = context;
	struct stat status;

	seen->all++;
	for (size_t i = 0; i < 2; i++) {
		if (descriptor->fd != seen->fds[i])
			continue;
		seen->count++;
		assert_true(proc_fd_access(descriptor, &seen->access[i]));
		assert_true(proc_fd_parse_pipe(descriptor->link, &seen->inode[i]));
		assert_true(proc_fd_stat(descriptor, &status));
		assert_true(S_ISFIFO(status.st_mode) && status.st_ino == seen->inode[i]);
	}
	return seen->result;
}

TEST(our_own_descriptors_are_found)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	struct seen seen = {0};
	int ends[2];

	assert_int_equal(rooted_init(&root, "/", NULL), 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	seen.fds[0] = (uint64_t)ends[0];
	seen.fds[1] = (uint64_t)ends[1];
	assert_int_equal(proc_fd_read(&root, "proc/self/fd", look, &seen), 0);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.access[0], LINK_READ);
	assert_int_equal(seen.access[1], LINK_WRITE);
	assert_true(seen.inode[0] == seen.inode[1]);
	assert_true(seen.all >= 3);
	seen.result = -EIO;
	seen.all = 0;
	assert_int_equal(proc_fd_read(&root, "proc/self/fd", look, &seen), -EIO);
	assert_int_equal(seen.all, 1);
	close(ends[0]);
	close(ends[1]);
}

/* More than fit in one reading of the folder. */
TEST(each_of_many_is_found_once)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	int first = open("/dev/null", O_RDONLY | O_CLOEXEC), copies[600];
	struct seen before = {.fds = {UINT64_MAX, UINT64_MAX}}, after = before;

	assert_int_equal(rooted_init(&root, "/", NULL), 0);
	assert_int_equal(proc_fd_read(&root, "proc/self/fd", look, &before), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(copies); i++) {
		copies[i] = fcntl(first, F_DUPFD_CLOEXEC, 3);
		assert_true(copies[i] >= 0);
	}
	assert_int_equal(proc_fd_read(&root, "proc/self/fd", look, &after), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(copies); i++)
		close(copies[i]);
	close(first);
	assert_int_equal(after.all, before.all + ARRAY_LENGTH(copies));
}

/* That of a leader that has exited is there, and empty. */
TEST(a_folder_without_any_is_of_one_that_is_gone)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	_cleanup_tree_ struct tree tree;
	struct seen seen = {.fds = {UINT64_MAX, UINT64_MAX}};

	tree_init(&tree);
	tree_make_folder(&tree, "empty");
	tree_link(&tree, "odd/name", "pipe:[1]");
	tree_link(&tree, "full/0", "pipe:[1]");
	assert_int_equal(rooted_init(&root, tree.path, NULL), 0);
	assert_int_equal(proc_fd_read(&root, "empty", look, &seen), OUTCOME_GONE);
	assert_int_equal(proc_fd_read(&root, "odd", look, &seen), OUTCOME_GONE);
	assert_int_equal(proc_fd_read(&root, "nosuch", look, &seen), OUTCOME_GONE);
	assert_int_equal(seen.all, 0);
	assert_int_equal(proc_fd_read(&root, "full", look, &seen), 0);
	assert_int_equal(seen.all, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_to_a_pipe_has_its_inode),
		cmocka_unit_test(any_other_link_is_none),
		cmocka_unit_test(our_own_descriptors_are_found),
		cmocka_unit_test(each_of_many_is_found_once),
		cmocka_unit_test(a_folder_without_any_is_of_one_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
