/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who is looked at for the users of segments, in which order, and when that is enough.
 */
#include "collect/users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "collect/proc_pids.h"
#include "collect/segment_search.h"

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
static int list_remembered(const struct segment_search *search, struct pid_list *list)
{
	vector_for_each (&search->collector->snapshot->objects, object) {
		if (!segment_search_wants(search, object))
			continue;
		if (remember(list, object->shm.creator_pid) < 0 ||
		    remember(list, object->shm.last_pid) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Whether as many mappings of the segment were found as it has attachments, for sure. */
static int is_found(struct segment_search *search, size_t index, bool *ret_is_found)
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
	*ret_is_found = is_sure && segment_search_count(first, count) == object->shm.nattch;
	return r;
}

static int are_all_found(struct segment_search *search, bool *ret_are_found)
{
	const struct snapshot *snapshot = search->collector->snapshot;

	segment_search_sort(search);
	*ret_are_found = true;
	for (size_t i = 0; *ret_are_found && i < snapshot->objects.count; i++) {
		int r = 0;

		if (segment_search_wants(search, &snapshot->objects.items[i]))
			r = is_found(search, i, ret_are_found);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The first processes to look at after those that are remembered; then twice as many, and so on. */
#define FIRST_BATCH 32

/* How far a PID is from the nearest of these: those of one family are neighbours. */
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
static int list_others(struct segment_search *search, struct pid_list *remembered,
		       struct pid_list *list)
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

/*
 * Looks at the processes in growing batches until all attachments are found, which they are not
 * yet, or nobody is left.
 */
static int look_until_found(struct segment_search *search, const struct pid_list *list)
{
	size_t done = 0, batch = FIRST_BATCH;
	bool are_found = false;
	int r = 0;

	while (r == 0 && !are_found && done < list->pids.count) {
		size_t count = list->pids.count - done < batch ? list->pids.count - done : batch;

		r = segment_search_look_at(search, list->pids.items + done, count);
		done += count;
		batch *= 2;
		if (r == 0 && done < list->pids.count)
			r = are_all_found(search, &are_found);
	}
	return r;
}

static bool is_known(const struct segment_search *search, int64_t pid)
{
	vector_for_each (&search->processes.items, process)
		if (process->pid == pid)
			return true;
	return false;
}

/* A process that uses nothing is part of the answer when it was asked for. */
static int know(struct segment_search *search, int64_t pid)
{
	int r;

	if (is_known(search, pid))
		return 0;
	r = processes_see(search->collector, pid, &search->processes);
	if (r != 0 && r != -ENOMEM)
		search->unreadable += r != OUTCOME_GONE || process_is_there(search->collector, pid);
	return r == -ENOMEM ? r : 0;
}

/* Only at the processes that were asked for, each once: its mappings would count again. */
static int look_at_asked(struct segment_search *search)
{
	const struct scope *scope = &search->collector->scope;
	struct pid_list asked = {0};
	int r = 0;

	for (size_t i = 0; r == 0 && i < scope->pid_count; i++)
		r = remember(&asked, scope->pids[i]);
	if (r == 0)
		r = segment_search_look_at(search, asked.pids.items, asked.pids.count);
	for (size_t i = 0; r == 0 && i < asked.pids.count; i++)
		r = know(search, asked.pids.items[i]);
	vector_deinit(&asked.pids);
	return r;
}

/* Who asks about single objects need not wait until every process was looked at. */
static int look_at_all(struct segment_search *search)
{
	struct pid_list remembered = {0}, others = {0};
	bool is_for_some = search->collector->scope.details;
	bool are_found = false;
	int r = 0;

	if (search->collector->scope.pids)
		return look_at_asked(search);
	if (is_for_some)
		r = list_remembered(search, &remembered);
	if (r == 0 && remembered.pids.count)
		r = segment_search_look_at(search, remembered.pids.items, remembered.pids.count);
	if (r == 0 && is_for_some)
		r = are_all_found(search, &are_found);
	if (r == 0 && !are_found)
		r = list_others(search, &remembered, &others);
	if (r == 0 && is_for_some && !are_found)
		r = look_until_found(search, &others);
	else if (r == 0 && !are_found)
		r = segment_search_look_at(search, others.pids.items, others.pids.count);
	vector_deinit(&remembered.pids);
	vector_deinit(&others.pids);
	return r;
}

static int report_unreadable(struct segment_search *search)
{
	char reason[96];

	if (!search->unreadable)
		return 0;
	snprintf(reason, sizeof(reason), "%zu process%s may not be inspected by this viewer",
		 search->unreadable, search->unreadable == 1 ? "" : "es");
	return collector_add_issue(search->collector, ISSUE_ABOUT_PROCESSES, OUTCOME_DENIED,
				   KIND_COUNT, NULL, "/proc/PID/maps", reason);
}

/* Where only some processes were looked at, who else uses a segment is not known. */
static void forget_counts(struct snapshot *snapshot)
{
	vector_deinit(&snapshot->accountings);
	vector_for_each (&snapshot->objects, object)
		record_unmark(&object->record, OBJECT_PROCESSES);
}

static int find_mappings(struct segment_search *search)
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
	r = segment_search_init(search);
	if (r == 0)
		r = look_at_all(search);
	if (r == 0)
		r = report_unreadable(search);
	search->has_seen_all = sight_has_all_processes(collector);
	if (r == 0)
		r = segment_search_conclude(search);
	if (collector->scope.pids)
		forget_counts(collector->snapshot);
	return r;
}

int users_collect(struct collector *collector)
{
	struct segment_search search = {.collector = collector};
	const struct scope *scope = &collector->scope;
	int r = 0;

	collector->snapshot->has_users = true;
	if (scope->link_kinds & scope->kinds & KIND_BIT(KIND_SHM))
		r = find_mappings(&search);
	if (r == 0 && scope->has_history)
		r = history_collect(collector, &search.processes);
	if (r == 0)
		r = processes_add(collector, &search.processes);
	segment_search_deinit(&search);
	return r;
}
