/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cast.h"

#include <err.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

void announce(const struct cast *cast, const char *name, long value)
{
	char variable[64], number[32];

	snprintf(variable, sizeof(variable), "CAST_%s", name);
	snprintf(number, sizeof(number), "%ld", value);
	if (setenv(variable, number, 1) < 0)
		err(1, "setenv");
	if (cast->is_printing)
		printf("%s=%s\n", name, number);
}

int make_segment(const struct cast *cast, const char *name, key_t key, size_t size, int flags)
{
	int id = shmget(key, size, IPC_CREAT | IPC_EXCL | flags);

	if (id < 0)
		err(1, "%s: shmget", name);
	announce(cast, name, id);
	return id;
}

int make_array(const struct cast *cast, const char *name, key_t key, int nsems, int flags)
{
	int id = semget(key, nsems, IPC_CREAT | IPC_EXCL | flags);

	if (id < 0)
		err(1, "%s: semget", name);
	announce(cast, name, id);
	return id;
}

int make_queue(const struct cast *cast, const char *name, key_t key, int flags)
{
	int id = msgget(key, IPC_CREAT | IPC_EXCL | flags);

	if (id < 0)
		err(1, "%s: msgget", name);
	announce(cast, name, id);
	return id;
}

void report_ready(const struct cast *cast)
{
	if (write(cast->readiness[1], "", 1) != 1)
		_exit(1);
}

pid_t start_child(const struct cast *cast)
{
	pid_t parent = getpid();
	pid_t child = fork();
	char byte;

	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		return 0;
	}
	if (read(cast->readiness[0], &byte, 1) != 1)
		err(1, "a child died");
	return child;
}

_Noreturn void sleep_forever(const struct cast *cast)
{
	report_ready(cast);
	for (;;)
		pause();
}

pid_t attach(const struct cast *cast, const int *segments, size_t count)
{
	pid_t child = start_child(cast);

	if (child)
		return child;
	for (size_t i = 0; i < count; i++) {
		char *address = shmat(segments[i], NULL, 0);

		if ((intptr_t)address == -1)
			err(1, "shmat");
		address[0] = 1;
	}
	sleep_forever(cast);
}
