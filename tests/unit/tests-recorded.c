/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The side files of a recorded tree. */
#include "unit.h"

#include "tree.h"

#define SEMAPHORES "ipclens/semaphores"
#define QUEUES "ipclens/queues"
#define NAMES "semid num value ncount zcount pid\n"

static void make_tree(struct tree *tree)
{
	tree_init(tree);
	tree_write(tree, "proc/sysvipc/sem",
		   SEM_HEADER "0 3 600 3 0 0 0 0 5 1\n0 4 600 1 0 0 0 0 0 1\n");
	tree_write(tree, "proc/sysvipc/msg",
		   MSG_HEADER "0 1 600 10 1 0 0 0 0 0 0 0 0 1\n0 2 600 10 1 0 0 0 0 0 0 0 0 1\n");
}

/* The first array of the tree with these semaphores. */
static struct snapshot *collect(const char *semaphores)
{
	const struct scope scope = {.kinds = KIND_BIT(KIND_SEM), .has_semaphores = true};
	_cleanup_tree_ struct tree tree;

	make_tree(&tree);
	if (semaphores)
		tree_write(&tree, SEMAPHORES, semaphores);
	return tree_collect(&tree, scope);
}

#define COMPLETE "3 0 7 1 2 1234\n3 1 0 0 0 0\n4 0 9 0 0 0\n3 2 32767 0 0 99\n"

TEST(arrays_have_the_recorded_values)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect(NAMES COMPLETE);
	const struct object *object = &snapshot->objects.items[0];
	const struct semaphore *semaphores = object->sem.semaphores.items;

	assert_int_equal(snapshot->issues.count, 0);
	assert_true(object_has(object, OBJECT_SEMAPHORES));
	assert_int_equal(object->sem.semaphores.count, 3);
	for (unsigned int num = 0; num < 3; num++)
		assert_int_equal(semaphores[num].num, num);
	assert_int_equal(semaphores[0].value, 7);
	assert_int_equal(semaphores[0].ncount, 1);
	assert_int_equal(semaphores[0].zcount, 2);
	assert_int_equal(semaphores[0].pid, 1234);
	assert_int_equal(semaphores[2].value, 32767);
	assert_true(record_has(&semaphores[0].record, SEMAPHORE_PID));
	object = &snapshot->objects.items[1];
	assert_int_equal(object->sem.semaphores.count, 1);
	assert_int_equal(((struct semaphore *)object->sem.semaphores.items)->value, 9);
}

TEST(a_pid_of_zero_is_hidden_where_the_array_was_operated_on)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect(NAMES COMPLETE);
	const struct semaphore *operated = snapshot->objects.items[0].sem.semaphores.items;

	assert_false(record_has(&operated[1].record, SEMAPHORE_PID));
	assert_true(record_hides(&operated[1].record, SEMAPHORE_PID));
}

/* A value that is not the first one, 0, was set by somebody. */
TEST(a_pid_of_zero_is_hidden_where_the_value_was_set)
{
	_cleanup_snapshot_ struct snapshot *fresh = collect(NAMES "4 0 0 0 0 0\n");
	_cleanup_snapshot_ struct snapshot *set = collect(NAMES "4 0 1 0 0 0\n");
	const struct semaphore *untouched = fresh->objects.items[1].sem.semaphores.items;
	const struct semaphore *valued = set->objects.items[1].sem.semaphores.items;

	assert_false(record_has(&untouched[0].record, SEMAPHORE_PID));
	assert_false(record_hides(&untouched[0].record, SEMAPHORE_PID));
	assert_false(record_has(&valued[0].record, SEMAPHORE_PID));
	assert_true(record_hides(&valued[0].record, SEMAPHORE_PID));
}

TEST(large_arrays_are_whole)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	_cleanup_buffer_ struct buffer lines = {0};
	const struct semaphore *semaphores;

	make_tree(&tree);
	tree_write(&tree, "proc/sysvipc/sem", SEM_HEADER "0 3 600 1000 0 0 0 0 0 1\n");
	buffer_add_string(&lines, NAMES);
	for (unsigned int num = 0; num < 1000; num++)
		buffer_add_format(&lines, "3 %u %u 0 0 0\n", num, num * 3);
	tree_write_text(&tree, SEMAPHORES, buffer_text(&lines));
	snapshot = tree_collect(&tree, scope_everything);
	assert_int_equal(snapshot->objects.items[0].sem.semaphores.count, 1000);
	semaphores = snapshot->objects.items[0].sem.semaphores.items;
	for (unsigned int num = 0; num < 1000; num++)
		assert_int_equal(semaphores[num].value, num * 3);
}

static void assert_malformed(const char *semaphores)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect(semaphores);
	const struct issue *issue = find_issue(snapshot, SEMAPHORES);

	if (!issue || issue->code != OUTCOME_MALFORMED)
		fail_msg("no issue about %s", semaphores);
	assert_int_equal(issue->aspect, ISSUE_ABOUT_SEMAPHORES);
	assert_int_equal(issue->kind, KIND_SEM);
	assert_false(object_has(&snapshot->objects.items[0], OBJECT_SEMAPHORES));
}

TEST(lines_out_of_order_or_range_are_malformed)
{
	assert_malformed("");
	assert_malformed("semid num value\n3 0 1\n");
	assert_malformed(NAMES "3 1 0 0 0 0\n");
	assert_malformed(NAMES "3 0 0 0 0 0\n3 0 0 0 0 0\n");
	assert_malformed(NAMES "3 0 0 0 0 0\n3 2 0 0 0 0\n");
	assert_malformed(NAMES "3 0 -1 0 0 0\n");
	assert_malformed(NAMES "3 0 2147483648 0 0 0\n");
	assert_malformed(NAMES "3 0 1 0 0 0\n3 1 1 0 0 0\n3 2 1 0 0");
}

TEST(more_semaphores_than_the_array_has_are_malformed)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect(NAMES COMPLETE "4 1 0 0 0 0\n");

	assert_int_equal(find_issue(snapshot, SEMAPHORES)->code, OUTCOME_MALFORMED);
	assert_int_equal(snapshot->objects.items[1].sem.semaphores.count, 1);
}

static const struct issue *issue_about(const struct snapshot *snapshot, const char *ref)
{
	vector_for_each (&snapshot->issues, issue)
		if (record_has(&issue->record, ISSUE_OBJECT) &&
		    text_equals(issue->object, text_of(ref)))
			return issue;
	return NULL;
}

TEST(an_array_without_all_of_its_values_has_none_and_an_issue)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect(NAMES "3 0 1 0 0 0\n4 0 1 0 0 0\n");

	assert_false(object_has(&snapshot->objects.items[0], OBJECT_SEMAPHORES));
	assert_true(object_has(&snapshot->objects.items[1], OBJECT_SEMAPHORES));
	assert_int_equal(snapshot->issues.count, 1);
	assert_int_equal(issue_about(snapshot, "sem:3")->aspect, ISSUE_ABOUT_SEMAPHORES);
}

TEST(semaphores_of_arrays_that_are_not_there_are_passed_over)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect(NAMES "77 0 1 0 0 0\n" COMPLETE);

	assert_int_equal(snapshot->issues.count, 0);
	assert_true(object_has(&snapshot->objects.items[0], OBJECT_SEMAPHORES));
}

TEST(a_tree_without_the_file_has_an_issue)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect(NULL);
	const struct issue *issue = find_issue(snapshot, SEMAPHORES);

	assert_int_equal(snapshot->issues.count, 1);
	assert_int_equal(issue->code, OUTCOME_GONE);
	assert_false(object_has(&snapshot->objects.items[0], OBJECT_SEMAPHORES));
	assert_false(object_has(&snapshot->objects.items[1], OBJECT_SEMAPHORES));
}

static struct snapshot *collect_queues(const char *queues)
{
	const struct scope scope = {.kinds = KIND_BIT(KIND_MSG), .has_queue_limits = true};
	_cleanup_tree_ struct tree tree;

	make_tree(&tree);
	tree_write(&tree, QUEUES, queues);
	return tree_collect(&tree, scope);
}

TEST(queues_have_their_limits)
{
	_cleanup_snapshot_ struct snapshot *snapshot =
		collect_queues("msqid qbytes\n9 1\n2 18446744073709551615\n1 16384\n");

	assert_int_equal(snapshot->issues.count, 0);
	assert_int_equal(snapshot->objects.items[0].max_bytes, 16384);
	assert_true(snapshot->objects.items[1].max_bytes == UINT64_MAX);
	assert_true(object_has(&snapshot->objects.items[0], OBJECT_MAX_BYTES));
}

TEST(a_queue_without_its_limit_is_an_issue)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect_queues("msqid qbytes\n2 16384\n");

	assert_false(object_has(&snapshot->objects.items[0], OBJECT_MAX_BYTES));
	assert_int_equal(snapshot->issues.count, 1);
	assert_int_equal(issue_about(snapshot, "msg:1")->aspect, ISSUE_ABOUT_QUEUE_LIMITS);
}

TEST(the_time_and_the_page_size_are_those_of_the_recording)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	make_tree(&tree);
	tree_write(&tree, "ipclens/taken_at", "2026-11-23T09:12:48Z\n");
	tree_write(&tree, "ipclens/page_size", "65536\n");
	snapshot = tree_collect(&tree, scope_everything);
	assert_int_equal(snapshot->taken_at, 1795425168);
	assert_true(record_has(&snapshot->host.record, HOST_PAGE_SIZE));
	assert_int_equal(snapshot->host.page_size, 65536);
}

TEST(a_page_size_that_is_none_is_absent)
{
	static const char *const sizes[] = {"", "0", "-1", "4096 bytes", "4294967296"};

	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		_cleanup_snapshot_ struct snapshot *snapshot =
			tree_collect_file("ipclens/page_size", sizes[i]);

		assert_false(record_has(&snapshot->host.record, HOST_PAGE_SIZE));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrays_have_the_recorded_values),
		cmocka_unit_test(a_pid_of_zero_is_hidden_where_the_array_was_operated_on),
		cmocka_unit_test(a_pid_of_zero_is_hidden_where_the_value_was_set),
		cmocka_unit_test(large_arrays_are_whole),
		cmocka_unit_test(lines_out_of_order_or_range_are_malformed),
		cmocka_unit_test(more_semaphores_than_the_array_has_are_malformed),
		cmocka_unit_test(an_array_without_all_of_its_values_has_none_and_an_issue),
		cmocka_unit_test(semaphores_of_arrays_that_are_not_there_are_passed_over),
		cmocka_unit_test(a_tree_without_the_file_has_an_issue),
		cmocka_unit_test(queues_have_their_limits),
		cmocka_unit_test(a_queue_without_its_limit_is_an_issue),
		cmocka_unit_test(the_time_and_the_page_size_are_those_of_the_recording),
		cmocka_unit_test(a_page_size_that_is_none_is_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
