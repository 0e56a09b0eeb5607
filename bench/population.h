/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a population consists of. All of these end the program when something fails.
 */
#ifndef BENCH_POPULATION_H
#define BENCH_POPULATION_H

#define STANDARD_DESCRIPTORS 3
#define MAX_PIPES 64

struct plan {
	unsigned int processes;
	unsigned int mappings;	  /* of each process, attached segments included */
	unsigned int attach;	  /* segments that each process attaches */
	unsigned int descriptors; /* of each process, pipe ends included */
	unsigned int pipe_ends;	  /* of each process; half of them read, half of them write */
	unsigned int segments;
	unsigned int arrays;
	unsigned int semaphores; /* in each array */
	unsigned int queues;
};

/* A new IPC namespace starts with the kernel's own limits, not with those of the machine. */
void population_raise_limits(const struct plan *plan);

/* Returns the identifiers, `plan->segments` of them; the caller frees them. */
int *population_create_segments(const struct plan *plan);
void population_create_arrays(const struct plan *plan);
void population_create_queues(const struct plan *plan);

/*
 * Starts the processes and waits until all of them are complete. Each has its own read ends of some
 * pipes, and the write ends of its successor's: a ring in which both ends of each pipe are found
 * only by looking at two processes.
 */
void population_create_processes(const struct plan *plan, const int *segment_ids);

#endif
