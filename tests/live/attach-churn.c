/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that come, attach a segment, and go, until the program is killed; what each did is told
 * in a log. To be run inside of tests/tools/in-namespace.
 *
 * Usage: attach-churn ID LOG
 *
 * Each line of LOG is "EVENT PID TIME", the time in nanoseconds of CLOCK_MONOTONIC: "born" before
 * the process attaches, "attached" after that, "leaving" before it detaches or ends, "gone" once it
 * has ended. One of four leaves a child behind that has shared its address space, and outlives it:
 * "sharer PID PARENT" stands before the events of such a child.
 */
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES 6
#define LIFE (160 * 1000) /* microseconds, at most */
#define LIFE_OF_SHARER (20 * 1000)

struct sharing {
	int log;
	pid_t parent;
};

static void write_line(int log, const char *event, pid_t pid, long long number)
{
	char line[80];
	int length = snprintf(line, sizeof(line), "%s %d %lld\n", event, (int)pid, number);

	if (write(log, line, (size_t)length) != length)
		_exit(1);
}

static void tell(int log, const char *event, pid_t pid)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	write_line(log, event, pid, (long long)now.tv_sec * 1000000000 + now.tv_nsec);
}

static int be_sharer(void *context)
{
	const struct sharing *sharing = context;

	write_line(sharing->log, "sharer", getpid(), sharing->parent);
	tell(sharing->log, "born", getpid());
	tell(sharing->log, "attached", getpid());
	usleep(LIFE_OF_SHARER);
	tell(sharing->log, "leaving", getpid());
	return 0;
}

static _Noreturn void live(int segment, int log, unsigned int seed)
{
	static char stack[32 * 1024] __attribute__((aligned(16)));
	static struct sharing sharing;
	void *address;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	tell(log, "born", getpid());
	address = shmat(segment, NULL, seed % 3 ? 0 : SHM_RDONLY);
	if ((intptr_t)address == -1)
		_exit(1);
	tell(log, "attached", getpid());
	usleep(seed * 7919 % LIFE);
	sharing = (struct sharing){log, getpid()};
	if (seed % 4 == 0 &&
	    clone(be_sharer, stack + sizeof(stack), CLONE_VM | SIGCHLD, &sharing) > 0)
		usleep(LIFE_OF_SHARER / 2);
	tell(log, "leaving", getpid());
	if (seed % 4 == 1)
		shmdt(address);
	_exit(0);
}

/* The next of our own children to end; sharers that were left behind end, too. */
static pid_t await_end(int log, const pid_t *children)
{
	for (;;) {
		pid_t child = wait(NULL);

		tell(log, "gone", child);
		for (size_t i = 0; i < PROCESSES; i++)
			if (children[i] == child)
				return child;
	}
}

int main(int argc, char **argv)
{
	pid_t children[PROCESSES] = {0};
	int segment, log;

	if (argc != 3)
		return 2;
	segment = atoi(argv[1]);
	log = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		err(1, "%s", argv[2]);
	for (unsigned int seed = 1;; seed++) {
		pid_t ended = seed > PROCESSES ? await_end(log, children) : 0;
		size_t place = 0;

		while (children[place] != ended)
			place++;
		children[place] = fork();
		if (children[place] < 0)
			err(1, "fork");
		if (children[place] == 0)
			live(segment, log, seed);
	}
}
