/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor of naming the users of all segments: makes the reads that this takes, with as many
 * threads as there are processors, and does nothing with them. These are /proc/sysvipc/shm, and of
 * each process its shared mappings, and where it has some its IPC namespace and its stat. Prints
 * how many had some.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench.h"

#define BUFFER_SIZE 4096
#define MAX_PROCESSES 100000
#define MAX_THREADS 16
/* PIDs that a thread takes at a time. */
#define BUNCH 16

/* PROCMAP_QUERY, which headers before those of Linux 6.11 do not have. */
struct map_query {
	uint64_t size, flags, address;
	uint64_t start, end, found_flags, page_size, offset, inode;
	uint32_t major, minor, name_size, build_id_size;
	uint64_t name_address, build_id_address;
};

#define MAP_QUERY _IOWR('f', 17, struct map_query)
#define SHARED_FILE_HERE_OR_NEXT (0x08U | 0x10U | 0x20U)

/* What the threads share; they only ever count on. */
struct pids {
	int proc; /* descriptor of /proc */
	unsigned int count;
	atomic_uint next, users;
	int pids[MAX_PROCESSES];
};

static void read_to_end(int fd)
{
	char buffer[BUFFER_SIZE];

	while (read(fd, buffer, sizeof(buffer)) > 0)
		continue;
}

static void read_segments(void)
{
	int fd = open("/proc/sysvipc/shm", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		bench_fail_errno("/proc/sysvipc/shm");
	read_to_end(fd);
	close(fd);
}

static void list_processes(struct pids *pids)
{
	DIR *directory = opendir("/proc");
	const struct dirent *entry;

	if (!directory)
		bench_fail_errno("/proc");
	while ((entry = readdir(directory)) && pids->count < MAX_PROCESSES)
		if (isdigit((unsigned char)entry->d_name[0]))
			pids->pids[pids->count++] = atoi(entry->d_name);
	/* Stays open: paths are relative to it. */
	pids->proc = dirfd(directory);
}

/* The number of shared mappings of files; those of an older kernel are not counted but read. */
static unsigned int read_mappings(const struct pids *pids, int pid)
{
	char path[64], name[64];
	struct map_query query = {.size = sizeof(query), .flags = SHARED_FILE_HERE_OR_NEXT};
	unsigned int found = 0;
	int fd, failed;

	snprintf(path, sizeof(path), "%d/maps", pid);
	fd = openat(pids->proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	for (;; found++) {
		query.address = query.end;
		query.name_size = sizeof(name);
		query.name_address = (uint64_t)(uintptr_t)name;
		failed = ioctl(fd, MAP_QUERY, &query) < 0 ? errno : 0;
		/* A name that is too long would be asked for again, without it; there is none here.
		 */
		if (failed)
			break;
	}
	if (failed == ENOTTY) {
		read_to_end(fd);
		found = 1;
	}
	close(fd);
	return found;
}

static bool read_namespace_and_stat(const struct pids *pids, int pid)
{
	char path[64], buffer[1024];
	int fd;

	snprintf(path, sizeof(path), "%d/ns/ipc", pid);
	if (readlinkat(pids->proc, path, buffer, sizeof(buffer)) < 0)
		return false;
	snprintf(path, sizeof(path), "%d/stat", pid);
	fd = openat(pids->proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, buffer, sizeof(buffer)) < 0)
		bench_fail_errno(path);
	close(fd);
	return true;
}

static void *work(void *context)
{
	struct pids *pids = context;
	unsigned int users = 0;

	for (;;) {
		unsigned int first = atomic_fetch_add(&pids->next, BUNCH);

		for (unsigned int i = first; i < first + BUNCH; i++) {
			if (i >= pids->count) {
				atomic_fetch_add(&pids->users, users);
				return NULL;
			}
			if (read_mappings(pids, pids->pids[i]) > 0)
				users += read_namespace_and_stat(pids, pids->pids[i]);
		}
	}
}

static unsigned int count_processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (unsigned int)CPU_COUNT(&set);
}

int main(void)
{
	static struct pids pids;
	pthread_t threads[MAX_THREADS];
	unsigned int count = count_processors();
	unsigned int started = 0;

	read_segments();
	list_processes(&pids);
	for (; started + 1 < count && started < MAX_THREADS; started++)
		if (pthread_create(&threads[started], NULL, work, &pids) != 0)
			break;
	work(&pids);
	while (started > 0)
		pthread_join(threads[--started], NULL);
	printf("%u\n", pids.users);
	return 0;
}
