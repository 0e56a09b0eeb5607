/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The scheduler's clock, by which it notes when a thread ran last. Each processor has its own:
 * where a hypervisor takes time away they go apart by seconds, so a time is held against that of
 * the processor on which it was noted.
 */
#ifndef IPCLENS_COLLECT_SCHEDULER_CLOCK_H
#define IPCLENS_COLLECT_SCHEDULER_CLOCK_H

#include "base/rooted.h"
#include "base/vector.h"

struct scheduler_clock {
	uint32_t processor;
	bool is_known;
	uint64_t now;
};

/* Those that were asked so far, one for each processor. All zero: none. */
struct scheduler_clocks {
	VECTOR(struct scheduler_clock) items;
};

/*
 * The nanoseconds on the clock of that processor, when it was asked first: for that the calling
 * thread runs there for a moment. False where it may not, or the kernel has no such record.
 */
bool scheduler_clock_now(struct scheduler_clocks *clocks, const struct rooted *root,
			 uint32_t processor, uint64_t *ret_now);

/* When a thread ran last on its processor's clock, from its sched below the root; likewise. */
bool scheduler_clock_read(const struct rooted *root, const char *path, uint64_t *ret_time);

#endif
