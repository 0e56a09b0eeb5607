/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What /proc/PID/stat tells of a process (fs/proc/array.c: do_task_stat).
 */
#ifndef IPCLENS_COLLECT_PROC_STAT_H
#define IPCLENS_COLLECT_PROC_STAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rooted.h"
#include "base/text.h"

/* Workers of the kernel have long names, up to 63 bytes; programs 15. */
#define PROC_STAT_COMMAND_MAX 64

struct proc_stat {
	char command[PROC_STAT_COMMAND_MAX]; /* raw bytes, which the process chose; NUL behind */
	size_t command_length;
	char state;
	uint64_t threads;
	uint64_t start_ticks; /* clock ticks after boot */
	uint64_t processor;   /* on which it ran last; PROC_STAT_NO_PROCESSOR */
};

#define PROC_STAT_NO_PROCESSOR UINT64_MAX

/*
 * Whether nobody has waited for it yet, but it has nothing left, and no thread: one whose leader
 * alone has exited looks alike, but for the threads.
 */
static inline bool proc_stat_has_ended(const struct proc_stat *stat)
{
	return (stat->state == 'Z' || stat->state == 'X') && stat->threads <= 1;
}

/*
 * Reads the text; 0 or -EINVAL. The command may hold any byte, also ") S 1": it ends at the last
 * closing parenthesis, behind which only numbers follow.
 */
int proc_stat_parse(struct text text, struct proc_stat *ret_stat);

/* Reads such a file; results as of rooted_read(), or OUTCOME_MALFORMED. */
int proc_stat_read(const struct rooted *root, const char *path, struct proc_stat *ret_stat);

/*
 * The command alone, from the text of a /proc/PID/comm: half of what it costs the kernel to add up
 * all of stat. Results as of proc_stat_read().
 */
int proc_comm_read(const struct rooted *root, const char *path, struct proc_stat *ret_stat);

/* The effective user id in /proc/PID/status; 0 or -EINVAL. */
int proc_status_parse_uid(struct text text, uint64_t *ret_uid);

/* The process to which a thread belongs, in the same file; 0 or -EINVAL. */
int proc_status_parse_tgid(struct text text, uint64_t *ret_tgid);

/* Whether it is in a PID namespace below the one that /proc shows, by the same file. */
bool proc_status_is_nested(struct text text);

/*
 * Whether it is in that very namespace: then NSpid, from Linux 4.1 on (fs/proc/array.c:
 * task_state), has one number. False, too, where that cannot be told.
 */
bool proc_status_has_one_pid(struct text text);

/* Whether the process catches that signal, by the same file. */
bool proc_status_catches(struct text text, unsigned int signal);

/* Seconds since 1970 at which the machine booted, from the text of /proc/stat; 0 or -EINVAL. */
int proc_parse_boot_time(struct text text, int64_t *ret_seconds);

/* When a thread ran last, in milliseconds of the scheduler's clock, from the text of its sched. */
int proc_sched_parse(struct text text, double *ret_milliseconds);

/* Reads such a file; false where the kernel has none (CONFIG_SCHED_DEBUG), or it is malformed. */
bool proc_sched_read(const struct rooted *root, const char *path, double *ret_milliseconds);

#endif
