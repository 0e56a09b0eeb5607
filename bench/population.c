/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fills a private IPC, PID and mount namespace with System V objects and with processes that use
 * them, then runs a command inside it and ends with the command's exit status.
 *
 * Nothing is left behind, however this ends: the first process of the PID namespace gets SIGKILL
 * when its parent dies, everything in the PID namespace dies with it, and the objects go with the
 * last process of the IPC namespace.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "population.h"

static void mount_own_proc(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		bench_fail_errno("making mounts private");
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		bench_fail_errno("mounting /proc");
}

static int exit_status(int wait_status)
{
	return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

/* As the namespace's first process it also inherits, and reaps, every orphan. */
static int await_command(pid_t command)
{
	for (;;) {
		int status;
		pid_t pid = wait(&status);

		if (pid < 0 && errno != EINTR)
			bench_fail_errno("wait");
		if (pid == command)
			return exit_status(status);
	}
}

static int run_command(char **command)
{
	pid_t pid = fork();

	if (pid < 0)
		bench_fail_errno("fork");
	if (pid == 0) {
		execvp(command[0], command);
		bench_fail_errno(command[0]);
	}
	return await_command(pid);
}

/*
 * Dies with the parent. A parent that died before the call is recognised by its end of the pipe,
 * which nobody else has: getppid() is 0 here in any case.
 */
static void die_with_parent(int parent_alive[2])
{
	struct pollfd end = {.fd = parent_alive[0]};

	close(parent_alive[1]);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		bench_fail_errno("prctl");
	if (poll(&end, 1, 0) != 0)
		_exit(1);
	close(parent_alive[0]);
}

static void close_inherited_descriptors(void)
{
	if (syscall(SYS_close_range, STANDARD_DESCRIPTORS, UINT_MAX, 0) < 0)
		bench_fail_errno("close_range");
}

/* The first process of the new PID namespace. */
static _Noreturn void be_init(const struct plan *plan, char **command)
{
	mount_own_proc();
	if (plan->namespaces > 0)
		population_create_namespaces(plan);
	else
		population_fill(plan);
	fprintf(stderr, "ready\n");
	exit(run_command(command));
}

static int run_in_namespaces(const struct plan *plan, char **command)
{
	int parent_alive[2];
	int status;
	pid_t init;

	close_inherited_descriptors();
	if (unshare(CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNS) < 0)
		bench_fail_errno("unshare");
	if (pipe2(parent_alive, O_CLOEXEC) < 0)
		bench_fail_errno("pipe");
	init = fork();
	if (init < 0)
		bench_fail_errno("fork");
	if (init == 0) {
		die_with_parent(parent_alive);
		be_init(plan, command);
	}
	close(parent_alive[0]);
	while (waitpid(init, &status, 0) < 0) {
		if (errno != EINTR)
			bench_fail_errno("waitpid");
	}
	return exit_status(status);
}

static void check_plan(const struct plan *plan)
{
	if (plan->pipe_ends % 2 != 0)
		bench_fail("--pipe-ends: must be even, a pipe has two");
	if (plan->descriptors < STANDARD_DESCRIPTORS + plan->pipe_ends)
		bench_fail("--descriptors: at least %u with %u pipe ends",
			   STANDARD_DESCRIPTORS + plan->pipe_ends, plan->pipe_ends);
	if (plan->processes > 0 && plan->attach > 0 && plan->segments == 0)
		bench_fail("--attach: there are no segments");
	if (plan->arrays > 0 && plan->semaphores == 0)
		bench_fail("--semaphores: an array has at least one");
	if (plan->held > plan->arrays)
		bench_fail("--held: there are only %u arrays", plan->arrays);
	if (plan->blocked > 0 && (!plan->held || !plan->queues || !plan->segments))
		bench_fail("--blocked: that takes held arrays, queues and segments");
	if (plan->namespaces > 0 && (plan->blocked || plan->held))
		bench_fail("--namespaces: not with --blocked or --held");
	if (plan->attach > 0 && plan->processes > 0 && plan->segments < plan->namespaces)
		bench_fail("--attach: there are namespaces without segments");
	if (plan->together && !plan->namespaces)
		bench_fail("--together: only with --namespaces");
}

static void print_help(void)
{
	puts("Usage: population [OPTION]... COMMAND [ARGUMENT]...\n"
	     "Creates System V objects and processes that use them in a private IPC, PID and mount\n"
	     "namespace, prints \"ready\" on standard error, runs COMMAND in there and removes it all.\n"
	     "\n"
	     "  --processes=N    processes (2000), and of each of them:\n"
	     "  --mappings=N       mappings, attached segments included (64; at least what any has)\n"
	     "  --attach=N         attached segments (4)\n"
	     "  --descriptors=N    descriptors, pipe ends included (15)\n"
	     "  --pipe-ends=N      pipe ends (8)\n"
	     "  --segments=N     shared memory segments (4000)\n"
	     "  --arrays=N       semaphore arrays (2000)\n"
	     "  --semaphores=N     semaphores in each (17)\n"
	     "  --queues=N       message queues (1000)\n"
	     "  --blocked=N      threads of four more processes, asleep in IPC (0)\n"
	     "  --held=N         arrays of which four more hold a semaphore (0)\n"
	     "  --namespaces=N   IPC namespaces over which all of this is spread; COMMAND is in\n"
	     "                   another one, without objects (0: everything in that of COMMAND)\n"
	     "  --together=1     the same objects once more, in a namespace that no process is in:\n"
	     "                   descriptor 9 of COMMAND (0)\n"
	     "  --help           this text");
}

/* Reads one option's value; the limits keep mistakes from taking the machine down. */
static void take_size(struct plan *plan, int option, const char *text)
{
	const struct {
		const char *name;
		unsigned int *value;
		unsigned int max;
	} sizes[] = {
		['p'] = {"--processes", &plan->processes, 30000},
		['m'] = {"--mappings", &plan->mappings, 60000},
		['a'] = {"--attach", &plan->attach, 30000},
		['d'] = {"--descriptors", &plan->descriptors, 1000},
		['e'] = {"--pipe-ends", &plan->pipe_ends, 2 * MAX_PIPES},
		['s'] = {"--segments", &plan->segments, 32768},
		['r'] = {"--arrays", &plan->arrays, 32768},
		['n'] = {"--semaphores", &plan->semaphores, 32000},
		['q'] = {"--queues", &plan->queues, 32768},
		['b'] = {"--blocked", &plan->blocked, 10000},
		['o'] = {"--held", &plan->held, 32768},
		['c'] = {"--namespaces", &plan->namespaces, 2000},
		['t'] = {"--together", &plan->together, 1},
	};

	*sizes[option].value =
		(unsigned int)bench_parse_count(text, sizes[option].name, sizes[option].max);
}

static void take_options(int argc, char **argv, struct plan *plan)
{
	static const struct option options[] = {
		{"processes", required_argument, NULL, 'p'},
		{"mappings", required_argument, NULL, 'm'},
		{"attach", required_argument, NULL, 'a'},
		{"descriptors", required_argument, NULL, 'd'},
		{"pipe-ends", required_argument, NULL, 'e'},
		{"segments", required_argument, NULL, 's'},
		{"arrays", required_argument, NULL, 'r'},
		{"semaphores", required_argument, NULL, 'n'},
		{"queues", required_argument, NULL, 'q'},
		{"blocked", required_argument, NULL, 'b'},
		{"held", required_argument, NULL, 'o'},
		{"namespaces", required_argument, NULL, 'c'},
		{"together", required_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (option == '?')
			exit(BENCH_TROUBLE);
		if (option == 'h') {
			print_help();
			exit(EXIT_SUCCESS);
		}
		take_size(plan, option, optarg);
	}
}

int main(int argc, char **argv)
{
	struct plan plan = {
		.processes = 2000,
		.mappings = 64,
		.attach = 4,
		.descriptors = 15,
		.pipe_ends = 8,
		.segments = 4000,
		.arrays = 2000,
		.semaphores = 17,
		.queues = 1000,
	};

	take_options(argc, argv, &plan);
	if (optind == argc)
		bench_fail("no command given; see --help");
	check_plan(&plan);
	return run_in_namespaces(&plan, argv + optind);
}
