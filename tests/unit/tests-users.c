/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who maps segments, in recorded trees. */
#include "unit.h"

#include <errno.h>

#include "process_tree.h"

static struct snapshot *collect(const struct tree *tree)
{
	return process_tree_collect(tree, tree_users, NULL);
}

TEST(all_attachments_are_found)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_two(&tree, 2);
	snapshot = collect(&tree);
	assert_true(snapshot->has_users);
	assert_int_equal(snapshot->issues.count, 0);
	assert_int_equal(snapshot->links.count, 2);
	assert_accounting(snapshot, 2, 2, true, 0);
	ASSERT_PROCESSES(snapshot, 10, 20);
}

TEST(a_link_tells_who_how_and_where)
{
	static const enum link_field fields[] = {LINK_OBJECT,	LINK_PID,     LINK_HOW,
						 LINK_ACCESS,	LINK_ADDRESS, LINK_LENGTH,
						 LINK_SHARED_BY};
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	const struct link *link;
	uint64_t present = 0;

	process_tree_init_segment(&tree, 1);
	process_tree_add(
		&tree, 20,
		"7f0000001000-7f0000009000 r-xs 00000000 00:01 " SEGMENT_ID " " SEGMENT_FILE, 6);
	snapshot = collect(&tree);
	assert_int_equal(snapshot->links.count, 1);
	link = &snapshot->links.items[0];
	for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
		present |= UINT64_C(1) << fields[i];
	assert_true(link->record.present == present);
	assert_int_equal(link->object, 0);
	assert_text(link->object_ref, "shm:" SEGMENT_ID);
	assert_int_equal(link->pid, 20);
	assert_int_equal(link->how, LINK_MAPPED);
	assert_int_equal(link->access, LINK_READ | LINK_EXECUTE);
	assert_true(link->address == 0x7f0000001000);
	assert_int_equal(link->length, 0x8000);
	assert_int_equal(link->shared_by.count, 0);
}

TEST(a_process_has_a_command_a_user_and_a_start)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	const struct process *process;

	process_tree_init_two(&tree, 2);
	snapshot = collect(&tree);
	process = snapshot_process(snapshot, 20);
	assert_text(process->command, "user 20");
	assert_int_equal(process->start_ticks, 600);
	assert_int_equal(process->started_at, TREE_BOOT_TIME + 6);
	assert_int_equal(process->uid, 1000);
	assert_false(process->stopped);
	for (unsigned int i = 0; i < PROCESS_FIELD_COUNT; i++)
		assert_int_equal(record_has(&process->record, i),
				 i != PROCESS_USER && i != PROCESS_NAMESPACE && i != PROCESS_UNIT);
	assert_null(snapshot_process(snapshot, 15));
	assert_null(snapshot_process(snapshot, 0));
}

TEST(nobody_is_an_answer_too)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_segment(&tree, 0);
	process_tree_add(&tree, 10, NOISE, 5);
	snapshot = collect(&tree);
	assert_accounting(snapshot, 0, 0, true, 0);
	assert_int_equal(snapshot->links.count + snapshot->processes.count, 0);
	assert_true(object_has(&snapshot->objects.items[0], OBJECT_PROCESSES));
	assert_int_equal(snapshot->objects.items[0].processes.count, 0);
}

TEST(a_process_whose_leader_has_exited_is_read_through_a_thread)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_segment(&tree, 1);
	process_tree_add(&tree, 20, "", 6);
	process_tree_write(&tree, 20, "task/20/maps", "");
	process_tree_write(&tree, 20, "task/21/maps", SEGMENT("7f0000000000-7f0000001000"));
	process_tree_link(&tree, 20, "task/21/ns/ipc", TREE_NAMESPACE);
	process_tree_write(&tree, 20, "task/22/maps", SEGMENT("7f0000000000-7f0000001000"));
	process_tree_link(&tree, 20, "task/22/ns/ipc", TREE_NAMESPACE);
	snapshot = collect(&tree);
	ASSERT_PROCESSES(snapshot, 20);
	assert_int_equal(snapshot->links.count, 1);
	assert_accounting(snapshot, 1, 1, true, 0);
}

TEST(what_only_looks_like_a_segment_is_none)
{
	static const char *const others[] = {
		/* A memfd of the same inode, and one with a tempting name. */
		"7f0000000000-7f0000001000 rw-s 00000000 00:01 " SEGMENT_ID " /memfd:x (deleted)\n",
		"7f0000000000-7f0000001000 rw-s 00000000 00:01 " SEGMENT_ID
		" /memfd:/SYSV000004d2\n",
		"7f0000000000-7f0000001000 rw-s 00000000 00:01 " SEGMENT_ID
		" /dev/zero (deleted)\n",
		/* A regular file of that name and inode. */
		"7f0000000000-7f0000001000 rw-s 00000000 08:01 " SEGMENT_ID " " SEGMENT_FILE,
		"7f0000000000-7f0000001000 rw-p 00000000 08:01 " SEGMENT_ID " " SEGMENT_FILE,
		"7f0000000000-7f0000001000 rw-p 00000000 00:01 " SEGMENT_ID " " SEGMENT_FILE,
		/* Another segment. */
		"7f0000000000-7f0000001000 rw-s 00000000 00:01 98312 " SEGMENT_FILE,
		"7f0000000000-7f0000001000 rw-s 00000000 00:01 4295065607 " SEGMENT_FILE,
		"7f0000000000-7f0000001000 rw-s 00000000 00:01 " SEGMENT_ID
		" /SYSV000004d (deleted)\n",
		"7f0000000000-7f0000001000 rw-s 00000000 00:01 " SEGMENT_ID " /sysv000004d2\n",
		"7f0000000000-7f0000001000 rw-s 00000000 00:01 " SEGMENT_ID " /tmp/SYSV000004d2\n",
		"7f0000000000-7f0000001000 rw-s 00000000 00:01 " SEGMENT_ID " \n",
		/* One of the same id that came from another namespace. */
		"7f0000000000-7f0000001000 rw-s 00000000 00:01 " SEGMENT_ID
		" /SYSV000004d3 (deleted)\n",
	};

	for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
		_cleanup_tree_ struct tree tree;
		_cleanup_snapshot_ struct snapshot *snapshot = NULL;

		process_tree_init_two(&tree, 3);
		process_tree_add(&tree, 30, others[i], 7);
		snapshot = collect(&tree);
		if (snapshot->links.count != 2)
			fail_msg("a segment: %s", others[i]);
		assert_accounting(snapshot, 2, 3, false, 0);
		ASSERT_PROCESSES(snapshot, 10, 20);
	}
}

/* The mapping keeps the key that the segment has lost. */
TEST(a_removed_segment_is_still_used)
{
	const struct tree_segment segment = {
		.id = 98311, .key = 0, .mode = 01600, .nattch = 2, .creator_pid = 10};
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init(&tree);
	process_tree_write_segments(&tree, &segment, 1);
	process_tree_add(&tree, 10, SEGMENT("7f0000000000-7f0000001000"), 5);
	process_tree_add(&tree, 20,
			 "7f0000004000-7f0000005000 rw-s 00000000 00:01 " SEGMENT_ID
			 " /SYSV00000000 (deleted)\n",
			 6);
	snapshot = collect(&tree);
	assert_accounting(snapshot, 2, 2, true, 0);
}

TEST(each_mapping_of_one_process_counts)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_segment(&tree, 2);
	process_tree_add(
		&tree, 20,
		SEGMENT("7f0000005000-7f0000006000") NOISE SEGMENT("7f0000001000-7f0000002000"), 6);
	snapshot = collect(&tree);
	assert_int_equal(snapshot->links.count, 2);
	assert_true(snapshot->links.items[0].address == 0x7f0000001000);
	assert_true(snapshot->links.items[1].address == 0x7f0000005000);
	assert_accounting(snapshot, 2, 2, true, 0);
	ASSERT_PROCESSES(snapshot, 20);
}

/* The kernel counts them as three, too. */
TEST(a_mapping_that_mprotect_split_counts_as_three)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_segment(&tree, 3);
	process_tree_add(
		&tree, 20,
		"7f0000001000-7f0000002000 rw-s 00000000 00:01 " SEGMENT_ID " " SEGMENT_FILE
		"7f0000002000-7f0000003000 ---s 00001000 00:01 " SEGMENT_ID " " SEGMENT_FILE
		"7f0000003000-7f0000004000 r--s 00002000 00:01 " SEGMENT_ID " " SEGMENT_FILE,
		6);
	snapshot = collect(&tree);
	assert_int_equal(snapshot->links.count, 3);
	assert_int_equal(snapshot->links.items[1].access, 0);
	assert_int_equal(snapshot->links.items[2].access, LINK_READ);
	assert_accounting(snapshot, 3, 3, true, 0);
	ASSERT_PROCESSES(snapshot, 20);
}

TEST(malformed_maps_are_a_doubt_but_what_can_be_read_counts)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_segment(&tree, 2);
	process_tree_add(&tree, 20, SEGMENT("7f0000001000-7f0000002000") "odd\n", 6);
	snapshot = collect(&tree);
	assert_accounting(snapshot, 1, 2, false, DOUBT_UNREADABLE);
	assert_int_equal(snapshot->issues.count, 1);
}

static int deny_proc(const char *path)
{
	return strcmp(path, "proc") == 0 ? EACCES : 0;
}

TEST(processes_that_cannot_be_listed_are_an_issue)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_two(&tree, 2);
	snapshot = process_tree_collect(&tree, tree_users, deny_proc);
	assert_accounting(snapshot, 0, 2, false, DOUBT_UNREADABLE);
	assert_non_null(find_issue(snapshot, "/proc"));
	assert_int_equal(find_issue(snapshot, "/proc")->code, OUTCOME_DENIED);
}

static int lose_devices(const char *path)
{
	return strcmp(path, "ipclens/devices") == 0 ? ENOENT : 0;
}

TEST(without_the_device_nothing_is_claimed)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_two(&tree, 2);
	snapshot = process_tree_collect(&tree, tree_users, lose_devices);
	assert_int_equal(snapshot->accountings.count + snapshot->links.count, 0);
	assert_false(object_has(&snapshot->objects.items[0], OBJECT_PROCESSES));
	assert_int_equal(snapshot->issues.count, 1);
	assert_int_equal(snapshot->issues.items[0].code, OUTCOME_UNSUPPORTED);
	assert_int_equal(snapshot->issues.items[0].aspect, ISSUE_ABOUT_PROCESSES);
}

TEST(without_a_namespace_of_our_own_no_mapping_is_ours)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	char path[128];

	process_tree_init_two(&tree, 2);
	snprintf(path, sizeof(path), "%s/proc/self/ns/ipc", tree.path);
	assert_int_equal(remove(path), 0);
	snapshot = collect(&tree);
	assert_int_equal(snapshot->links.count, 0);
	assert_accounting(snapshot, 0, 2, false, DOUBT_ELSEWHERE);
}

TEST(a_start_beyond_all_time_is_absent)
{
	static const char *const boots[] = {"btime 9223372036854775807\n", "btime x\n", "cpu\n"};

	for (size_t i = 0; i < ARRAY_LENGTH(boots); i++) {
		_cleanup_tree_ struct tree tree;
		_cleanup_snapshot_ struct snapshot *snapshot = NULL;

		process_tree_init_two(&tree, 2);
		tree_write(&tree, "proc/stat", boots[i]);
		snapshot = collect(&tree);
		assert_int_equal(snapshot->processes.count, 2);
		assert_false(record_has(&snapshot->processes.items[0].record, PROCESS_STARTED_AT));
		assert_true(record_has(&snapshot->processes.items[0].record, PROCESS_START_TICKS));
	}
}

TEST(links_are_in_the_order_of_processes)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_segment(&tree, 3);
	process_tree_add(&tree, 10, SEGMENT("7f0000005000-7f0000006000"), 5);
	process_tree_add(&tree, 20,
			 SEGMENT("7f0000001000-7f0000002000") SEGMENT("7f0000008000-7f0000009000"),
			 6);
	snapshot = collect(&tree);
	assert_int_equal(snapshot->links.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(snapshot->links.items[i].pid, i ? 20 : 10);
	ASSERT_PROCESSES(snapshot, 10, 20);
}

TEST(links_may_be_left_out)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	struct scope scope = tree_users;

	process_tree_init_two(&tree, 2);
	scope.has_no_links = true;
	snapshot = process_tree_collect(&tree, scope, NULL);
	assert_int_equal(snapshot->links.count, 0);
	assert_accounting(snapshot, 2, 2, true, 0);
	ASSERT_PROCESSES(snapshot, 10, 20);
}

TEST(many_processes_are_each_looked_at_once)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_segment(&tree, 500);
	for (int64_t pid = 1; pid <= 500; pid++) {
		char maps[256];

		snprintf(maps, sizeof(maps),
			 "7f%07llx000-7f%07llx000 rw-s 0 00:01 " SEGMENT_ID " " SEGMENT_FILE,
			 (unsigned long long)pid, (unsigned long long)pid + 1);
		process_tree_add(&tree, pid, maps, 1);
	}
	snapshot = collect(&tree);
	assert_accounting(snapshot, 500, 500, true, 0);
	assert_int_equal(snapshot->links.count, 500);
	assert_int_equal(snapshot->processes.count, 500);
	for (size_t i = 0; i < 500; i++) {
		assert_int_equal(snapshot->links.items[i].pid, i + 1);
		assert_int_equal(snapshot->processes.items[i].pid, i + 1);
		assert_int_equal(((int64_t *)snapshot->objects.items[0].processes.items)[i], i + 1);
	}
}

TEST(who_does_not_ask_for_users_gets_none)
{
	const struct scope scope = {.kinds = KINDS_ALL, .link_kinds = KIND_BIT(KIND_SEM)};
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_two(&tree, 2);
	snapshot = process_tree_collect(&tree, scope, NULL);
	assert_int_equal(snapshot->accountings.count + snapshot->links.count, 0);
	assert_int_equal(snapshot->processes.count, 0);
	snapshot_free(snapshot);
	snapshot = tree_collect(&tree, (struct scope){.kinds = KINDS_ALL});
	assert_false(snapshot->has_users);
	assert_int_equal(snapshot->accountings.count + snapshot->links.count, 0);
}

/* Through the front door, the names of users among it. */
TEST(the_whole_collector_tells_the_same)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init_two(&tree, 2);
	tree_write(&tree, "etc/passwd", "root:x:0:0::/:/\nalice:x:1000:1000::/:/\n");
	snapshot = tree_collect(&tree, scope_everything);
	assert_accounting(snapshot, 2, 2, true, 0);
	assert_text(snapshot_process(snapshot, 10)->user, "alice");
	assert_text(snapshot_process(snapshot, 20)->user, "alice");
	/* Two links of proof, and those of history. */
	assert_int_equal(snapshot->links.count, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_attachments_are_found),
		cmocka_unit_test(a_link_tells_who_how_and_where),
		cmocka_unit_test(a_process_has_a_command_a_user_and_a_start),
		cmocka_unit_test(nobody_is_an_answer_too),
		cmocka_unit_test(a_process_whose_leader_has_exited_is_read_through_a_thread),
		cmocka_unit_test(what_only_looks_like_a_segment_is_none),
		cmocka_unit_test(a_removed_segment_is_still_used),
		cmocka_unit_test(each_mapping_of_one_process_counts),
		cmocka_unit_test(a_mapping_that_mprotect_split_counts_as_three),
		cmocka_unit_test(malformed_maps_are_a_doubt_but_what_can_be_read_counts),
		cmocka_unit_test(processes_that_cannot_be_listed_are_an_issue),
		cmocka_unit_test(without_the_device_nothing_is_claimed),
		cmocka_unit_test(without_a_namespace_of_our_own_no_mapping_is_ours),
		cmocka_unit_test(a_start_beyond_all_time_is_absent),
		cmocka_unit_test(links_are_in_the_order_of_processes),
		cmocka_unit_test(links_may_be_left_out),
		cmocka_unit_test(many_processes_are_each_looked_at_once),
		cmocka_unit_test(who_does_not_ask_for_users_gets_none),
		cmocka_unit_test(the_whole_collector_tells_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
