/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who waits was seen before who holds. A thread that got what it waited for in between can be the
 * holder by now, and two who took turns would look like two who wait for each other. So those who
 * hold, and wait for what is held, are looked at once more; and whether they may have set
 * themselves a time.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/id_map.h"
#include "collect/scheduler_clock.h"
#include "collect/search.h"

struct confirming {
	struct snapshot *snapshot;
	const struct rooted *root;
	struct id_map holders;	  /* PIDs */
	struct id_map semaphores; /* that are held: key_of() */
};

static uint64_t key_of(size_t array, uint64_t num)
{
	return (uint64_t)array << 32 | num;
}

/* 0 or -ENOMEM. */
static int add_holder(struct confirming *confirming, const struct link *link)
{
	const int64_t *sharers = link->shared_by.items;
	int r = id_map_put(&confirming->semaphores, key_of(link->object, link->semnum), confirming);

	if (r == 0)
		r = id_map_put(&confirming->holders, (uint64_t)link->pid, confirming);
	for (size_t i = 0; r == 0 && i < link->shared_by.count; i++)
		r = id_map_put(&confirming->holders, (uint64_t)sharers[i], confirming);
	return r;
}

static bool is_in_question(const struct confirming *confirming, const struct wait *wait)
{
	void *found;

	return wait->operation == WAIT_TAKE &&
	       id_map_find(&confirming->semaphores, key_of(wait->object, wait->semnum), &found) &&
	       id_map_find(&confirming->holders, (uint64_t)wait->pid, &found);
}

/* A double has not all digits of so many nanoseconds; a run takes longer than that. */
#define LEAST_RUN 1000

static bool is_about_same(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) < LEAST_RUN;
}

/* It has not run since it was seen. Where the kernel keeps no record of that, it sleeps again. */
static bool has_slept_on(const struct confirming *confirming, const struct wait *wait)
{
	struct proc_stat stat;
	uint64_t ran_at;
	char path[96];

	snprintf(path, sizeof(path), "proc/%lld/task/%lld/sched", (long long)wait->pid,
		 (long long)wait->tid);
	if (wait->ran_at && (!scheduler_clock_read(confirming->root, path, &ran_at) ||
			     !is_about_same(ran_at, wait->ran_at)))
		return false;
	snprintf(path, sizeof(path), "proc/%lld/task/%lld/stat", (long long)wait->pid,
		 (long long)wait->tid);
	return proc_stat_read(confirming->root, path, &stat) == 0 &&
	       (stat.state == 'S' || stat.state == 'D');
}

/* What alarm() and setitimer() have set up stands nowhere, but who it would wake does. */
static bool has_alarm(const struct confirming *confirming, const struct wait *wait)
{
	_cleanup_buffer_ struct buffer text = {0};
	char path[64];

	snprintf(path, sizeof(path), "proc/%lld/status", (long long)wait->pid);
	return rooted_read(confirming->root, path, (size_t)64 * 1024, &text) == 0 &&
	       proc_status_catches(buffer_text(&text), SIGALRM);
}

static void drop_others(const struct confirming *confirming)
{
	struct snapshot *snapshot = confirming->snapshot;
	size_t kept = 0;

	vector_for_each (&snapshot->waits, wait) {
		bool is_doubtful = is_in_question(confirming, wait);

		if (is_doubtful && !has_slept_on(confirming, wait)) {
			snapshot->objects.items[wait->object].waiting--;
			continue;
		}
		if (is_doubtful && has_alarm(confirming, wait))
			wait->flags |= WAIT_HAS_ALARM;
		snapshot->waits.items[kept++] = *wait;
	}
	snapshot->waits.count = kept;
}

int waits_confirm(struct collector *collector)
{
	struct confirming confirming = {.snapshot = collector->snapshot, .root = &collector->root};
	int r = 0;

	if (!confirming.snapshot->waits.count)
		return 0;
	vector_for_each (&confirming.snapshot->links, link)
		if (r == 0 && link->how == LINK_HOLDS)
			r = add_holder(&confirming, link);
	if (r == 0 && confirming.holders.count)
		drop_others(&confirming);
	id_map_deinit(&confirming.holders);
	id_map_deinit(&confirming.semaphores);
	return r;
}
