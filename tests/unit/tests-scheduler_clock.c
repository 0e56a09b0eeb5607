/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long threads sleep, by the clocks of their processors. */
#include "unit.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect/proc_stat.h"
#include "collect/scheduler_clock.h"

#define SLEEP_MILLISECONDS 300

/* Asleep on that processor; 0: it may not run there. */
static pid_t start_sleeper(unsigned int processor)
{
	cpu_set_t only;
	int ready[2];
	char byte;
	pid_t child;
	bool is_there;

	CPU_ZERO(&only);
	CPU_SET(processor, &only);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		if (sched_setaffinity(0, sizeof(only), &only) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	is_there = read(ready[0], &byte, 1) == 1;
	close(ready[0]);
	if (!is_there)
		waitpid(child, NULL, 0);
	return is_there ? child : 0;
}

static void assert_age(const struct rooted *root, pid_t pid, uint64_t processor)
{
	struct scheduler_clocks clocks = {0};
	struct proc_stat stat;
	uint64_t ran_at, now;
	char path[48];

	snprintf(path, sizeof(path), "proc/%d/stat", (int)pid);
	assert_int_equal(proc_stat_read(root, path, &stat), 0);
	assert_int_equal(stat.processor, processor);
	snprintf(path, sizeof(path), "proc/%d/sched", (int)pid);
	if (!scheduler_clock_read(root, path, &ran_at))
		skip();
	assert_true(scheduler_clock_now(&clocks, root, (uint32_t)processor, &now));
	assert_in_range((now - ran_at) / 1000000, SLEEP_MILLISECONDS - 100,
			SLEEP_MILLISECONDS + 700);
	vector_deinit(&clocks.items);
}

TEST(a_sleep_is_as_long_on_each_processor)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	cpu_set_t before, after;
	unsigned int seen = 0;

	assert_int_equal(rooted_init(&root, NULL, NULL), 0);
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	for (unsigned int processor = 0; processor < CPU_SETSIZE && seen < 4; processor++) {
		pid_t sleeper = CPU_ISSET(processor, &before) ? start_sleeper(processor) : 0;

		if (!sleeper)
			continue;
		usleep(SLEEP_MILLISECONDS * 1000);
		assert_age(&root, sleeper, processor);
		kill(sleeper, SIGKILL);
		waitpid(sleeper, NULL, 0);
		seen++;
	}
	assert_true(seen > 0);
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
}

TEST(a_processor_that_is_not_there_has_no_clock)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	struct scheduler_clocks clocks = {0};
	uint64_t now;

	assert_int_equal(rooted_init(&root, NULL, NULL), 0);
	assert_false(scheduler_clock_now(&clocks, &root, CPU_SETSIZE - 1, &now));
	assert_false(scheduler_clock_now(&clocks, &root, UINT32_MAX, &now));
	vector_deinit(&clocks.items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sleep_is_as_long_on_each_processor),
		cmocka_unit_test(a_processor_that_is_not_there_has_no_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
