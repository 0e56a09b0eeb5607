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
		uint64_t access = 77;

		if (descriptor->fd != seen->fds[i])
			continue;
		seen->count++;
		assert_int_equal(proc_fd_access(descriptor, &seen->access[i]), 0);
		assert_true(proc_fd_parse_pipe(descriptor->link, &seen->inode[i]));
		assert_int_equal(proc_fd_pipe_access(descriptor, seen->inode[i], &access), 0);
		assert_int_equal(access, seen->access[i]);
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

TEST(fdinfo_tells_inode_and_access)
{
	static const struct {
		const char *info;
		uint64_t inode, access;
	} cases[] = {
		{"pos:\t0\nflags:\t0100000\nmnt_id:\t9\nino:\t4711\n", 4711, LINK_READ},
		{"pos:\t0\nflags:\t02000001\nmnt_id:\t9\nino:\t1\n", 1, LINK_WRITE},
		{"flags:\t04002\nino:\t18446744073709551615\ntfd: 1\n", UINT64_MAX,
		 LINK_READ | LINK_WRITE},
		{"flags:\t010000000\nino:\t2", 2, 0},
	};
	static const char *const others[] = {"",
					     "pos:\t0\nflags:\t0100000\nmnt_id:\t9\n",
					     "ino:\t4711\n",
					     "flags:\t8\nino:\t1\n",
					     "flags:\t1\nino:\t-1\n",
					     "flags:\t1\nino:\t\n",
					     "flags: 1\nino: 1\n",
					     "xflags:\t1\nxino:\t1\n"};
	uint64_t inode = 77, access = 77;

	for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
		if (proc_fd_parse_info(text_of(others[i]), &inode, &access) != OUTCOME_UNSUPPORTED)
			fail_msg("\"%s\" is taken for fdinfo", others[i]);
	assert_int_equal(inode, 77);
	assert_int_equal(access, 77);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		assert_int_equal(proc_fd_parse_info(text_of(cases[i].info), &inode, &access), 0);
		assert_true(inode == cases[i].inode && access == cases[i].access);
	}
}

/* What becomes of a descriptor between its link and the next look at it. */
struct fate {
	int fd, other; /* -1: it is closed */
	size_t looks, changes_left;
	uint64_t access;
	bool is_exact;
};

static int swap(const struct descriptor *descriptor, void *context)
{
	struct fate *fate = context;
	uint64_t inode;
	int r;

	if (descriptor->fd != (uint64_t)fate->fd)
		return 0;
	fate->looks++;
	assert_true(proc_fd_parse_pipe(descriptor->link, &inode));
	if (fate->changes_left && fate->other >= 0) {
		int before = dup(fate->fd);

		assert_int_equal(dup2(fate->other, fate->fd), fate->fd);
		assert_int_equal(dup2(before, fate->other), fate->other);
		close(before);
	} else if (fate->changes_left) {
		close(fate->fd);
	}
	fate->changes_left -= fate->changes_left != 0;
	r = fate->is_exact ? proc_fd_pipe_access(descriptor, inode, &fate->access)
			   : proc_fd_access(descriptor, &fate->access);
	return r == OUTCOME_GONE ? 0 : r;
}

static void check_fates(bool is_exact)
{
	static const struct {
		size_t changes, looks;
		bool is_closed, is_known;
	} cases[] = {{0, 1, false, true},
		     {1, 2, false, true},
		     {PROC_FD_MOST_CHANGES, PROC_FD_MOST_CHANGES + 1, false, true},
		     {PROC_FD_MOST_CHANGES + 9, PROC_FD_MOST_CHANGES + 1, false, false},
		     {1, 1, true, false}};
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;

	assert_int_equal(rooted_init(&root, "/", NULL), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct fate fate = {
			.changes_left = cases[i].changes, .access = 77, .is_exact = is_exact};
		int first[2], second[2];

		assert_int_equal(pipe2(first, O_CLOEXEC), 0);
		assert_int_equal(pipe2(second, O_CLOEXEC), 0);
		fate.fd = first[0];
		fate.other = cases[i].is_closed ? -1 : second[1];
		assert_int_equal(proc_fd_read(&root, "proc/self/fd", swap, &fate), 0);
		assert_int_equal(fate.looks, cases[i].looks);
		if (cases[i].is_known)
			assert_int_equal(fate.access,
					 cases[i].changes % 2 ? LINK_WRITE : LINK_READ);
		else
			assert_int_equal(fate.access, 77);
		for (size_t j = 0; j < 2; j++) {
			close(first[j]);
			close(second[j]);
		}
	}
}

/* It is never told of one pipe what another one's end permits. */
TEST(one_that_becomes_another_files_is_looked_at_again)
{
	check_fates(false);
	check_fates(true);
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
		cmocka_unit_test(fdinfo_tells_inode_and_access),
		cmocka_unit_test(one_that_becomes_another_files_is_looked_at_again),
		cmocka_unit_test(each_of_many_is_found_once),
		cmocka_unit_test(a_folder_without_any_is_of_one_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
