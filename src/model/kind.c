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
	[KIND_PSHM] =
		{
			"pshm",
			"POSIX shared memory object",
			"POSIX shared memory objects",
			"A POSIX shared memory object is a file in /dev/shm (shm_open) that processes map "
			"into their memory. One that was unlinked has lost its name and keeps its memory "
			"until nobody has it open or mapped any more.",
		},
	[KIND_PSEM] =
		{
			"psem",
			"POSIX named semaphore",
			"POSIX named semaphores",
			"A POSIX named semaphore is a counter in a small file of /dev/shm (sem_open), which "
			"processes map. The C library keeps it, not the kernel: who holds one is recorded "
			"nowhere, and one that was taken by a process that died is never given back.",
		},
	[KIND_MQ] =
		{
			"mq",
			"POSIX message queue",
			"POSIX message queues",
			"A POSIX message queue has a name that begins with a slash (mq_open) and holds "
			"messages in the order of their priority. It belongs to an IPC namespace, and stays "
			"until it is unlinked and nobody has it open.",
		},
	[KIND_PIPE] =
		{
			"pipe",
			"pipe",
			"pipes",
			"A pipe has two ends: what is written into one is read from the other, in order. It "
			"has no name and lives as long as a process has one of its ends open. A reader of an "
			"empty pipe sleeps until something is written, or nobody is left who could.",
		},
	[KIND_FIFO] =
		{
			"fifo",
			"FIFO",
			"FIFOs",
			"A FIFO is a pipe with a name in a file system (mkfifo). Who opens it for reading "
			"sleeps until somebody opens it for writing, and the reverse.",
		},
	[KIND_MAP] =
		{
			"map",
			"unnamed shared mapping",
			"unnamed shared mappings",
			"Memory without a name that processes share: a memfd, which was handed over as a "
			"descriptor, or anonymous shared memory, which children have inherited. It is listed "
			"where two or more processes have it.",
		},
};

const struct kind_info *kind_info(enum kind kind)
{
	return &kinds[kind];
}

const char *kind_words(void)
{
	return "shm, sem, msg, pshm, psem, mq, pipe, fifo and map";
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
