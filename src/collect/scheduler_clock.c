/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/scheduler_clock.h"

#include <sched.h>

#include "collect/proc_stat.h"

bool scheduler_clock_read(const struct rooted *root, const char *path, uint64_t *ret_time)
{
	double milliseconds;

	if (!proc_sched_read(root, path, &milliseconds))
		return false;
	*ret_time = (uint64_t)(milliseconds * 1e6);
	return true;
}

static bool ask(const struct rooted *root, uint32_t processor, uint64_t *ret_now)
{
	cpu_set_t before, only;
	bool is_known;

	if (processor >= CPU_SETSIZE || sched_getaffinity(0, sizeof(before), &before) < 0)
		return false;
	CPU_ZERO(&only);
	CPU_SET(processor, &only);
	if (sched_setaffinity(0, sizeof(only), &only) < 0)
		return false;
	/* The viewer's own time is only brought up to date when it is taken off the processor. */
	sched_yield();
	is_known = scheduler_clock_read(root, "proc/thread-self/sched", ret_now);
	(void)sched_setaffinity(0, sizeof(before), &before);
	return is_known;
}

bool scheduler_clock_now(struct scheduler_clocks *clocks, const struct rooted *root,
			 uint32_t processor, uint64_t *ret_now)
{
	struct scheduler_clock clock = {.processor = processor}, *place;

	vector_for_each (&clocks->items, known) {
		if (known->processor == processor) {
			*ret_now = known->now;
			return known->is_known;
		}
	}
	clock.is_known = ask(root, processor, &clock.now);
	place = vector_add(&clocks->items);
	if (place)
		*place = clock;
	*ret_now = clock.now;
	return clock.is_known;
}
