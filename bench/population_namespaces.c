/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "population.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"

static void free_lists(struct objects *objects)
{
	free(objects->segments);
	free(objects->arrays);
	free(objects->queues);
}

void population_fill(const struct plan *plan)
{
	struct objects objects;

	population_raise_limits(plan);
	population_create_objects(plan, &objects);
	if (plan->processes > 0)
		population_create_processes(plan, objects.segments);
	if (plan->blocked > 0 || plan->held > 0)
		population_create_blocked(plan, &objects);
	free_lists(&objects);
}

/* What falls to one of so many, so that all together have as much as there is. */
static unsigned int share(unsigned int all, unsigned int index, unsigned int count)
{
	return (unsigned int)((unsigned long)all * (index + 1) / count -
			      (unsigned long)all * index / count);
}

static struct plan share_of(const struct plan *plan, unsigned int index)
{
	struct plan part = *plan;

	part.processes = share(plan->processes, index, plan->namespaces);
	part.segments = share(plan->segments, index, plan->namespaces);
	part.arrays = share(plan->arrays, index, plan->namespaces);
	part.queues = share(plan->queues, index, plan->namespaces);
	return part;
}

static void enter_new_namespace(void)
{
	if (unshare(CLONE_NEWIPC) < 0)
		bench_fail_errno("unshare");
}

static int open_namespace(void)
{
	int fd = open("/proc/self/ns/ipc", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		bench_fail_errno("/proc/self/ns/ipc");
	return fd;
}

static void create_together(const struct plan *plan)
{
	struct objects objects;
	int fd;

	enter_new_namespace();
	population_raise_limits(plan);
	population_create_objects(plan, &objects);
	free_lists(&objects);
	fd = open_namespace();
	if (dup2(fd, TOGETHER_DESCRIPTOR) < 0)
		bench_fail_errno("dup2");
	if (fd != TOGETHER_DESCRIPTOR)
		close(fd);
}

void population_create_namespaces(const struct plan *plan)
{
	int own = open_namespace();

	for (unsigned int i = 0; i < plan->namespaces; i++) {
		const struct plan part = share_of(plan, i);

		enter_new_namespace();
		population_fill(&part);
	}
	if (plan->together)
		create_together(plan);
	if (setns(own, CLONE_NEWIPC) < 0)
		bench_fail_errno("setns");
	close(own);
}
