/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "actors.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static void report(const struct work *work, int64_t number)
{
	if (write(work->report, &number, sizeof(number)) != sizeof(number))
		_exit(1);
}

static __attribute__((noreturn)) void sleep_on(void)
{
	for (;;)
		pause();
}

struct actor actor_start(actor_work *act, int segment)
{
	struct actor actor;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	actor.pid = fork();
	assert_true(actor.pid >= 0);
	if (!actor.pid) {
		const struct work work = {segment, ends[1]};

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		act(&work);
		sleep_on();
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &actor.reported, sizeof(actor.reported)),
			 sizeof(actor.reported));
	close(ends[0]);
	return actor;
}

void actor_end(const struct actor *actor)
{
	kill(actor->pid, SIGKILL);
	/* __WALL: also one that was cloned. */
	assert_int_equal(waitpid(actor->pid, NULL, __WALL), actor->pid);
}

static char *attach(const struct work *work, int flags)
{
	char *address = shmat(work->segment, NULL, flags);

	if (address == (void *)-1)
		_exit(1);
	return address;
}

void attach_once(const struct work *work)
{
	report(work, (int64_t)(uintptr_t)attach(work, 0));
}

void attach_read_only_and_to_execute(const struct work *work)
{
	attach(work, SHM_RDONLY);
	attach(work, SHM_EXEC);
	report(work, 0);
}

void split_a_mapping(const struct work *work)
{
	char *address = attach(work, 0);

	if (mprotect(address + PAGE, PAGE, PROT_READ) < 0)
		_exit(1);
	report(work, 0);
}

/* No function that never returns is called on the foreign stack: a sanitizer would stumble over it.
 */
static int share_space(void *argument)
{
	const struct work *work = argument;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	report(work, getpid());
	for (;;)
		pause();
	return 0;
}

/* With CLONE_VM the stack is shared, too, so that the other one needs its own. */
void attach_and_clone(const struct work *work)
{
	static char stack[64 * 1024] __attribute__((aligned(16)));

	attach(work, 0);
	if (clone(share_space, stack + sizeof(stack), CLONE_VM | SIGCHLD, (void *)work) < 0)
		_exit(1);
}

/* Sleeps in vfork() for as long as the other one lives. */
void attach_and_vfork(const struct work *work)
{
	static char stack[64 * 1024] __attribute__((aligned(16)));

	attach(work, 0);
	clone(share_space, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)work);
	_exit(1);
}

static bool is_zombie(pid_t pid)
{
	char path[64], text[512] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	return strstr(text, ") Z ") != NULL;
}

static void *outlive_leader(void *argument)
{
	while (!is_zombie(getpid()))
		usleep(1000);
	report(argument, (int64_t)syscall(SYS_gettid));
	sleep_on();
}

void leave_a_thread(const struct work *work)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, outlive_leader, (void *)work) != 0)
		_exit(1);
	/* Of this thread alone. */
	syscall(SYS_exit, 0);
}

void attach_and_leave_a_thread(const struct work *work)
{
	attach(work, 0);
	leave_a_thread(work);
}

void attach_elsewhere(const struct work *work)
{
	int id;
	const struct work other = {.report = work->report};

	if (unshare(CLONE_NEWIPC) < 0)
		_exit(1);
	id = shmget(IPC_PRIVATE, PAGE, 0600);
	if (id < 0 || shmat(id, NULL, 0) == (void *)-1)
		_exit(1);
	report(&other, id);
}

/* Takes its attachment with it. */
void attach_and_move(const struct work *work)
{
	attach(work, 0);
	if (unshare(CLONE_NEWIPC) < 0)
		_exit(1);
	report(work, 0);
}

int make_segment(void)
{
	int id = shmget(IPC_PRIVATE, 3 * PAGE, 0600);

	assert_true(id >= 0);
	return id;
}

void await_detached(int id)
{
	struct shmid_ds state = {0};

	for (int i = 0; i < 10000; i++) {
		assert_int_equal(shmctl(id, IPC_STAT, &state), 0);
		if (!state.shm_nattch)
			return;
		usleep(1000);
	}
	fail_msg("segment %d is still attached %ju times", id, (uintmax_t)state.shm_nattch);
}

void remove_segment(int id)
{
	assert_int_equal(shmctl(id, IPC_RMID, NULL), 0);
}
