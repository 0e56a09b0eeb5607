/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who has ends of pipes, FIFOs and queues open, listed by a program inside of the kernel: of
 * pipes, no descriptor is looked at. It does not tell names: the descriptors of FIFOs and queues,
 * which are few, are looked at as always, so that both ways tell the same.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parallel.h"
#include "collect/bpf_use.h"
#include "collect/proc_fd.h"
#include "collect/search.h"

/* Fewer processes than this are not worth a thread of their own. */
#define PROCESSES_PER_WORKER 64

struct end {
	uint64_t fd, inode, used_bytes, max_bytes;
	uint8_t access;
	bool is_pipe, has_fill;
};

/* The ends of one process, from first on; none: it has to be looked at through /proc. */
struct process_ends {
	int64_t pid;
	size_t first, count;
};

struct list {
	struct search *search;
	uint64_t page_size;
	VECTOR(struct end) ends;
	VECTOR(struct process_ends) processes;
	VECTOR(int64_t) with_threads; /* PIDs of threads that do not have the leader's table */
	struct id_map pids;	      /* of the processes */
};

static void deinit(struct list *list)
{
	vector_deinit(&list->ends);
	vector_deinit(&list->processes);
	vector_deinit(&list->with_threads);
	id_map_deinit(&list->pids);
}

static int add_process(struct list *list, int64_t pid)
{
	struct process_ends *process = vector_add(&list->processes);

	if (!process || id_map_put(&list->pids, (uint64_t)pid, list) < 0)
		return -ENOMEM;
	*process = (struct process_ends){.pid = pid, .first = list->ends.count};
	return 0;
}

static int note_thread(struct list *list, int64_t pid)
{
	int64_t *place = vector_add(&list->with_threads);

	if (!place)
		return -ENOMEM;
	*place = pid;
	return 0;
}

static enum kind kind_of(const struct bpf_end *end)
{
	return end->is_pipe ? KIND_PIPE : end->is_fifo ? KIND_FIFO : KIND_MQ;
}

/* The ends of a leader come one after the other. */
static int keep(const struct bpf_end *end, void *context)
{
	struct list *list = context;
	size_t count = list->processes.count;
	struct end *kept;

	if (!(list->search->kinds & KIND_BIT(kind_of(end))))
		return 0;
	if (end->tid != end->pid)
		return note_thread(list, end->pid);
	if ((!count || list->processes.items[count - 1].pid != end->pid) &&
	    add_process(list, end->pid) < 0)
		return -ENOMEM;
	kept = vector_add(&list->ends);
	if (!kept)
		return -ENOMEM;
	*kept = (struct end){.fd = end->fd,
			     .inode = end->inode,
			     .used_bytes = end->used_bytes,
			     .max_bytes = end->slots * list->page_size,
			     .access = (uint8_t)end->access,
			     .is_pipe = end->is_pipe,
			     /* O_PATH opens no end. */
			     .has_fill = !end->is_queue && end->access};
	list->processes.items[list->processes.count - 1].count++;
	return 0;
}

/*
 * Where a leader has exited, its threads have what is open; where it has not, what they have beside
 * it is not told.
 */
static int add_leaderless(struct list *list)
{
	vector_for_each (&list->with_threads, pid) {
		void *known;

		if (!id_map_find(&list->pids, (uint64_t)*pid, &known) &&
		    add_process(list, *pid) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int handle_descriptor(const struct descriptor *descriptor, void *context)
{
	return search_handle_descriptor(context, descriptor);
}

static int add_pipe(struct finder *finder, const struct end *end)
{
	const struct thing thing = {
		.kind = KIND_PIPE, .inode = end->inode, .pid = finder->pid, .fd = end->fd};
	const struct seen_use use = {.how = LINK_OPEN, .access = end->access, .address = end->fd};

	return search_add_use(finder, &thing, &use);
}

/* Whether nothing of the end is asked of /proc: its pipe's owner is, where that is wanted. */
static bool is_told(const struct finder *finder, const struct end *end)
{
	return end->is_pipe && !search_needs_owner(finder, end->inode);
}

/* 0; -ENOMEM; or that /proc tells otherwise, or may not be asked. */
static int look_at_end(struct finder *finder, const struct end *end)
{
	size_t before = finder->uses.items.count;
	struct thing *thing;
	char path[64];
	int r;

	snprintf(path, sizeof(path), "proc/%d/fd", finder->pid);
	r = is_told(finder, end) ? add_pipe(finder, end)
				 : proc_fd_read_one(&finder->search->collector->root, path, end->fd,
						    handle_descriptor, finder);
	if (r != 0 || finder->uses.items.count == before || !end->has_fill)
		return r;
	thing = &finder->things.items.items[finder->uses.items.items[before].object];
	thing->has_fill = true;
	thing->used_bytes = end->used_bytes;
	thing->max_bytes = end->max_bytes;
	return 0;
}

/* Whether the process is the one that the list was about; it is kept, then. 0: it is; or not. */
static int check_process(struct finder *finder)
{
	struct seen_process *seen;
	struct proc_stat stat;
	char path[64];
	int r;

	snprintf(path, sizeof(path), "proc/%d/stat", finder->pid);
	r = proc_stat_read(&finder->search->collector->root, path, &stat);
	if (r != 0)
		return r;
	if (stat.start_ticks >= finder->search->began_ticks)
		return OUTCOME_GONE;
	seen = vector_add(&finder->processes.items);
	if (!seen)
		return -ENOMEM;
	*seen = (struct seen_process){finder->pid, stat};
	return 0;
}

static int look_at_process(size_t worker, size_t item, void *context)
{
	struct list *list = context;
	const struct process_ends *process = &list->processes.items[item];
	struct finder *finder = &list->search->finders[worker];
	size_t before = finder->uses.items.count;
	int r = process->count ? 0 : OUTCOME_GONE;

	finder->pid = (pid_t)process->pid;
	finder->thread = 0;
	for (size_t i = 0; r == 0 && i < process->count; i++)
		r = look_at_end(finder, &list->ends.items[process->first + i]);
	if (r == 0 && finder->uses.items.count > before)
		r = check_process(finder);
	if (r == 0 || r == -ENOMEM)
		return r;
	finder->uses.items.count = before;
	return search_process(finder, (pid_t)process->pid);
}

/* Asks for and looks at the ends of search->kinds. 0; an outcome; or a negative errno. */
static int look(struct list *list)
{
	struct bpf_source *source;
	int r = bpf_use_open(list->search->collector, &source);

	if (r == 0)
		r = bpf_source_ends(source, keep, list);
	if (r == 0)
		r = add_leaderless(list);
	if (r < 0 && r != -ENOMEM)
		return OUTCOME_UNSUPPORTED;
	if (r == 0)
		r = search_run(list->search,
			       parallel_workers(list->processes.count, PROCESSES_PER_WORKER),
			       list->processes.count, look_at_process, list);
	return r;
}

/*
 * What bpf can list of what is looked for. Who sleeps to open a FIFO has no end yet, and is found
 * with those who sleep; queues are told by their device.
 */
static unsigned int listed_kinds(const struct search *search)
{
	unsigned int kinds = KIND_BIT(KIND_PIPE);

	if (search->has_sleepers)
		kinds |= KIND_BIT(KIND_FIFO);
	if (search->collector->has_mq_device || search->is_wide)
		kinds |= KIND_BIT(KIND_MQ);
	return kinds & search->kinds;
}

int search_ends(struct search *search)
{
	struct collector *collector = search->collector;
	struct list list = {.search = search, .page_size = (uint64_t)sysconf(_SC_PAGESIZE)};
	unsigned int kinds = search->kinds, listed = listed_kinds(search);
	int r;

	if (!collector->wants_ends || !listed || !search->began_ticks)
		return 0;
	search->kinds = listed;
	r = look(&list);
	search->kinds = r == 0 ? kinds & ~listed : kinds;
	collector->used_bpf |= r == 0;
	deinit(&list);
	/* Of those who sleep the same was said. */
	if (r > 0 && collector->backend == BACKEND_BPF && !search->wait_kinds)
		return collector_add_issue(collector, ISSUE_ABOUT_PROCESSES, r, KIND_COUNT, NULL,
					   "bpf", collector->bpf->reason);
	return r > 0 ? 0 : r;
}
