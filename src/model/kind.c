/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/kind.h"

static const struct kind_info kinds[KIND_COUNT] = {
	[KIND_SHM] =
		{
			"shm",
			"shared memory segment",
			"shared memory segments",
			"A System V shared memory segment is memory that several processes attach to "
			"their address spaces (shmget, shmat) and then read and write directly. It "
			"lives until it is removed (IPC_RMID) and the last process has detached, not "
			"until its creator ends.",
		},
	[KIND_SEM] =
		{
			"sem",
			"semaphore array",
			"semaphore arrays",
			"A System V semaphore array is a set of counters that processes lower to take "
			"something and raise to give it back (semget, semop); who would lower one below "
			"zero sleeps until somebody raises it. The kernel does not record who uses an "
			"array, only the PID of the last successful operation on each semaphore.",
		},
	[KIND_MSG] =
		{
			"msg",
			"message queue",
			"message queues",
			"A System V message queue holds messages, each with a type, that processes send "
			"and others receive (msgget, msgsnd, msgrcv). Messages stay until they are "
			"received or the queue is removed; a sender sleeps while the queue is full, a "
			"receiver while no message of the type it wants is there.",
		},
};

const struct kind_info *kind_info(enum kind kind)
{
	return &kinds[kind];
}

bool kind_find(struct text word, enum kind *ret_kind)
{
	for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
		if (text_equals(word, text_of(kinds[kind].word))) {
			*ret_kind = kind;
			return true;
		}
	}
	return false;
}
