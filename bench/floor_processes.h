/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the floors of looking at processes share: the listing of /proc, and a thread for each
 * processor.
 */
#ifndef BENCH_FLOOR_PROCESSES_H
#define BENCH_FLOOR_PROCESSES_H

/*
 * Reads what there is of a process, by paths relative to the descriptor of /proc; returns what is
 * counted of it, 0 of one that has ended. Called by several threads at a time.
 */
typedef unsigned int process_reader(int proc, int pid);

/* Reads all processes; returns the sum. Ends the program when something fails. */
unsigned int floor_read_processes(process_reader *reader);

/* A process_reader: the links of all descriptors; returns how many are of pipes. */
unsigned int floor_read_descriptors(int proc, int pid);

/* Reads the file of a process to its end. */
void floor_read_to_end(int fd);

#endif
