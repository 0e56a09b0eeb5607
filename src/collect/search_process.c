/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What one process maps and has open.
 */
#include "collect/search.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collect/proc_maps.h"
#include "collect/proc_pids.h"

/* Kinds that are mapped, and those of them whose files are in /dev/shm. */
#define KINDS_OF_DEV_SHM (KIND_BIT(KIND_PSHM) | KIND_BIT(KIND_PSEM))
#define KINDS_IN_MEMORY (KINDS_OF_DEV_SHM | KIND_BIT(KIND_SHM) | KIND_BIT(KIND_MAP))

static int handle_segment(struct finder *finder, const struct mapping *mapping,
			  const struct object *segment, bool is_stray)
{
	const struct snapshot *snapshot = finder->search->collector->snapshot;
	const struct seen_use use = {.pid = finder->pid,
				     .task = finder->thread ? finder->thread : finder->pid,
				     .object = (uint32_t)(segment - snapshot->objects.items),
				     .address = mapping->start,
				     .length = mapping->end - mapping->start,
				     .access = (uint8_t)mapping->access,
				     .how = LINK_MAPPED};
	struct seen_use *seen;

	if (!(finder->search->kinds & KIND_BIT(KIND_SHM)))
		return 0;
	if (is_stray)
		return search_add_stray(finder, &use, segment);
	seen = vector_add(&finder->mappings.items);
	if (!seen)
		return -ENOMEM;
	*seen = use;
	return 0;
}

static int handle_mapping(const struct mapping *mapping, void *context)
{
	struct finder *finder = context;
	const struct object *segment = search_find_segment(finder, mapping);

	if (segment)
		return handle_segment(finder, mapping, segment, false);
	segment = search_find_stray(finder, mapping);
	return segment ? handle_segment(finder, mapping, segment, true)
		       : search_handle_mapping(finder, mapping);
}

/* Private mappings matter only of files that have a name: those of /dev/shm. */
static struct mapping_filter filter_of(const struct search *search)
{
	return (struct mapping_filter){.has_private = search->kinds & KINDS_OF_DEV_SHM,
				       .devices = search->mapped_devices.items,
				       .count = search->mapped_devices.count};
}

/* Results as of proc_maps_query(), and of rooted_open(). */
static int read_maps(struct finder *finder, const struct rooted *root, const char *path)
{
	struct search *search = finder->search;
	const struct mapping_filter filter = filter_of(search);
	_cleanup_close_ int fd = -1;
	int r = rooted_open(root, path, &fd);

	if (r != 0)
		return r;
	if (root->is_live && !search->collector->reads_maps_as_text &&
	    !atomic_load(&search->has_no_query)) {
		r = proc_maps_query(fd, &filter, handle_mapping, finder);
		if (r != OUTCOME_UNSUPPORTED)
			return r;
		atomic_store(&search->has_no_query, true);
	}
	return proc_maps_read(fd, &filter, handle_mapping, finder);
}

/*
 * What one task of the process shows; prefix as of search_descriptors(). OUTCOME_GONE where it has
 * neither memory nor descriptors: it has ended, or belongs to the kernel.
 */
static int read_task(struct finder *finder, const struct rooted *root, const char *prefix)
{
	unsigned int kinds = finder->search->kinds;
	bool has_memory = kinds & KINDS_IN_MEMORY;
	int r = 0, of_descriptors = 0;
	char path[64];

	search_learn_slot(finder, root, prefix);
	snprintf(path, sizeof(path), "%smaps", prefix);
	if (has_memory)
		r = read_maps(finder, root, path);
	if (r == 0 && kinds & KINDS_IN_PROCESSES)
		of_descriptors = search_descriptors(finder, root, prefix);
	if (of_descriptors && !(has_memory && of_descriptors == OUTCOME_GONE))
		return of_descriptors;
	return r;
}

/* A process whose leader has exited has what it uses in the threads that are left. */
static int read_threads(struct finder *finder, const struct rooted *process)
{
	struct pid_list threads = {0};
	struct stat status;
	int r = OUTCOME_GONE;

	/* One link for each thread beside the usual two; the kernel's own have but one. */
	if (process->is_live && fstatat(process->fd, "task", &status, 0) == 0 &&
	    status.st_nlink <= 3)
		return OUTCOME_GONE;
	if (proc_list_pids(process, "task", &threads) == -ENOMEM)
		r = -ENOMEM;
	vector_for_each (&threads.pids, thread) {
		char prefix[64];

		if (r != OUTCOME_GONE || threads.pids.count < 2)
			break;
		/* The leader has nothing any more. */
		if (*thread == finder->pid)
			continue;
		snprintf(prefix, sizeof(prefix), "task/%lld/", (long long)*thread);
		finder->thread = (pid_t)*thread;
		r = read_task(finder, process, prefix);
	}
	vector_deinit(&threads.pids);
	return r;
}

/* How much had been found before a process was looked at. */
struct mark {
	size_t mappings, strays, uses, waits;
};

static struct mark mark_of(const struct finder *finder)
{
	return (struct mark){finder->mappings.items.count, finder->strays.items.count,
			     finder->uses.items.count, finder->waits.items.count};
}

static bool has_found(const struct finder *finder, struct mark mark)
{
	return finder->mappings.items.count > mark.mappings ||
	       finder->uses.items.count > mark.uses || finder->waits.items.count > mark.waits;
}

static bool has_strays(const struct finder *finder, struct mark mark)
{
	return finder->strays.items.count > mark.strays;
}

/*
 * Forgets all that was found last, and doubts the accounting of its segments; of things nothing is
 * counted that could be doubted.
 */
static void drop(struct finder *finder, struct mark mark, enum accounting_doubt doubt)
{
	for (size_t i = mark.mappings; i < finder->mappings.items.count; i++)
		atomic_fetch_or(&finder->search->doubts[finder->mappings.items.items[i].object],
				(unsigned char)doubt);
	for (size_t i = mark.strays; i < finder->strays.items.count; i++)
		search_doubt_stray(finder->search, &finder->strays.items.items[i], doubt);
	finder->mappings.items.count = mark.mappings;
	finder->strays.items.count = mark.strays;
	finder->uses.items.count = mark.uses;
	finder->waits.items.count = mark.waits;
}

/* What belongs to another IPC namespace can have the same id or name. */
static bool is_elsewhere(const struct finder *finder, uint64_t namespace)
{
	const struct collector *collector = finder->search->collector;

	return !collector->has_namespace || namespace != collector->namespace;
}

/* The mappings that were found last are of another namespace, or have come from this one. */
static int suspect_mappings(struct finder *finder, struct mark mark)
{
	const struct object *objects = finder->search->collector->snapshot->objects.items;

	for (size_t i = mark.mappings; i < finder->mappings.items.count; i++) {
		const struct seen_use *use = &finder->mappings.items.items[i];

		if (search_add_stray(finder, use, &objects[use->object]) < 0)
			return -ENOMEM;
	}
	finder->mappings.items.count = mark.mappings;
	return 0;
}

/* Of a process of another namespace only what does not belong to a namespace is kept. */
static int drop_foreign(struct finder *finder, struct mark mark)
{
	bool knows_queues = finder->search->collector->has_mq_device;
	size_t kept = mark.uses;

	for (size_t i = mark.uses; i < finder->uses.items.count; i++) {
		const struct seen_use *use = &finder->uses.items.items[i];

		if (knows_queues || finder->things.items.items[use->object].kind != KIND_MQ)
			finder->uses.items.items[kept++] = *use;
	}
	finder->uses.items.count = kept;
	return suspect_mappings(finder, mark);
}

/* Whether what was found is only ours if the process is of this namespace. */
static bool needs_namespace(const struct finder *finder, struct mark mark)
{
	if (finder->search->is_wide)
		return false;
	return finder->mappings.items.count > mark.mappings ||
	       (finder->search->kinds & KIND_BIT(KIND_MQ) &&
		!finder->search->collector->has_mq_device);
}

static int keep_process(struct finder *finder, struct mark mark, const struct proc_stat *stat)
{
	struct seen_process *seen;

	for (size_t i = mark.strays; i < finder->strays.items.count; i++)
		finder->strays.items.items[i].start_ticks = stat->start_ticks;
	if (!has_found(finder, mark))
		return 0;
	seen = vector_add(&finder->processes.items);
	if (!seen)
		return -ENOMEM;
	*seen = (struct seen_process){finder->pid, *stat};
	return 0;
}

/* 0, or what kept the namespace from being read; prefix as of search_descriptors(). */
static int check_namespace(struct finder *finder, const struct rooted *root, const char *prefix,
			   struct mark mark)
{
	uint64_t namespace;
	char path[64];
	int r;

	if (!needs_namespace(finder, mark))
		return 0;
	snprintf(path, sizeof(path), "%sns/ipc", prefix);
	r = sight_read_namespace(root, path, &namespace);
	if (r == 0 && is_elsewhere(finder, namespace))
		r = drop_foreign(finder, mark);
	return r;
}

/* A recorded tree need not have more of a process than what tells all of it. */
static bool is_name_enough(const struct collector *collector)
{
	return collector->scope.has_no_starts && collector->root.is_live;
}

/* 0, or what kept the namespace or the process from being read. */
static int check_process(struct finder *finder, const struct rooted *process, struct mark mark)
{
	struct proc_stat stat = {0};
	char prefix[64] = "";
	int r;

	/* A leader that has exited has no namespace any more. */
	if (finder->thread)
		snprintf(prefix, sizeof(prefix), "task/%lld/", (long long)finder->thread);
	r = check_namespace(finder, process, prefix, mark);
	if (r == 0 && (has_found(finder, mark) || has_strays(finder, mark)))
		r = is_name_enough(finder->search->collector) && !has_strays(finder, mark)
			    ? proc_comm_read(process, "comm", &stat)
			    : proc_stat_read(process, "stat", &stat);
	if (r == 0)
		return keep_process(finder, mark, &stat);
	drop(finder, mark, r == OUTCOME_DENIED ? DOUBT_UNREADABLE : DOUBT_CHANGED);
	return r;
}

/* Opens the directory of the process: it stays that of this process when the PID is reused. */
static int open_process(const struct collector *collector, int64_t pid, struct rooted *ret_process)
{
	char path[64];
	int fd, r;

	snprintf(path, sizeof(path), "proc/%lld", (long long)pid);
	r = rooted_open_directory(&collector->root, path, &fd);
	if (r == 0)
		*ret_process = (struct rooted){.fd = fd,
					       .is_live = collector->root.is_live,
					       .inject = collector->root.inject};
	return r;
}

/* One that has ended is not among those that could not be inspected, or not in whole. */
static bool is_unreadable(int result)
{
	return result != 0 && result != OUTCOME_GONE;
}

/*
 * A leader that has exited belongs to root, as far as its descriptors go: to others they are denied
 * although there are none. Its memory, where that is asked for, is told to be gone.
 */
static bool has_exited(const struct rooted *process)
{
	struct proc_stat stat;

	return proc_stat_read(process, "stat", &stat) == 0 && stat.state == 'Z';
}

/* Results as of check_process(); what could not be read counts as unreadable. */
static int look_through_directory(struct finder *finder)
{
	_cleanup_rooted_ struct rooted process = ROOTED_NONE;
	struct mark mark = mark_of(finder);
	int r = open_process(finder->search->collector, finder->pid, &process);
	int checked = 0, of_calls = 0;

	if (r == 0)
		r = read_task(finder, &process, "");
	if (r == OUTCOME_DENIED && has_exited(&process))
		r = OUTCOME_GONE;
	if (r == OUTCOME_GONE) {
		/* What was read before it ended, or became another program, is not so any more. */
		drop(finder, mark, DOUBT_CHANGED);
		r = read_threads(finder, &process);
	}
	/* Who lets nobody see what it uses can wait all the same: its threads count as unread,
	 * then. */
	if (r == 0 || r == OUTCOME_DENIED)
		of_calls = search_calls(finder, &process, "");
	if (of_calls < 0)
		r = of_calls;
	/* What was found counts, also where something else could not be read. */
	if (has_found(finder, mark) || has_strays(finder, mark))
		checked = check_process(finder, &process, mark);
	/* In a second look at the same processes they were counted before. */
	finder->unreadable +=
		!finder->search->is_repeated && (is_unreadable(r) || is_unreadable(checked));
	return r < 0 ? r : checked;
}

/*
 * Looks at the usual process, which lets itself be read, and is done with it; false: nothing was
 * kept, look again. Without its directory the PID could be another's from one call to the next, but
 * a process that has it now, and had it before the search began, had it all the time.
 */
static bool look_by_path(struct finder *finder, int *ret_result)
{
	const struct search *search = finder->search;
	const struct rooted *root = &search->collector->root;
	struct mark mark = mark_of(finder);
	struct proc_stat stat;
	char prefix[64], path[64];
	int r;

	snprintf(prefix, sizeof(prefix), "proc/%d/", finder->pid);
	r = read_task(finder, root, prefix);
	if (r == 0)
		r = search_calls(finder, root, prefix);
	*ret_result = 0;
	if (r == 0 && !has_found(finder, mark) && !has_strays(finder, mark))
		return true;
	if (r == 0)
		r = check_namespace(finder, root, prefix, mark);
	snprintf(path, sizeof(path), "proc/%d/stat", finder->pid);
	if (r == 0)
		r = proc_stat_read(root, path, &stat);
	if (r == 0 && stat.start_ticks < search->began_ticks) {
		*ret_result = keep_process(finder, mark, &stat);
		return true;
	}
	finder->mappings.items.count = mark.mappings;
	finder->strays.items.count = mark.strays;
	finder->uses.items.count = mark.uses;
	finder->waits.items.count = mark.waits;
	return false;
}

int search_process(struct finder *finder, pid_t pid)
{
	int r;

	finder->pid = pid;
	finder->thread = 0;
	/* A name does not tell who has it: then the directory must. */
	if (is_name_enough(finder->search->collector) || !finder->search->began_ticks ||
	    !look_by_path(finder, &r))
		r = look_through_directory(finder);
	return r == -ENOMEM ? r : 0;
}
