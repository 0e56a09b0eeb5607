/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor of naming the users of all segments: makes the reads that this takes, with as many
 * threads as there are processors, and does nothing with them. These are /proc/sysvipc/shm, and of
 * each process its shared mappings, and where it has some its IPC namespace and its stat. Prints
 * how many had some.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench.h"
#include "floor_processes.h"

/* PROCMAP_QUERY, which headers before those of Linux 6.11 do not have. */
struct map_query {
	uint64_t size, flags, address;
	uint64_t start, end, found_flags, page_size, offset, inode;
	uint32_t major, minor, name_size, build_id_size;
	uint64_t name_address, build_id_address;
};

#define MAP_QUERY _IOWR('f', 17, struct map_query)
#define SHARED_FILE_HERE_OR_NEXT (0x08U | 0x10U | 0x20U)

static void read_segments(void)
{
	int fd = open("/proc/sysvipc/shm", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		bench_fail_errno("/proc/sysvipc/shm");
	floor_read_to_end(fd);
	close(fd);
}

/* The number of shared mappings of files; those of an older kernel are not counted but read. */
static unsigned int read_mappings(int proc, int pid)
{
	char path[64], name[64];
	struct map_query query = {.size = sizeof(query), .flags = SHARED_FILE_HERE_OR_NEXT};
	unsigned int found = 0;
	int fd, failed;

	snprintf(path, sizeof(path), "%d/maps", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
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
		floor_read_to_end(fd);
		found = 1;
	}
	close(fd);
	return found;
}

static bool read_namespace_and_stat(int proc, int pid)
{
	char path[64], buffer[1024];
	int fd;

	snprintf(path, sizeof(path), "%d/ns/ipc", pid);
	if (readlinkat(proc, path, buffer, sizeof(buffer)) < 0)
		return false;
	snprintf(path, sizeof(path), "%d/stat", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, buffer, sizeof(buffer)) < 0)
		bench_fail_errno(path);
	close(fd);
	return true;
}

static unsigned int read_process(int proc, int pid)
{
	return read_mappings(proc, pid) > 0 && read_namespace_and_stat(proc, pid);
}

int main(void)
{
	read_segments();
	printf("%u\n", floor_read_processes(read_process));
	return 0;
}
