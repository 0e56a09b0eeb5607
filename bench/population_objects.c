/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "population.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include "bench.h"

#define FIRST_KEY 0x49000000 /* of each kind; every other object is private */

static void raise_limit(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		bench_fail_errno(path);
	close(fd);
}

void population_raise_limits(const struct plan *plan)
{
	char text[96];

	if (plan->segments > 0) {
		snprintf(text, sizeof(text), "%u", plan->segments);
		raise_limit("/proc/sys/kernel/shmmni", text);
	}
	if (plan->arrays > 0) {
		snprintf(text, sizeof(text), "%u %lu 500 %u", plan->semaphores,
			 (unsigned long)plan->semaphores * plan->arrays, plan->arrays);
		raise_limit("/proc/sys/kernel/sem", text);
	}
	if (plan->queues > 0) {
		snprintf(text, sizeof(text), "%u", plan->queues);
		raise_limit("/proc/sys/kernel/msgmni", text);
	}
}

static key_t key_of(unsigned int index)
{
	return index % 2 == 0 ? (key_t)(FIRST_KEY + index) : IPC_PRIVATE;
}

static int *new_list(unsigned int count)
{
	int *ids = calloc(count + 1, sizeof(*ids));

	if (!ids)
		bench_fail_errno("identifiers");
	return ids;
}

static int *create_segments(const struct plan *plan)
{
	int *ids = new_list(plan->segments);

	for (unsigned int i = 0; i < plan->segments; i++) {
		size_t size = 4096 * (size_t)(1 + i % 16) - i % 7;

		ids[i] = shmget(key_of(i), size, IPC_CREAT | IPC_EXCL | 0600);
		if (ids[i] < 0)
			bench_fail_errno("shmget");
	}
	return ids;
}

static int *create_arrays(const struct plan *plan)
{
	int *ids = new_list(plan->arrays);

	for (unsigned int i = 0; i < plan->arrays; i++) {
		struct sembuf up = {.sem_num = 0, .sem_op = 1};
		int id = semget(key_of(i), (int)plan->semaphores, IPC_CREAT | IPC_EXCL | 0600);

		if (id < 0)
			bench_fail_errno("semget");
		if (semop(id, &up, 1) < 0)
			bench_fail_errno("semop");
		ids[i] = id;
	}
	return ids;
}

static int *create_queues(const struct plan *plan)
{
	int *ids = new_list(plan->queues);

	for (unsigned int i = 0; i < plan->queues; i++) {
		struct {
			long type;
			char text[32];
		} message = {.type = 1, .text = "benchmark"};
		int id = msgget(key_of(i), IPC_CREAT | IPC_EXCL | 0600);

		if (id < 0)
			bench_fail_errno("msgget");
		if (msgsnd(id, &message, sizeof(message.text), IPC_NOWAIT) < 0)
			bench_fail_errno("msgsnd");
		ids[i] = id;
	}
	return ids;
}

void population_create_objects(const struct plan *plan, struct objects *ret_objects)
{
	ret_objects->segments = create_segments(plan);
	ret_objects->arrays = create_arrays(plan);
	ret_objects->queues = create_queues(plan);
}
