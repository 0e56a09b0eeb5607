/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pipes, FIFOs and shared memory without a name, of the scene "posix". FIFOs are in two file
 * systems in memory, so that nothing of them stays, and their inodes are the same.
 */
#include "cast.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define ONE "/dev/shm/one"
#define TWO "/dev/shm/two"
#define PIPE_BYTES 1000

/* Calls that a machine may not have. */
#ifdef SYS_open
#define CALL_OPEN SYS_open
#else
#define CALL_OPEN SYS_openat
#endif

static void make_pipe(const struct cast *cast, const char *name, int ends[static 2])
{
	struct stat status;

	if (pipe(ends) < 0 || fstat(ends[0], &status) < 0)
		err(1, "pipe");
	announce(cast, name, (long)status.st_ino);
}

/* A process that keeps some of the ends: 0 for reading, 1 for writing, -1 both. */
static void have_end(const struct cast *cast, const char *child, const int ends[static 2], int kept)
{
	if (start_announced(cast, child))
		return;
	if (kept >= 0)
		close(ends[!kept]);
	sleep_forever(cast);
}

static void close_ends(const int ends[static 2])
{
	close(ends[0]);
	close(ends[1]);
}

static void make_pipes(const struct cast *cast)
{
	char bytes[PIPE_BYTES] = {0};
	int ends[2];

	make_pipe(cast, "pipe_two", ends);
	have_end(cast, "pid_pipe_reader", ends, 0);
	have_end(cast, "pid_pipe_writer", ends, 1);
	close_ends(ends);
	make_pipe(cast, "pipe_data", ends);
	if (write(ends[1], bytes, sizeof(bytes)) != sizeof(bytes))
		err(1, "write");
	have_end(cast, "pid_data_reader", ends, 0);
	have_end(cast, "pid_data_writer", ends, 1);
	close_ends(ends);
	make_pipe(cast, "pipe_orphan", ends);
	have_end(cast, "pid_orphan", ends, 0);
	close_ends(ends);
	make_pipe(cast, "pipe_both", ends);
	have_end(cast, "pid_both", ends, -1);
	close_ends(ends);
}

static void make_file_system(const char *path)
{
	if (mkdir(path, 0755) < 0 || mount("tmpfs", path, "tmpfs", 0, "mode=755") < 0)
		err(1, "%s", path);
}

static void make_fifo(const struct cast *cast, const char *name, const char *path)
{
	struct stat status;

	if (mkfifo(path, 0644) < 0 || stat(path, &status) < 0)
		err(1, "%s", path);
	if (!name)
		return;
	announce(cast, name, (long)status.st_ino);
}

/* Nobody waits for the other end: meanwhile it is open here. */
static void have_fifo(const struct cast *cast, const char *child, const char *path, int flags)
{
	int both = open(path, O_RDWR);

	if (both < 0)
		err(1, "%s", path);
	if (!start_announced(cast, child)) {
		if (open(path, flags) < 0)
			err(1, "%s", path);
		close(both);
		sleep_forever(cast);
	}
	close(both);
}

static void wait_for_fifo(const struct cast *cast, const char *name, const char *path, int flags)
{
	pid_t child = start_announced(cast, name);

	if (!child) {
		report_ready(cast);
		open(path, flags);
		_exit(1);
	}
	await_call(child, SYS_openat, CALL_OPEN);
}

static void announce_device(const struct cast *cast, const char *name, const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		err(1, "%s", path);
	announce(cast, name, (long)minor(status.st_dev));
}

static void make_fifos(const struct cast *cast)
{
	make_file_system(ONE);
	make_file_system(TWO);
	announce_device(cast, "minor_one", ONE);
	announce_device(cast, "minor_two", TWO);
	make_fifo(cast, "fifo_one", ONE "/fifo");
	make_fifo(cast, "fifo_two", TWO "/fifo");
	have_fifo(cast, "pid_fifo_reader", ONE "/fifo", O_RDONLY);
	have_fifo(cast, "pid_fifo_writer", ONE "/fifo", O_WRONLY);
	have_fifo(cast, "pid_fifo_two", TWO "/fifo", O_RDWR);
	make_fifo(cast, "fifo_gone_one", ONE "/gone");
	make_fifo(cast, "fifo_gone_two", TWO "/gone");
	have_fifo(cast, "pid_fifo_gone_one", ONE "/gone", O_RDWR);
	have_fifo(cast, "pid_fifo_gone_two", TWO "/gone", O_RDWR);
	unlink(ONE "/gone");
	unlink(TWO "/gone");
	make_fifo(cast, NULL, ONE "/idle");
	make_fifo(cast, NULL, ONE "/no-writer");
	make_fifo(cast, NULL, ONE "/no-reader");
	wait_for_fifo(cast, "pid_opening_to_read", ONE "/no-writer", O_RDONLY);
	wait_for_fifo(cast, "pid_opening_to_write", ONE "/no-reader", O_WRONLY);
}

static int make_memfd(const struct cast *cast, const char *announced, const char *name)
{
	int fd = memfd_create(name, 0);
	struct stat status;

	if (fd < 0 || ftruncate(fd, getpagesize()) < 0 || fstat(fd, &status) < 0)
		err(1, "memfd_create");
	announce(cast, announced, (long)status.st_ino);
	return fd;
}

static void map_shared(int fd)
{
	if (mmap(NULL, (size_t)getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) ==
	    MAP_FAILED)
		err(1, "mmap");
}

/* A process that was handed the descriptor, and maps it, or not. */
static void have_memfd(const struct cast *cast, const char *child, int fd, bool is_mapped)
{
	if (start_announced(cast, child))
		return;
	if (is_mapped)
		map_shared(fd);
	sleep_forever(cast);
}

/* Two processes, of which the second has inherited the memory. */
static void inherit_memory(const struct cast *cast)
{
	pid_t child = start_announced(cast, "pid_anonymous");

	if (child) {
		/* PIDs are given out in order. */
		announce(cast, "pid_anonymous_heir", child + 1);
		return;
	}
	if (mmap(NULL, 3 * (size_t)getpagesize(), PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		err(1, "mmap");
	/* Once fork() is back, the child has it: it need not say so. */
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	sleep_forever(cast);
}

/* Two processes that share all memory are one user of it. */
static void map_for_oneself(const struct cast *cast)
{
	pid_t child = start_announced(cast, "pid_alone");

	if (child) {
		announce(cast, "pid_alone_sharer", child + 1);
		return;
	}
	if (mmap(NULL, (size_t)getpagesize(), PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) ==
	    MAP_FAILED)
		err(1, "mmap");
	share_memory(cast);
}

static void make_maps(const struct cast *cast)
{
	int fd = make_memfd(cast, "map_handed", "handed");

	have_memfd(cast, "pid_handed_mapped", fd, true);
	have_memfd(cast, "pid_handed_open", fd, false);
	close(fd);
	fd = make_memfd(cast, "map_like_segment", "SYSV00000000");
	have_memfd(cast, "pid_like_segment_a", fd, true);
	have_memfd(cast, "pid_like_segment_b", fd, true);
	close(fd);
	fd = make_memfd(cast, "map_lone", "lone");
	have_memfd(cast, "pid_lone", fd, true);
	close(fd);
	inherit_memory(cast);
	map_for_oneself(cast);
}

void make_streams(const struct cast *cast)
{
	make_pipes(cast);
	make_fifos(cast);
	make_maps(cast);
}
