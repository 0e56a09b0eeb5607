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
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

static void print_usage(void)
{
	fputs("Usage: attacher make                     a segment, whose id is printed\n"
	      "       attacher remove ID\n"
	      "       attacher hold ID                 until standard input ends; prints a line\n"
	      "       attacher share ID COMMAND...     in two processes with one address space\n"
	      "       attacher outlive ID COMMAND...   the same, of which one ends after 300 ms\n",
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

/* Ends with the test's PID namespace at the latest. */
static int be_sharer(void *context)
{
	(void)context;
	for (;;)
		pause();
	return 0;
}

static pid_t start_sharer(void)
{
	static char stack[64 * 1024] __attribute__((aligned(16)));
	pid_t sharer = clone(be_sharer, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);

	if (sharer < 0)
		err(1, "clone");
	return sharer;
}

/* The exit status of the command. */
static int run(char **command)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		execvp(command[0], command);
		err(127, "%s", command[0]);
	}
	if (waitpid(child, &status, 0) < 0)
		err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int share(const char *id, char **command)
{
	pid_t sharer;
	int status;

	attach(id);
	sharer = start_sharer();
	status = run(command);
	kill(sharer, SIGKILL);
	return status;
}

/* The one that ends stays as a zombie, whose memory lives on in the other. */
static int outlive(const char *id, char **command)
{
	int tell[2];
	pid_t child, sharer;
	int status;

	if (pipe(tell) < 0)
		err(1, "pipe");
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		attach(id);
		sharer = start_sharer();
		/* It has to outlive us. */
		if (write(tell[1], &sharer, sizeof(sharer)) != sizeof(sharer))
			_exit(1);
		usleep(300 * 1000);
		_exit(0);
	}
	if (read(tell[0], &sharer, sizeof(sharer)) != sizeof(sharer))
		err(1, "the child");
	status = run(command);
	kill(sharer, SIGKILL);
	waitpid(child, NULL, 0);
	return status;
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
	if (argc > 3 && strcmp(argv[1], "outlive") == 0)
		return outlive(argv[2], argv + 3);
	print_usage();
	return 2;
}
