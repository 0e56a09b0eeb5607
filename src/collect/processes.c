/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records of the processes that links name.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collect/proc_cgroup.h"
#include "collect/users.h"

/* Clock ticks in a second where they cannot be asked for: all machines that Linux runs on. */
#define USUAL_TICKS 100

static int compare_pids(const void *first, const void *second)
{
	const struct seen_process *a = first, *b = second;

	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

bool process_is_there(const struct collector *collector, int64_t pid)
{
	/* No signal is sent: only whether one could be is told. */
	return collector->root.is_live && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

static bool read_boot_time(const struct collector *collector, int64_t *ret_seconds)
{
	_cleanup_buffer_ struct buffer text = {0};

	/* It has a line for each processor and one with all interrupts. */
	return rooted_read(&collector->root, "proc/stat", (size_t)4 << 20, &text) == 0 &&
	       proc_parse_boot_time(buffer_text(&text), ret_seconds) == 0;
}

bool processes_start_time(struct collector *collector, uint64_t ticks, int64_t *ret_seconds)
{
	long per_second = collector->root.is_live ? sysconf(_SC_CLK_TCK) : USUAL_TICKS;

	if (!collector->has_boot_time && !collector->has_no_boot_time) {
		collector->has_boot_time = read_boot_time(collector, &collector->boot_time);
		collector->has_no_boot_time = !collector->has_boot_time;
	}
	if (!collector->has_boot_time || per_second <= 0)
		return false;
	return !__builtin_add_overflow(collector->boot_time, ticks / (uint64_t)per_second,
				       ret_seconds);
}

static int report(struct collector *collector, enum issue_aspect aspect, int64_t pid, int outcome,
		  const char *reason)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%lld", (long long)pid);
	return collector_add_issue(collector, aspect, outcome, KIND_COUNT, NULL, path, reason);
}

int processes_report_denied(struct collector *collector, int64_t pid)
{
	return report(collector, ISSUE_ABOUT_PROCESSES, pid, OUTCOME_DENIED,
		      "it may not be inspected by this viewer");
}

int processes_report_thread(struct collector *collector, int64_t pid)
{
	_cleanup_buffer_ struct buffer text = {0};
	char path[64], reason[64];
	uint64_t process;
	int r;

	snprintf(path, sizeof(path), "proc/%lld/status", (long long)pid);
	if (rooted_read(&collector->root, path, (size_t)64 * 1024, &text) != 0 ||
	    proc_status_parse_tgid(buffer_text(&text), &process) < 0 || process == (uint64_t)pid)
		return 0;
	snprintf(reason, sizeof(reason), "it is a thread of process %llu: ask for that",
		 (unsigned long long)process);
	/* It is the number that names something else: nobody is missing for that. */
	r = report(collector, ISSUE_ABOUT_NAMES, pid, OUTCOME_UNSUPPORTED, reason);
	return r < 0 ? r : 1;
}

static void read_uid(const struct collector *collector, struct process *process)
{
	_cleanup_buffer_ struct buffer text = {0};
	char path[64];

	snprintf(path, sizeof(path), "proc/%lld/status", (long long)process->pid);
	if (rooted_read(&collector->root, path, (size_t)64 * 1024, &text) == 0 &&
	    proc_status_parse_uid(buffer_text(&text), &process->uid) == 0)
		record_mark(&process->record, PROCESS_UID);
}

/* Where it belongs to: both are absent where they cannot be read. 0 or -ENOMEM. */
static int read_unit(struct collector *collector, struct process *process)
{
	char path[64], room[PROC_CGROUP_NAME_MAX];
	struct text unit;

	snprintf(path, sizeof(path), "proc/%lld/ns/ipc", (long long)process->pid);
	if (sight_read_namespace(&collector->root, path, &process->namespace) == 0)
		record_mark(&process->record, PROCESS_NAMESPACE);
	snprintf(path, sizeof(path), "proc/%lld/cgroup", (long long)process->pid);
	unit = proc_cgroup_read(&collector->root, path, room);
	if (!unit.length)
		return 0;
	record_mark(&process->record, PROCESS_UNIT);
	return snapshot_copy_text(collector->snapshot, unit, &process->unit);
}

int processes_see(struct collector *collector, int64_t pid, struct seen_processes *processes)
{
	struct seen_process *seen;
	struct proc_stat stat;
	char path[64];
	int r;

	snprintf(path, sizeof(path), "proc/%lld/stat", (long long)pid);
	r = proc_stat_read(&collector->root, path, &stat);
	if (r != 0)
		return r;
	seen = vector_add(&processes->items);
	if (!seen)
		return -ENOMEM;
	*seen = (struct seen_process){pid, stat};
	return 0;
}

/* What is told where more than the name is wanted. */
static void set_stat(struct collector *collector, struct process *process,
		     const struct proc_stat *stat)
{
	process->start_ticks = stat->start_ticks;
	process->threads = stat->threads;
	record_mark(&process->record, PROCESS_START_TICKS);
	process->stopped = stat->state == 'T' || stat->state == 't';
	record_mark(&process->record, PROCESS_THREADS);
	record_mark(&process->record, PROCESS_STOPPED);
	if (processes_start_time(collector, stat->start_ticks, &process->started_at))
		record_mark(&process->record, PROCESS_STARTED_AT);
}

static int add_process(struct collector *collector, const struct seen_process *seen)
{
	struct process *process = vector_add(&collector->snapshot->processes);

	if (!process)
		return -ENOMEM;
	process->pid = seen->pid;
	record_mark(&process->record, PROCESS_PID);
	record_mark(&process->record, PROCESS_COMMAND);
	if (!collector->scope.has_no_starts)
		set_stat(collector, process, &seen->stat);
	if (collector->scope.names & SCOPE_PROCESS_USER)
		read_uid(collector, process);
	if (collector->scope.has_units && read_unit(collector, process) < 0)
		return -ENOMEM;
	return snapshot_copy_text(collector->snapshot,
				  (struct text){seen->stat.command, seen->stat.command_length},
				  &process->command);
}

int processes_add(struct collector *collector, struct seen_processes *processes)
{
	const struct seen_process *last = NULL;

	if (processes->items.count)
		qsort(processes->items.items, processes->items.count,
		      sizeof(*processes->items.items), compare_pids);
	vector_for_each (&processes->items, process) {
		if (last && last->pid == process->pid)
			continue;
		if (add_process(collector, process) < 0)
			return -ENOMEM;
		last = process;
	}
	return 0;
}
