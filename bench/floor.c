/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor: opens the given files of /proc, reads them to the end and does nothing with it. No
 * program that answers from these files can be faster, so that what it takes beyond this is its
 * own.
 */
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include "bench.h"

/*
 * The kernel fills one page per read() of such a file, whatever the size asked for: with 4 KiB, 16
 * KiB or 1 MiB the same 167 calls read 680 kB. A smaller buffer costs calls (1 KiB: 665 calls, a
 * third more time), a larger one at most memory that is touched for the first time.
 */
#define BUFFER_SIZE 4096

static void read_to_end(const char *path)
{
	static char buffer[BUFFER_SIZE] __attribute__((aligned(BUFFER_SIZE)));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		bench_fail_errno(path);
	do {
		length = read(fd, buffer, sizeof(buffer));
	} while (length > 0);
	if (length < 0)
		bench_fail_errno(path);
	close(fd);
}

int main(int argc, char **argv)
{
	static const char *const all[] = {
		"/proc/sysvipc/msg",
		"/proc/sysvipc/shm",
		"/proc/sysvipc/sem",
	};

	for (int i = 1; i < argc; i++)
		read_to_end(argv[i]);
	for (size_t i = 0; argc == 1 && i < sizeof(all) / sizeof(all[0]); i++)
		read_to_end(all[i]);
	return 0;
}
