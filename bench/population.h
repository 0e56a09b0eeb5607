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
	unsigned int blocked;	 /* threads of more processes that are asleep in IPC */
	unsigned int held;	 /* arrays of which still more processes hold a semaphore */
	unsigned int namespaces; /* over which it is spread; 0: all is in that of the command */
	unsigned int together;	 /* 1: another namespace has all objects once more */
};

/* Of the command, where the plan has it: the namespace with all objects. */
#define TOGETHER_DESCRIPTOR 9

/* Identifiers of what was created. */
struct objects {
	int *segments;
	int *arrays;
	int *queues;
};

/* A new IPC namespace starts with the kernel's own limits, not with those of the machine. */
void population_raise_limits(const struct plan *plan);

/* All segments, arrays and queues; the caller frees the lists. */
void population_create_objects(const struct plan *plan, struct objects *ret_objects);

/*
 * Starts the processes and waits until all of them are complete. Each has its own read ends of some
 * pipes, and the write ends of its successor's: a ring in which both ends of each pipe are found
 * only by looking at two processes.
 */
void population_create_processes(const struct plan *plan, const int *segment_ids);

/*
 * Starts the processes that hold semaphores, and when all are held, the threads that sleep; waits
 * until these are asleep.
 */
void population_create_blocked(const struct plan *plan, const struct objects *objects);

/* All that the plan has, in the namespace that this process is in. */
void population_fill(const struct plan *plan);

/* A share of it in each of so many new namespaces; afterwards this process is where it was. */
void population_create_namespaces(const struct plan *plan);

/* Reads a byte of each process; the end of the pipe means that some died. */
void population_await(unsigned int processes, int ready);

/* The standard descriptors to /dev/null: nothing more is to be said. */
void population_redirect_descriptors(void);

#endif
