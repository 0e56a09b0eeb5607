/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "floor_processes.h"

/* Room for 300 descriptors: what has more takes more calls. */
#define ENTRIES_SIZE 8192
#define LINK_SIZE 4096

/* As the kernel writes them: man 2 getdents64. */
struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

static unsigned int read_link(int folder, const char *name)
{
	static const char start[] = "pipe:[";
	char link[LINK_SIZE];
	ssize_t length;

	if (!isdigit((unsigned char)name[0]))
		return 0;
	length = readlinkat(folder, name, link, sizeof(link));
	return length > (ssize_t)sizeof(start) && memcmp(link, start, sizeof(start) - 1) == 0;
}

unsigned int floor_read_descriptors(int proc, int pid)
{
	char entries[ENTRIES_SIZE] __attribute__((aligned(8)));
	char path[64];
	unsigned int pipes = 0;
	long length;
	int folder;

	snprintf(path, sizeof(path), "%d/fd", pid);
	folder = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return 0;
	while ((length = syscall(SYS_getdents64, folder, entries, sizeof(entries))) > 0) {
		for (long at = 0; at < length;) {
			const struct entry *entry = (const void *)(entries + at);

			pipes += read_link(folder, entry->name);
			at += entry->length;
		}
	}
	close(folder);
	return pipes;
}
