/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Objects that come and go: each of some processes creates segments, arrays and queues and removes
 * the oldest of them, as fast as it can, until the program is killed. To be run inside of
 * tests/tools/in-namespace.
 */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#define PROCESSES 2
/* Of each kind and process, so many live at a time. */
#define ALIVE 32

static _Noreturn void churn(void)
{
	int segments[ALIVE], arrays[ALIVE], queues[ALIVE];

	for (size_t i = 0;; i++) {
		size_t place = i % ALIVE;

		if (i >= ALIVE && (shmctl(segments[place], IPC_RMID, NULL) < 0 ||
				   semctl(arrays[place], 0, IPC_RMID) < 0 ||
				   msgctl(queues[place], IPC_RMID, NULL) < 0))
			err(1, "IPC_RMID");
		segments[place] = shmget(IPC_PRIVATE, 1 + i % 9000, 0600);
		arrays[place] = semget(IPC_PRIVATE, 1 + (int)(i % 40), 0600);
		queues[place] = msgget(IPC_PRIVATE, 0600);
		if (segments[place] < 0 || arrays[place] < 0 || queues[place] < 0)
			err(1, "creating");
	}
}

int main(void)
{
	for (int i = 1; i < PROCESSES; i++) {
		pid_t parent = getpid();
		pid_t child = fork();

		if (child < 0)
			err(1, "fork");
		if (child)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			return 1;
		churn();
	}
	/* Tells that it has begun. */
	puts("churning");
	fflush(stdout);
	churn();
}
