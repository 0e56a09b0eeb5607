/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Items are handed out in bunches, so that the threads seldom meet. */
#define BUNCH 8

struct job {
	size_t count;
	parallel_task *task;
	void *context;
	atomic_size_t next; /* item that nobody has yet */
	atomic_int error;
};

struct worker {
	struct job *job;
	size_t number;
	pthread_t thread;
};

size_t parallel_workers(size_t count, size_t items_per_worker)
{
	size_t workers = count / items_per_worker;
	cpu_set_t processors;

	if (sched_getaffinity(0, sizeof(processors), &processors) == 0 &&
	    workers > (size_t)CPU_COUNT(&processors))
		workers = (size_t)CPU_COUNT(&processors);
	if (workers > PARALLEL_WORKERS_MAX)
		workers = PARALLEL_WORKERS_MAX;
	return workers ? workers : 1;
}

static void *work(void *argument)
{
	const struct worker *worker = argument;
	struct job *job = worker->job;

	for (;;) {
		size_t first = atomic_fetch_add(&job->next, BUNCH);

		for (size_t item = first; item < first + BUNCH; item++) {
			int r;

			if (item >= job->count || atomic_load(&job->error))
				return NULL;
			r = job->task(worker->number, item, job->context);
			if (r < 0)
				atomic_store(&job->error, r);
		}
	}
}

int parallel_run(size_t workers, size_t count, parallel_task *task, void *context)
{
	struct worker team[PARALLEL_WORKERS_MAX];
	struct job job = {.count = count, .task = task, .context = context};
	size_t started = 1;

	team[0] = (struct worker){.job = &job};
	/* Where no thread can be had, those that there are do it all. */
	for (; started < workers && started < PARALLEL_WORKERS_MAX; started++) {
		team[started] = (struct worker){.job = &job, .number = started};
		if (pthread_create(&team[started].thread, NULL, work, &team[started]) != 0)
			break;
	}
	work(&team[0]);
	for (size_t i = 1; i < started; i++)
		pthread_join(team[i].thread, NULL);
	return atomic_load(&job.error);
}

struct parallel_lock {
	pthread_mutex_t mutex;
};

struct parallel_lock *parallel_lock_new(void)
{
	struct parallel_lock *lock = malloc(sizeof(*lock));

	if (lock)
		pthread_mutex_init(&lock->mutex, NULL);
	return lock;
}

void parallel_lock_free(struct parallel_lock *lock)
{
	if (lock)
		pthread_mutex_destroy(&lock->mutex);
	free(lock);
}

void parallel_lock_take(struct parallel_lock *lock)
{
	pthread_mutex_lock(&lock->mutex);
}

void parallel_lock_give(struct parallel_lock *lock)
{
	pthread_mutex_unlock(&lock->mutex);
}
