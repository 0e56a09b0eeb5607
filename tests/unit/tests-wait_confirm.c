/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waits that have ended since they were seen. */
#include "unit.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect/collector.h"
#include "collect/proc_stat.h"
#include "collect/scheduler_clock.h"

/* It sleeps, and for each byte runs for a moment and sleeps again. */
static pid_t start_sleeper(int ends[2])
{
	char byte;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child) {
		close(ends[0]);
		return child;
	}
	close(ends[1]);
	while (read(ends[0], &byte, 1) == 1)
		continue;
	_exit(0);
}

static void await_sleep(const struct rooted *root, pid_t pid)
{
	struct proc_stat stat = {0};
	char path[32];

	snprintf(path, sizeof(path), "proc/%d/stat", (int)pid);
	for (int tries = 0; tries < 10000 && stat.state != 'S'; tries++) {
		usleep(1000);
		assert_int_equal(proc_stat_read(root, path, &stat), 0);
	}
	assert_int_equal(stat.state, 'S');
}

static struct wait *add_wait(struct snapshot *snapshot, pid_t pid)
{
	struct wait *wait = vector_add(&snapshot->waits);

	assert_non_null(wait);
	wait->pid = wait->tid = pid;
	wait->operation = WAIT_TAKE;
	snapshot->objects.items[0].waiting++;
	return wait;
}

static void add_holder(struct snapshot *snapshot, pid_t pid)
{
	struct link *link = vector_add(&snapshot->links);

	assert_non_null(link);
	link->how = LINK_HOLDS;
	link->pid = pid;
}

static void last_run(const struct rooted *root, pid_t pid, uint64_t *ret_ran_at)
{
	char path[48];

	snprintf(path, sizeof(path), "proc/%d/task/%d/sched", (int)pid, (int)pid);
	if (!scheduler_clock_read(root, path, ret_ran_at))
		skip();
}

TEST(who_has_run_meanwhile_waits_no_more)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct collector collector = {.snapshot = snapshot};
	int ends[2];
	pid_t sleeper = start_sleeper(ends);

	assert_int_equal(rooted_init(&collector.root, NULL, NULL), 0);
	await_sleep(&collector.root, sleeper);
	assert_non_null(snapshot_add_object(snapshot, KIND_SEM));
	last_run(&collector.root, sleeper, &add_wait(snapshot, sleeper)->ran_at);
	add_holder(snapshot, sleeper);

	assert_int_equal(waits_confirm(&collector), 0);
	assert_int_equal(snapshot->waits.count, 1);

	assert_int_equal(write(ends[1], "", 1), 1);
	usleep(10000);
	await_sleep(&collector.root, sleeper);
	assert_int_equal(waits_confirm(&collector), 0);
	assert_int_equal(snapshot->waits.count, 0);
	assert_int_equal(snapshot->objects.items[0].waiting, 0);

	close(ends[1]);
	waitpid(sleeper, NULL, 0);
	rooted_deinit(&collector.root);
}

TEST(a_process_that_has_ended_waits_no_more)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct collector collector = {.snapshot = snapshot};
	int ends[2];
	pid_t sleeper = start_sleeper(ends);

	assert_int_equal(rooted_init(&collector.root, NULL, NULL), 0);
	assert_non_null(snapshot_add_object(snapshot, KIND_SEM));
	add_wait(snapshot, sleeper);
	add_holder(snapshot, sleeper);
	close(ends[1]);
	waitpid(sleeper, NULL, 0);
	assert_int_equal(waits_confirm(&collector), 0);
	assert_int_equal(snapshot->waits.count, 0);
	rooted_deinit(&collector.root);
}

/* It can be in no ring, and what it waited for when it was seen is as true as all else. */
TEST(who_holds_nothing_is_not_asked_again)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct collector collector = {.snapshot = snapshot};

	assert_int_equal(rooted_init(&collector.root, NULL, NULL), 0);
	assert_non_null(snapshot_add_object(snapshot, KIND_SEM));
	add_wait(snapshot, INT32_MAX);
	add_holder(snapshot, getpid());
	assert_int_equal(waits_confirm(&collector), 0);
	assert_int_equal(snapshot->waits.count, 1);
	rooted_deinit(&collector.root);
}

static void ignore(int signal)
{
	(void)signal;
}

/* The sleeper is a child of this process, and catches what this one catches. */
TEST(who_catches_the_alarm_is_told)
{
	for (int catches = 0; catches < 2; catches++) {
		_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
		struct collector collector = {.snapshot = snapshot};
		int ends[2];
		pid_t sleeper;

		signal(SIGALRM, catches ? ignore : SIG_DFL);
		sleeper = start_sleeper(ends);
		assert_int_equal(rooted_init(&collector.root, NULL, NULL), 0);
		await_sleep(&collector.root, sleeper);
		assert_non_null(snapshot_add_object(snapshot, KIND_SEM));
		add_wait(snapshot, sleeper);
		add_holder(snapshot, sleeper);
		assert_int_equal(waits_confirm(&collector), 0);
		assert_int_equal(snapshot->waits.count, 1);
		assert_int_equal(snapshot->waits.items[0].flags, catches ? WAIT_HAS_ALARM : 0);
		close(ends[1]);
		waitpid(sleeper, NULL, 0);
		rooted_deinit(&collector.root);
	}
	signal(SIGALRM, SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_run_meanwhile_waits_no_more),
		cmocka_unit_test(a_process_that_has_ended_waits_no_more),
		cmocka_unit_test(who_holds_nothing_is_not_asked_again),
		cmocka_unit_test(who_catches_the_alarm_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
