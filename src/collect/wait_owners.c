/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The processes that own the locks for which threads wait, as the locks' memory says.
 */
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "collect/users.h"

static bool read_status(const struct collector *collector, int64_t tid, struct buffer *text)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%lld/status", (long long)tid);
	return rooted_read(&collector->root, path, (size_t)64 * 1024, text) == 0;
}

/*
 * An owner's number is one of its own PID namespace, which is most likely the waiter's. Where that
 * is none that the viewer's /proc shows, the number means somebody else there.
 */
static bool has_numbers_of_ours(const struct collector *collector, int64_t waiter)
{
	_cleanup_buffer_ struct buffer text = {0};

	return read_status(collector, waiter, &text) && !proc_status_is_nested(buffer_text(&text));
}

/* The process of a thread; 0: there is none. */
static int64_t process_of_thread(const struct collector *collector, int64_t tid)
{
	_cleanup_buffer_ struct buffer text = {0};
	uint64_t tgid;

	if (!read_status(collector, tid, &text) ||
	    proc_status_parse_tgid(buffer_text(&text), &tgid) < 0)
		return 0;
	return (int64_t)tgid;
}

int wait_owners_collect(struct collector *collector, struct seen_processes *processes)
{
	int r = 0;

	vector_for_each (&collector->snapshot->waits, wait) {
		if (r == -ENOMEM || !wait_has(wait, WAIT_OWNER_TID))
			continue;
		wait->owner = WAIT_OWNER_ELSEWHERE;
		if (!has_numbers_of_ours(collector, wait->tid))
			continue;
		wait->owner = process_of_thread(collector, wait->owner_tid);
		r = wait->owner ? processes_see(collector, wait->owner, processes) : 0;
		if (r > 0)
			wait->owner = 0;
	}
	return r == -ENOMEM ? r : 0;
}
