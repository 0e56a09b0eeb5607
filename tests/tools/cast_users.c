/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segments that are attached in every way, and things that could pass for attachments.
 */
#include "cast.h"

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of one of the users that in-namespace --names names. */
#define OTHER_USER 54322U
#define PAGES 4

static char *attach_here(int segment, int flags)
{
	char *address = shmat(segment, NULL, flags);

	if ((intptr_t)address == -1)
		err(1, "shmat");
	return address;
}

static int make_pages(const struct cast *cast, const char *name, int mode)
{
	return make_segment(cast, name, IPC_PRIVATE, PAGES * (size_t)getpagesize(), mode);
}

static void attach_twice(const struct cast *cast, int segment)
{
	pid_t child = start_child(cast);

	if (child) {
		announce(cast, "pid_twice", child);
		return;
	}
	attach_here(segment, 0);
	attach_here(segment, 0);
	sleep_forever(cast);
}

/* One attachment that the kernel counts as three. */
static void attach_split(const struct cast *cast, int segment)
{
	pid_t child = start_child(cast);
	size_t page = (size_t)getpagesize();

	if (child) {
		announce(cast, "pid_split", child);
		return;
	}
	if (mprotect(attach_here(segment, 0) + page, page, PROT_READ) < 0)
		err(1, "mprotect");
	sleep_forever(cast);
}

static void attach_for_reading(const struct cast *cast, int segment)
{
	pid_t child = start_child(cast);

	if (child) {
		announce(cast, "pid_readonly", child);
		return;
	}
	attach_here(segment, SHM_RDONLY);
	sleep_forever(cast);
}

/* Two processes with one address space, in which the segment is attached once. */
static void attach_in_shared_space(const struct cast *cast, int segment)
{
	pid_t child = start_child(cast);

	if (child) {
		/* PIDs are given out in order. */
		announce(cast, "pid_space", child);
		announce(cast, "pid_space_sharer", child + 1);
		return;
	}
	attach_here(segment, 0);
	share_memory(cast);
}

/* The parent of vfork() sleeps until its child is gone. */
static void attach_around_vfork(const struct cast *cast, int segment)
{
	pid_t child = start_child(cast);

	if (child) {
		announce(cast, "pid_vfork", child);
		announce(cast, "pid_vfork_child", child + 1);
		return;
	}
	attach_here(segment, 0);
	wait_in_vfork(cast);
}

/* A process whose first thread has ended: /proc shows its memory below its other threads alone. */
static void attach_without_leader(const struct cast *cast, int segment)
{
	pid_t child = start_child(cast);

	if (child) {
		announce(cast, "pid_leaderless", child);
		return;
	}
	attach_here(segment, 0);
	leave_to_a_thread(cast);
}

/* A segment of the same id in another IPC namespace. */
static void attach_elsewhere(const struct cast *cast, int segment)
{
	pid_t child = start_child(cast);
	int other;

	if (child) {
		announce(cast, "pid_elsewhere", child);
		return;
	}
	if (unshare(CLONE_NEWIPC) < 0)
		err(1, "unshare");
	do {
		other = shmget(IPC_PRIVATE, (size_t)getpagesize(), 0600);
		if (other < 0)
			err(1, "shmget");
	} while (other < segment);
	attach_here(other, 0);
	sleep_forever(cast);
}

/* Attached here, and then moved: the kernel counts it, and /proc cannot tell whose id it is. */
static void attach_and_move(const struct cast *cast, int segment)
{
	pid_t child = start_child(cast);

	if (child) {
		announce(cast, "pid_moved", child);
		return;
	}
	attach_here(segment, 0);
	if (unshare(CLONE_NEWIPC) < 0)
		err(1, "unshare");
	sleep_forever(cast);
}

/*
 * A process that has attached a segment of the same id elsewhere, and come back: nothing but the
 * segment's key, where they differ in it, tells that it is not ours.
 */
static void attach_elsewhere_and_return(const struct cast *cast, const char *name, int segment,
					key_t key)
{
	pid_t child = start_child(cast);
	int home = open("/proc/self/ns/ipc", O_RDONLY | O_CLOEXEC), other;

	if (child) {
		close(home);
		announce(cast, name, child);
		return;
	}
	if (home < 0 || unshare(CLONE_NEWIPC) < 0)
		err(1, "unshare");
	for (other = -1; other < segment - 1;)
		other = shmget(IPC_PRIVATE, 1, 0600);
	other = shmget(key, (size_t)getpagesize(), IPC_CREAT | 0600);
	if (other != segment)
		errx(1, "the segment elsewhere has another id");
	attach_here(other, 0);
	if (setns(home, CLONE_NEWIPC) < 0)
		err(1, "setns");
	sleep_forever(cast);
}

static void attach_as_other_user(const struct cast *cast, int segment)
{
	if (start_child(cast))
		return;
	if (setgid(OTHER_USER) < 0 || setuid(OTHER_USER) < 0)
		warn("setuid");
	/* Other processes of that user may look, as at any that it had started itself. */
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	attach_here(segment, 0);
	sleep_forever(cast);
}

/* The next segment gets this id; false where that cannot be had. */
static bool choose_next_id(unsigned long long number)
{
	FILE *file = fopen("/proc/sys/kernel/shm_next_id", "w");

	if (!file)
		return false;
	fprintf(file, "%llu", number);
	return fclose(file) == 0;
}

/* A segment whose id is the inode of a memfd, which is on the same device and is mapped, too. */
static void make_memfd_alike(const struct cast *cast)
{
	int fd = memfd_create("SYSV00000000", MFD_CLOEXEC);
	struct stat status;
	pid_t child;

	if (fd < 0 || ftruncate(fd, getpagesize()) < 0 || fstat(fd, &status) < 0)
		err(1, "memfd_create");
	if (status.st_ino > INT32_MAX || !choose_next_id(status.st_ino))
		return;
	make_pages(cast, "shm_as_memfd", 0600);
	child = start_child(cast);
	if (child) {
		announce(cast, "pid_memfd", child);
		close(fd);
		return;
	}
	if (mmap(NULL, (size_t)getpagesize(), PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED)
		err(1, "mmap");
	sleep_forever(cast);
}

static void make_removed(const struct cast *cast)
{
	int segment = make_segment(cast, "shm_dest", 0x5eed, 100, 0600);

	announce(cast, "pid_dest", attach(cast, &segment, 1));
	if (shmctl(segment, IPC_RMID, NULL) < 0)
		err(1, "shmctl(IPC_RMID)");
}

static void make_huge(const struct cast *cast)
{
	int segment = shmget(IPC_PRIVATE, 1, 0600 | SHM_HUGETLB);

	/* The test says so. */
	if (segment < 0)
		return;
	announce(cast, "shm_huge", segment);
	announce(cast, "pid_huge", attach(cast, &segment, 1));
}

/* An array and a queue that were last used by a process that has ended. */
static void make_past(const struct cast *cast)
{
	int array = make_array(cast, "sem_past", IPC_PRIVATE, 3, 0600);
	int queue = make_queue(cast, "msg_past", IPC_PRIVATE, 0600);
	struct sembuf operation = {.sem_num = 1, .sem_op = 1};
	struct {
		long type;
	} message = {.type = 1};
	pid_t child = start_child(cast);

	if (!child) {
		if (semop(array, &operation, 1) < 0 || msgsnd(queue, &message, 0, 0) < 0)
			err(1, "a child's operations");
		report_ready(cast);
		_exit(0);
	}
	announce(cast, "pid_past", child);
	if (waitpid(child, NULL, 0) < 0)
		err(1, "waitpid");
	operation.sem_num = 2;
	if (semop(array, &operation, 1) < 0)
		err(1, "semop");
}

void make_users(const struct cast *cast)
{
	int segment = make_pages(cast, "shm_first", 0600);

	announce(cast, "pid_first", attach(cast, &segment, 1));
	attach_elsewhere(cast, segment);
	segment = make_segment(cast, "shm_two", 0x4d2, 5000, 0600);
	announce(cast, "pid_two_a", attach(cast, &segment, 1));
	announce(cast, "pid_two_b", attach(cast, &segment, 1));
	attach_twice(cast, make_pages(cast, "shm_twice", 0600));
	attach_split(cast, make_pages(cast, "shm_split", 0600));
	attach_for_reading(cast, make_pages(cast, "shm_readonly", 0600));
	attach_in_shared_space(cast, make_pages(cast, "shm_space", 0600));
	attach_around_vfork(cast, make_pages(cast, "shm_vfork", 0600));
	attach_without_leader(cast, make_pages(cast, "shm_leaderless", 0600));
	attach_and_move(cast, make_pages(cast, "shm_moved", 0600));
	segment = make_pages(cast, "shm_mixed", 0666);
	attach(cast, &segment, 1);
	attach(cast, &segment, 1);
	attach_as_other_user(cast, segment);
	attach_as_other_user(cast, segment);
	make_removed(cast);
	segment = make_segment(cast, "shm_keyed", 0x1234, 100, 0600);
	announce(cast, "pid_keyed", attach(cast, &segment, 1));
	attach_elsewhere_and_return(cast, "pid_other_key", segment, 0x4321);
	segment = make_segment(cast, "shm_same", IPC_PRIVATE, 100, 0600);
	announce(cast, "pid_same", attach(cast, &segment, 1));
	attach_elsewhere_and_return(cast, "pid_same_elsewhere", segment, IPC_PRIVATE);
	make_pages(cast, "shm_unused", 0600);
	make_huge(cast);
	make_past(cast);
	/* The last: ids go on from there. */
	make_memfd_alike(cast);
}
