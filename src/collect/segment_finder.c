/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * In which processes segments are mapped. Each process is looked at once, by several threads.
 */
#include "collect/segment_search.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parallel.h"
#include "base/parse_number.h"
#include "collect/proc_maps.h"
#include "collect/proc_pids.h"

/* Fewer processes than this are not worth a thread of their own. */
#define PROCESSES_PER_WORKER 64

#define SEGMENT_NAME TEXT_LITERAL("/SYSV")

/* What one thread found. */
struct finder {
	struct segment_search *search;
	struct seen_mappings mappings;
	struct seen_processes processes;
	size_t unreadable; /* processes that may not be inspected */
	pid_t pid;	   /* the one that is looked at */
	pid_t thread;	   /* the one through which its memory was read; 0: its leader */
};

/*
 * A mapping is named by the key that its segment was created with; a segment that was removed has
 * lost its own. Another key is that of a segment with the same id in another IPC namespace, from
 * which the process has come.
 */
static bool has_key(struct text name, const struct object *object)
{
	const size_t digits = 8;
	uint64_t key;

	return name.length >= SEGMENT_NAME.length + digits &&
	       memcmp(name.bytes, SEGMENT_NAME.bytes, SEGMENT_NAME.length) == 0 &&
	       parse_unsigned((struct text){name.bytes + SEGMENT_NAME.length, digits}, 16,
			      UINT32_MAX, &key) == 0 &&
	       (key == object->key || object->shm.status & SHM_STATUS_DEST);
}

static int handle_mapping(const struct mapping *mapping, void *context)
{
	struct finder *finder = context;
	struct segment_search *search = finder->search;
	const struct object *objects = search->collector->snapshot->objects.items;
	struct seen_mapping *seen;
	void *object;

	/* A memfd is on the same device, and a file may have the name: only all three prove it. */
	if (!segment_devices_have(&search->devices, mapping->device) ||
	    !id_map_find(&search->segments, mapping->inode, &object) ||
	    !has_key(mapping->name, object))
		return 0;
	seen = vector_add(&finder->mappings.items);
	if (!seen)
		return -ENOMEM;
	*seen = (struct seen_mapping){.pid = finder->pid,
				      .task = finder->thread ? finder->thread : finder->pid,
				      .object = (uint32_t)((struct object *)object - objects),
				      .address = mapping->start,
				      .length = mapping->end - mapping->start,
				      .access = (uint8_t)mapping->access};
	return 0;
}

/* Results as of proc_maps_query(), and of rooted_open(). */
static int read_maps(struct finder *finder, const struct rooted *root, const char *path)
{
	struct segment_search *search = finder->search;
	_cleanup_close_ int fd = -1;
	int r = rooted_open(root, path, &fd);

	if (r != 0)
		return r;
	if (root->is_live && !search->collector->reads_maps_as_text &&
	    !atomic_load(&search->has_no_query)) {
		r = proc_maps_query(fd, handle_mapping, finder);
		if (r != OUTCOME_UNSUPPORTED)
			return r;
		atomic_store(&search->has_no_query, true);
	}
	return proc_maps_read(fd, handle_mapping, finder);
}

/* A process whose leader has exited has its memory in the threads that are left. */
static int read_maps_of_threads(struct finder *finder, const struct rooted *process)
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
		char path[64];

		if (r != OUTCOME_GONE || threads.pids.count < 2)
			break;
		snprintf(path, sizeof(path), "task/%lld/maps", (long long)*thread);
		finder->thread = (pid_t)*thread;
		r = read_maps(finder, process, path);
	}
	vector_deinit(&threads.pids);
	return r;
}

/* The number of an IPC namespace. Results as of rooted_open(). */
static int read_namespace(const struct rooted *root, const char *path, uint64_t *ret_number)
{
	char target[64];
	int r = rooted_readlink(root, path, target, sizeof(target));

	if (r != 0)
		return r;
	return sight_parse_namespace(text_of(target), ret_number) < 0 ? OUTCOME_MALFORMED : 0;
}

/* Forgets what was found last, and doubts the accounting of the objects. */
static void drop_mappings(struct finder *finder, size_t kept, enum accounting_doubt doubt)
{
	for (size_t i = kept; i < finder->mappings.items.count; i++)
		atomic_fetch_or(&finder->search->doubts[finder->mappings.items.items[i].object],
				(unsigned char)doubt);
	finder->mappings.items.count = kept;
}

/* A segment of another namespace can have the same id. */
static bool is_elsewhere(const struct finder *finder, uint64_t namespace)
{
	const struct collector *collector = finder->search->collector;

	return !collector->has_namespace || namespace != collector->namespace;
}

/* Keeps what was found in the process, unless it is of another namespace. */
static int keep_process(struct finder *finder, size_t kept, uint64_t namespace,
			const struct proc_stat *stat)
{
	struct seen_process *seen;

	if (is_elsewhere(finder, namespace)) {
		drop_mappings(finder, kept, DOUBT_ELSEWHERE);
		return 0;
	}
	seen = vector_add(&finder->processes.items);
	if (!seen)
		return -ENOMEM;
	*seen = (struct seen_process){finder->pid, *stat};
	return 0;
}

/* 0, or what kept the namespace or the process from being read. */
static int check_process(struct finder *finder, const struct rooted *process, size_t kept)
{
	struct proc_stat stat = {0};
	uint64_t namespace;
	char path[64] = "ns/ipc";
	int r;

	/* A leader that has exited has no namespace any more. */
	if (finder->thread)
		snprintf(path, sizeof(path), "task/%lld/ns/ipc", (long long)finder->thread);
	r = read_namespace(process, path, &namespace);
	if (r == 0 && !is_elsewhere(finder, namespace))
		r = proc_stat_read(process, "stat", &stat);
	if (r == 0)
		return keep_process(finder, kept, namespace, &stat);
	drop_mappings(finder, kept, r == OUTCOME_DENIED ? DOUBT_UNREADABLE : DOUBT_CHANGED);
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

/* Results as of check_process(); what could not be read counts as unreadable. */
static int look_through_directory(struct finder *finder)
{
	_cleanup_rooted_ struct rooted process = ROOTED_NONE;
	size_t kept = finder->mappings.items.count;
	int checked = 0, r = open_process(finder->search->collector, finder->pid, &process);

	if (r == 0)
		r = read_maps(finder, &process, "maps");
	if (r == OUTCOME_GONE) {
		/* What was read before it ended, or became another program, is not so any more. */
		drop_mappings(finder, kept, DOUBT_CHANGED);
		r = read_maps_of_threads(finder, &process);
	}
	/* What was found counts, also where something else could not be read. */
	if (finder->mappings.items.count > kept)
		checked = check_process(finder, &process, kept);
	finder->unreadable += is_unreadable(r) || is_unreadable(checked);
	return r < 0 ? r : checked;
}

/*
 * Looks at the usual process, which lets itself be read, and is done with it; false: nothing was
 * kept, look again. Without its directory the PID could be another's from one call to the next, but
 * a process that has it now, and had it before the search began, had it all the time.
 */
static bool look_by_path(struct finder *finder, int *ret_result)
{
	const struct segment_search *search = finder->search;
	const struct rooted *root = &search->collector->root;
	size_t kept = finder->mappings.items.count;
	struct proc_stat stat;
	uint64_t namespace;
	char path[64];
	int r;

	snprintf(path, sizeof(path), "proc/%d/maps", finder->pid);
	r = read_maps(finder, root, path);
	*ret_result = 0;
	if (r == 0 && finder->mappings.items.count == kept)
		return true;
	snprintf(path, sizeof(path), "proc/%d/ns/ipc", finder->pid);
	if (r == 0)
		r = read_namespace(root, path, &namespace);
	snprintf(path, sizeof(path), "proc/%d/stat", finder->pid);
	if (r == 0)
		r = proc_stat_read(root, path, &stat);
	if (r == 0 && stat.start_ticks < search->began_ticks) {
		*ret_result = keep_process(finder, kept, namespace, &stat);
		return true;
	}
	finder->mappings.items.count = kept;
	return false;
}

static int look_at_process(size_t worker, size_t item, void *context)
{
	struct segment_search *search = context;
	struct finder *finder = &search->finders[worker];
	int r;

	finder->pid = (pid_t)search->pids[item];
	finder->thread = 0;
	if (!search->began_ticks || !look_by_path(finder, &r))
		r = look_through_directory(finder);
	return r == -ENOMEM ? r : 0;
}

bool segment_search_wants(const struct segment_search *search, const struct object *object)
{
	const struct scope *scope = &search->collector->scope;

	return object->kind == KIND_SHM && scope_has_details(scope, object);
}

/* The clock that tells when a process started; 0 in a recorded tree, which has none. */
static uint64_t ticks_now(const struct collector *collector)
{
	long per_second = sysconf(_SC_CLK_TCK);
	struct timespec now;

	if (!collector->root.is_live || per_second <= 0 || clock_gettime(CLOCK_BOOTTIME, &now) < 0)
		return 0;
	return (uint64_t)now.tv_sec * (uint64_t)per_second +
	       (uint64_t)now.tv_nsec * (uint64_t)per_second / 1000000000;
}

int segment_search_init(struct segment_search *search)
{
	struct snapshot *snapshot = search->collector->snapshot;

	vector_for_each (&snapshot->objects, object)
		if (segment_search_wants(search, object) &&
		    id_map_put(&search->segments, object->id, object) < 0)
			return -ENOMEM;
	search->began_ticks = ticks_now(search->collector);
	search->doubts = calloc(snapshot->objects.count + 1, sizeof(*search->doubts));
	return search->doubts ? 0 : -ENOMEM;
}

void segment_search_deinit(struct segment_search *search)
{
	id_map_deinit(&search->segments);
	free(search->doubts);
	vector_deinit(&search->mappings.items);
	vector_deinit(&search->processes.items);
}

static int take_over(struct segment_search *search, const struct finder *finder)
{
	search->unreadable += finder->unreadable;
	vector_for_each (&finder->mappings.items, mapping) {
		struct seen_mapping *place = vector_add(&search->mappings.items);

		if (!place)
			return -ENOMEM;
		*place = *mapping;
	}
	vector_for_each (&finder->processes.items, process) {
		struct seen_process *place = vector_add(&search->processes.items);

		if (!place)
			return -ENOMEM;
		*place = *process;
	}
	return 0;
}

/* Looks at these processes, and adds what was found to what was found before. */
int segment_search_look_at(struct segment_search *search, const int64_t *pids, size_t count)
{
	size_t workers = parallel_workers(count, PROCESSES_PER_WORKER);
	_cleanup_free_ struct finder *finders = calloc(workers, sizeof(*finders));
	int r;

	if (!finders)
		return -ENOMEM;
	for (size_t i = 0; i < workers; i++)
		finders[i].search = search;
	/* The first thread goes on where others ended, so that its part need not be copied. */
	finders[0].mappings = search->mappings;
	finders[0].processes = search->processes;
	search->mappings = (struct seen_mappings){0};
	search->processes = (struct seen_processes){0};
	search->pids = pids;
	search->finders = finders;
	r = parallel_run(workers, count, look_at_process, search);
	search->mappings = finders[0].mappings;
	search->processes = finders[0].processes;
	search->unreadable += finders[0].unreadable;
	for (size_t i = 1; i < workers; i++) {
		if (r == 0)
			r = take_over(search, &finders[i]);
		vector_deinit(&finders[i].mappings.items);
		vector_deinit(&finders[i].processes.items);
	}
	search->finders = NULL;
	return r;
}
