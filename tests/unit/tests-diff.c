/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is different between two snapshots that are made up. */
#include "unit.h"

#include <time.h>

#include "query/diff.h"

#define NOW 1000000

static struct snapshot *begin(int64_t taken_at)
{
	struct snapshot *snapshot = snapshot_new();

	assert_non_null(snapshot);
	snapshot->taken_at = taken_at;
	snapshot->has_users = snapshot->has_waits = snapshot->knows_holders = true;
	return snapshot;
}

/* Two snapshots, ten seconds apart. */
struct couple {
	struct snapshot *before, *after;
};

static struct couple begin_both(void)
{
	return (struct couple){begin(NOW), begin(NOW + 10)};
}

static void couple_deinit(struct couple *couple)
{
	snapshot_free(couple->before);
	snapshot_free(couple->after);
}
#define _cleanup_couple_ __attribute__((cleanup(couple_deinit)))

static struct object *add_object(struct snapshot *snapshot, enum kind kind, uint64_t id)
{
	struct object *object = snapshot_add_object(snapshot, kind);

	assert_non_null(object);
	object->id = object->inode = id;
	object_mark(object, OBJECT_ID);
	object_mark(object, OBJECT_KEY);
	object_mark(object, OBJECT_INODE);
	return object;
}

static struct object *add_queue(struct snapshot *snapshot, uint64_t id, uint64_t messages)
{
	struct object *queue = add_object(snapshot, KIND_MSG, id);

	queue->messages = messages;
	object_mark(queue, OBJECT_MESSAGES);
	return queue;
}

static struct object *add_file(struct snapshot *snapshot, enum kind kind, uint64_t inode,
			       const char *name)
{
	struct object *file = add_object(snapshot, kind, inode);

	file->name = text_of(name);
	file->ref = text_of(name);
	object_mark(file, OBJECT_NAME);
	return file;
}

static void add_process(struct snapshot *snapshot, int64_t pid, uint64_t start)
{
	struct process *process = vector_add(&snapshot->processes);

	assert_non_null(process);
	process->pid = pid;
	process->start_ticks = start;
	record_mark(&process->record, PROCESS_START_TICKS);
}

static struct link *add_link(struct snapshot *snapshot, enum link_how how, int64_t pid)
{
	struct link *link = vector_add(&snapshot->links);

	assert_non_null(link);
	link->object = snapshot->objects.count - 1;
	link->how = how;
	link->pid = pid;
	return link;
}

static struct wait *add_wait(struct snapshot *snapshot, int64_t tid, int64_t since)
{
	struct wait *wait = vector_add(&snapshot->waits);

	assert_non_null(wait);
	wait->object = snapshot->objects.count - 1;
	wait->pid = wait->tid = tid;
	wait->since = since;
	record_mark(&wait->record, WAIT_SINCE);
	return wait;
}

static void add_issue(struct snapshot *snapshot, enum issue_aspect aspect)
{
	assert_int_equal(snapshot_add_issue(snapshot, aspect, OUTCOME_DENIED, KIND_COUNT, NULL,
					    "subject", "reason"),
			 0);
}

static struct diff compare(const struct couple *couple)
{
	const struct selection_options options = {.kinds = KINDS_ALL, .nameless_kinds = KINDS_ALL};
	struct diff diff = {0};

	assert_int_equal(diff_make(couple->before, couple->after, &options, &diff), 0);
	return diff;
}

/* The changes as one line: "-shm:1 +msg:2 ~sem:3(value,user)"; a question mark is not proven. */
static void assert_diff(const struct couple *couple, const char *expected)
{
	static const char *const sorts[] = {[DIFF_USER] = "user", [DIFF_WAIT] = "wait"};
	_cleanup_diff_ struct diff diff = compare(couple);
	_cleanup_buffer_ struct buffer line = {0};
	char bytes[REF_MAX];

	vector_for_each (&diff.items, item) {
		if (line.length)
			buffer_add_char(&line, ' ');
		buffer_add_char(&line, "-+~"[item->change]);
		buffer_add_text(&line,
				ref_of_object(item->after ? item->after : item->before, bytes));
		buffer_add_string(&line, item->is_proven ? "" : "?");
		for (size_t i = item->first; i < item->first + item->count; i++) {
			const struct diff_detail *detail = &diff.details.items[i];

			buffer_add_char(&line, i == item->first ? '(' : ',');
			if (detail->sort < DIFF_USER)
				diff_add_name(&line, detail);
			else
				buffer_add_format(&line, "%s%s%s", detail->before ? "-" : "",
						  detail->after ? "+" : "", sorts[detail->sort]);
			buffer_add_string(&line, detail->is_proven ? "" : "?");
		}
		buffer_add_string(&line, item->count ? ")" : "");
	}
	assert_text(buffer_text(&line), expected);
}

TEST(nothing_differs_from_itself)
{
	_cleanup_couple_ struct couple couple = begin_both();

	assert_diff(&couple, "");
	add_queue(couple.before, 1, 5);
	add_link(couple.before, LINK_OPEN, 7);
	add_wait(couple.before, 7, NOW);
	add_queue(couple.after, 1, 5);
	add_link(couple.after, LINK_OPEN, 7);
	add_wait(couple.after, 7, NOW + 1);
	assert_diff(&couple, "");
}

TEST(objects_come_and_go)
{
	_cleanup_couple_ struct couple couple = begin_both();

	add_queue(couple.before, 1, 5);
	add_queue(couple.before, 2, 5);
	add_queue(couple.after, 2, 6);
	add_queue(couple.after, 3, 0);
	assert_diff(&couple, "-msg:1 ~msg:2(messages) +msg:3");
}

TEST(what_is_given_out_again_is_another_object)
{
	_cleanup_couple_ struct couple couple = begin_both();
	_cleanup_diff_ struct diff diff = {0};

	add_object(couple.before, KIND_SHM, 1)->shm.creator_pid = 5;
	add_object(couple.after, KIND_SHM, 1)->shm.creator_pid = 6;
	object_mark(&couple.before->objects.items[0], OBJECT_CREATOR_PID);
	object_mark(&couple.after->objects.items[0], OBJECT_CREATOR_PID);
	add_queue(couple.before, 2, 0)->key = 0x4d2;
	add_queue(couple.after, 3, 0)->key = 0x4d2;
	add_file(couple.before, KIND_MQ, 4, "mq:/q");
	add_file(couple.after, KIND_MQ, 5, "mq:/q");
	assert_diff(&couple, "-shm:1 +shm:1 -msg:2 +msg:3 -mq:/q +mq:/q");
	diff = compare(&couple);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(diff.items.items[i].heir_sort, PAIRS_SAME_ID + i / 2);
		assert_non_null(diff.items.items[i].heir);
	}
	assert_ptr_equal(diff.items.items[0].heir, &couple.after->objects.items[0]);
}

TEST(a_private_key_and_a_lost_name_are_given_to_nobody)
{
	_cleanup_couple_ struct couple couple = begin_both();
	_cleanup_diff_ struct diff diff = {0};

	add_queue(couple.before, 2, 0);
	add_queue(couple.after, 3, 0);
	add_file(couple.before, KIND_PSHM, 4, "pshm:/x")->status = STATUS_UNLINKED;
	add_file(couple.after, KIND_PSHM, 5, "pshm:/x");
	diff = compare(&couple);
	assert_int_equal(diff.items.count, 4);
	vector_for_each (&diff.items, item)
		assert_null(item->heir);
}

TEST(what_one_does_not_have_is_a_gap_and_no_change)
{
	_cleanup_couple_ struct couple couple = begin_both();
	_cleanup_diff_ struct diff diff = {0};

	for (uint64_t id = 0; id < 3; id++) {
		add_queue(couple.before, id, 5);
		record_unmark(&add_queue(couple.after, id, 0)->record, OBJECT_MESSAGES);
	}
	assert_diff(&couple, "");
	diff = compare(&couple);
	assert_int_equal(diff.gaps.count, 1);
	assert_string_equal(diff.gaps.items[0].what, "messages");
	assert_int_equal(diff.gaps.items[0].objects, 3);
	assert_false(diff.gaps.items[0].is_before);
	assert_true(diff.gaps.items[0].is_after);
}

TEST(what_had_never_happened_is_known)
{
	_cleanup_couple_ struct couple couple = begin_both();
	struct object *after;

	add_queue(couple.before, 1, 0);
	after = add_queue(couple.after, 1, 0);
	after->msg.received_at = NOW + 5;
	object_mark(after, OBJECT_RECEIVED_AT);
	assert_diff(&couple, "~msg:1(received_at)");
	record_mark_hidden(&couple.before->objects.items[0].record, OBJECT_RECEIVED_AT);
	assert_diff(&couple, "");
}

TEST(an_owner_is_another_one_by_number)
{
	_cleanup_couple_ struct couple couple = begin_both();
	struct object *before = add_queue(couple.before, 1, 0);
	struct object *after = add_queue(couple.after, 1, 0);

	before->user = text_of("old-name");
	after->user = text_of("new-name");
	object_mark(before, OBJECT_USER);
	object_mark(after, OBJECT_USER);
	object_mark(before, OBJECT_UID);
	object_mark(after, OBJECT_UID);
	assert_diff(&couple, "");
	after->uid = 9;
	assert_diff(&couple, "~msg:1(uid,user)");
}

static struct object *add_array(struct snapshot *snapshot, struct semaphore *semaphores)
{
	struct object *array = add_object(snapshot, KIND_SEM, 1);

	for (size_t i = 0; i < 2; i++) {
		semaphores[i].num = i;
		record_mark(&semaphores[i].record, SEMAPHORE_NUM);
		record_mark(&semaphores[i].record, SEMAPHORE_VALUE);
		record_mark(&semaphores[i].record, SEMAPHORE_NCOUNT);
	}
	array->sem.semaphores = (struct record_list){semaphores, 2};
	object_mark(array, OBJECT_SEMAPHORES);
	return array;
}

TEST(semaphores_are_compared_one_by_one)
{
	_cleanup_couple_ struct couple couple = begin_both();
	struct semaphore before[2] = {0}, after[2] = {0};

	add_array(couple.before, before);
	add_array(couple.after, after);
	after[0].ncount = 1;
	after[1].value = 4;
	assert_diff(&couple, "~sem:1(semaphores[0].ncount,semaphores[1].value)");
	record_unmark(&couple.after->objects.items[0].record, OBJECT_SEMAPHORES);
	assert_diff(&couple, "");
}

TEST(users_are_processes_and_not_pids)
{
	_cleanup_couple_ struct couple couple = begin_both();

	add_object(couple.before, KIND_SHM, 1);
	add_object(couple.after, KIND_SHM, 1);
	add_process(couple.before, 5, 100);
	add_process(couple.after, 5, 100);
	add_link(couple.before, LINK_MAPPED, 5);
	add_link(couple.after, LINK_MAPPED, 5);
	add_link(couple.after, LINK_MAPPED, 6);
	assert_diff(&couple, "~shm:1(+user)");
	couple.after->processes.items[0].start_ticks = 200;
	assert_diff(&couple, "~shm:1(-user,+user,+user)");
	couple.after->processes.items[0].start_ticks = 100;
	couple.after->links.items[0].access = LINK_WRITE;
	assert_diff(&couple, "~shm:1(-+user,+user)");
}

TEST(history_is_no_use_and_a_descriptor_has_no_number)
{
	_cleanup_couple_ struct couple couple = begin_both();

	add_object(couple.before, KIND_PIPE, 1);
	add_object(couple.after, KIND_PIPE, 1);
	add_link(couple.before, LINK_OPEN, 5)->fd = 3;
	add_link(couple.after, LINK_OPEN, 5)->fd = 4;
	add_link(couple.after, LINK_CREATED, 6);
	assert_diff(&couple, "");
}

TEST(holders_are_compared_where_both_know_them)
{
	_cleanup_couple_ struct couple couple = begin_both();

	add_object(couple.before, KIND_SEM, 1);
	add_object(couple.after, KIND_SEM, 1);
	add_link(couple.before, LINK_HOLDS, 5)->amount = 1;
	add_link(couple.after, LINK_HOLDS, 5)->amount = 2;
	add_link(couple.after, LINK_HOLDS, 6);
	assert_diff(&couple, "~sem:1(-+user,+user)");
	couple.before->knows_holders = false;
	assert_diff(&couple, "");
}

TEST(waits_begin_end_and_begin_again)
{
	_cleanup_couple_ struct couple couple = begin_both();

	add_object(couple.before, KIND_MSG, 1);
	add_object(couple.after, KIND_MSG, 1);
	add_wait(couple.before, 5, NOW - 100);
	add_wait(couple.after, 5, NOW - 99);
	add_wait(couple.after, 6, NOW + 5);
	assert_diff(&couple, "~msg:1(+wait)");
	couple.after->waits.items[0].since = NOW + 3;
	assert_diff(&couple, "~msg:1(-+wait,+wait)");
	couple.after->has_waits = false;
	assert_diff(&couple, "");
}

TEST(what_can_have_been_there_unseen_is_not_proven)
{
	_cleanup_couple_ struct couple couple = begin_both();

	add_object(couple.after, KIND_SHM, 1);
	add_link(couple.after, LINK_MAPPED, 5);
	add_object(couple.before, KIND_PIPE, 2);
	add_object(couple.before, KIND_MSG, 3);
	add_object(couple.after, KIND_MSG, 3);
	add_wait(couple.after, 6, NOW + 5);
	add_link(couple.after, LINK_OPEN, 7);
	assert_diff(&couple, "+shm:1(+user) ~msg:3(+user,+wait) -pipe:2");
	add_issue(couple.before, ISSUE_ABOUT_PROCESSES);
	assert_diff(&couple, "+shm:1(+user) ~msg:3(+user?,+wait) -pipe:2");
	add_issue(couple.after, ISSUE_ABOUT_PROCESSES);
	assert_diff(&couple, "+shm:1(+user) ~msg:3(+user?,+wait) -pipe:2?");
	add_issue(couple.before, ISSUE_ABOUT_OBJECTS);
	add_issue(couple.before, ISSUE_ABOUT_WAITS);
	assert_diff(&couple, "+shm:1?(+user) ~msg:3(+user?,+wait?) -pipe:2?");
}

TEST(deltas_and_rates_are_exact)
{
	_cleanup_couple_ struct couple couple = begin_both();
	_cleanup_diff_ struct diff diff = {0};
	struct diff_delta delta;

	add_queue(couple.before, 1, UINT64_MAX);
	add_queue(couple.after, 1, 0);
	diff = compare(&couple);
	assert_int_equal(diff.seconds, 10);
	assert_true(diff_find_delta(&diff.details.items[0], &delta));
	assert_true(delta.is_negative);
	assert_true(delta.amount == UINT64_MAX);
	assert_true(diff_has_rate(&diff, &diff.details.items[0]));
	diff.seconds = 0;
	assert_false(diff_has_rate(&diff, &diff.details.items[0]));
}

TEST(one_of_both_is_enough_to_be_selected)
{
	const struct selection_options options = {.kinds = KINDS_ALL, .owner = text_of("9")};
	_cleanup_couple_ struct couple couple = begin_both();
	_cleanup_diff_ struct diff diff = {0};

	object_mark(add_queue(couple.before, 1, 0), OBJECT_UID);
	object_mark(add_queue(couple.after, 1, 0), OBJECT_UID);
	object_mark(add_queue(couple.before, 2, 0), OBJECT_UID);
	couple.before->objects.items[0].uid = 9;
	assert_int_equal(diff_make(couple.before, couple.after, &options, &diff), 0);
	assert_int_equal(diff.items.count, 1);
	assert_int_equal(diff.items.items[0].change, DIFF_CHANGED);
}

static void look_into(struct snapshot *snapshot, uint64_t number, bool is_viewers)
{
	struct namespace *namespace = vector_add(&snapshot->namespaces);

	assert_non_null(namespace);
	namespace->number = number;
	namespace->is_viewers = is_viewers;
}

TEST(where_nobody_looked_nothing_is_gone)
{
	_cleanup_couple_ struct couple couple = begin_both();
	_cleanup_diff_ struct diff diff = {0};
	struct object *queue = add_queue(couple.before, 1, 0);

	queue->namespace = 7;
	object_mark(queue, OBJECT_NAMESPACE);
	couple.after->host.ipc_namespace = 7;
	record_mark(&couple.after->host.record, HOST_IPC_NAMESPACE);
	assert_diff(&couple, "-msg:1");
	couple.after->host.ipc_namespace = 8;
	assert_diff(&couple, "");
	diff = compare(&couple);
	assert_int_equal(diff.gaps.count, 1);
	assert_string_equal(diff.gaps.items[0].what, DIFF_PRESENCE);
	look_into(couple.after, 8, true);
	assert_diff(&couple, "");
	/* Who looked into others, too, would have found it. */
	look_into(couple.after, 9, false);
	assert_diff(&couple, "-msg:1");
}

TEST(many_objects_take_no_time)
{
	_cleanup_couple_ struct couple couple = begin_both();
	_cleanup_diff_ struct diff diff = {0};
	clock_t start = clock();

	for (uint64_t id = 0; id < 20000; id++) {
		add_queue(couple.before, id, 1);
		add_wait(couple.before, (int64_t)id, NOW);
		add_queue(couple.after, 30000 - id, 2);
		add_link(couple.after, LINK_OPEN, 5);
	}
	diff = compare(&couple);
	assert_int_equal(diff.items.count, 30001);
	/* Each with each would be 400 million comparisons. */
	assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_differs_from_itself),
		cmocka_unit_test(objects_come_and_go),
		cmocka_unit_test(what_is_given_out_again_is_another_object),
		cmocka_unit_test(a_private_key_and_a_lost_name_are_given_to_nobody),
		cmocka_unit_test(what_one_does_not_have_is_a_gap_and_no_change),
		cmocka_unit_test(what_had_never_happened_is_known),
		cmocka_unit_test(an_owner_is_another_one_by_number),
		cmocka_unit_test(semaphores_are_compared_one_by_one),
		cmocka_unit_test(users_are_processes_and_not_pids),
		cmocka_unit_test(history_is_no_use_and_a_descriptor_has_no_number),
		cmocka_unit_test(holders_are_compared_where_both_know_them),
		cmocka_unit_test(waits_begin_end_and_begin_again),
		cmocka_unit_test(what_can_have_been_there_unseen_is_not_proven),
		cmocka_unit_test(deltas_and_rates_are_exact),
		cmocka_unit_test(one_of_both_is_enough_to_be_selected),
		cmocka_unit_test(where_nobody_looked_nothing_is_gone),
		cmocka_unit_test(many_objects_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
