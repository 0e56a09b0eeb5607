/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * POSIX objects that are used in every way, and things that could pass for them. in-namespace gives
 * a /dev/shm and an IPC namespace of its own, so that names are always the same.
 */
#include "cast.h"

#include <err.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of one of the users that in-namespace --names names. */
#define OTHER_USER 54322U
#define PAGES 4
#define BOTH (PROT_READ | PROT_WRITE)

static size_t size_of_shm(void)
{
	return PAGES * (size_t)getpagesize();
}

static void make_shm(const char *name)
{
	int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);

	if (fd < 0 || ftruncate(fd, (off_t)size_of_shm()) < 0)
		err(1, "%s: shm_open", name);
	close(fd);
}

static int open_shm(const char *name, int flags)
{
	int fd = shm_open(name, flags, 0);

	/* shm_open() sets it; a child that shares nothing but memory would keep it anyway. */
	if (fd < 0)
		err(1, "%s: shm_open", name);
	return fd;
}

static void map_file(int fd, int protection, int flags)
{
	if (mmap(NULL, size_of_shm(), protection, flags, fd, 0) == MAP_FAILED)
		err(1, "mmap");
}

/* The descriptor is closed, the mapping stays. */
static void map_shm(const char *name, int protection, int flags)
{
	int fd = open_shm(name, protection & PROT_WRITE && flags == MAP_SHARED ? O_RDWR : O_RDONLY);

	map_file(fd, protection, flags);
	close(fd);
}

static void announce_inode(const struct cast *cast, const char *name, const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		err(1, "%s", path);
	announce(cast, name, (long)status.st_ino);
}

static void map_in_child(const struct cast *cast, const char *child, const char *name,
			 int protection, int flags)
{
	if (start_announced(cast, child))
		return;
	map_shm(name, protection, flags);
	sleep_forever(cast);
}

static void open_in_child(const struct cast *cast, const char *child, const char *name)
{
	if (start_announced(cast, child))
		return;
	open_shm(name, O_RDWR);
	sleep_forever(cast);
}

static void share_in_two_ways(const struct cast *cast)
{
	make_shm("/space");
	if (!start_announced(cast, "pid_space")) {
		map_shm("/space", BOTH, MAP_SHARED);
		share_memory(cast);
	}
	make_shm("/vfork");
	if (!start_announced(cast, "pid_vfork")) {
		map_shm("/vfork", BOTH, MAP_SHARED);
		wait_in_vfork(cast);
	}
}

/* Descriptors that two processes share, whose memory they do not. */
static void share_descriptors(const struct cast *cast)
{
	pid_t child;

	make_shm("/files");
	child = start_announced(cast, "pid_files");
	if (child) {
		/* PIDs are given out in order. */
		announce(cast, "pid_files_sharer", child + 1);
		return;
	}
	map_file(open_shm("/files", O_RDWR), BOTH, MAP_SHARED);
	switch (syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, 0L)) {
	case -1:
		err(1, "clone");
	case 0:
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sleep_forever(cast);
	default:
		for (;;)
			pause();
	}
}

static void leave_a_thread(const struct cast *cast)
{
	int ends[2];
	struct stat status;

	make_shm("/leaderless");
	if (pipe(ends) < 0 || fstat(ends[0], &status) < 0)
		err(1, "pipe");
	announce(cast, "pipe_leaderless", (long)status.st_ino);
	if (!start_announced(cast, "pid_leaderless")) {
		map_file(open_shm("/leaderless", O_RDWR), BOTH, MAP_SHARED);
		leave_to_a_thread(cast);
	}
	close(ends[0]);
	close(ends[1]);
}

static void unlink_shm(const struct cast *cast)
{
	make_shm("/gone-mapped");
	announce_inode(cast, "shm_gone_mapped", "/dev/shm/gone-mapped");
	map_in_child(cast, "pid_gone_mapped", "/gone-mapped", BOTH, MAP_SHARED);
	shm_unlink("/gone-mapped");
	make_shm("/gone-open");
	announce_inode(cast, "shm_gone_open", "/dev/shm/gone-open");
	open_in_child(cast, "pid_gone_open", "/gone-open");
	shm_unlink("/gone-open");
}

/* A file in a folder, which shm_open() cannot have made. */
static void map_in_folder(const struct cast *cast)
{
	int fd;

	if (mkdir("/dev/shm/folder", 0700) < 0)
		err(1, "mkdir");
	fd = open("/dev/shm/folder/file", O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)size_of_shm()) < 0)
		err(1, "/dev/shm/folder/file");
	announce_inode(cast, "inode_in_folder", "/dev/shm/folder/file");
	if (!start_announced(cast, "pid_folder")) {
		map_file(fd, BOTH, MAP_SHARED);
		sleep_forever(cast);
	}
	close(fd);
}

static void make_all_shm(const struct cast *cast)
{
	make_shm("/shared");
	map_in_child(cast, "pid_shm_writer", "/shared", BOTH, MAP_SHARED);
	map_in_child(cast, "pid_shm_reader", "/shared", PROT_READ, MAP_SHARED);
	make_shm("/open");
	open_in_child(cast, "pid_shm_open", "/open");
	make_shm("/private");
	map_in_child(cast, "pid_shm_private", "/private", BOTH, MAP_PRIVATE);
	make_shm("/unused");
	make_shm("/odd\x1b[31m\n\xff");
	open_in_child(cast, "pid_odd", "/odd\x1b[31m\n\xff");
	make_shm("/kept (deleted)");
	map_in_child(cast, "pid_kept", "/kept (deleted)", BOTH, MAP_SHARED);
	share_in_two_ways(cast);
	share_descriptors(cast);
	leave_a_thread(cast);
	unlink_shm(cast);
	map_in_folder(cast);
}

static sem_t *make_semaphore(const char *name, unsigned int value)
{
	sem_t *semaphore = sem_open(name, O_CREAT | O_EXCL, 0644, value);

	if (semaphore == SEM_FAILED)
		err(1, "%s: sem_open", name);
	return semaphore;
}

static sem_t *open_semaphore(const char *name)
{
	sem_t *semaphore = sem_open(name, 0);

	if (semaphore == SEM_FAILED)
		err(1, "%s: sem_open", name);
	return semaphore;
}

static void have_semaphore(const struct cast *cast, const char *child, const char *name)
{
	if (start_announced(cast, child))
		return;
	open_semaphore(name);
	sleep_forever(cast);
}

static void wait_for_semaphore(const struct cast *cast)
{
	pid_t child = start_announced(cast, "pid_sem_waiter");

	if (!child) {
		sem_t *semaphore = open_semaphore("/waited");

		report_ready(cast);
		sem_wait(semaphore);
		_exit(1);
	}
	await_call(child, SYS_futex, SYS_futex);
}

static void write_file(const char *path, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		err(1, "%s", path);
	close(fd);
}

static void make_all_semaphores(const struct cast *cast)
{
	/* As sem_open() of musl leaves it: a value of 5, and somebody who waited. */
	static const unsigned int of_musl[8] = {0x80000005, 1};
	static const char strange[] = "not at all what a C library would write";

	sem_close(make_semaphore("/value", 3));
	have_semaphore(cast, "pid_sem_first", "/value");
	have_semaphore(cast, "pid_sem_second", "/value");
	sem_close(make_semaphore("/waited", 0));
	have_semaphore(cast, "pid_sem_idle", "/waited");
	wait_for_semaphore(cast);
	sem_close(make_semaphore("/gone", 7));
	announce_inode(cast, "sem_gone", "/dev/shm/sem.gone");
	have_semaphore(cast, "pid_sem_gone", "/gone");
	sem_unlink("/gone");
	write_file("/dev/shm/sem.musl", of_musl, sizeof(of_musl));
	write_file("/dev/shm/sem.strange", strange, sizeof(strange));
}

static mqd_t open_queue(const char *name, int flags)
{
	struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 64};
	mqd_t queue = mq_open(name, flags, 0644, &attributes);

	if (queue < 0)
		err(1, "%s: mq_open", name);
	return queue;
}

static void send_to(mqd_t queue, const char *text)
{
	if (mq_send(queue, text, strlen(text), 0) < 0)
		err(1, "mq_send");
}

static void have_queue(const struct cast *cast, const char *child, const char *name, int flags)
{
	if (start_announced(cast, child))
		return;
	open_queue(name, flags);
	sleep_forever(cast);
}

/* One of the same name, and most likely the same inode, in another IPC namespace. */
static void have_queue_elsewhere(const struct cast *cast)
{
	if (start_announced(cast, "pid_mq_elsewhere"))
		return;
	if (unshare(CLONE_NEWIPC) < 0)
		err(1, "unshare");
	send_to(open_queue("/messages", O_RDWR | O_CREAT), "elsewhere");
	sleep_forever(cast);
}

static void have_queue_and_move(const struct cast *cast)
{
	if (start_announced(cast, "pid_mq_moved"))
		return;
	open_queue("/moved", O_RDWR);
	if (unshare(CLONE_NEWIPC) < 0)
		err(1, "unshare");
	sleep_forever(cast);
}

static void make_all_queues(const struct cast *cast)
{
	mqd_t queue = open_queue("/messages", O_RDWR | O_CREAT | O_EXCL);
	struct stat status;

	send_to(queue, "the first");
	send_to(queue, "the second one");
	mq_close(queue);
	have_queue(cast, "pid_mq_writer", "/messages", O_WRONLY);
	have_queue(cast, "pid_mq_reader", "/messages", O_RDONLY);
	have_queue_elsewhere(cast);
	mq_close(open_queue("/moved", O_RDWR | O_CREAT | O_EXCL));
	have_queue_and_move(cast);
	mq_close(open_queue("/idle", O_RDWR | O_CREAT | O_EXCL));
	queue = open_queue("/gone", O_RDWR | O_CREAT | O_EXCL);
	send_to(queue, "nobody will read it");
	if (fstat(queue, &status) < 0)
		err(1, "fstat");
	announce(cast, "mq_gone", (long)status.st_ino);
	mq_close(queue);
	have_queue(cast, "pid_mq_gone", "/gone", O_RDWR);
	mq_unlink("/gone");
}

/* What another user has, and root as well. */
static void make_theirs(const struct cast *cast)
{
	int ends[2];
	struct stat status;

	if (pipe(ends) < 0 || fstat(ends[0], &status) < 0)
		err(1, "pipe");
	announce(cast, "pipe_mixed", (long)status.st_ino);
	if (!start_announced(cast, "pid_theirs")) {
		if (setgid(OTHER_USER) < 0 || setuid(OTHER_USER) < 0)
			warn("setuid");
		/* Other processes of that user may look, as at any that it had started itself. */
		prctl(PR_SET_DUMPABLE, 1);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[1]);
		make_shm("/theirs");
		map_shm("/theirs", BOTH, MAP_SHARED);
		make_semaphore("/theirs", 1);
		sleep_forever(cast);
	}
	close(ends[0]);
	if (!start_announced(cast, "pid_theirs_root")) {
		map_shm("/theirs", BOTH, MAP_SHARED);
		sleep_forever(cast);
	}
	close(ends[1]);
}

void make_posix(const struct cast *cast)
{
	umask(0);
	make_all_shm(cast);
	make_all_semaphores(cast);
	make_all_queues(cast);
	make_theirs(cast);
	make_streams(cast);
}
