/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether the machine was started anew between two snapshots: that is told by the name which the
 * kernel gives to each start. Where a snapshot does not have it, the time of the start is that of a
 * process less its age at that time, which is told in ticks.
 */
#include <errno.h>

#include "model/identity.h"
#include "query/leaks_parts.h"

/* USER_HZ, which every architecture of today has. */
#define TICKS_PER_SECOND 100
/* By so much the clock may have been set meanwhile. */
#define MARGIN 30
/* The first processes start at the same tick each time. */
#define FIRST_TICKS (60 * TICKS_PER_SECOND)

static bool has_start(const struct process *process)
{
	return record_has(&process->record, PROCESS_START_TICKS);
}

static bool find_boot(const struct snapshot *snapshot, int64_t *ret_boot)
{
	vector_for_each (&snapshot->processes, process) {
		if (!has_start(process) || !record_has(&process->record, PROCESS_STARTED_AT))
			continue;
		return !__builtin_sub_overflow(process->started_at,
					       (int64_t)(process->start_ticks / TICKS_PER_SECOND),
					       ret_boot);
	}
	return false;
}

/* Both are in the order of PIDs. */
static bool has_survivor(const struct leaks *leaks, const struct snapshot *snapshot)
{
	vector_for_each (&leaks->marks, mark) {
		const struct process *process = snapshot_process(snapshot, mark->pid);

		if (process && has_start(process) && process->start_ticks == mark->start_ticks &&
		    mark->start_ticks >= FIRST_TICKS)
			return true;
	}
	return false;
}

static uint64_t distance(int64_t a, int64_t b)
{
	return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

bool leaks_was_booted(const struct leaks *leaks, const struct snapshot *snapshot)
{
	int64_t boot;

	if (record_has(&leaks->host.record, HOST_BOOT_ID) &&
	    record_has(&snapshot->host.record, HOST_BOOT_ID))
		return !identity_is_same_start(&leaks->host, &snapshot->host);
	if (!leaks->looks.count || !leaks->has_boot || !find_boot(snapshot, &boot))
		return false;
	/* A process that is still there proves that it was only the clock. */
	return distance(boot, leaks->boot) > MARGIN && !has_survivor(leaks, snapshot);
}

int leaks_mark_boot(struct leaks *leaks, const struct snapshot *snapshot)
{
	int64_t boot;

	leaks->marks.count = 0;
	/* A snapshot without processes does not tell; then the one before still counts. */
	if (find_boot(snapshot, &boot)) {
		leaks->boot = boot;
		leaks->has_boot = true;
	}
	vector_for_each (&snapshot->processes, process) {
		struct leak_mark *mark = has_start(process) ? vector_add(&leaks->marks) : NULL;

		if (mark)
			*mark = (struct leak_mark){process->pid, process->start_ticks};
		else if (has_start(process))
			return -ENOMEM;
	}
	return 0;
}
