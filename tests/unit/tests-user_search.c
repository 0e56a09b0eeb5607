/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is looked at for one segment, or of a few processes, in recorded trees. */
#include "unit.h"

#include "process_tree.h"

/* Two segments: who asks about one gets no accounting of the other. */
static struct snapshot *collect_one_of_two(struct tree *tree, unsigned int nattch,
					   int (*inject)(const char *path))
{
	static const struct ref first = {.kinds = KIND_BIT(KIND_SHM), .number = 98311};
	const struct tree_segment segments[] = {
		{.id = 5, .key = 0x4d2, .nattch = 1, .creator_pid = 40},
		{.id = 98311, .key = 0x4d2, .nattch = nattch, .creator_pid = 10, .last_pid = 20}};
	struct scope scope = tree_users;

	process_tree_init_two(tree, nattch);
	process_tree_write_segments(tree, segments, 2);
	process_tree_add(
		tree, 30,
		SEGMENT("7f0000008000-7f0000009000") "7f0000000000-7f0000001000 rw-s 00000000 00:01 5 " SEGMENT_FILE,
		7);
	scope.details = &first;
	scope.detail_count = 1;
	return process_tree_collect(tree, scope, inject);
}

TEST(details_are_of_one_segment_alone)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = collect_one_of_two(&tree, 3, NULL);

	assert_int_equal(snapshot->accountings.count, 1);
	assert_int_equal(snapshot->accountings.items[0].object, 1);
	assert_true(snapshot->accountings.items[0].is_complete);
	assert_int_equal(snapshot->links.count, 3);
	vector_for_each (&snapshot->links, link)
		assert_int_equal(link->object, 1);
	assert_null(snapshot_accounting(snapshot, &snapshot->objects.items[0]));
	assert_false(object_has(&snapshot->objects.items[0], OBJECT_PROCESSES));
}

static size_t opened_others;

static int note_others(const char *path)
{
	opened_others += strcmp(path, "proc/30") == 0;
	return 0;
}

TEST(the_search_ends_once_all_are_found)
{
	for (unsigned int nattch = 2; nattch <= 3; nattch++) {
		_cleanup_tree_ struct tree tree;
		_cleanup_snapshot_ struct snapshot *snapshot = NULL;

		opened_others = 0;
		snapshot = collect_one_of_two(&tree, nattch, note_others);
		assert_int_equal(opened_others, nattch == 3);
		assert_int_equal(snapshot->links.count, nattch);
		assert_true(snapshot->accountings.items[0].is_complete);
	}
}

/* Two at one address can be one, so that somebody else may be missing. */
TEST(the_search_goes_on_where_it_is_not_sure)
{
	static const struct ref ref = {.kinds = KIND_BIT(KIND_SHM), .number = 98311};
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	struct scope scope = tree_users;

	process_tree_init_segment(&tree, 2);
	process_tree_add(&tree, 10, SEGMENT("7f0000001000-7f0000002000"), 5);
	process_tree_add(&tree, 20, SEGMENT("7f0000001000-7f0000002000"), 6);
	process_tree_add(&tree, 30, NOISE, 7);
	scope.details = &ref;
	scope.detail_count = 1;
	opened_others = 0;
	snapshot = process_tree_collect(&tree, scope, note_others);
	assert_int_equal(opened_others, 1);
}

TEST(the_search_for_one_segment_reaches_everybody)
{
	static const struct ref ref = {.kinds = KIND_BIT(KIND_SHM), .number = 98311};
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	struct scope scope = tree_users;

	process_tree_init_segment(&tree, 2);
	for (int64_t pid = 1; pid <= 200; pid++)
		process_tree_add(&tree, pid, NOISE, 1);
	process_tree_write(&tree, 1, "maps", SEGMENT("7f0000001000-7f0000002000"));
	process_tree_write(&tree, 200, "maps", SEGMENT("7f0000003000-7f0000004000"));
	scope.details = &ref;
	scope.detail_count = 1;
	snapshot = process_tree_collect(&tree, scope, NULL);
	assert_accounting(snapshot, 2, 2, true, 0);
	ASSERT_PROCESSES(snapshot, 1, 200);
}

/* Who asks about processes is told of each of them, and nothing of who else uses what. */
TEST(processes_that_are_asked_for_are_looked_at_alone)
{
	static const int64_t pids[] = {20, 30, 40};
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	struct scope scope = tree_users;

	process_tree_init_two(&tree, 2);
	process_tree_add(&tree, 30, NOISE, 7);
	scope.pids = pids;
	scope.pid_count = ARRAY_LENGTH(pids);
	snapshot = process_tree_collect(&tree, scope, NULL);
	assert_int_equal(snapshot->links.count, 1);
	assert_int_equal(snapshot->links.items[0].pid, 20);
	assert_text(snapshot->links.items[0].object_ref, "shm:" SEGMENT_ID);
	assert_int_equal(snapshot->processes.count, 2);
	assert_non_null(snapshot_process(snapshot, 20));
	assert_text(snapshot_process(snapshot, 30)->command, "user 30");
	assert_int_equal(snapshot->accountings.count, 0);
	assert_false(object_has(&snapshot->objects.items[0], OBJECT_PROCESSES));
	assert_int_equal(snapshot->issues.count, 0);
}

TEST(a_process_that_is_asked_for_twice_is_looked_at_once)
{
	static const int64_t pids[] = {20, 10, 20};
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	struct scope scope = tree_users;

	process_tree_init_two(&tree, 2);
	scope.pids = pids;
	scope.pid_count = ARRAY_LENGTH(pids);
	snapshot = process_tree_collect(&tree, scope, NULL);
	assert_int_equal(snapshot->links.count, 2);
	assert_int_equal(snapshot->links.items[0].pid, 10);
	assert_int_equal(snapshot->links.items[1].pid, 20);
	assert_int_equal(snapshot->links.items[1].shared_by.count, 0);
	assert_int_equal(snapshot->processes.count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(details_are_of_one_segment_alone),
		cmocka_unit_test(the_search_ends_once_all_are_found),
		cmocka_unit_test(the_search_goes_on_where_it_is_not_sure),
		cmocka_unit_test(the_search_for_one_segment_reaches_everybody),
		cmocka_unit_test(processes_that_are_asked_for_are_looked_at_alone),
		cmocka_unit_test(a_process_that_is_asked_for_twice_is_looked_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
