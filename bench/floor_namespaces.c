/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor of looking into other IPC namespaces: enters those of the processes that
 * BENCH_ENTRANCES lists, opens the files of /proc that list the objects, and does not read them.
 * With --apart each is entered by a child of its own, as who enters a single one has to do it. With
 * --find it first looks for what namespaces there are, as everybody has to: in which one of
 * IPC and of mounts each process is, and whether it has threads. Then, where a descriptor of a
 * namespace and a command are given, becomes the command in there: with the same objects in one
 * namespace, that is what the list of them takes, and what it takes to enter so many.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "floor_processes.h"

static unsigned int read_links(int proc, int pid)
{
	char path[64], link[64];
	struct stat status;
	unsigned int count = 0;

	snprintf(path, sizeof(path), "%d/ns/ipc", pid);
	count += readlinkat(proc, path, link, sizeof(link)) > 0;
	snprintf(path, sizeof(path), "%d/ns/mnt", pid);
	count += readlinkat(proc, path, link, sizeof(link)) > 0;
	snprintf(path, sizeof(path), "%d/task", pid);
	count += fstatat(proc, path, &status, 0) == 0;
	return count == 3;
}

static void open_and_close(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		bench_fail_errno(path);
	close(fd);
}

static void enter(const char *pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%lu/ns/ipc", bench_parse_count(pid, "PID", 1 << 22));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		bench_fail_errno(path);
	if (setns(fd, CLONE_NEWIPC) < 0)
		bench_fail_errno("setns");
	close(fd);
	open_and_close("/proc/sysvipc/shm");
	open_and_close("/proc/sysvipc/sem");
	open_and_close("/proc/sysvipc/msg");
}

static void await(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) < 0)
		bench_fail_errno("waitpid");
	if (status != 0)
		bench_fail("some namespace could not be entered");
}

/* True in the child. */
static bool has_forked(pid_t *ret_child)
{
	*ret_child = fork();
	if (*ret_child < 0)
		bench_fail_errno("fork");
	return *ret_child == 0;
}

/* In a child, as whoever wants to stay where it is has to do it. */
static void enter_all(char *pids)
{
	pid_t child;

	if (has_forked(&child)) {
		for (char *pid = strtok(pids, " \n"); pid; pid = strtok(NULL, " \n"))
			enter(pid);
		_exit(0);
	}
	await(child);
}

static void enter_apart(char *pids)
{
	for (char *pid = strtok(pids, " \n"); pid; pid = strtok(NULL, " \n")) {
		pid_t child;

		if (has_forked(&child)) {
			enter(pid);
			_exit(0);
		}
		await(child);
	}
}

static _Noreturn void become(const char *descriptor, char **command)
{
	if (setns((int)bench_parse_count(descriptor, "DESCRIPTOR", 1024), CLONE_NEWIPC) < 0)
		bench_fail_errno("setns");
	execvp(command[0], command);
	bench_fail_errno(command[0]);
}

int main(int argc, char **argv)
{
	char *pids = getenv("BENCH_ENTRANCES");
	bool is_apart = argc > 1 && strcmp(argv[1], "--apart") == 0;
	int next = 1 + is_apart;

	if (argc > next && strcmp(argv[next], "--find") == 0) {
		printf("%u\n", floor_read_processes(read_links));
		fflush(stdout);
		next++;
	}
	if (argc == next + 1)
		bench_fail("usage: floor-namespaces [--apart] [--find] [DESCRIPTOR COMMAND...]");
	if (pids && is_apart)
		enter_apart(pids);
	else if (pids)
		enter_all(pids);
	if (argc > next)
		become(argv[next], argv + next + 1);
	return 0;
}
