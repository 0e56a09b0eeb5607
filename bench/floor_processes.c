/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "floor_processes.h"

#include <ctype.h>
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"

#define BUFFER_SIZE 4096
#define MAX_PROCESSES 100000
#define MAX_THREADS 16
/* PIDs that a thread takes at a time. */
#define BUNCH 16

/* What the threads share; they only ever count on. */
struct processes {
	int proc; /* descriptor of /proc */
	process_reader *reader;
	unsigned int count;
	atomic_uint next, sum;
	int pids[MAX_PROCESSES];
};

void floor_read_to_end(int fd)
{
	char buffer[BUFFER_SIZE];

	while (read(fd, buffer, sizeof(buffer)) > 0)
		continue;
}

static void list_processes(struct processes *processes)
{
	DIR *directory = opendir("/proc");
	const struct dirent *entry;

	if (!directory)
		bench_fail_errno("/proc");
	while ((entry = readdir(directory)) && processes->count < MAX_PROCESSES)
		if (isdigit((unsigned char)entry->d_name[0]))
			processes->pids[processes->count++] = atoi(entry->d_name);
	/* Stays open: paths are relative to it. */
	processes->proc = dirfd(directory);
}

static void *work(void *context)
{
	struct processes *processes = context;
	unsigned int sum = 0;

	for (;;) {
		unsigned int first = atomic_fetch_add(&processes->next, BUNCH);

		for (unsigned int i = first; i < first + BUNCH; i++) {
			if (i >= processes->count) {
				atomic_fetch_add(&processes->sum, sum);
				return NULL;
			}
			sum += processes->reader(processes->proc, processes->pids[i]);
		}
	}
}

static unsigned int count_processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return (unsigned int)CPU_COUNT(&set);
}

unsigned int floor_read_processes(process_reader *reader)
{
	static struct processes processes;
	pthread_t threads[MAX_THREADS];
	unsigned int count = count_processors();
	unsigned int started = 0;

	processes.reader = reader;
	list_processes(&processes);
	for (; started + 1 < count && started < MAX_THREADS; started++)
		if (pthread_create(&threads[started], NULL, work, &processes) != 0)
			break;
	work(&processes);
	while (started > 0)
		pthread_join(threads[--started], NULL);
	return processes.sum;
}
