/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/id_map.h"
#include "base/parallel.h"
#include "base/parse_number.h"
#include "collect/proc_maps.h"
#include "collect/proc_pids.h"
#include "collect/segment_devices.h"

/* Fewer processes than this are not worth a thread of their own. */
#define PROCESSES_PER_WORKER 64
/* And fewer segments than this. */
#define SEGMENTS_PER_WORKER 512

#define SEGMENT_NAME TEXT_LITERAL("/SYSV")

/* One look at the processes. */
struct search {
	struct collector *collector;
	struct id_map segments; /* ids to struct object */
	struct segment_devices devices;
	atomic_uchar *doubts; /* of each object of the snapshot; enum accounting_doubt */
	const int64_t *pids;
	atomic_bool has_no_query; /* the kernel does not have PROCMAP_QUERY */
	struct finder *finders;
	struct address_spaces last_spaces;
	/* All that was found so far. */
	struct seen_mappings mappings;
	struct seen_processes processes;
	size_t unreadable;
	bool has_seen_all; /* no process was hidden from the search */
};

/* What one thread found. */
struct finder {
	struct search *search;
	struct seen_mappings mappings;
	struct seen_processes processes;
	size_t unreadable; /* processes that may not be inspected */
	int64_t pid;	   /* the one that is looked at */
	int64_t thread;	   /* the one through which its memory was read; 0: its leader */
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
	struct search *search = finder->search;
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
				      .object = (size_t)((struct object *)object - objects),
				      .address = mapping->start,
				      .length = mapping->end - mapping->start,
				      .access = mapping->access};
	return 0;
}

/* Results as of proc_maps_query(), and of rooted_open(). */
static int read_maps(struct finder *finder, const struct rooted *root, const char *path)
{
	struct search *search = finder->search;
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

	/* One link for each thread beside the usual two: the kernel's own processes have but one.
	 */
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
		finder->thread = *thread;
		r = read_maps(finder, process, path);
	}
	vector_deinit(&threads.pids);
	return r;
}

/*
 * The number of the process's IPC namespace: a leader that has exited has none any more. Results as
 * of rooted_open().
 */
static int read_namespace(const struct finder *finder, const struct rooted *process,
			  uint64_t *ret_number)
{
	char target[64], path[64] = "ns/ipc";
	int r;

	if (finder->thread)
		snprintf(path, sizeof(path), "task/%lld/ns/ipc", (long long)finder->thread);
	r = rooted_readlink(process, path, target, sizeof(target));
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

/*
 * A segment of another namespace can have the same id. 0, or what kept the namespace or the process
 * from being read.
 */
static int check_process(struct finder *finder, const struct rooted *process, size_t kept)
{
	const struct collector *collector = finder->search->collector;
	struct proc_stat stat;
	struct seen_process *seen;
	uint64_t namespace;
	int r = read_namespace(finder, process, &namespace);

	if (r == 0 && (!collector->has_namespace || namespace != collector->namespace)) {
		drop_mappings(finder, kept, DOUBT_ELSEWHERE);
		return 0;
	}
	if (r == 0)
		r = proc_stat_read(process, "stat", &stat);
	if (r != 0) {
		drop_mappings(finder, kept, r == OUTCOME_DENIED ? DOUBT_UNREADABLE : DOUBT_CHANGED);
		return r;
	}
	seen = vector_add(&finder->processes.items);
	if (!seen)
		return -ENOMEM;
	*seen = (struct seen_process){finder->pid, stat};
	return 0;
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

static int look_at_process(size_t worker, size_t item, void *context)
{
	struct search *search = context;
	struct finder *finder = &search->finders[worker];
	_cleanup_rooted_ struct rooted process = ROOTED_NONE;
	size_t kept = finder->mappings.items.count;
	int r, checked = 0;

	finder->pid = search->pids[item];
	finder->thread = 0;
	r = open_process(search->collector, finder->pid, &process);
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
	return r == -ENOMEM || checked == -ENOMEM ? -ENOMEM : 0;
}

static bool is_wanted(const struct search *search, const struct object *object)
{
	const struct scope *scope = &search->collector->scope;

	return object->kind == KIND_SHM && scope_has_details(scope, object);
}

static int map_segments(struct search *search)
{
	struct snapshot *snapshot = search->collector->snapshot;

	vector_for_each (&snapshot->objects, object)
		if (is_wanted(search, object) &&
		    id_map_put(&search->segments, object->id, object) < 0)
			return -ENOMEM;
	search->doubts = calloc(snapshot->objects.count + 1, sizeof(*search->doubts));
	return search->doubts ? 0 : -ENOMEM;
}

static int take_over(struct search *search, const struct finder *finder)
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
static int look_at(struct search *search, const int64_t *pids, size_t count)
{
	size_t workers = parallel_workers(count, PROCESSES_PER_WORKER);
	_cleanup_free_ struct finder *finders = calloc(workers, sizeof(*finders));
	int r;

	if (!finders)
		return -ENOMEM;
	for (size_t i = 0; i < workers; i++)
		finders[i].search = search;
	search->pids = pids;
	search->finders = finders;
	r = parallel_run(workers, count, look_at_process, search);
	for (size_t i = 0; i < workers; i++) {
		if (r == 0)
			r = take_over(search, &finders[i]);
		vector_deinit(&finders[i].mappings.items);
		vector_deinit(&finders[i].processes.items);
	}
	search->finders = NULL;
	return r;
}

static int compare_mappings(const void *first, const void *second)
{
	const struct seen_mapping *a = first, *b = second;

	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static void sort_mappings(struct search *search)
{
	if (search->mappings.items.count)
		qsort(search->mappings.items.items, search->mappings.items.count,
		      sizeof(*search->mappings.items.items), compare_mappings);
}

/* How many of the mappings of one object count, and so how many address spaces have it attached. */
static uint64_t count_mappings(const struct seen_mapping *mappings, size_t count)
{
	uint64_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += !mappings[i].is_shared_copy;
	return found;
}

/*
 * Who shares an address space has to be known wherever as many mappings as attachments could be a
 * coincidence: one counted twice and one that was not seen. It is none where everybody was seen.
 */
static bool is_plain(const struct search *search, uint64_t doubts, uint64_t found,
		     uint64_t expected)
{
	return found == expected && !doubts && !search->unreadable && search->has_seen_all;
}

/* Counts an object's mappings; 0 or -ENOMEM. */
static int account(struct search *search, size_t index, struct seen_mapping *mappings, size_t count)
{
	struct snapshot *snapshot = search->collector->snapshot;
	struct object *object = &snapshot->objects.items[index];
	struct accounting *accounting = vector_add(&snapshot->accountings);
	uint64_t doubts = atomic_load(&search->doubts[index]);
	bool is_sure = true;
	int r = 0;

	if (!accounting)
		return -ENOMEM;
	if (!is_plain(search, doubts, count, object->shm.nattch))
		r = address_spaces_merge(search->collector, &search->last_spaces, mappings, count,
					 &is_sure);
	accounting->object = index;
	accounting->found = count_mappings(mappings, count);
	accounting->expected = object->shm.nattch;
	doubts |= is_sure ? 0U : DOUBT_SHARED;
	doubts |= accounting->found > accounting->expected ? DOUBT_MORE : 0U;
	/* What could not be read is of no importance once all attachments are found. */
	if (accounting->found >= accounting->expected)
		doubts &= ~(uint64_t)(DOUBT_UNREADABLE | DOUBT_ELSEWHERE);
	else if (search->unreadable)
		doubts |= DOUBT_UNREADABLE;
	accounting->doubts = doubts;
	accounting->is_complete = accounting->found == accounting->expected && !doubts;
	for (unsigned int field = ACCOUNTING_OBJECT; field < ACCOUNTING_FIELD_COUNT; field++)
		record_mark(&accounting->record, field);
	return r ? r : collector_copy_ref(search->collector, object, &accounting->object_ref);
}

static int add_link(struct search *search, const struct seen_mapping *mapping)
{
	struct snapshot *snapshot = search->collector->snapshot;
	struct link *link = vector_add(&snapshot->links);

	if (!link)
		return -ENOMEM;
	link->object = mapping->object;
	link->pid = mapping->pid;
	link->how = LINK_MAPPED;
	link->access = mapping->access;
	link->address = mapping->address;
	link->length = mapping->length;
	link->shared_by = mapping->shared_by;
	link->object_ref = snapshot->accountings.items[snapshot->accountings.count - 1].object_ref;
	record_mark(&link->record, LINK_OBJECT);
	record_mark(&link->record, LINK_PID);
	record_mark(&link->record, LINK_HOW);
	record_mark(&link->record, LINK_ACCESS);
	record_mark(&link->record, LINK_ADDRESS);
	record_mark(&link->record, LINK_LENGTH);
	record_mark(&link->record, LINK_SHARED_BY);
	return 0;
}

static int compare_by_pid(const void *first, const void *second)
{
	const struct seen_mapping *a = first, *b = second;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return a->address < b->address ? -1 : a->address > b->address;
}

/* The PIDs of the mappings, each once; those who only share an address space among them. */
static int list_processes(struct search *search, struct object *object,
			  const struct seen_mapping *mappings, size_t count)
{
	int64_t *pids =
		arena_alloc_array(&search->collector->snapshot->arena, count, sizeof(*pids));
	size_t used = 0;

	if (!pids)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (!used || pids[used - 1] != mappings[i].pid)
			pids[used++] = mappings[i].pid;
	object->shm.processes = (struct record_list){pids, used};
	object_mark(object, OBJECT_PROCESSES);
	return 0;
}

/* Makes links of an object's mappings. 0 or -ENOMEM. */
static int conclude(struct search *search, size_t index, struct seen_mapping *mappings,
		    size_t count)
{
	struct object *object = &search->collector->snapshot->objects.items[index];
	int r = account(search, index, mappings, count);

	if (count)
		qsort(mappings, count, sizeof(*mappings), compare_by_pid);
	for (size_t i = 0; r == 0 && i < count; i++)
		if (!mappings[i].is_shared_copy)
			r = add_link(search, &mappings[i]);
	return r ? r : list_processes(search, object, mappings, count);
}

static int check_segment(size_t worker, size_t item, void *context)
{
	struct search *search = context;
	const struct object *object = &search->collector->snapshot->objects.items[item];

	(void)worker;
	if (is_wanted(search, object) && !sysv_shm_is_unchanged(object))
		atomic_fetch_or(&search->doubts[item], DOUBT_CHANGED);
	return 0;
}

/* While the processes were looked at, somebody may have attached and somebody else detached. */
static int check_segments(struct search *search)
{
	size_t count = search->collector->snapshot->objects.count;

	if (!search->collector->root.is_live)
		return 0;
	return parallel_run(parallel_workers(count, SEGMENTS_PER_WORKER), count, check_segment,
			    search);
}

static int conclude_all(struct search *search)
{
	const struct snapshot *snapshot = search->collector->snapshot;
	struct seen_mapping *next = search->mappings.items.items;
	size_t left = search->mappings.items.count;
	int r = check_segments(search);

	sort_mappings(search);
	for (size_t index = 0; r == 0 && index < snapshot->objects.count; index++) {
		size_t count = 0;

		if (!is_wanted(search, &snapshot->objects.items[index]))
			continue;
		while (count < left && next[count].object == index)
			count++;
		r = conclude(search, index, next, count);
		if (count)
			next += count;
		left -= count;
	}
	return r;
}

static bool is_among(const struct pid_list *list, int64_t pid)
{
	vector_for_each (&list->pids, each)
		if (*each == pid)
			return true;
	return false;
}

static int remember(struct pid_list *list, int64_t pid)
{
	int64_t *place;

	if (!pid || is_among(list, pid))
		return 0;
	place = vector_add(&list->pids);
	if (!place)
		return -ENOMEM;
	*place = pid;
	return 0;
}

/* The processes that the wanted segments remember: often they are all who have them attached. */
static int list_remembered(const struct search *search, struct pid_list *list)
{
	vector_for_each (&search->collector->snapshot->objects, object) {
		if (!is_wanted(search, object))
			continue;
		if (remember(list, object->shm.creator_pid) < 0 ||
		    remember(list, object->shm.last_pid) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Whether as many mappings of the segment were found as it has attachments, for sure. */
static int is_found(struct search *search, size_t index, bool *ret_is_found)
{
	const struct object *object = &search->collector->snapshot->objects.items[index];
	struct seen_mapping *first = search->mappings.items.items;
	size_t left = search->mappings.items.count, count = 0;
	bool is_sure = true;
	int r;

	for (; left && first->object != index; first++)
		left--;
	while (count < left && first[count].object == index)
		count++;
	/* Two PIDs of one address space would pass for two attachments. */
	r = count ? address_spaces_merge(search->collector, &search->last_spaces, first, count,
					 &is_sure)
		  : 0;
	*ret_is_found = is_sure && count_mappings(first, count) == object->shm.nattch;
	return r;
}

static int are_all_found(struct search *search, bool *ret_are_found)
{
	const struct snapshot *snapshot = search->collector->snapshot;

	sort_mappings(search);
	*ret_are_found = true;
	for (size_t i = 0; *ret_are_found && i < snapshot->objects.count; i++) {
		int r = 0;

		if (is_wanted(search, &snapshot->objects.items[i]))
			r = is_found(search, i, ret_are_found);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The first processes to look at after those that are remembered; then twice as many, and so on. */
#define FIRST_BATCH 32

/* How far a PID is from the nearest of these: processes of one family have PIDs of one
 * neighbourhood. */
static int64_t distance(const struct pid_list *remembered, int64_t pid)
{
	int64_t least = INT64_MAX;

	vector_for_each (&remembered->pids, each) {
		int64_t away = *each < pid ? pid - *each : *each - pid;

		least = away < least ? away : least;
	}
	return least;
}

static int compare_distances(const void *first, const void *second, void *context)
{
	int64_t a = distance(context, *(const int64_t *)first);
	int64_t b = distance(context, *(const int64_t *)second);

	return a < b ? -1 : a > b;
}

/* All processes but those that were looked at already, the most promising first. */
static int list_others(struct search *search, struct pid_list *remembered, struct pid_list *list)
{
	size_t kept = 0;
	int r = proc_list_pids(&search->collector->root, "proc", list);

	if (r > 0) {
		search->unreadable++;
		return collector_add_issue(search->collector, ISSUE_ABOUT_PROCESSES, r, KIND_COUNT,
					   NULL, "/proc", "the processes could not be listed");
	}
	if (r < 0 || !remembered->pids.count)
		return r;
	vector_for_each (&list->pids, pid)
		if (!is_among(remembered, *pid))
			list->pids.items[kept++] = *pid;
	list->pids.count = kept;
	if (kept)
		qsort_r(list->pids.items, kept, sizeof(*list->pids.items), compare_distances,
			remembered);
	return 0;
}

/* Looks at the processes in growing batches until all attachments are found, or nobody is left. */
static int look_until_found(struct search *search, const struct pid_list *list)
{
	size_t done = 0, batch = FIRST_BATCH;
	bool are_found = false;
	int r = are_all_found(search, &are_found);

	while (r == 0 && !are_found && done < list->pids.count) {
		size_t count = list->pids.count - done < batch ? list->pids.count - done : batch;

		r = look_at(search, list->pids.items + done, count);
		done += count;
		batch *= 2;
		if (r == 0 && done < list->pids.count)
			r = are_all_found(search, &are_found);
	}
	return r;
}

/* Who asks about single objects need not wait until every process was looked at. */
static int look_at_all(struct search *search)
{
	struct pid_list remembered = {0}, others = {0};
	bool is_for_some = search->collector->scope.details;
	bool are_found = false;
	int r = 0;

	if (is_for_some)
		r = list_remembered(search, &remembered);
	if (r == 0 && remembered.pids.count)
		r = look_at(search, remembered.pids.items, remembered.pids.count);
	if (r == 0 && is_for_some)
		r = are_all_found(search, &are_found);
	if (r == 0 && !are_found)
		r = list_others(search, &remembered, &others);
	if (r == 0 && is_for_some && !are_found)
		r = look_until_found(search, &others);
	else if (r == 0 && !are_found)
		r = look_at(search, others.pids.items, others.pids.count);
	vector_deinit(&remembered.pids);
	vector_deinit(&others.pids);
	return r;
}

static int report_unreadable(struct search *search)
{
	char reason[96];

	if (!search->unreadable)
		return 0;
	snprintf(reason, sizeof(reason), "%zu processes may not be inspected by this viewer",
		 search->unreadable);
	return collector_add_issue(search->collector, ISSUE_ABOUT_PROCESSES, OUTCOME_DENIED,
				   KIND_COUNT, NULL, "/proc/PID/maps", reason);
}

static int find_mappings(struct search *search)
{
	struct collector *collector = search->collector;
	int r = segment_devices_learn(&collector->root, &search->devices);

	if (r == OUTCOME_UNSUPPORTED && !collector->root.is_live)
		return collector_add_issue(
			collector, ISSUE_ABOUT_PROCESSES, r, KIND_SHM, NULL, "ipclens/devices",
			"the recorded tree does not tell the device of segments, "
			"so that their mappings cannot be told");
	if (r == OUTCOME_UNSUPPORTED)
		return collector_add_issue(collector, ISSUE_ABOUT_PROCESSES, r, KIND_SHM, NULL,
					   "memfd_create",
					   "the device of segments is not known, so that their "
					   "mappings cannot be told");
	r = map_segments(search);
	if (r == 0)
		r = look_at_all(search);
	if (r == 0)
		r = report_unreadable(search);
	search->has_seen_all = sight_has_all_processes(collector);
	return r == 0 ? conclude_all(search) : r;
}

int users_collect(struct collector *collector)
{
	struct search search = {.collector = collector};
	const struct scope *scope = &collector->scope;
	int r = 0;

	collector->snapshot->has_users = true;
	if (scope->link_kinds & scope->kinds & KIND_BIT(KIND_SHM))
		r = find_mappings(&search);
	if (r == 0 && scope->has_history)
		r = history_collect(collector, &search.processes);
	if (r == 0)
		r = processes_add(collector, &search.processes);
	id_map_deinit(&search.segments);
	free(search.doubts);
	vector_deinit(&search.mappings.items);
	vector_deinit(&search.processes.items);
	return r;
}
