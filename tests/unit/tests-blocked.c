/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who waits for whom: rings in snapshots that are made up. */
#include "blocked_scene.h"

TEST(nobody_waits_and_nothing_is_found)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	_cleanup_findings_ struct findings findings = judge(snapshot);

	assert_int_equal(findings.items.count, 0);
}

/* Two hold what the other one wants. */
static struct snapshot *make_pair(void)
{
	static const int64_t first = 10, second = 20;
	struct snapshot *snapshot = begin();

	add_process(snapshot, first, 1);
	add_process(snapshot, second, 1);
	add_wait(snapshot, first, first, 0, &second, 1);
	add_wait(snapshot, second, second, 1, &first, 1);
	return snapshot;
}

TEST(two_that_wait_for_each_other_are_a_deadlock)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_pair();
	_cleanup_findings_ struct findings findings = judge(snapshot);

	assert_only(&findings, FINDING_DEADLOCK, FINDING_CERTAIN);
	assert_text(findings.items.items[0].summary, "app 10, app 20 wait for each other");
	assert_true(has_evidence(&findings,
				 "app 10 (thread 10) waits to take 1 of sem:0 num 0, which "
				 "app 20 holds (undo)"));
	assert_true(has_evidence(&findings, "could still raise"));
	assert_true(has_evidence(&findings, "a signal that one of them catches"));
	assert_false(has_evidence(&findings, "SIGALRM"));
}

TEST(who_may_have_set_itself_a_time_is_not_certain_to_wait_for_ever)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_pair();
	_cleanup_findings_ struct findings findings = {0};

	snapshot->waits.items[1].flags |= WAIT_HAS_ALARM;
	findings = judge(snapshot);
	assert_only(&findings, FINDING_DEADLOCK, FINDING_LIKELY);
	assert_true(has_evidence(&findings, "app 20 catches SIGALRM"));
	assert_false(has_evidence(&findings, "app 10 catches SIGALRM"));
}

TEST(less_than_full_sight_is_less_than_certain)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_pair();

	snapshot->sight.is_full = 0;
	assert_found(snapshot, FINDING_DEADLOCK, FINDING_LIKELY,
		     "this viewer does not see everything (ipclens explain sight)");
}

TEST(a_chain_is_no_ring)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	for (int64_t pid = 10; pid <= 30; pid += 10)
		add_process(snapshot, pid, 1);
	add_wait(snapshot, 10, 10, 0, BY(20));
	add_wait(snapshot, 20, 20, 1, BY(30));
	assert_nothing(snapshot);
}

TEST(who_waits_for_a_ring_is_no_part_of_it)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_pair();
	_cleanup_findings_ struct findings findings = {0};

	add_process(snapshot, 30, 1);
	add_wait(snapshot, 30, 30, 2, BY(10));
	findings = judge(snapshot);
	assert_only(&findings, FINDING_DEADLOCK, FINDING_CERTAIN);
	assert_text(findings.items.items[0].summary, "app 10, app 20 wait for each other");
}

TEST(who_takes_what_it_holds_waits_for_itself)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	_cleanup_findings_ struct findings findings = {0};

	add_process(snapshot, 10, 1);
	add_wait(snapshot, 10, 10, 0, BY(10));
	findings = judge(snapshot);
	assert_only(&findings, FINDING_DEADLOCK, FINDING_CERTAIN);
	assert_text(findings.items.items[0].summary, "app 10 waits for itself");
}

TEST(a_thread_that_is_free_can_go_on)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_pair();

	snapshot->processes.items[1].threads = 2;
	assert_found(snapshot, FINDING_SUSPECTED_DEADLOCK, FINDING_LIKELY,
		     "weakest step: app 20 holds it, but has threads that may be free");
}

/* The step that leads to it is named, whichever is the first one. */
TEST(whose_thread_is_free_is_named)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_pair();

	snapshot->processes.items[0].threads = 2;
	assert_found(snapshot, FINDING_SUSPECTED_DEADLOCK, FINDING_LIKELY,
		     "weakest step: app 10 holds it, but has threads that may be free");
}

TEST(two_threads_that_are_both_in_the_ring_are_not_free)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_pair();

	snapshot->processes.items[1].threads = 2;
	add_wait(snapshot, 20, 21, 2, BY(10));
	assert_found(snapshot, FINDING_DEADLOCK, FINDING_CERTAIN, NULL);
}

TEST(how_many_threads_there_are_must_be_known)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_pair();

	record_unmark(&snapshot->processes.items[0].record, PROCESS_THREADS);
	assert_found(snapshot, FINDING_SUSPECTED_DEADLOCK, FINDING_LIKELY, NULL);
}

TEST(a_timeout_ends_a_ring)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_pair();

	snapshot->waits.items[0].timeout = 1000;
	record_mark(&snapshot->waits.items[0].record, WAIT_TIMEOUT);
	assert_found(snapshot, FINDING_SUSPECTED_DEADLOCK, FINDING_LIKELY,
		     "weakest step: app 20 holds it, but the wait has a timeout");
}

TEST(a_timeout_that_could_not_be_read_ends_a_ring_too)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_pair();

	record_mark_hidden(&snapshot->waits.items[0].record, WAIT_TIMEOUT);
	assert_found(snapshot, FINDING_SUSPECTED_DEADLOCK, FINDING_LIKELY, NULL);
}

TEST(one_more_holder_who_is_free_can_release)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	for (int64_t pid = 10; pid <= 30; pid += 10)
		add_process(snapshot, pid, 1);
	add_wait(snapshot, 10, 10, 0, BY(20, 30));
	add_wait(snapshot, 20, 20, 1, BY(10));
	assert_found(snapshot, FINDING_SUSPECTED_DEADLOCK, FINDING_LIKELY,
		     "weakest step: app 20 holds it, but so does app 30");
}

TEST(one_more_holder_who_is_not_shown_can_release)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_pair();

	snapshot->waits.items[1].flags |= WAIT_IS_HELD_UNSEEN;
	assert_found(snapshot, FINDING_SUSPECTED_DEADLOCK, FINDING_LIKELY,
		     "weakest step: app 10 holds it, but so does a process "
		     "outside of this PID namespace");
}

TEST(one_more_holder_who_is_stuck_cannot)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	for (int64_t pid = 10; pid <= 30; pid += 10)
		add_process(snapshot, pid, 1);
	add_wait(snapshot, 10, 10, 0, BY(20, 30));
	add_wait(snapshot, 20, 20, 1, BY(10));
	add_wait(snapshot, 30, 30, 2, BY(10));
	assert_found(snapshot, FINDING_DEADLOCK, FINDING_CERTAIN, NULL);
}

TEST(two_rings_are_two)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_pair();
	_cleanup_findings_ struct findings findings = {0};

	for (int64_t pid = 30; pid <= 50; pid += 10)
		add_process(snapshot, pid, 1);
	add_wait(snapshot, 30, 30, 2, BY(40));
	add_wait(snapshot, 40, 40, 3, BY(50));
	add_wait(snapshot, 50, 50, 4, BY(30));
	findings = judge(snapshot);
	assert_int_equal(findings.items.count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(findings.items.items[i].code, FINDING_DEADLOCK);
}

/* The kernel remembers who used an array last: that is no proof of holding it. */
static struct wait *add_wait_by_history(struct snapshot *snapshot, int64_t pid, size_t array,
					struct semaphore *semaphore, int64_t last)
{
	struct object *object = &snapshot->objects.items[array];
	struct wait *wait = add_wait(snapshot, pid, pid, array, NULL, 0);

	semaphore->pid = last;
	object->sem.semaphores = (struct record_list){semaphore, 1};
	object_mark(object, OBJECT_SEMAPHORES);
	return wait;
}

/* Who took with undo and gave back without has a record still. */
TEST(a_record_about_what_is_free_proves_nothing)
{
	for (uint64_t value = 0; value < 2; value++) {
		_cleanup_snapshot_ struct snapshot *snapshot = make_pair();
		struct semaphore semaphore = {.num = 0, .value = value};
		struct object *array = &snapshot->objects.items[0];

		array->sem.semaphores = (struct record_list){&semaphore, 1};
		object_mark(array, OBJECT_SEMAPHORES);
		if (value == 0)
			assert_found(snapshot, FINDING_DEADLOCK, FINDING_CERTAIN, NULL);
		else
			assert_nothing(snapshot);
	}
}

TEST(history_can_close_a_ring_that_is_only_suspected)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct semaphore semaphore = {.num = 0};

	add_process(snapshot, 10, 1);
	add_process(snapshot, 20, 1);
	add_wait_by_history(snapshot, 10, 0, &semaphore, 20);
	add_wait(snapshot, 20, 20, 1, BY(10));
	assert_found(snapshot, FINDING_SUSPECTED_DEADLOCK, FINDING_LIKELY,
		     "weakest step: app 20 was only the last to use it");
}

/* The one that used it last has ended, and its PID is another process's by now. */
TEST(history_of_a_pid_that_was_given_out_again_makes_no_ring)
{
	struct semaphore semaphore = {0};
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct link *last;

	add_process(snapshot, 10, 1);
	add_process(snapshot, 20, 1);
	add_wait_by_history(snapshot, 10, 0, &semaphore, 20);
	add_wait(snapshot, 20, 20, 1, BY(10));
	last = scene_add_link(snapshot, 0, 20, LINK_LAST_OP, 0);
	last->operation = LINK_SEMAPHORE;
	last->state = LINK_ALIVE;
	assert_found(snapshot, FINDING_SUSPECTED_DEADLOCK, FINDING_LIKELY, NULL);
	last->state = LINK_REUSED;
	assert_found(snapshot, FINDING_ABANDONED_SEM, FINDING_LIKELY, NULL);
}

TEST(history_alone_makes_no_ring)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct semaphore semaphores[2] = {{.num = 0}};

	add_process(snapshot, 10, 1);
	add_process(snapshot, 20, 1);
	add_wait_by_history(snapshot, 10, 0, &semaphores[0], 20);
	add_wait_by_history(snapshot, 20, 1, &semaphores[1], 10);
	assert_nothing(snapshot);
}

TEST(one_of_several_things_is_no_step_of_a_ring)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_pair();

	snapshot->waits.items[0].flags |= WAIT_IS_ALTERNATIVE;
	assert_nothing(snapshot);
}

/* A ring of as many as there are processes is found without recursion. */
TEST(a_ring_can_be_large)
{
	enum { MEMBERS = 20000 };
	static int64_t holders[MEMBERS];
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	_cleanup_findings_ struct findings findings = {0};

	for (int64_t i = 0; i < MEMBERS; i++) {
		holders[i] = (i + 1) % MEMBERS + 1;
		add_process(snapshot, i + 1, 1);
	}
	for (int64_t i = 0; i < MEMBERS; i++)
		add_wait(snapshot, i + 1, i + 1, 0, &holders[i], 1);
	findings = judge(snapshot);
	assert_only(&findings, FINDING_DEADLOCK, FINDING_CERTAIN);
	assert_int_equal(findings.items.items[0].evidence.count, MEMBERS + 2);
}

/* It takes no look at all of them for each: with that, this would last for minutes. */
TEST(there_can_be_many_rings)
{
	enum { RINGS = 30000 };
	static int64_t holders[2 * RINGS];
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	_cleanup_findings_ struct findings findings = {0};

	for (int64_t i = 0; i < 2 * RINGS; i++) {
		holders[i] = (i ^ 1) + 1;
		add_process(snapshot, i + 1, 1);
		add_wait(snapshot, i + 1, i + 1, 0, &holders[i], 1);
	}
	findings = judge(snapshot);
	assert_int_equal(findings.items.count, RINGS);
	vector_for_each (&findings.items, finding)
		assert_int_equal(finding->evidence.count, 4);
}

TEST(the_oldest_wait_comes_first_and_unknown_ages_last)
{
	static const uint64_t ages[] = {5, 0, 100, 7};
	static const int64_t order[] = {3, 4, 1, 2};
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct blocked_waits_by_age waits;

	for (int64_t i = 0; i < 4; i++) {
		struct wait *wait = add_wait(snapshot, i + 1, i + 1, 0, NULL, 0);

		wait->waited = ages[i];
		if (ages[i])
			record_mark(&wait->record, WAIT_WAITED);
	}
	assert_int_equal(blocked_sort_by_age(snapshot, &waits), 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(waits.items.items[i]->pid, order[i]);
	vector_deinit(&waits.items);
}

TEST(a_thread_that_waits_for_several_things_is_one)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	add_wait(snapshot, 10, 10, 0, NULL, 0)->flags = WAIT_IS_ALTERNATIVE;
	add_wait(snapshot, 10, 10, 1, NULL, 0)->flags = WAIT_IS_ALTERNATIVE;
	add_wait(snapshot, 10, 11, 1, NULL, 0);
	assert_int_equal(blocked_count_threads(snapshot), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_waits_and_nothing_is_found),
		cmocka_unit_test(two_that_wait_for_each_other_are_a_deadlock),
		cmocka_unit_test(who_may_have_set_itself_a_time_is_not_certain_to_wait_for_ever),
		cmocka_unit_test(less_than_full_sight_is_less_than_certain),
		cmocka_unit_test(a_chain_is_no_ring),
		cmocka_unit_test(who_waits_for_a_ring_is_no_part_of_it),
		cmocka_unit_test(who_takes_what_it_holds_waits_for_itself),
		cmocka_unit_test(a_thread_that_is_free_can_go_on),
		cmocka_unit_test(whose_thread_is_free_is_named),
		cmocka_unit_test(two_threads_that_are_both_in_the_ring_are_not_free),
		cmocka_unit_test(how_many_threads_there_are_must_be_known),
		cmocka_unit_test(a_timeout_ends_a_ring),
		cmocka_unit_test(a_timeout_that_could_not_be_read_ends_a_ring_too),
		cmocka_unit_test(one_more_holder_who_is_free_can_release),
		cmocka_unit_test(one_more_holder_who_is_not_shown_can_release),
		cmocka_unit_test(one_more_holder_who_is_stuck_cannot),
		cmocka_unit_test(two_rings_are_two),
		cmocka_unit_test(a_record_about_what_is_free_proves_nothing),
		cmocka_unit_test(history_can_close_a_ring_that_is_only_suspected),
		cmocka_unit_test(history_of_a_pid_that_was_given_out_again_makes_no_ring),
		cmocka_unit_test(history_alone_makes_no_ring),
		cmocka_unit_test(one_of_several_things_is_no_step_of_a_ring),
		cmocka_unit_test(a_ring_can_be_large),
		cmocka_unit_test(there_can_be_many_rings),
		cmocka_unit_test(the_oldest_wait_comes_first_and_unknown_ages_last),
		cmocka_unit_test(a_thread_that_waits_for_several_things_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
