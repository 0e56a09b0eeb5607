/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "population.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "bench.h"

/* Pipe ends as descriptors; only the first `pipe_ends / 2` of each are used. */
struct pipes {
	int read_end[MAX_PIPES];
	int write_end[MAX_PIPES];
};

static void open_pipes(const struct plan *plan, struct pipes *ret_pipes)
{
	for (unsigned int i = 0; i < plan->pipe_ends / 2; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) < 0)
			bench_fail_errno("pipe");
		ret_pipes->read_end[i] = ends[0];
		ret_pipes->write_end[i] = ends[1];
	}
}

static void close_ends(const struct plan *plan, const int *ends)
{
	for (unsigned int i = 0; i < plan->pipe_ends / 2; i++)
		close(ends[i]);
}

static void attach_segments(const struct plan *plan, const int *segment_ids, unsigned int index)
{
	for (unsigned int i = 0; i < plan->attach; i++) {
		unsigned int segment = (index * plan->attach + i) % plan->segments;
		volatile char *memory = shmat(segment_ids[segment], NULL, 0);

		if (memory == (void *)-1)
			bench_fail_errno("shmat");
		memory[0] = 1; /* so that it has a resident page */
	}
}

static unsigned int count_mappings(void)
{
	char text[4096];
	unsigned int lines = 0;
	ssize_t length;
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		bench_fail_errno("/proc/self/maps");
	while ((length = read(fd, text, sizeof(text))) > 0) {
		for (ssize_t i = 0; i < length; i++)
			lines += text[i] == '\n';
	}
	close(fd);
	return lines;
}

/*
 * A file and anonymous memory in turns: neighbours of one sort would become one mapping. Even so a
 * mapping may join an older neighbour, hence the counting again.
 */
static void fill_mappings(const struct plan *plan, int file)
{
	unsigned int present;

	while ((present = count_mappings()) < plan->mappings) {
		for (unsigned int i = present; i < plan->mappings; i++) {
			int anonymous = i % 2 ? MAP_ANONYMOUS : 0;
			void *memory = mmap(NULL, (size_t)getpagesize(), PROT_READ,
					    MAP_PRIVATE | anonymous, anonymous ? -1 : file, 0);

			if (memory == MAP_FAILED)
				bench_fail_errno("mmap");
		}
	}
}

/* Files, event descriptors and sockets would all do; what matters is that they are no pipes. */
static void fill_descriptors(const struct plan *plan, int file)
{
	unsigned int present = STANDARD_DESCRIPTORS + plan->pipe_ends;

	for (unsigned int i = present; i < plan->descriptors; i++) {
		int fd = i % 2 ? eventfd(0, EFD_CLOEXEC) : fcntl(file, F_DUPFD_CLOEXEC, 0);

		if (fd < 0)
			bench_fail_errno("descriptor");
	}
}

void population_redirect_descriptors(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		bench_fail_errno("/dev/null");
	for (int fd = 0; fd < STANDARD_DESCRIPTORS; fd++)
		dup2(null, fd);
	close(null);
}

/*
 * One process of the population: what it was given, then what is missing from the plan. Messages
 * go to the standard error of the whole until everything has succeeded.
 */
static _Noreturn void be_a_process(const struct plan *plan, const int *segment_ids,
				   unsigned int index, int ready[2])
{
	int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (file < 0)
		bench_fail_errno("/proc/self/exe");
	attach_segments(plan, segment_ids, index);
	fill_mappings(plan, file);
	fill_descriptors(plan, file);
	close(file);
	close(ready[0]);
	if (write(ready[1], "", 1) != 1)
		_exit(1);
	close(ready[1]);
	population_redirect_descriptors();
	for (;;)
		pause();
}

/*
 * Process i reads from the pipes that it came with and writes to those of process i + 1, which are
 * opened just before the fork; the last one writes to those of process 0.
 */
static void start_processes(const struct plan *plan, const int *segment_ids, int ready[2])
{
	struct pipes first, own, next;

	open_pipes(plan, &first);
	own = first;
	for (unsigned int i = 0; i < plan->processes; i++) {
		bool is_last = i + 1 == plan->processes;
		pid_t pid;

		if (is_last)
			next = first;
		else
			open_pipes(plan, &next);
		pid = fork();
		if (pid < 0)
			bench_fail_errno("fork");
		if (pid == 0) {
			if (!is_last) {
				close_ends(plan, next.read_end);
				close_ends(plan, first.write_end);
			}
			be_a_process(plan, segment_ids, i, ready);
		}
		close_ends(plan, own.read_end);
		if (!is_last)
			close_ends(plan, next.write_end);
		own = next;
	}
	close_ends(plan, first.write_end);
}

void population_await(unsigned int processes, int ready)
{
	char bytes[512];
	unsigned int complete = 0;

	while (complete < processes) {
		ssize_t length = read(ready, bytes, sizeof(bytes));

		if (length <= 0)
			bench_fail("only %u of %u processes came up", complete, processes);
		complete += (unsigned)length;
	}
}

void population_create_processes(const struct plan *plan, const int *segment_ids)
{
	int ready[2];

	if (pipe2(ready, O_CLOEXEC) < 0)
		bench_fail_errno("pipe");
	start_processes(plan, segment_ids, ready);
	close(ready[1]);
	population_await(plan->processes, ready[0]);
	close(ready[0]);
}
