/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes to standard error: "ipclens: what: why", made harmless for a terminal.
 */
#ifndef IPCLENS_CLI_COMPLAIN_H
#define IPCLENS_CLI_COMPLAIN_H

#include "model/snapshot.h"

enum exit_status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1, /* or an object was not found */
	STATUS_USAGE = 2,
	/* Of a verdict, in the way of monitoring plugins. */
	STATUS_OK = 0,
	STATUS_WARNING = 1,
	STATUS_CRITICAL = 2,
	STATUS_UNKNOWN = 3, /* usage, failure, or too little was seen */
};

__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);

/* The same with "WHAT: " in front; an empty text is shown as "". */
__attribute__((format(printf, 2, 3))) void complain_about(const char *what, const char *format,
							  ...);

/* Says what could not be seen, in as few lines as possible. */
void complain_of_issues(const struct snapshot *snapshot, const struct scope *scope);

/* The same with what the snapshot is, where there are several. */
void complain_of_issues_in(const char *where, const struct snapshot *snapshot,
			   const struct scope *scope);

/* Says that the objects of the IPC namespace in which the process is were not looked at, where so.
 */
void complain_of_namespace(const struct snapshot *snapshot, int64_t pid);

#endif
