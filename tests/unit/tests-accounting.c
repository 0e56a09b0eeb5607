/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether all users of a segment were found for sure, in recorded trees. */
#include "unit.h"

#include <errno.h>

#include "process_tree.h"

static struct snapshot *collect(const struct tree *tree)
{
	return process_tree_collect(tree, tree_users, NULL);
}

TEST(fewer_than_counted_are_incomplete)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_two(&tree, 3);
	snapshot = collect(&tree);
	assert_accounting(snapshot, 2, 3, false, 0);
}

TEST(more_than_counted_is_never_complete)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_two(&tree, 1);
	snapshot = collect(&tree);
	assert_accounting(snapshot, 2, 1, false, DOUBT_MORE);
}

/* No tree tells who shares an address space. */
TEST(mappings_at_one_address_may_be_one)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_segment(&tree, 1);
	process_tree_add(&tree, 10, SEGMENT("7f0000000000-7f0000001000"), 5);
	process_tree_add(&tree, 20, SEGMENT("7f0000000000-7f0000001000"), 6);
	snapshot = collect(&tree);
	assert_accounting(snapshot, 2, 1, false, DOUBT_SHARED | DOUBT_MORE);
	snapshot_free(snapshot);
	process_tree_write_segments(
		&tree, &(struct tree_segment){.id = 98311, .key = 0x4d2, .nattch = 3}, 1);
	snapshot = collect(&tree);
	assert_accounting(snapshot, 2, 3, false, DOUBT_SHARED);
	snapshot_free(snapshot);
	/* As many as counted, and nobody was hidden: then they are two. */
	process_tree_write_segments(
		&tree, &(struct tree_segment){.id = 98311, .key = 0x4d2, .nattch = 2}, 1);
	snapshot = collect(&tree);
	assert_accounting(snapshot, 2, 2, true, 0);
}

static int deny_20(const char *path)
{
	return strcmp(path, "proc/20") == 0 ? EACCES : 0;
}

TEST(a_process_that_may_not_be_inspected_is_a_doubt)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	const struct issue *issue;

	process_tree_init_two(&tree, 2);
	snapshot = process_tree_collect(&tree, tree_users, deny_20);
	assert_accounting(snapshot, 1, 2, false, DOUBT_UNREADABLE);
	ASSERT_PROCESSES(snapshot, 10);
	assert_int_equal(snapshot->issues.count, 1);
	issue = &snapshot->issues.items[0];
	assert_int_equal(issue->aspect, ISSUE_ABOUT_PROCESSES);
	assert_int_equal(issue->code, OUTCOME_DENIED);
	assert_non_null(memmem(issue->reason.bytes, issue->reason.length, "1 ", 2));
}

TEST(who_may_not_be_inspected_does_not_matter_once_all_are_found)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_segment(&tree, 1);
	process_tree_add(&tree, 10, SEGMENT("7f0000000000-7f0000001000"), 5);
	process_tree_add(&tree, 20, NOISE, 6);
	snapshot = process_tree_collect(&tree, tree_users, deny_20);
	assert_accounting(snapshot, 1, 1, true, 0);
}

/* One that is counted twice and one that may not be inspected would make two, too. */
TEST(a_coincidence_is_no_proof)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_segment(&tree, 2);
	process_tree_add(&tree, 10, SEGMENT("7f0000000000-7f0000001000"), 5);
	process_tree_add(&tree, 11, SEGMENT("7f0000000000-7f0000001000"), 5);
	process_tree_add(&tree, 20, NOISE, 6);
	snapshot = process_tree_collect(&tree, tree_users, deny_20);
	assert_accounting(snapshot, 2, 2, false, DOUBT_SHARED);
}

static int break_20(const char *path)
{
	return strcmp(path, "proc/20") == 0 ? EMFILE : 0;
}

TEST(a_process_that_cannot_be_opened_is_a_doubt)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_two(&tree, 2);
	snapshot = process_tree_collect(&tree, tree_users, break_20);
	assert_accounting(snapshot, 1, 2, false, DOUBT_UNREADABLE);
	assert_int_equal(snapshot->issues.count, 1);
}

static const char *denied_file;
static int denial;

static int deny_file(const char *path)
{
	return strcmp(path, denied_file) == 0 ? denial : 0;
}

/* Without these it is not proven whose mapping it is. */
TEST(a_process_that_tells_only_its_maps_is_not_counted)
{
	static const struct {
		const char *file;
		int denial;
		unsigned int doubts;
	} cases[] = {
		{"ns/ipc", EACCES, DOUBT_UNREADABLE}, {"stat", EACCES, DOUBT_UNREADABLE},
		{"ns/ipc", ENOENT, DOUBT_CHANGED},    {"stat", ESRCH, DOUBT_CHANGED},
		{"maps", EACCES, DOUBT_UNREADABLE},   {"maps", ESRCH, 0},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		_cleanup_tree_ struct tree tree;
		_cleanup_snapshot_ struct snapshot *snapshot = NULL;

		process_tree_init_two(&tree, 2);
		denied_file = cases[i].file;
		denial = cases[i].denial;
		snapshot = process_tree_collect(&tree, tree_users, deny_file);
		assert_accounting(snapshot, 0, 2, false, cases[i].doubts);
		assert_int_equal(snapshot->links.count + snapshot->processes.count, 0);
		assert_int_equal(snapshot->issues.count, cases[i].denial == EACCES);
	}
}

TEST(processes_that_vanish_are_left_out)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_two(&tree, 2);
	/* One of which only the folder is left, one without memory, one that ended meanwhile. */
	tree_make_folder(&tree, "proc/30");
	process_tree_add(&tree, 31, "", 7);
	process_tree_write(&tree, 32, "maps", SEGMENT("7f0000000000-7f0000001000"));
	process_tree_link(&tree, 32, "ns/ipc", TREE_NAMESPACE);
	snapshot = collect(&tree);
	ASSERT_PROCESSES(snapshot, 10, 20);
	assert_accounting(snapshot, 2, 2, false, DOUBT_CHANGED);
	assert_int_equal(snapshot->issues.count, 0);
}

static void add_elsewhere(const struct tree *tree, int64_t pid)
{
	char stat[128];

	process_tree_write(tree, pid, "maps", SEGMENT("7f0000000000-7f0000001000"));
	snprintf(stat, sizeof(stat), "%lld (a) S 1 1 1 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 5 0\n",
		 (long long)pid);
	process_tree_write(tree, pid, "stat", stat);
	process_tree_link(tree, pid, "ns/ipc", "ipc:[4026532999]");
}

TEST(the_same_id_in_another_namespace_is_another_segment)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_two(&tree, 2);
	add_elsewhere(&tree, 30);
	snapshot = collect(&tree);
	ASSERT_PROCESSES(snapshot, 10, 20);
	assert_accounting(snapshot, 2, 2, true, 0);
}

/* It may have attached here, and changed its namespace then. */
TEST(a_process_elsewhere_is_a_doubt_where_somebody_is_missing)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_two(&tree, 3);
	add_elsewhere(&tree, 30);
	snapshot = collect(&tree);
	ASSERT_PROCESSES(snapshot, 10, 20);
	assert_accounting(snapshot, 2, 3, false, DOUBT_ELSEWHERE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fewer_than_counted_are_incomplete),
		cmocka_unit_test(more_than_counted_is_never_complete),
		cmocka_unit_test(mappings_at_one_address_may_be_one),
		cmocka_unit_test(a_process_that_may_not_be_inspected_is_a_doubt),
		cmocka_unit_test(who_may_not_be_inspected_does_not_matter_once_all_are_found),
		cmocka_unit_test(a_coincidence_is_no_proof),
		cmocka_unit_test(a_process_that_cannot_be_opened_is_a_doubt),
		cmocka_unit_test(a_process_that_tells_only_its_maps_is_not_counted),
		cmocka_unit_test(processes_that_vanish_are_left_out),
		cmocka_unit_test(the_same_id_in_another_namespace_is_another_segment),
		cmocka_unit_test(a_process_elsewhere_is_a_doubt_where_somebody_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
