/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who holds a semaphore, as bpf sees it. */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf_children.h"
#include "found_holders.h"

TEST(who_took_holds)
{
	int semid = make_array(1);
	struct child child = child_start(take_two, semid);

	look_for_holders();
	assert_int_equal(holders.count, 1);
	assert_held(semid, 0, child.pid, child.pid, 2);
	child_end(&child);
	look_for_holders();
	assert_int_equal(holders.count, 0);
	remove_array(semid);
}

static int64_t give_three(int semid)
{
	return operate(semid, 0, 3);
}

TEST(what_was_given_would_be_taken_back)
{
	int semid = make_array(1);
	struct child child = child_start(give_three, semid);

	look_for_holders();
	assert_held(semid, 0, child.pid, child.pid, -3);
	child_end(&child);
	remove_array(semid);
}

static int64_t take_and_give_back(int semid)
{
	return operate(semid, 0, -2) + operate(semid, 0, 2);
}

TEST(an_entry_of_zeroes_is_none)
{
	int semid = make_array(3);
	struct child child = child_start(take_and_give_back, semid);

	look_for_holders();
	assert_int_equal(holders.count, 0);
	child_end(&child);
	remove_array(semid);
}

static int64_t take_of_three(int semid)
{
	struct sembuf operations[] = {{0, -1, SEM_UNDO}, {2, -4, SEM_UNDO}, {4, 5, SEM_UNDO}};

	return semop(semid, operations, ARRAY_LENGTH(operations));
}

TEST(each_semaphore_is_told)
{
	int semid = make_array(5);
	struct child child = child_start(take_of_three, semid);

	look_for_holders();
	assert_int_equal(holders.count, 3);
	assert_held(semid, 0, child.pid, child.pid, 1);
	assert_held(semid, 2, child.pid, child.pid, 4);
	assert_held(semid, 4, child.pid, child.pid, -5);
	child_end(&child);
	remove_array(semid);
}

TEST(each_array_is_told)
{
	int semids[40];
	struct child children[ARRAY_LENGTH(semids)];

	/* All by one process, and each by another one. */
	for (size_t i = 0; i < ARRAY_LENGTH(semids); i++) {
		semids[i] = make_array((int)i + 1);
		children[i] = child_start(take_two, semids[i]);
		assert_int_equal(operate(semids[i], 0, -1), 0);
	}
	look_for_holders();
	assert_int_equal(holders.count, 2 * ARRAY_LENGTH(semids));
	for (size_t i = 0; i < ARRAY_LENGTH(semids); i++) {
		struct bpf_holder holder = {};

		assert_int_equal(find_holder(semids[i], 0, &holder), 2);
		child_end(&children[i]);
		remove_array(semids[i]);
	}
	look_for_holders();
	assert_int_equal(holders.count, 0);
}

static int64_t give_to_the_ends(int semid)
{
	return operate(semid, 0, 1) + operate(semid, 4999, 1);
}

TEST(of_a_large_array_the_ends_are_told)
{
	int semid = make_array(5000);
	struct child child = child_start(give_to_the_ends, semid);

	look_for_holders();
	assert_int_equal(holders.count, 2);
	assert_held(semid, 0, child.pid, child.pid, -1);
	assert_held(semid, 4999, child.pid, child.pid, -1);
	child_end(&child);
	remove_array(semid);
}

static int64_t give_to_all(int semid)
{
	for (unsigned short i = 0; i < 5000; i++)
		if (operate(semid, i, (short)(i % 100 + 1)) < 0)
			return -1;
	return 0;
}

static void assert_all(int semid, pid_t pid)
{
	static bool is_there[5000];

	memset(is_there, 0, sizeof(is_there));
	vector_for_each (&holders, holder) {
		if (holder->pid != pid)
			continue;
		assert_int_equal(holder->semid, semid);
		assert_true(holder->semnum < ARRAY_LENGTH(is_there));
		assert_false(is_there[holder->semnum]);
		is_there[holder->semnum] = true;
		assert_int_equal(holder->amount, -(int32_t)(holder->semnum % 100 + 1));
	}
}

TEST(more_entries_than_there_are_slots_are_told_once_each)
{
	int semid = make_array(5000);
	struct child children[3];

	for (size_t i = 0; i < ARRAY_LENGTH(children); i++)
		children[i] = child_start(give_to_all, semid);
	look_for_holders();
	assert_int_equal(holders.count, 5000 * ARRAY_LENGTH(children));
	for (size_t i = 0; i < ARRAY_LENGTH(children); i++) {
		assert_all(semid, children[i].pid);
		child_end(&children[i]);
	}
	remove_array(semid);
}

static int64_t give_to_the_40000th(int semid)
{
	return operate(semid, 39999, 7);
}

TEST(an_array_beyond_the_usual_limit)
{
	FILE *limits = fopen("/proc/sys/kernel/sem", "w");
	struct child child;
	int semid;

	assert_non_null(limits);
	fputs("60000 1024000000 500 32000\n", limits);
	assert_int_equal(fclose(limits), 0);
	semid = make_array(40000);
	child = child_start(give_to_the_40000th, semid);
	look_for_holders();
	assert_int_equal(holders.count, 1);
	assert_held(semid, 39999, child.pid, child.pid, -7);
	child_end(&child);
	remove_array(semid);
}

static int64_t take_and_fork(int semid)
{
	pid_t pid;

	if (take_two(semid) < 0)
		return -1;
	pid = fork();
	if (!pid)
		for (;;)
			pause();
	return pid;
}

TEST(a_forked_child_holds_nothing)
{
	int semid = make_array(1);
	struct child child = child_start(take_and_fork, semid);

	look_for_holders();
	assert_int_equal(holders.count, 1);
	assert_held(semid, 0, child.pid, child.pid, 2);
	kill((pid_t)child.told, SIGKILL);
	child_end(&child);
	remove_array(semid);
}

static int64_t take_and_execute(int semid)
{
	if (take_two(semid) < 0)
		return -1;
	child_tell(0);
	execlp("sleep", "sleep", "1000", NULL);
	return -1;
}

TEST(exec_keeps_it)
{
	int semid = make_array(1);
	struct child child = child_start(take_and_execute, semid);

	await_call(child.pid, child.pid, SYS_clock_nanosleep);
	look_for_holders();
	assert_held(semid, 0, child.pid, child.pid, 2);
	child_end(&child);
	remove_array(semid);
}

TEST(setval_clears_it_for_everybody)
{
	int semid = make_array(2);
	struct child child = child_start(take_two, semid), other = child_start(take_two, semid);

	look_for_holders();
	assert_int_equal(holders.count, 2);
	assert_int_equal(semctl(semid, 1, SETVAL, 1), 0);
	look_for_holders();
	assert_int_equal(holders.count, 2);
	assert_int_equal(semctl(semid, 0, SETVAL, 1), 0);
	look_for_holders();
	assert_int_equal(holders.count, 0);
	child_end(&child);
	child_end(&other);
	remove_array(semid);
}

TEST(a_removed_array_is_held_by_nobody)
{
	int semid = make_array(1);
	struct child child = child_start(take_two, semid);

	remove_array(semid);
	look_for_holders();
	assert_int_equal(holders.count, 0);
	child_end(&child);
}

static int stop(const struct bpf_holder *holder, void *context)
{
	(void)holder;
	++*(int *)context;
	return 42;
}

TEST(the_handler_ends_the_list)
{
	int semid = make_array(1), calls = 0;
	struct child child = child_start(take_two, semid), other = child_start(take_two, semid);

	assert_int_equal(bpf_source_holders(source, stop, &calls), 42);
	assert_int_equal(calls, 1);
	look_for_holders();
	assert_int_equal(holders.count, 2);
	child_end(&child);
	child_end(&other);
	remove_array(semid);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_took_holds),
		cmocka_unit_test(what_was_given_would_be_taken_back),
		cmocka_unit_test(an_entry_of_zeroes_is_none),
		cmocka_unit_test(each_semaphore_is_told),
		cmocka_unit_test(each_array_is_told),
		cmocka_unit_test(of_a_large_array_the_ends_are_told),
		cmocka_unit_test(more_entries_than_there_are_slots_are_told_once_each),
		cmocka_unit_test(an_array_beyond_the_usual_limit),
		cmocka_unit_test(a_forked_child_holds_nothing),
		cmocka_unit_test(exec_keeps_it),
		cmocka_unit_test(setval_clears_it_for_everybody),
		cmocka_unit_test(a_removed_array_is_held_by_nobody),
		cmocka_unit_test(the_handler_ends_the_list),
	};
	int result = cmocka_run_group_tests(tests, NULL, NULL);

	forget_holders();
	return result;
}

int main(void)
{
	return run_with_source(run_all);
}
