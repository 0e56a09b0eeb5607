/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which processes a search could not look at.
 */
#include <stdio.h>

#include "collect/search.h"

int search_report_unreadable(struct search *search)
{
	size_t count = search->unreadable - search->told;
	char reason[96];

	if (!count)
		return 0;
	snprintf(reason, sizeof(reason), "%zu process%s may not be inspected by this viewer", count,
		 count == 1 ? "" : "es");
	return collector_add_issue(search->collector, ISSUE_ABOUT_PROCESSES, OUTCOME_DENIED,
				   KIND_COUNT, NULL, "/proc/PID", reason);
}

int search_report_missing(struct search *search)
{
	struct collector *collector = search->collector;
	const struct issue missing = {.aspect = ISSUE_ABOUT_PROCESSES};
	const char *reason = NULL;
	int r = 0;

	/* To find out takes time, and is of no importance where all were found. */
	if (search->wait_kinds ||
	    scope_covers_issue(&collector->scope, collector->snapshot, &missing))
		reason = sight_why_processes_are_missing(collector);
	if (reason && scope_process_kinds(&collector->scope))
		r = collector_add_issue(collector, ISSUE_ABOUT_PROCESSES, OUTCOME_DENIED,
					KIND_COUNT, NULL, "/proc", reason);
	if (r < 0 || !reason || !search->wait_kinds)
		return r;
	return collector_add_issue(collector, ISSUE_ABOUT_WAITS, OUTCOME_DENIED, KIND_COUNT, NULL,
				   "/proc", reason);
}
