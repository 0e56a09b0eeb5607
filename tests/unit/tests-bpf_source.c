/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may open the bpf source, and whose PIDs it tells. */
#include "unit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "bpf_children.h"
#include "private_ipc.h"

/* In a child, which may lose what it needs. */
static void assert_denied(bool (*lose)(void), const char *expected)
{
	char reason[BPF_SOURCE_REASON] = "";
	struct bpf_source *none = NULL;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child)
		_exit(lose() && bpf_source_open(BPF_SOURCE_ALL, &none, reason) == OUTCOME_DENIED &&
				      !none && strcmp(reason, expected) == 0
			      ? 0
			      : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

TEST(without_capabilities_it_is_denied)
{
	assert_denied(drop_capabilities, "it takes CAP_BPF and CAP_PERFMON");
	assert_denied(become_nobody, "it takes CAP_BPF and CAP_PERFMON");
}

static bool enter_user_namespace(void)
{
	return unshare(CLONE_NEWUSER) == 0;
}

TEST(in_a_user_namespace_it_is_denied)
{
	assert_denied(enter_user_namespace, "capabilities of a user namespace do not permit bpf");
}

TEST(several_can_be_open)
{
	char reason[BPF_SOURCE_REASON];
	struct bpf_source *one = NULL, *other = NULL;

	assert_int_equal(bpf_source_open(BPF_SOURCE_ALL, &one, reason), 0);
	assert_int_equal(bpf_source_open(BPF_SOURCE_ALL, &other, reason), 0);
	assert_true(one != other);
	assert_null(bpf_source_free(one));
	assert_null(bpf_source_free(other));
	assert_null(bpf_source_free(NULL));
}

static int count_threads(const struct bpf_blocked *blocked, void *count)
{
	(void)blocked;
	++*(int *)count;
	return 0;
}

TEST(only_lists_that_are_wanted)
{
	char reason[BPF_SOURCE_REASON];
	struct bpf_source *some = NULL;
	int threads = 0;

	assert_int_equal(bpf_source_open(BPF_SOURCE_BLOCKED, &some, reason), 0);
	assert_int_equal(bpf_source_blocked(some, count_threads, &threads), 0);
	assert_true(threads > 0);
	assert_int_equal(bpf_source_holders(some, NULL, NULL), -EINVAL);
	assert_int_equal(bpf_source_ends(some, NULL, NULL), -EINVAL);
	assert_int_equal(bpf_source_mappings(some, 0, NULL, NULL), -EINVAL);
	bpf_source_free(some);
}

static int find_own(const struct bpf_holder *holder, void *pid)
{
	if (holder->namespace == own_namespace && holder->amount == 2 && holder->pid)
		*(int64_t *)pid = holder->pid;
	return 0;
}

/* Of the two semaphores the viewer sees the first one's holder, and of both that they are held. */
static int find_unseen(const struct bpf_holder *holder, void *seen)
{
	unsigned int *bits = seen;

	if (holder->namespace == own_namespace && holder->semnum < 2)
		*bits |= 1U << (2 * holder->semnum + !holder->pid);
	return 0;
}
#define HELD_BY_UNSEEN 0xbU /* 0 by somebody and by whomever, 1 by whomever */

/* Process 2 of a PID namespace looks at process 1: nobody else is there. */
static int look_from_inside(void)
{
	struct bpf_source *inner = NULL;
	char reason[BPF_SOURCE_REASON];
	int64_t pid = 0;
	int threads = 0;
	unsigned int seen = 0;

	if (bpf_source_open(BPF_SOURCE_ALL, &inner, reason) != 0 ||
	    bpf_source_holders(inner, find_own, &pid) != 0 ||
	    bpf_source_holders(inner, find_unseen, &seen) != 0 ||
	    bpf_source_blocked(inner, count_threads, &threads) != 0)
		return 1;
	bpf_source_free(inner);
	return pid == 1 && threads == 1 && seen == HELD_BY_UNSEEN ? 0 : 2;
}

static int64_t be_first(int semid)
{
	struct sembuf operation = {0, -2, SEM_UNDO};
	int status;
	pid_t child;

	if (semop(semid, &operation, 1) < 0)
		return -1;
	child = fork();
	if (!child)
		_exit(look_from_inside());
	return child == 2 && waitpid(child, &status, 0) == child && status == 0 ? 0 : -1;
}

static int64_t start_pid_namespace(int semid)
{
	int status;
	pid_t child;

	if (unshare(CLONE_NEWPID) < 0)
		return -1;
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		child_tell(be_first(semid));
		for (;;)
			pause();
	}
	waitpid(child, &status, 0);
	return -1;
}

TEST(pids_are_those_of_the_viewers_namespace)
{
	struct sembuf held_outside = {1, -3, SEM_UNDO};
	int semid = semget(IPC_PRIVATE, 2, 0600);
	int64_t pid = 0;
	struct child child;

	assert_int_equal(semctl(semid, 0, SETVAL, 5), 0);
	assert_int_equal(semctl(semid, 1, SETVAL, 5), 0);
	assert_int_equal(semop(semid, &held_outside, 1), 0);
	child = child_start(start_pid_namespace, semid);
	assert_int_equal(bpf_source_holders(source, find_own, &pid), 0);
	/* From outside it has another number. */
	assert_true(pid > 1);
	assert_int_equal(kill((pid_t)pid, 0), 0);
	assert_int_not_equal(pid, child.pid);
	child_end(&child);
	assert_int_equal(semctl(semid, 0, IPC_RMID), 0);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_capabilities_it_is_denied),
		cmocka_unit_test(in_a_user_namespace_it_is_denied),
		cmocka_unit_test(several_can_be_open),
		cmocka_unit_test(only_lists_that_are_wanted),
		cmocka_unit_test(pids_are_those_of_the_viewers_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return run_with_source(run_all);
}
