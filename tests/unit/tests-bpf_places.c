/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which namespaces processes and threads are in, and what is there, as bpf sees it. */
#include "unit.h"

#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf_children.h"

DEFINE_KEPT(bpf_place, places);

static void look(void)
{
	places.count = 0;
	assert_int_equal(bpf_source_places(source, keep, NULL), 0);
}

/* That of the thread, which must be there once; NULL: it is not. */
static const struct bpf_place *find(int64_t pid, int64_t tid)
{
	const struct bpf_place *found = NULL;

	vector_for_each (&places, place) {
		if (place->pid != pid || place->tid != tid)
			continue;
		assert_null(found);
		found = place;
	}
	return found;
}

static int64_t stay(int unused)
{
	return unused;
}

TEST(a_process_is_told_with_the_namespaces_of_its_links)
{
	struct child child = child_start(stay, 0);
	const struct bpf_place *place;

	look();
	place = find(child.pid, child.pid);
	assert_non_null(place);
	assert_int_equal(place->ipc, own_namespace);
	assert_int_equal(place->mount, namespace_of(child.pid, child.pid, "mnt"));
	child_end(&child);
	look();
	assert_null(find(child.pid, child.pid));
}

static int64_t fill_another(int unused)
{
	(void)unused;
	if (unshare(CLONE_NEWIPC | CLONE_NEWNS) < 0)
		return -1;
	for (int i = 0; i < 3; i++)
		if (shmget(IPC_PRIVATE, 1, 0600) < 0)
			return -1;
	if (semget(IPC_PRIVATE, 1, 0600) < 0 || semget(IPC_PRIVATE, 1, 0600) < 0 ||
	    msgget(IPC_PRIVATE, 0600) < 0)
		return -1;
	for (char name[] = "/a"; name[1] < 'e'; name[1]++)
		if (mq_open(name, O_CREAT | O_RDONLY | O_CLOEXEC, 0600, NULL) < 0)
			return -1;
	return 0;
}

TEST(what_is_in_a_namespace_is_counted)
{
	struct child child = child_start(fill_another, 0);
	const struct bpf_place *place;

	look();
	place = find(child.pid, child.pid);
	assert_non_null(place);
	assert_int_equal(place->ipc, namespace_of(child.pid, child.pid, "ipc"));
	assert_int_not_equal(place->ipc, own_namespace);
	assert_int_equal(place->mount, namespace_of(child.pid, child.pid, "mnt"));
	assert_int_not_equal(place->mount, namespace_of(getpid(), getpid(), "mnt"));
	assert_int_equal(place->shm, 3);
	assert_int_equal(place->sem, 2);
	assert_int_equal(place->msg, 1);
	assert_int_equal(place->mq, 4);
	child_end(&child);
}

static int64_t leave_empty(int unused)
{
	(void)unused;
	return unshare(CLONE_NEWIPC);
}

TEST(an_empty_namespace_has_nothing)
{
	struct child child = child_start(leave_empty, 0);
	const struct bpf_place *place;

	look();
	place = find(child.pid, child.pid);
	assert_non_null(place);
	assert_int_equal(place->shm + place->sem + place->msg + place->mq, 0);
	child_end(&child);
}

static void *tell_thread(void *moves)
{
	if (moves && unshare(CLONE_NEWIPC) < 0)
		return NULL;
	child_tell((int64_t)syscall(SYS_gettid));
	pause();
	return NULL;
}

static int64_t start_thread(int moves)
{
	static int anything;
	pthread_t thread;

	if (pthread_create(&thread, NULL, tell_thread, moves ? &anything : NULL) != 0)
		return -1;
	pause();
	return -1;
}

TEST(a_thread_is_told_where_it_went_elsewhere)
{
	struct child gone = child_start(start_thread, 1), with = child_start(start_thread, 0);
	const struct bpf_place *place;

	look();
	assert_int_equal(find(gone.pid, gone.pid)->ipc, own_namespace);
	place = find(gone.pid, gone.told);
	assert_non_null(place);
	assert_int_equal(place->ipc, namespace_of(gone.pid, (pid_t)gone.told, "ipc"));
	assert_int_not_equal(place->ipc, own_namespace);
	assert_non_null(find(with.pid, with.pid));
	assert_null(find(with.pid, with.told));
	child_end(&gone);
	child_end(&with);
}

static void *outlive_leader(void *unused)
{
	char path[32], state = 0;

	(void)unused;
	snprintf(path, sizeof(path), "/proc/%d/stat", getpid());
	/* The leader is a zombie as soon as it has left. */
	while (state != 'Z') {
		FILE *file = fopen(path, "r");

		if (!file || fscanf(file, "%*d %*s %c", &state) != 1)
			state = 'Z';
		if (file)
			fclose(file);
	}
	child_tell((int64_t)syscall(SYS_gettid));
	pause();
	return NULL;
}

static int64_t leave_thread(int unused)
{
	pthread_t thread;

	(void)unused;
	if (pthread_create(&thread, NULL, outlive_leader, NULL) != 0)
		return -1;
	syscall(SYS_exit, 0);
	return -1;
}

TEST(of_a_leader_that_has_exited_its_threads_are_told)
{
	struct child child = child_start(leave_thread, 0);
	const struct bpf_place *place;

	look();
	assert_null(find(child.pid, child.pid));
	place = find(child.pid, child.told);
	assert_non_null(place);
	assert_int_equal(place->ipc, own_namespace);
	child_end(&child);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_is_told_with_the_namespaces_of_its_links),
		cmocka_unit_test(what_is_in_a_namespace_is_counted),
		cmocka_unit_test(an_empty_namespace_has_nothing),
		cmocka_unit_test(a_thread_is_told_where_it_went_elsewhere),
		cmocka_unit_test(of_a_leader_that_has_exited_its_threads_are_told),
	};
	int failures = cmocka_run_group_tests(tests, NULL, NULL);

	vector_deinit(&places);
	return failures;
}

int main(void)
{
	return run_with_source(run_all);
}
