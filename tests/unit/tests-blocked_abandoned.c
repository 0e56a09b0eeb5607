/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Semaphores whose users have died, in snapshots that are made up. */
#include "blocked_scene.h"

#include <string.h>

static void add_past(struct snapshot *snapshot, size_t array, int64_t pid, enum link_state state)
{
	struct link *link = scene_add_link(snapshot, array, pid, LINK_LAST_OP, 0);

	link->operation = LINK_SEMAPHORE;
	link->state = state;
}

TEST(a_semaphore_whose_last_user_died_is_abandoned)
{
	static const struct {
		enum link_state state;
		bool is_abandoned;
	} cases[] = {
		{LINK_DEAD, true}, {LINK_REUSED, true}, {LINK_ALIVE, false}, {LINK_UNKNOWN, false}};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		_cleanup_snapshot_ struct snapshot *snapshot = begin();

		add_process(snapshot, 10, 1);
		add_wait(snapshot, 10, 10, 0, NULL, 0);
		add_past(snapshot, 0, 5, cases[i].state);
		if (cases[i].is_abandoned)
			assert_found(snapshot, FINDING_ABANDONED_SEM, FINDING_LIKELY, NULL);
		else
			assert_nothing(snapshot);
	}
}

TEST(what_is_held_is_not_abandoned)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	add_process(snapshot, 10, 1);
	add_wait(snapshot, 10, 10, 0, BY(20));
	add_past(snapshot, 0, 5, LINK_DEAD);
	assert_nothing(snapshot);
}

TEST(where_holders_are_not_known_nothing_is_likely)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();

	add_process(snapshot, 10, 1);
	record_unmark(&add_wait(snapshot, 10, 10, 0, NULL, 0)->record, WAIT_RELEASED_BY);
	add_past(snapshot, 0, 5, LINK_DEAD);
	assert_found(snapshot, FINDING_ABANDONED_SEM, FINDING_UNKNOWN, NULL);
}

TEST(several_waiters_are_one_finding)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	_cleanup_findings_ struct findings findings = {0};

	add_process(snapshot, 10, 2);
	add_wait(snapshot, 10, 10, 0, NULL, 0);
	add_wait(snapshot, 10, 11, 0, NULL, 0);
	add_past(snapshot, 0, 5, LINK_DEAD);
	findings = judge(snapshot);
	assert_only(&findings, FINDING_ABANDONED_SEM, FINDING_LIKELY);
	assert_non_null(memmem(findings.items.items[0].summary.bytes,
			       findings.items.items[0].summary.length, "2 threads wait", 14));
}

/* A thread that awaits zero can stand between them. */
TEST(waiters_of_one_semaphore_are_one_finding_whoever_stands_between)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	_cleanup_findings_ struct findings findings = {0};

	add_process(snapshot, 10, 3);
	add_wait(snapshot, 10, 10, 0, NULL, 0);
	add_wait(snapshot, 10, 11, 0, NULL, 0)->operation = WAIT_AWAIT_ZERO;
	add_wait(snapshot, 10, 12, 0, NULL, 0);
	add_past(snapshot, 0, 5, LINK_DEAD);
	findings = judge(snapshot);
	assert_only(&findings, FINDING_ABANDONED_SEM, FINDING_LIKELY);
	assert_non_null(memmem(findings.items.items[0].summary.bytes,
			       findings.items.items[0].summary.length, "2 threads wait", 14));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_semaphore_whose_last_user_died_is_abandoned),
		cmocka_unit_test(what_is_held_is_not_abandoned),
		cmocka_unit_test(where_holders_are_not_known_nothing_is_likely),
		cmocka_unit_test(several_waiters_are_one_finding),
		cmocka_unit_test(waiters_of_one_semaphore_are_one_finding_whoever_stands_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
