/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that hold semaphores, and others whose threads are asleep in IPC: in turns for a
 * semaphore that is held, for a message, for what comes through a pipe, and for a word in a
 * segment.
 */
#include "population.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

#define HOLDERS 4 /* processes; as many more have the threads */
#define STACK_SIZE 65536
/* Of a message that nobody sends. */
#define TYPE_AWAITED 1000

struct sleeper {
	const struct plan *plan;
	const struct objects *objects;
	unsigned int number; /* among the threads of all processes */
	uint32_t *word;	     /* in a segment */
	int end;	     /* of a pipe, to read from */
	_Atomic pid_t tid;   /* once it is about to sleep */
};

static void change(int array, short by)
{
	struct sembuf operation = {.sem_num = 0, .sem_op = by, .sem_flg = SEM_UNDO};

	semop(array, &operation, 1);
}

/* Returns only where it does not sleep. */
static void sleep_in_call(struct sleeper *self)
{
	const struct plan *plan = self->plan;
	unsigned int turn = self->number / 4;
	struct {
		long type;
		char text[64];
	} message;
	char byte;

	switch (self->number % 4) {
	case 0:
		change(self->objects->arrays[turn % plan->held], -1);
		break;
	case 1:
		msgrcv(self->objects->queues[turn % plan->queues], &message, sizeof(message.text),
		       TYPE_AWAITED, 0);
		break;
	case 2:
		(void)!read(self->end, &byte, 1);
		break;
	default:
		syscall(SYS_futex, self->word, FUTEX_WAIT, 0, NULL);
		break;
	}
}

static void *be_a_sleeper(void *context)
{
	struct sleeper *self = context;

	self->tid = gettid();
	sleep_in_call(self);
	bench_fail("thread %u does not sleep", self->number);
}

/* The text of a thread that does not sleep is "running". */
static bool is_asleep(pid_t tid)
{
	char path[64], first = 'r';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	file = fopen(path, "re");
	if (!file || fread(&first, 1, 1, file) != 1)
		bench_fail_errno(path);
	fclose(file);
	return first != 'r';
}

static void await_sleep(const struct sleeper *sleepers, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		while (!sleepers[i].tid || !is_asleep(sleepers[i].tid))
			usleep(1000);
}

static void start_sleeper(struct sleeper *sleeper)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int ends[2], error;

	/* Both ends stay open in here, so that the pipe is neither full nor at its end. */
	if (sleeper->number % 4 == 2) {
		if (pipe2(ends, O_CLOEXEC) < 0)
			bench_fail_errno("pipe");
		sleeper->end = ends[0];
	}
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	error = pthread_create(&thread, &attributes, be_a_sleeper, sleeper);
	if (error)
		bench_fail("pthread_create: %s", strerror(error));
	pthread_attr_destroy(&attributes);
}

static void hold(const struct plan *plan, const struct objects *objects, unsigned int index)
{
	for (unsigned int i = index; i < plan->held; i += HOLDERS)
		change(objects->arrays[i], -1);
}

static void start_sleepers(const struct plan *plan, const struct objects *objects,
			   unsigned int index)
{
	unsigned int most = (plan->blocked + HOLDERS - 1) / HOLDERS;
	unsigned int first = index * most, count = 0;
	struct sleeper *sleepers = calloc(most + 1, sizeof(*sleepers));
	char *memory = NULL;

	if (!sleepers)
		bench_fail_errno("threads");
	if (plan->blocked)
		memory = shmat(objects->segments[index % plan->segments], NULL, 0);
	if (memory == (void *)-1)
		bench_fail_errno("shmat");
	for (; count < most && first + count < plan->blocked; count++) {
		/* Those who attach the segment, too, write to its first byte. */
		sleepers[count] = (struct sleeper){.plan = plan,
						   .objects = objects,
						   .number = first + count,
						   .word = (uint32_t *)memory + 1};
		start_sleeper(&sleepers[count]);
	}
	await_sleep(sleepers, count);
}

struct meeting {
	int arrived[2]; /* a byte of each process */
	int start[2];	/* its end: now all semaphores are held */
};

static void arrive(const struct meeting *meeting)
{
	if (write(meeting->arrived[1], "", 1) != 1)
		_exit(1);
}

static _Noreturn void be_a_process(const struct plan *plan, const struct objects *objects,
				   unsigned int index, const struct meeting *meeting)
{
	char byte;

	close(meeting->arrived[0]);
	close(meeting->start[1]);
	if (index < HOLDERS)
		hold(plan, objects, index);
	arrive(meeting);
	if (read(meeting->start[0], &byte, 1) != 0)
		_exit(1);
	close(meeting->start[0]);
	if (index >= HOLDERS)
		start_sleepers(plan, objects, index - HOLDERS);
	arrive(meeting);
	close(meeting->arrived[1]);
	population_redirect_descriptors();
	for (;;)
		pause();
}

void population_create_blocked(const struct plan *plan, const struct objects *objects)
{
	struct meeting meeting;

	if (pipe2(meeting.arrived, O_CLOEXEC) < 0 || pipe2(meeting.start, O_CLOEXEC) < 0)
		bench_fail_errno("pipe");
	for (unsigned int i = 0; i < 2 * HOLDERS; i++) {
		pid_t pid = fork();

		if (pid < 0)
			bench_fail_errno("fork");
		if (pid == 0)
			be_a_process(plan, objects, i, &meeting);
	}
	close(meeting.arrived[1]);
	close(meeting.start[0]);
	population_await(2 * HOLDERS, meeting.arrived[0]);
	close(meeting.start[1]);
	population_await(2 * HOLDERS, meeting.arrived[0]);
	close(meeting.arrived[0]);
}
