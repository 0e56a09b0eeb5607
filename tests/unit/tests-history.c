/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What objects remember of past users, and what became of those. */
#include "unit.h"

#include <errno.h>

#include "process_tree.h"

/* Process 10 started 1000 seconds after boot. */
#define START (TREE_BOOT_TIME + 1000)

static const struct scope history = {
	.kinds = KINDS_ALL, .link_kinds = KINDS_ALL, .has_history = true, .has_semaphores = true};

static const struct link *find_link(const struct snapshot *snapshot, const char *ref,
				    enum link_how how, int64_t pid)
{
	const struct link *found = NULL;

	vector_for_each (&snapshot->links, link) {
		if (!text_equals(link->object_ref, text_of(ref)) || link->how != how ||
		    link->pid != pid)
			continue;
		assert_null(found);
		found = link;
	}
	return found;
}

/* What became of the creator of a segment that was changed last at that time. */
static enum link_state state_of_creator(const struct tree *tree, int64_t pid, int64_t changed_at)
{
	const struct tree_segment segment = {
		.id = 7, .key = 1, .creator_pid = pid, .changed_at = changed_at};
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	const struct link *link;

	process_tree_write_segments(tree, &segment, 1);
	snapshot = tree_collect(tree, history);
	assert_int_equal(snapshot->links.count, 1);
	link = find_link(snapshot, "shm:7", LINK_CREATED, pid);
	assert_non_null(link);
	assert_true(record_has(&link->record, LINK_STATE));
	assert_int_equal(record_has(&link->record, LINK_AT), changed_at != 0);
	if (changed_at)
		assert_int_equal(link->at, changed_at);
	return (enum link_state)link->state;
}

TEST(a_process_that_started_before_the_event_can_be_the_one)
{
	_cleanup_tree_ struct tree tree;

	process_tree_init(&tree);
	process_tree_add(&tree, 10, "", 1000);
	assert_int_equal(state_of_creator(&tree, 10, START + 1), LINK_ALIVE);
	assert_int_equal(state_of_creator(&tree, 10, START), LINK_ALIVE);
	/* Whole seconds, both rounded. */
	assert_int_equal(state_of_creator(&tree, 10, START - 1), LINK_ALIVE);
	assert_int_equal(state_of_creator(&tree, 10, START - 2), LINK_ALIVE);
	assert_int_equal(state_of_creator(&tree, 10, START - 3), LINK_REUSED);
	assert_int_equal(state_of_creator(&tree, 10, 1), LINK_REUSED);
	assert_int_equal(state_of_creator(&tree, 10, INT64_MAX), LINK_ALIVE);
	assert_int_equal(state_of_creator(&tree, 10, INT64_MAX - 1), LINK_ALIVE);
}

TEST(a_process_that_is_not_there_is_dead)
{
	_cleanup_tree_ struct tree tree;

	process_tree_init(&tree);
	process_tree_add(&tree, 10, "", 1000);
	assert_int_equal(state_of_creator(&tree, 11, START), LINK_DEAD);
	assert_int_equal(state_of_creator(&tree, INT32_MAX, START), LINK_DEAD);
}

/* Its leader has exited in both; only in the second one threads live on. */
TEST(a_process_of_which_only_the_record_is_left_is_dead)
{
	_cleanup_tree_ struct tree tree;

	process_tree_init(&tree);
	process_tree_write(&tree, 12, "stat",
			   "12 (a) Z 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100000 0 0\n");
	process_tree_write(&tree, 13, "stat",
			   "13 (a) Z 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 2 0 100000 0 0\n");
	assert_int_equal(state_of_creator(&tree, 12, START), LINK_DEAD);
	assert_int_equal(state_of_creator(&tree, 13, START), LINK_ALIVE);
}

TEST(a_tree_without_processes_tells_of_none)
{
	_cleanup_tree_ struct tree tree;

	process_tree_init(&tree);
	assert_int_equal(state_of_creator(&tree, 11, START), LINK_UNKNOWN);
}

TEST(what_cannot_be_compared_is_unknown)
{
	_cleanup_tree_ struct tree tree;

	process_tree_init(&tree);
	process_tree_add(&tree, 10, "", 1000);
	process_tree_write(&tree, 12, "stat", "odd");
	/* Without the time of the event, or a start. */
	assert_int_equal(state_of_creator(&tree, 10, 0), LINK_UNKNOWN);
	assert_int_equal(state_of_creator(&tree, 12, START), LINK_UNKNOWN);
	tree_write(&tree, "proc/stat", "cpu 1\n");
	assert_int_equal(state_of_creator(&tree, 10, START), LINK_UNKNOWN);
}

static int deny_10(const char *path)
{
	return strcmp(path, "proc/10/stat") == 0 ? EACCES : 0;
}

TEST(a_process_that_may_not_be_looked_at_is_unknown)
{
	const struct tree_segment segment = {.id = 7, .creator_pid = 10, .changed_at = START};
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init(&tree);
	process_tree_add(&tree, 10, "", 1000);
	process_tree_write_segments(&tree, &segment, 1);
	snapshot = process_tree_collect(&tree, history, deny_10);
	assert_int_equal(snapshot->links.items[0].state, LINK_UNKNOWN);
	assert_int_equal(snapshot->processes.count, 0);
}

TEST(a_segment_remembers_its_creator_and_its_last_user)
{
	static const struct tree_segment segments[] = {
		{.id = 1,
		 .creator_pid = 10,
		 .last_pid = 20,
		 .attached_at = START + 5,
		 .detached_at = START + 9,
		 .changed_at = START + 1},
		{.id = 2,
		 .creator_pid = 10,
		 .last_pid = 10,
		 .attached_at = START + 9,
		 .detached_at = START + 5,
		 .changed_at = START + 1},
		{.id = 3,
		 .creator_pid = 10,
		 .last_pid = 10,
		 .attached_at = START + 9,
		 .changed_at = START + 1},
		{.id = 4, .creator_pid = 10, .changed_at = START + 1},
	};
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	const struct link *link;

	process_tree_init(&tree);
	process_tree_add(&tree, 10, "", 1000);
	process_tree_write_segments(&tree, segments, ARRAY_LENGTH(segments));
	snapshot = tree_collect(&tree, history);
	/* The last one was never attached: PID 0 is nobody. */
	assert_int_equal(snapshot->links.count, 7);
	link = find_link(snapshot, "shm:1", LINK_CREATED, 10);
	assert_true(link->record.present == (1 << LINK_OBJECT | 1 << LINK_PID | 1 << LINK_HOW |
					     1 << LINK_STATE | 1 << LINK_AT));
	assert_int_equal(link->at, START + 1);
	link = find_link(snapshot, "shm:1", LINK_LAST_OP, 20);
	assert_int_equal(link->operation, LINK_ATTACH_OR_DETACH);
	assert_true(record_has(&link->record, LINK_OPERATION));
	assert_int_equal(link->at, START + 9);
	assert_int_equal(link->state, LINK_DEAD);
	assert_int_equal(find_link(snapshot, "shm:2", LINK_LAST_OP, 10)->at, START + 9);
	assert_int_equal(find_link(snapshot, "shm:3", LINK_LAST_OP, 10)->at, START + 9);
	assert_null(find_link(snapshot, "shm:4", LINK_LAST_OP, 0));
	vector_for_each (&snapshot->links, each)
		assert_int_equal(snapshot->objects.items[each->object].id,
				 each->object_ref.bytes[4] - '0');
}

TEST(a_queue_remembers_who_sent_and_who_received)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	_cleanup_buffer_ struct buffer text = {0};
	const struct link *link;

	process_tree_init(&tree);
	process_tree_add(&tree, 10, "", 1000);
	buffer_add_format(&text,
			  MSG_HEADER "0 1 600 10 1 10 11 0 0 0 0 %d %d 1\n"
				     "0 2 600 10 1 10 0 0 0 0 0 %d 0 1\n",
			  START + 3, START + 4, START - 3);
	tree_write_text(&tree, "proc/sysvipc/msg", buffer_text(&text));
	snapshot = tree_collect(&tree, history);
	assert_int_equal(snapshot->links.count, 3);
	link = find_link(snapshot, "msg:1", LINK_LAST_OP, 10);
	assert_int_equal(link->operation, LINK_SEND);
	assert_int_equal(link->at, START + 3);
	assert_int_equal(link->state, LINK_ALIVE);
	link = find_link(snapshot, "msg:1", LINK_LAST_OP, 11);
	assert_int_equal(link->operation, LINK_RECEIVE);
	assert_int_equal(link->at, START + 4);
	assert_int_equal(link->state, LINK_DEAD);
	assert_int_equal(find_link(snapshot, "msg:2", LINK_LAST_OP, 10)->state, LINK_REUSED);
	assert_false(record_has(&link->record, LINK_SEMNUM));
}

TEST(each_semaphore_remembers_somebody)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	_cleanup_buffer_ struct buffer text = {0};

	process_tree_init(&tree);
	process_tree_add(&tree, 10, "", 1000);
	buffer_add_format(&text, SEM_HEADER "0 3 600 4 0 0 0 0 %d %d\n", START - 5, START + 5);
	tree_write_text(&tree, "proc/sysvipc/sem", buffer_text(&text));
	tree_write(&tree, "ipclens/semaphores",
		   "semid num value ncount zcount pid\n3 0 1 0 0 10\n3 1 1 0 0 0\n3 2 1 0 0 11\n"
		   "3 3 1 0 0 10\n");
	snapshot = tree_collect(&tree, history);
	assert_int_equal(snapshot->links.count, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct link *link = &snapshot->links.items[i];

		assert_int_equal(link->how, LINK_LAST_OP);
		assert_int_equal(link->operation, LINK_SEMAPHORE);
		assert_true(record_has(&link->record, LINK_SEMNUM));
		assert_int_equal(link->semnum, i + (i > 0));
		/* SETVAL counts, too, and moves the time of change alone. */
		assert_int_equal(link->at, START + 5);
		assert_int_equal(link->state, i == 1 ? LINK_DEAD : LINK_ALIVE);
	}
}

/* In the order of PIDs, each once, however often and in whatever order it is remembered. */
TEST(processes_are_sorted_and_there_once)
{
	struct tree_segment segments[20];
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init(&tree);
	for (int64_t i = 0; i < 20; i++) {
		segments[i] = (struct tree_segment){.id = (unsigned int)i,
						    .creator_pid = 100 - i,
						    .last_pid = 81 + i,
						    .attached_at = START,
						    .changed_at = START};
		process_tree_add(&tree, 100 - i, "", 5);
	}
	process_tree_write_segments(&tree, segments, 20);
	snapshot = tree_collect(&tree, history);
	assert_int_equal(snapshot->links.count, 40);
	assert_int_equal(snapshot->processes.count, 20);
	for (size_t i = 0; i < 20; i++) {
		assert_int_equal(snapshot->processes.items[i].pid, 81 + i);
		assert_ptr_equal(snapshot_process(snapshot, 81 + (int64_t)i),
				 &snapshot->processes.items[i]);
	}
}

TEST(who_does_not_ask_for_history_gets_none)
{
	static const struct ref second = {.kinds = KIND_BIT(KIND_SHM), .number = 8};
	const struct tree_segment segments[] = {{.id = 7, .creator_pid = 10, .changed_at = START},
						{.id = 8, .creator_pid = 10, .changed_at = START}};
	struct scope scope = history;
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	process_tree_init(&tree);
	process_tree_add(&tree, 10, "", 1000);
	process_tree_write_segments(&tree, segments, 2);
	scope.has_history = false;
	snapshot = tree_collect(&tree, scope);
	assert_int_equal(snapshot->links.count, 0);
	snapshot_free(snapshot);
	scope = history;
	scope.link_kinds = KIND_BIT(KIND_MSG);
	snapshot = tree_collect(&tree, scope);
	assert_int_equal(snapshot->links.count, 0);
	snapshot_free(snapshot);
	scope = history;
	scope.details = &second;
	scope.detail_count = 1;
	snapshot = tree_collect(&tree, scope);
	assert_int_equal(snapshot->links.count, 1);
	assert_int_equal(snapshot->links.items[0].object, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_that_started_before_the_event_can_be_the_one),
		cmocka_unit_test(a_process_that_is_not_there_is_dead),
		cmocka_unit_test(a_process_of_which_only_the_record_is_left_is_dead),
		cmocka_unit_test(a_tree_without_processes_tells_of_none),
		cmocka_unit_test(what_cannot_be_compared_is_unknown),
		cmocka_unit_test(a_process_that_may_not_be_looked_at_is_unknown),
		cmocka_unit_test(a_segment_remembers_its_creator_and_its_last_user),
		cmocka_unit_test(a_queue_remembers_who_sent_and_who_received),
		cmocka_unit_test(each_semaphore_remembers_somebody),
		cmocka_unit_test(processes_are_sorted_and_there_once),
		cmocka_unit_test(who_does_not_ask_for_history_gets_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
