/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cast.h"

#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

void announce(const struct cast *cast, const char *name, long value)
{
	char variable[64], number[32];

	snprintf(variable, sizeof(variable), "CAST_%s", name);
	snprintf(number, sizeof(number), "%ld", value);
	if (setenv(variable, number, 1) < 0)
		err(1, "setenv");
	if (cast->is_printing)
		printf("%s=%s\n", name, number);
}

int make_segment(const struct cast *cast, const char *name, key_t key, size_t size, int flags)
{
	int id = shmget(key, size, IPC_CREAT | IPC_EXCL | flags);

	if (id < 0)
		err(1, "%s: shmget", name);
	announce(cast, name, id);
	return id;
}

int make_array(const struct cast *cast, const char *name, key_t key, int nsems, int flags)
{
	int id = semget(key, nsems, IPC_CREAT | IPC_EXCL | flags);

	if (id < 0)
		err(1, "%s: semget", name);
	announce(cast, name, id);
	return id;
}

int make_queue(const struct cast *cast, const char *name, key_t key, int flags)
{
	int id = msgget(key, IPC_CREAT | IPC_EXCL | flags);

	if (id < 0)
		err(1, "%s: msgget", name);
	announce(cast, name, id);
	return id;
}

/* Who has said it needs the pipe no more; it would be one that all have open. */
static void close_readiness(const struct cast *cast)
{
	close(cast->readiness[0]);
	close(cast->readiness[1]);
}

void report_ready(const struct cast *cast)
{
	if (write(cast->readiness[1], "", 1) != 1)
		_exit(1);
	close_readiness(cast);
}

pid_t start_child(const struct cast *cast)
{
	pid_t parent = getpid();
	pid_t child = fork();
	char byte;

	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		return 0;
	}
	if (read(cast->readiness[0], &byte, 1) != 1)
		err(1, "a child died");
	return child;
}

_Noreturn void sleep_forever(const struct cast *cast)
{
	report_ready(cast);
	for (;;)
		pause();
}

pid_t attach(const struct cast *cast, const int *segments, size_t count)
{
	pid_t child = start_child(cast);

	if (child)
		return child;
	for (size_t i = 0; i < count; i++) {
		char *address = shmat(segments[i], NULL, 0);

		if ((intptr_t)address == -1)
			err(1, "shmat");
		address[0] = 1;
	}
	sleep_forever(cast);
}

pid_t start_announced(const struct cast *cast, const char *name)
{
	pid_t child = start_child(cast);

	if (child)
		announce(cast, name, child);
	return child;
}

static int be_sharer(void *context)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	report_ready(context);
	/* A sanitizer would stumble over a function that never returns, called on this stack. */
	for (;;)
		pause();
	return 0;
}

_Noreturn void share_memory(const struct cast *cast)
{
	static char stack[64 * 1024] __attribute__((aligned(16)));

	if (clone(be_sharer, stack + sizeof(stack), CLONE_VM | SIGCHLD, (void *)(uintptr_t)cast) <
	    0)
		err(1, "clone");
	close_readiness(cast);
	for (;;)
		pause();
}

_Noreturn void wait_in_vfork(const struct cast *cast)
{
	/* What a child of vfork() may not do is what is wanted here. */
	if (syscall(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL, NULL, NULL, 0L) == 0)
		be_sharer((void *)(uintptr_t)cast);
	_exit(1);
}

static void *be_left(void *context)
{
	/* Until the leader is a zombie, what it has is still to be seen through it. */
	usleep(50 * 1000);
	sleep_forever(context);
}

_Noreturn void leave_to_a_thread(const struct cast *cast)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, be_left, (void *)(uintptr_t)cast))
		errx(1, "pthread_create");
	syscall(SYS_exit, 0);
	_exit(1);
}

/* -1 where the process runs, or it cannot be told. */
static long call_of(pid_t pid)
{
	char path[64];
	long call = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)pid);
	file = fopen(path, "r");
	if (!file)
		err(1, "%s", path);
	if (fscanf(file, "%ld", &call) != 1)
		call = -1;
	fclose(file);
	return call;
}

void await_call(pid_t pid, long call, long other_call)
{
	for (int tries = 0; tries < 10000; tries++) {
		long current = call_of(pid);

		if (current == call || current == other_call)
			return;
		usleep(1000);
	}
	errx(1, "a process that should sleep in a system call does not");
}
