/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom a removal would hurt, on snapshots that are made by hand. */
#include "unit.h"

#include "query/dependents.h"

static struct snapshot *make_snapshot(enum kind kind)
{
	struct snapshot *snapshot = snapshot_new();
	struct object *object = snapshot_add_object(snapshot, kind);
	struct process *process = vector_add(&snapshot->processes);

	object_mark(object, OBJECT_ID);
	object_mark(object, kind == KIND_SHM ? OBJECT_NATTCH : OBJECT_SEMAPHORES);
	process->pid = 10;
	process->command = TEXT_LITERAL("user");
	record_mark(&process->record, PROCESS_PID);
	record_mark(&process->record, PROCESS_COMMAND);
	return snapshot;
}

static struct link *add_link(struct snapshot *snapshot, enum link_how how)
{
	struct link *link = vector_add(&snapshot->links);

	assert_non_null(link);
	link->pid = 10;
	link->how = how;
	return link;
}

static void add_issue(struct snapshot *snapshot, enum issue_aspect aspect)
{
	assert_int_equal(snapshot_add_issue(snapshot, aspect, OUTCOME_DENIED, KIND_COUNT, NULL,
					    "call", "why"),
			 0);
}

/* Asserts what is found, and its first line of evidence (NULL: none); frees the snapshot. */
static void assert_found(struct snapshot *snapshot, size_t count, bool is_fully_seen,
			 const char *evidence)
{
	_cleanup_actions_ struct actions actions = {0};
	struct action *action = actions_add(&actions, ACTION_REMOVE);
	struct dependents found;

	assert_int_equal(
		dependents_find(snapshot, &snapshot->objects.items[0], &actions, action, &found),
		0);
	assert_int_equal(found.count, count);
	assert_int_equal(found.is_fully_seen, is_fully_seen);
	assert_int_equal(action->evidence.count, evidence ? 1 : 0);
	if (evidence)
		assert_text(((struct text *)action->evidence.items)[0], evidence);
	snapshot_free(snapshot);
}

TEST(nobody_uses_it)
{
	assert_found(make_snapshot(KIND_SHM), 0, true, NULL);
	assert_found(make_snapshot(KIND_SEM), 0, true, NULL);
	assert_found(make_snapshot(KIND_MSG), 0, true, NULL);
	assert_found(make_snapshot(KIND_PSHM), 0, true, NULL);
}

TEST(history_hurts_nobody)
{
	struct snapshot *snapshot = make_snapshot(KIND_SHM);

	add_link(snapshot, LINK_CREATED);
	add_link(snapshot, LINK_LAST_OP);
	assert_found(snapshot, 0, true, NULL);
}

TEST(of_several_mappings_one_is_told)
{
	struct snapshot *snapshot = make_snapshot(KIND_SHM);

	add_link(snapshot, LINK_MAPPED);
	add_link(snapshot, LINK_MAPPED);
	snapshot->objects.items[0].shm.nattch = 2;
	assert_found(snapshot, 1, true, "user 10: has it mapped");
}

TEST(what_the_kernel_counts_is_enough)
{
	struct snapshot *snapshot = make_snapshot(KIND_SHM);
	struct semaphore semaphore = {.ncount = 2};

	snapshot->objects.items[0].shm.nattch = 2;
	assert_found(snapshot, 2, true, "the kernel counts 2 attachments");
	snapshot = make_snapshot(KIND_SEM);
	snapshot->objects.items[0].sem.semaphores = (struct record_list){&semaphore, 1};
	assert_found(snapshot, 2, true, "the kernel counts 2 waiters");
}

TEST(fewer_found_than_counted)
{
	struct snapshot *snapshot = make_snapshot(KIND_SHM);
	struct accounting *accounting = vector_add(&snapshot->accountings);

	accounting->expected = 3;
	accounting->found = 1;
	snapshot->objects.items[0].shm.nattch = 3;
	assert_found(snapshot, 2, true, "the kernel counts 3 attachments, of which 1 was found");
}

TEST(one_is_counted_in_the_singular)
{
	struct snapshot *snapshot = make_snapshot(KIND_SHM);
	struct semaphore semaphore = {.zcount = 1};
	struct accounting *accounting;

	snapshot->objects.items[0].shm.nattch = 1;
	assert_found(snapshot, 1, true, "the kernel counts 1 attachment");
	snapshot = make_snapshot(KIND_SEM);
	snapshot->objects.items[0].sem.semaphores = (struct record_list){&semaphore, 1};
	assert_found(snapshot, 1, true, "the kernel counts 1 waiter");
	snapshot = make_snapshot(KIND_SHM);
	accounting = vector_add(&snapshot->accountings);
	accounting->expected = 1;
	assert_found(snapshot, 1, true, "the kernel counts 1 attachment, of which 0 were found");
}

TEST(holders_matter_once_an_operation_succeeded)
{
	struct snapshot *snapshot = make_snapshot(KIND_SEM);

	add_issue(snapshot, ISSUE_ABOUT_HOLDERS);
	assert_found(snapshot, 0, true, NULL);
	snapshot = make_snapshot(KIND_SEM);
	add_issue(snapshot, ISSUE_ABOUT_HOLDERS);
	object_mark(&snapshot->objects.items[0], OBJECT_OPERATED_AT);
	assert_found(snapshot, 0, false, "holders unknown: why");
	snapshot = make_snapshot(KIND_SEM);
	snapshot->knows_holders = true;
	object_mark(&snapshot->objects.items[0], OBJECT_OPERATED_AT);
	assert_found(snapshot, 0, true, NULL);
}

TEST(semaphores_that_may_not_be_read)
{
	struct snapshot *snapshot = make_snapshot(KIND_SEM);

	record_unmark(&snapshot->objects.items[0].record, OBJECT_SEMAPHORES);
	assert_found(snapshot, 0, false,
		     "its semaphores could not be read, nor who waits for them");
}

TEST(processes_that_could_not_be_seen)
{
	struct snapshot *snapshot = make_snapshot(KIND_SHM);

	add_issue(snapshot, ISSUE_ABOUT_PROCESSES);
	assert_found(snapshot, 0, true, NULL);
	snapshot = make_snapshot(KIND_MQ);
	add_issue(snapshot, ISSUE_ABOUT_PROCESSES);
	assert_found(snapshot, 0, false,
		     "not every process could be looked at, and any of these can have it open");
	snapshot = make_snapshot(KIND_MSG);
	add_issue(snapshot, ISSUE_ABOUT_WAITS);
	assert_found(snapshot, 0, false,
		     "not every thread could be looked at, and any of these can wait for it");
}

TEST(messages_are_lost_and_hurt_nobody)
{
	struct snapshot *snapshot = make_snapshot(KIND_MSG);

	snapshot->objects.items[0].messages = 2;
	object_mark(&snapshot->objects.items[0], OBJECT_MESSAGES);
	assert_found(snapshot, 0, true, "2 messages in it would be lost");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_uses_it),
		cmocka_unit_test(history_hurts_nobody),
		cmocka_unit_test(of_several_mappings_one_is_told),
		cmocka_unit_test(what_the_kernel_counts_is_enough),
		cmocka_unit_test(fewer_found_than_counted),
		cmocka_unit_test(one_is_counted_in_the_singular),
		cmocka_unit_test(holders_matter_once_an_operation_succeeded),
		cmocka_unit_test(semaphores_that_may_not_be_read),
		cmocka_unit_test(processes_that_could_not_be_seen),
		cmocka_unit_test(messages_are_lost_and_hurt_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
