/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is found wrong in snapshots that are made up, and what is not. */
#include "unit.h"

#include <string.h>

#include "query/check.h"

#define NOW 1000000
#define LONG_AGO (NOW - 7200)

static struct snapshot *begin(void)
{
	struct snapshot *snapshot = snapshot_new();

	assert_non_null(snapshot);
	snapshot->taken_at = NOW;
	snapshot->has_users = snapshot->has_waits = snapshot->knows_holders = true;
	snapshot->sight.is_full = 1;
	return snapshot;
}

static struct object *add_object(struct snapshot *snapshot, enum kind kind)
{
	struct object *object = snapshot_add_object(snapshot, kind);

	assert_non_null(object);
	object->id = 7;
	object->mode = 0600;
	object->changed_at = LONG_AGO;
	object_mark(object, OBJECT_ID);
	object_mark(object, OBJECT_MODE);
	object_mark(object, OBJECT_CHANGED_AT);
	return object;
}

static void add_history(struct snapshot *snapshot, enum link_how how, enum link_state state)
{
	struct link *link = vector_add(&snapshot->links);

	assert_non_null(link);
	link->object = snapshot->objects.count - 1;
	link->pid = 42;
	link->how = how;
	link->state = state;
}

static void add_accounting(struct snapshot *snapshot, bool is_complete)
{
	struct accounting *accounting = vector_add(&snapshot->accountings);

	assert_non_null(accounting);
	accounting->object = snapshot->objects.count - 1;
	accounting->is_complete = is_complete;
}

/* A private segment that nobody has attached, and whose creator is dead. */
static struct object *add_orphan_segment(struct snapshot *snapshot)
{
	struct object *segment = add_object(snapshot, KIND_SHM);

	object_mark(segment, OBJECT_NATTCH);
	add_accounting(snapshot, true);
	add_history(snapshot, LINK_CREATED, LINK_DEAD);
	add_history(snapshot, LINK_LAST_OP, LINK_REUSED);
	return segment;
}

static struct object *add_orphan_array(struct snapshot *snapshot)
{
	static struct semaphore semaphores[2];
	struct object *array = add_object(snapshot, KIND_SEM);

	memset(semaphores, 0, sizeof(semaphores));
	array->sem.semaphores = (struct record_list){semaphores, 2};
	object_mark(array, OBJECT_SEMAPHORES);
	add_history(snapshot, LINK_LAST_OP, LINK_DEAD);
	return array;
}

static struct object *add_orphan_queue(struct snapshot *snapshot)
{
	struct object *queue = add_object(snapshot, KIND_MSG);

	object_mark(queue, OBJECT_MESSAGES);
	add_history(snapshot, LINK_LAST_OP, LINK_DEAD);
	return queue;
}

static struct object *add_unused_file(struct snapshot *snapshot, enum kind kind, const char *name)
{
	struct object *file = add_object(snapshot, kind);

	file->name = text_of(name);
	object_mark(file, OBJECT_NAME);
	object_mark(file, OBJECT_PROCESSES);
	return file;
}

static struct wait *add_wait(struct snapshot *snapshot, enum wait_operation operation,
			     uint64_t waited)
{
	struct wait *wait = vector_add(&snapshot->waits);

	assert_non_null(wait);
	wait->object = snapshot->objects.count - 1;
	wait->object_ref = TEXT_LITERAL("shm:7");
	wait->operation = operation;
	wait->pid = wait->tid = 50;
	wait->waited = waited;
	record_mark(&wait->record, WAIT_WAITED);
	return wait;
}

static void add_limit(struct snapshot *snapshot, enum limit_id id, uint64_t used, uint64_t value)
{
	struct limit *limit = vector_add(&snapshot->limits);

	assert_non_null(limit);
	limit->id = id;
	limit->used = used;
	limit->value = value;
	record_mark(&limit->record, LIMIT_VALUE);
	record_mark(&limit->record, LIMIT_USED);
}

static struct findings judge(const struct snapshot *snapshot)
{
	struct findings findings = {0};

	assert_int_equal(check_judge(snapshot, &check_usual_bounds, &findings), 0);
	return findings;
}

/* The only finding is that one. */
static void assert_found(const struct snapshot *snapshot, enum finding_code code,
			 enum finding_certainty certainty)
{
	_cleanup_findings_ struct findings findings = judge(snapshot);

	assert_int_equal(findings.items.count, 1);
	assert_int_equal(findings.items.items[0].code, code);
	assert_int_equal(findings.items.items[0].certainty, certainty);
	assert_true(findings.items.items[0].evidence.count > 0);
	assert_true(record_has(&findings.items.items[0].record, FINDING_FIX));
}

static void assert_nothing(const struct snapshot *snapshot)
{
	_cleanup_findings_ struct findings findings = judge(snapshot);

	if (findings.items.count)
		fail_msg("%.*s", (int)findings.items.items[0].summary.length,
			 findings.items.items[0].summary.bytes);
}

static void assert_fix(const struct snapshot *snapshot, const char *expected)
{
	_cleanup_findings_ struct findings findings = judge(snapshot);

	assert_int_equal(findings.items.count, 1);
	assert_text(findings.items.items[0].fix, expected);
}

TEST(nothing_is_wrong_with_nothing)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	assert_nothing(snapshot);
	assert_false(check_sees_too_little(snapshot));
}

TEST(an_orphan_segment_is_certain_only_where_all_is_seen_and_nobody_can_find_it)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct object *segment = add_orphan_segment(snapshot);

	assert_found(snapshot, FINDING_ORPHAN_SHM, FINDING_CERTAIN);
	assert_fix(snapshot, "ipclens remove shm:7");
	segment->key = 0x4d2;
	assert_found(snapshot, FINDING_ORPHAN_SHM, FINDING_LIKELY);
	segment->key = 0;
	snapshot->sight.is_full = 0;
	assert_found(snapshot, FINDING_ORPHAN_SHM, FINDING_LIKELY);
}

TEST(a_segment_that_is_attached_is_no_orphan)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	add_orphan_segment(snapshot)->shm.nattch = 1;
	assert_nothing(snapshot);
}

TEST(nor_is_one_whose_attachments_were_not_all_found)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	add_orphan_segment(snapshot);
	snapshot->accountings.items[0].is_complete = false;
	assert_nothing(snapshot);
}

TEST(nor_is_one_of_which_somebody_on_record_lives)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	add_orphan_segment(snapshot);
	snapshot->links.items[0].state = LINK_ALIVE;
	assert_nothing(snapshot);
}

TEST(who_could_not_be_looked_at_may_live)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	add_orphan_segment(snapshot);
	snapshot->links.items[1].state = LINK_UNKNOWN;
	assert_found(snapshot, FINDING_ORPHAN_SHM, FINDING_UNKNOWN);
}

TEST(so_may_a_process_of_another_pid_namespace)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct object *segment = add_orphan_segment(snapshot);

	record_mark_hidden(&segment->record, OBJECT_LAST_PID);
	assert_found(snapshot, FINDING_ORPHAN_SHM, FINDING_UNKNOWN);
}

TEST(what_was_used_lately_is_no_orphan)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct object *segment = add_orphan_segment(snapshot);

	segment->shm.detached_at = NOW - 60;
	object_mark(segment, OBJECT_DETACHED_AT);
	assert_nothing(snapshot);
	segment->shm.detached_at = NOW + 60;
	assert_nothing(snapshot);
}

TEST(an_orphan_array_is_likely_at_most)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	add_orphan_array(snapshot);
	assert_found(snapshot, FINDING_ORPHAN_SEM, FINDING_LIKELY);
	assert_fix(snapshot, "ipclens remove sem:7");
	snapshot->knows_holders = false;
	assert_found(snapshot, FINDING_ORPHAN_SEM, FINDING_UNKNOWN);
}

TEST(an_array_that_somebody_waits_for_or_holds_is_none)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct object *array = add_orphan_array(snapshot);
	struct semaphore *semaphores = array->sem.semaphores.items;

	semaphores[1].zcount = 1;
	assert_nothing(snapshot);
	semaphores[1].zcount = 0;
	add_history(snapshot, LINK_HOLDS, LINK_ALIVE);
	assert_nothing(snapshot);
}

TEST(an_orphan_queue_is_likely_at_most)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	add_orphan_queue(snapshot);
	assert_found(snapshot, FINDING_ORPHAN_MSG, FINDING_LIKELY);
	add_wait(snapshot, WAIT_RECEIVE, 0);
	assert_nothing(snapshot);
}

TEST(a_file_that_nobody_uses_is_told)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct object *file = add_unused_file(snapshot, KIND_PSEM, "/lock");

	assert_found(snapshot, FINDING_ORPHAN_POSIX, FINDING_LIKELY);
	assert_fix(snapshot, "ipclens remove psem:/lock");
	file->processes = (struct record_list){(int64_t[]){5}, 1};
	assert_nothing(snapshot);
}

/* It would do something else when it is pasted into a shell. */
TEST(no_command_is_made_of_a_name_that_a_shell_would_take_apart)
{
	static const char *const names[] = {"/a'; rm -rf ~; '", "/a b", "/$(x)", "/a\nb", "/*"};

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		_cleanup_snapshot_ struct snapshot *snapshot = begin();

		add_unused_file(snapshot, KIND_PSHM, names[i]);
		assert_fix(snapshot, "ipclens remove, with its REF between quotes");
	}
}

TEST(what_was_removed_and_is_used_is_told)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct object *segment = add_orphan_segment(snapshot);

	segment->shm.nattch = 1;
	segment->status = SHM_STATUS_DEST;
	assert_found(snapshot, FINDING_REMOVED_BUT_HELD, FINDING_CERTAIN);
}

TEST(a_queue_in_which_messages_sit_is_stuck)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct object *queue = add_orphan_queue(snapshot);

	snapshot->links.items[0].state = LINK_ALIVE;
	assert_nothing(snapshot);
	queue->messages = 1;
	assert_found(snapshot, FINDING_STUCK_QUEUE, FINDING_LIKELY);
	queue->msg.received_at = NOW - 5;
	object_mark(queue, OBJECT_RECEIVED_AT);
	assert_nothing(snapshot);
}

TEST(a_queue_is_full_from_nine_tenths_on)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct object *queue = add_object(snapshot, KIND_MSG);

	queue->max_bytes = 1000;
	queue->used_bytes = 899;
	object_mark(queue, OBJECT_USED_BYTES);
	object_mark(queue, OBJECT_MAX_BYTES);
	assert_nothing(snapshot);
	queue->used_bytes = 900;
	assert_found(snapshot, FINDING_FULL_QUEUE, FINDING_CERTAIN);
}

TEST(a_wait_is_long_where_the_thread_wants_to_go_on)
{
	static const struct {
		enum wait_operation operation;
		enum finding_code code;
	} cases[] = {{WAIT_TAKE, FINDING_LONG_WAIT},	 {WAIT_SEND, FINDING_LONG_WAIT},
		     {WAIT_WRITE, FINDING_PIPE_STALLED}, {WAIT_OPEN, FINDING_FIFO_NO_PARTNER},
		     {WAIT_RECEIVE, FINDING_CODE_COUNT}, {WAIT_READ, FINDING_CODE_COUNT},
		     {WAIT_FUTEX, FINDING_CODE_COUNT}};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		_cleanup_snapshot_ struct snapshot *snapshot = begin();
		struct wait *wait;

		add_object(snapshot, KIND_FIFO);
		wait = add_wait(snapshot, cases[i].operation, check_usual_bounds.long_wait - 1);
		assert_nothing(snapshot);
		wait->waited++;
		if (cases[i].code == FINDING_CODE_COUNT)
			assert_nothing(snapshot);
		else
			assert_found(snapshot, cases[i].code, FINDING_LIKELY);
	}
}

TEST(several_long_waits_on_one_object_are_one_finding)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	add_object(snapshot, KIND_MSG);
	add_wait(snapshot, WAIT_SEND, 1000000);
	add_wait(snapshot, WAIT_SEND, 5);
	add_wait(snapshot, WAIT_SEND, 2000000);
	assert_found(snapshot, FINDING_LONG_WAIT, FINDING_LIKELY);
}

TEST(a_limit_is_near_then_reached)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	add_limit(snapshot, LIMIT_SHMMNI, 89, 100);
	assert_nothing(snapshot);
	snapshot->limits.items[0].used = 90;
	assert_found(snapshot, FINDING_NEAR_LIMIT, FINDING_CERTAIN);
	assert_fix(snapshot, "sysctl -w kernel.shmmni=200");
	snapshot->limits.items[0].used = 100;
	assert_found(snapshot, FINDING_LIMIT_EXPLAINS, FINDING_CERTAIN);
}

TEST(the_four_limits_of_semaphores_are_set_together)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	add_limit(snapshot, LIMIT_SEMMNI, 128, 128);
	add_limit(snapshot, LIMIT_SEMMNS, 10, 32000);
	add_limit(snapshot, LIMIT_SEMMSL, 10, 250);
	add_limit(snapshot, LIMIT_SEMOPM, 0, 32);
	assert_fix(snapshot, "sysctl -w kernel.sem='250 32000 32 256'");
}

TEST(what_bounds_single_objects_is_never_near)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	add_limit(snapshot, LIMIT_SHMMAX, 100, 100);
	assert_nothing(snapshot);
}

TEST(who_may_do_what_is_told_where_it_is_surprising)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct object *array = add_object(snapshot, KIND_SEM);

	array->mode = 0662;
	assert_found(snapshot, FINDING_OPEN_TO_ALL, FINDING_CERTAIN);
	array->mode = 0664;
	array->uid = 5;
	object_mark(array, OBJECT_UID);
	object_mark(array, OBJECT_CUID);
	assert_found(snapshot, FINDING_FOREIGN_OWNER, FINDING_CERTAIN);
}

TEST(the_worst_comes_first)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	_cleanup_findings_ struct findings findings = {0};

	add_object(snapshot, KIND_SEM)->mode = 0666;
	add_orphan_segment(snapshot);
	add_limit(snapshot, LIMIT_MSGMNI, 5, 5);
	findings = judge(snapshot);
	assert_int_equal(findings.items.count, 3);
	assert_int_equal(findings.items.items[0].code, FINDING_LIMIT_EXPLAINS);
	assert_int_equal(findings.items.items[1].code, FINDING_ORPHAN_SHM);
	assert_int_equal(findings.items.items[2].code, FINDING_OPEN_TO_ALL);
}

TEST(too_little_is_seen_where_something_is_denied_or_nobody_could_be_seen_waiting)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	assert_int_equal(snapshot_add_issue(snapshot, ISSUE_ABOUT_OBJECTS, OUTCOME_GONE, KIND_COUNT,
					    NULL, "x", "gone"),
			 0);
	assert_false(check_sees_too_little(snapshot));
	assert_int_equal(snapshot_add_issue(snapshot, ISSUE_ABOUT_PROCESSES, OUTCOME_DENIED,
					    KIND_COUNT, NULL, "x", "denied"),
			 0);
	assert_true(check_sees_too_little(snapshot));
	snapshot->issues.count = 0;
	snapshot->has_waits = false;
	assert_true(check_sees_too_little(snapshot));
}

TEST(each_finding_has_a_word_of_its_own)
{
	for (enum finding_code code = 0; code < FINDING_CODE_COUNT; code++) {
		enum finding_code found = FINDING_CODE_COUNT;

		assert_true(finding_find(text_of(finding_info(code)->word), &found));
		assert_int_equal(found, code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_wrong_with_nothing),
		cmocka_unit_test(
			an_orphan_segment_is_certain_only_where_all_is_seen_and_nobody_can_find_it),
		cmocka_unit_test(a_segment_that_is_attached_is_no_orphan),
		cmocka_unit_test(nor_is_one_whose_attachments_were_not_all_found),
		cmocka_unit_test(nor_is_one_of_which_somebody_on_record_lives),
		cmocka_unit_test(who_could_not_be_looked_at_may_live),
		cmocka_unit_test(so_may_a_process_of_another_pid_namespace),
		cmocka_unit_test(what_was_used_lately_is_no_orphan),
		cmocka_unit_test(an_orphan_array_is_likely_at_most),
		cmocka_unit_test(an_array_that_somebody_waits_for_or_holds_is_none),
		cmocka_unit_test(an_orphan_queue_is_likely_at_most),
		cmocka_unit_test(a_file_that_nobody_uses_is_told),
		cmocka_unit_test(no_command_is_made_of_a_name_that_a_shell_would_take_apart),
		cmocka_unit_test(what_was_removed_and_is_used_is_told),
		cmocka_unit_test(a_queue_in_which_messages_sit_is_stuck),
		cmocka_unit_test(a_queue_is_full_from_nine_tenths_on),
		cmocka_unit_test(a_wait_is_long_where_the_thread_wants_to_go_on),
		cmocka_unit_test(several_long_waits_on_one_object_are_one_finding),
		cmocka_unit_test(a_limit_is_near_then_reached),
		cmocka_unit_test(the_four_limits_of_semaphores_are_set_together),
		cmocka_unit_test(what_bounds_single_objects_is_never_near),
		cmocka_unit_test(who_may_do_what_is_told_where_it_is_surprising),
		cmocka_unit_test(the_worst_comes_first),
		cmocka_unit_test(
			too_little_is_seen_where_something_is_denied_or_nobody_could_be_seen_waiting),
		cmocka_unit_test(each_finding_has_a_word_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
