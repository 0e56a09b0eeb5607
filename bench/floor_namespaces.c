/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor of looking into other IPC namespaces: enters those of the processes that
 * BENCH_ENTRANCES lists, opens the files of /proc that list the objects, and does not read them.
 * With --find it first looks for what namespaces there are, as everybody has to: in which one of
 * IPC and of mounts each process is, and whether it has threads. Then, where a descriptor of a
 * namespace and a command are given, becomes the command in there: with the same objects in one
 * namespace, that is what the list of them takes, and what it takes to enter so many.
 */
#include <fcntl.h>
#include <sched.h>
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

/* In a child, as whoever wants to stay where it is has to do it. */
static void enter_all(char *pids)
{
	int status;
	pid_t child = fork();

	if (child < 0)
		bench_fail_errno("fork");
	if (child == 0) {
		for (char *pid = strtok(pids, " \n"); pid; pid = strtok(NULL, " \n"))
			enter(pid);
		_exit(0);
	}
	if (waitpid(child, &status, 0) < 0)
		bench_fail_errno("waitpid");
	if (status != 0)
		bench_fail("some namespace could not be entered");
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
	int next = 1;

	if (argc > 1 && strcmp(argv[1], "--find") == 0) {
		printf("%u\n", floor_read_processes(read_links));
		fflush(stdout);
		next++;
	}
	if (argc == next + 1)
		bench_fail("usage: floor-namespaces [--find] [DESCRIPTOR COMMAND...]");
	if (pids)
		enter_all(pids);
	if (argc > next)
		become(argv[next], argv + next + 1);
	return 0;
}
