/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor of finding who is blocked: makes the reads that this takes, with as many threads as
 * there are processors, and does nothing with them. These are the lists of objects; of each thread
 * its call, and where that is one that can sleep in IPC, once more with its state, its clock and
 * where it sleeps; and of each process the links of all descriptors, as some have the other ends of
 * pipes. With --threads only what is read of threads. Prints how many of them were in such a call.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"
#include "floor_processes.h"

static bool read_file(int proc, const char *folder, const char *name, char room[static 4096])
{
	char path[96];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%s%s", folder, name);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, room, 4095);
	close(fd);
	room[length > 0 ? length : 0] = '\0';
	return length > 0;
}

static bool is_of_ipc(const char *call)
{
	static const long numbers[] = {SYS_semop,  SYS_semtimedop, SYS_msgsnd,
				       SYS_msgrcv, SYS_read,	   SYS_futex};
	long number;

	if (!isdigit((unsigned char)call[0]))
		return false;
	number = strtol(call, NULL, 10);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i] == number)
			return true;
	return false;
}

static unsigned int read_thread(int proc, const char *folder)
{
	static const char *const names[] = {"stat", "syscall", "sched", "wchan"};
	char text[4096];

	if (!read_file(proc, folder, "syscall", text) || !is_of_ipc(text))
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		read_file(proc, folder, names[i], text);
	return 1;
}

static unsigned int read_threads(int proc, int pid)
{
	char path[64], folder[96];
	unsigned int count = 0;
	const struct dirent *entry;
	struct stat status;
	DIR *threads;
	int fd;

	snprintf(folder, sizeof(folder), "%d/", pid);
	snprintf(path, sizeof(path), "%d/task", pid);
	if (fstatat(proc, path, &status, 0) == 0 && status.st_nlink <= 3)
		return read_thread(proc, folder);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	threads = fd < 0 ? NULL : fdopendir(fd);
	while (threads && (entry = readdir(threads))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(folder, sizeof(folder), "%d/task/%d/", pid, atoi(entry->d_name));
		count += read_thread(proc, folder);
	}
	if (threads)
		closedir(threads);
	return count;
}

static unsigned int read_process(int proc, int pid)
{
	floor_read_descriptors(proc, pid);
	return read_threads(proc, pid);
}

static void read_objects(void)
{
	static const char *const paths[] = {
		"/proc/sysvipc/msg",
		"/proc/sysvipc/shm",
		"/proc/sysvipc/sem",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int fd = open(paths[i], O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			bench_fail_errno(paths[i]);
		floor_read_to_end(fd);
		close(fd);
	}
}

int main(int argc, char **argv)
{
	bool has_all = argc == 1;

	if (!has_all && (argc != 2 || strcmp(argv[1], "--threads") != 0))
		bench_fail("Usage: bench-floor-blocked [--threads]");
	if (has_all)
		read_objects();
	printf("%u\n", floor_read_processes(has_all ? read_process : read_threads));
	return 0;
}
