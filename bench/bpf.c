/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loads the programs for the kernel, and makes one list by them. What the list alone took goes, as
 * milliseconds, to the descriptor that BENCH_TIME_FD names: bench-compare takes that for the time
 * of the whole. Of "load" it is what the loading took. Prints the number of records.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "collect/bpf/bpf_source.h"

static int count_holder(const struct bpf_holder *holder, void *context)
{
	/* In a PID namespace below the first one all come once more, without a PID. */
	*(size_t *)context += holder->pid != 0;
	return 0;
}

static int count_blocked(const struct bpf_blocked *blocked, void *context)
{
	(void)blocked;
	++*(size_t *)context;
	return 0;
}

static int count_end(const struct bpf_end *end, void *context)
{
	(void)end;
	++*(size_t *)context;
	return 0;
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int make_list(struct bpf_source *source, const char *name, size_t *ret_count)
{
	if (strcmp(name, "holders") == 0)
		return bpf_source_holders(source, count_holder, ret_count);
	if (strcmp(name, "blocked") == 0)
		return bpf_source_blocked(source, count_blocked, ret_count);
	if (strcmp(name, "ends") == 0)
		return bpf_source_ends(source, count_end, ret_count);
	return 0;
}

static bool is_name(const char *name)
{
	return strcmp(name, "load") == 0 || strcmp(name, "holders") == 0 ||
	       strcmp(name, "blocked") == 0 || strcmp(name, "ends") == 0;
}

static void tell_time(double milliseconds)
{
	const char *fd = getenv("BENCH_TIME_FD");

	if (fd && write(atoi(fd), &milliseconds, sizeof(milliseconds)) != sizeof(milliseconds))
		bench_fail_errno("BENCH_TIME_FD");
}

int main(int argc, char **argv)
{
	struct bpf_source *source = NULL;
	char reason[BPF_SOURCE_REASON] = "no memory";
	double began = now_ms(), loaded;
	size_t count = 0;

	if (argc != 2 || !is_name(argv[1]))
		bench_fail("Usage: bench-bpf load | holders | blocked | ends");
	if (bpf_source_open(BPF_SOURCE_ALL, &source, reason) != 0)
		bench_fail("%s", reason);
	loaded = now_ms();
	if (make_list(source, argv[1], &count) != 0)
		bench_fail("the list failed");
	tell_time(strcmp(argv[1], "load") == 0 ? loaded - began : now_ms() - loaded);
	bpf_source_free(source);
	printf("%zu\n", count);
	return 0;
}
