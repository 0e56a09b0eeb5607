/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who is on the stage: a shop whose programs share memory, one that has died and left things
 * behind, and some that are stuck.
 */
#include "act/stage_cast.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CATALOGUE_KEY 0x5001
#define LOCKS_KEY 0x5002
#define MAILBOX_KEY 0x5003
#define PRINTER_KEY 0x5004

/* 0: this is the new process, which has that name; its PID; or a negative errno. */
static pid_t start(const char *name)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		prctl(PR_SET_NAME, name);
		/* What the stage has open is none of the cast's. */
		syscall(SYS_close_range, STDERR_FILENO + 1, UINT_MAX, 0);
	}
	return pid;
}

static _Noreturn void stay(void)
{
	for (;;)
		pause();
}

static int take(int array, int num, int flags)
{
	struct sembuf operation = {(unsigned short)num, -1, (short)flags};

	return semop(array, &operation, 1);
}

/* Who is on the way to sleep gets there. */
#define SETTLING_MICROSECONDS 50000

/* Until so many wait for the semaphore; somebody who does not come is left out. */
static void await_waiters(int array, int num, int count)
{
	for (int tries = 0; tries < 2000 && semctl(array, num, GETNCNT) < count; tries++)
		usleep(1000);
}

static int make_array(int key, int nsems)
{
	int array = semget(key, nsems, IPC_CREAT | IPC_EXCL | 0600);

	for (int num = 0; array >= 0 && num < nsems; num++)
		if (semctl(array, num, SETVAL, 1) < 0)
			return -1;
	return array;
}

/* A segment that two programs have attached. */
static int start_shop(void)
{
	int segment = shmget(CATALOGUE_KEY, 1 << 20, IPC_CREAT | IPC_EXCL | 0640);

	if (segment < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		pid_t pid = start(i ? "basket" : "catalogue");
		char *memory;

		if (pid < 0)
			return (int)pid;
		if (pid)
			continue;
		memory = shmat(segment, NULL, i ? SHM_RDONLY : 0);
		if (memory == (void *)-1)
			_exit(1);
		if (!i)
			memset(memory, 'c', 65536);
		stay();
	}
	return 0;
}

/* Each holds what the other wants. */
static int start_deadlock(void)
{
	static const char *const names[] = {"billing", "invoice"};
	int array = make_array(LOCKS_KEY, 2);

	if (array < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		pid_t pid = start(names[i]);

		if (pid < 0)
			return (int)pid;
		if (pid)
			continue;
		take(array, i, SEM_UNDO);
		while (semctl(array, 1 - i, GETVAL) > 0)
			usleep(1000);
		take(array, 1 - i, SEM_UNDO);
		_exit(1);
	}
	await_waiters(array, 0, 1);
	await_waiters(array, 1, 1);
	return 0;
}

/* Taken by a program that was killed, and wanted by another. */
static int start_abandoned(void)
{
	int array = make_array(PRINTER_KEY, 1);
	pid_t pid = array < 0 ? -errno : start("printer");

	if (pid < 0)
		return (int)pid;
	if (pid == 0) {
		take(array, 0, 0);
		raise(SIGKILL);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
	pid = start("reports");
	if (pid == 0) {
		take(array, 0, 0);
		_exit(1);
	}
	await_waiters(array, 0, 1);
	return pid < 0 ? (int)pid : 0;
}

/* Messages whose sender has ended, and nobody receives; and memory of which nobody is left. */
static int start_leftovers(void)
{
	struct {
		long type;
		char text[16];
	} message = {.type = 1, .text = "order 4711"};
	pid_t pid = start("importer");
	int queue;

	if (pid < 0)
		return (int)pid;
	if (pid > 0)
		return waitpid(pid, NULL, 0) < 0 ? -errno : 0;
	queue = msgget(MAILBOX_KEY, IPC_CREAT | IPC_EXCL | 0622);
	for (int i = 0; i < 3; i++)
		msgsnd(queue, &message, strlen(message.text), IPC_NOWAIT);
	shmget(IPC_PRIVATE, 4 << 20, 0600);
	_exit(0);
}

static int start_fifo(void)
{
	pid_t pid;

	if (mkfifo(STAGE_FIFO, 0600) < 0)
		return -errno;
	pid = start("courier");
	if (pid == 0)
		_exit(open(STAGE_FIFO, O_WRONLY | O_CLOEXEC) < 0);
	return pid < 0 ? (int)pid : 0;
}

int stage_cast_start(void)
{
	static int (*const parts[])(void) = {start_shop, start_deadlock, start_abandoned,
					     start_leftovers, start_fifo};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
		r = parts[i]();
	usleep(SETTLING_MICROSECONDS);
	return r;
}
