/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Undo lists that several threads or processes have, as bpf sees them. */
#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf_children.h"
#include "found_holders.h"

/* A process that shares the undo list of its parent, and nothing else. */
static int64_t take_and_clone(int semid)
{
	pid_t pid;

	if (take_two(semid) < 0)
		return -1;
	pid = (pid_t)syscall(SYS_clone, CLONE_SYSVSEM | SIGCHLD, NULL, NULL, NULL, NULL);
	if (!pid)
		for (;;)
			pause();
	return pid;
}

TEST(all_processes_that_share_a_list_are_told)
{
	int semid = make_array(1);
	struct child child = child_start(take_and_clone, semid);
	struct bpf_holder one, other;

	look_for_holders();
	assert_int_equal(holders.count, 2);
	one = holders.items[0];
	other = holders.items[1];
	assert_true(one.list == other.list);
	assert_int_equal(one.pid + other.pid, child.pid + child.told);
	assert_int_equal(one.amount, 2);
	assert_int_equal(other.amount, 2);
	child_end(&child);
	look_for_holders();
	assert_held(semid, 0, child.told, child.told, 2);
	assert_int_equal(kill((pid_t)child.told, SIGKILL), 0);
	for (int i = 0; i < 5000 && holders.count; i++) {
		usleep(1000);
		look_for_holders();
	}
	remove_array(semid);
}

static int shared_semid;
static pthread_barrier_t barrier;

static void *just_wait(void *unused)
{
	(void)unused;
	pthread_barrier_wait(&barrier);
	for (;;)
		pause();
	return NULL;
}

/* A list of its own, which the thread that it starts has too. */
static void *split_and_take(void *unused)
{
	pthread_t thread;

	(void)unused;
	if (unshare(CLONE_SYSVSEM) < 0 || operate(shared_semid, 0, -3) < 0 ||
	    pthread_create(&thread, NULL, just_wait, NULL) != 0)
		_exit(1);
	pthread_barrier_wait(&barrier);
	child_tell(gettid());
	for (;;)
		pause();
	return NULL;
}

static int64_t take_with_threads(int semid)
{
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	if (take_two(semid) < 0 || pthread_create(&thread, NULL, just_wait, NULL) != 0)
		return -1;
	pthread_barrier_wait(&barrier);
	return 0;
}

TEST(threads_are_told_once)
{
	int semid = make_array(1);
	struct child child = child_start(take_with_threads, semid);

	look_for_holders();
	assert_int_equal(holders.count, 1);
	assert_held(semid, 0, child.pid, child.pid, 2);
	child_end(&child);
	remove_array(semid);
}

static int64_t take_with_split_threads(int semid)
{
	pthread_t thread;

	shared_semid = semid;
	pthread_barrier_init(&barrier, NULL, 2);
	if (take_two(semid) < 0 || pthread_create(&thread, NULL, split_and_take, NULL) != 0)
		return -1;
	for (;;)
		pause();
}

static bool is_of_thread(const struct bpf_holder *holder, const struct child *child)
{
	return holder->pid == child->pid && holder->tid == child->told && holder->amount == 3;
}

static bool is_of_leader(const struct bpf_holder *holder, const struct child *child)
{
	return holder->pid == child->pid && holder->tid == child->pid && holder->amount == 2;
}

TEST(a_list_that_was_split_is_told_as_two)
{
	int semid = make_array(1);
	struct child child = child_start(take_with_split_threads, semid);
	const struct bpf_holder *first, *second;

	look_for_holders();
	assert_int_equal(holders.count, 2);
	first = &holders.items[0];
	second = &holders.items[1];
	assert_true(first->list != second->list);
	assert_true((is_of_leader(first, &child) && is_of_thread(second, &child)) ||
		    (is_of_leader(second, &child) && is_of_thread(first, &child)));
	child_end(&child);
	remove_array(semid);
}

static void *outlive_leader(void *unused)
{
	char state = 'S';

	(void)unused;
	while (state != 'Z') {
		FILE *file = fopen("/proc/self/stat", "r");

		if (!file || fscanf(file, "%*d %*s %c", &state) != 1)
			_exit(1);
		fclose(file);
	}
	child_tell(gettid());
	for (;;)
		pause();
	return NULL;
}

static int64_t take_and_leave(int semid)
{
	pthread_t thread, other;

	pthread_barrier_init(&barrier, NULL, 2);
	if (take_two(semid) < 0 || pthread_create(&other, NULL, just_wait, NULL) != 0 ||
	    pthread_create(&thread, NULL, outlive_leader, NULL) != 0)
		return -1;
	pthread_barrier_wait(&barrier);
	pthread_exit(NULL);
}

TEST(threads_hold_on_when_their_leader_has_gone)
{
	int semid = make_array(1);
	struct child child = child_start(take_and_leave, semid);

	look_for_holders();
	assert_int_equal(holders.count, 1);
	assert_int_equal(holders.items[0].pid, child.pid);
	assert_true(holders.items[0].tid != child.pid);
	assert_int_equal(holders.items[0].amount, 2);
	child_end(&child);
	remove_array(semid);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_processes_that_share_a_list_are_told),
		cmocka_unit_test(threads_are_told_once),
		cmocka_unit_test(a_list_that_was_split_is_told_as_two),
		cmocka_unit_test(threads_hold_on_when_their_leader_has_gone),
	};
	int result = cmocka_run_group_tests(tests, NULL, NULL);

	forget_holders();
	return result;
}

int main(void)
{
	return run_with_source(run_all);
}
