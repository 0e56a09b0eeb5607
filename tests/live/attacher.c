/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attaches a segment, for tests: see print_usage(). To be run inside of tests/tools/in-namespace.
 */
#include <err.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

static void print_usage(void)
{
	fputs("Usage: attacher make                     a segment, whose id is printed\n"
	      "       attacher remove ID\n"
	      "       attacher hold ID                 until standard input ends; prints a line\n"
	      "       attacher share ID COMMAND...     in two processes with one address space\n",
	      stderr);
}

static void attach(const char *id)
{
	if ((intptr_t)shmat(atoi(id), NULL, 0) == -1)
		err(1, "shmat");
}

static void hold(const char *id)
{
	char byte;

	attach(id);
	puts("attached");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

static int be_sharer(void *context)
{
	(void)context;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
	return 0;
}

/* The exit status of the command. */
static int share(const char *id, char **command)
{
	static char stack[64 * 1024] __attribute__((aligned(16)));
	pid_t sharer, child;
	int status;

	attach(id);
	sharer = clone(be_sharer, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	child = sharer < 0 ? -1 : fork();
	if (child < 0)
		err(1, "clone");
	if (child == 0) {
		execvp(command[0], command);
		err(127, "%s", command[0]);
	}
	if (waitpid(child, &status, 0) < 0)
		err(1, "waitpid");
	kill(sharer, SIGKILL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "make") == 0) {
		int id = shmget(IPC_PRIVATE, 1, 0600);

		if (id < 0)
			err(1, "shmget");
		printf("%d\n", id);
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "remove") == 0)
		return shmctl(atoi(argv[2]), IPC_RMID, NULL) < 0;
	if (argc == 3 && strcmp(argv[1], "hold") == 0) {
		hold(argv[2]);
		return 0;
	}
	if (argc > 3 && strcmp(argv[1], "share") == 0)
		return share(argv[2], argv + 3);
	print_usage();
	return 2;
}
