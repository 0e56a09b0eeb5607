/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who is looked at for the users of objects, in which order, and when that is enough.
 */
#include "collect/users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "collect/bpf_use.h"
#include "collect/proc_pids.h"
#include "collect/search.h"

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
		if (!search_wants(search, object))
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
	struct seen_use *first = search->mappings.items.items;
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
	*ret_is_found = is_sure && search_count(first, count) == object->shm.nattch;
	return r;
}

static int are_all_found(struct search *search, bool *ret_are_found)
{
	const struct snapshot *snapshot = search->collector->snapshot;

	search_sort(search, 0);
	*ret_are_found = true;
	for (size_t i = 0; *ret_are_found && i < snapshot->objects.count; i++) {
		int r = 0;

		if (search_wants(search, &snapshot->objects.items[i]))
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

/*
 * Looks at the processes in growing batches until all attachments are found, which they are not
 * yet, or nobody is left.
 */
static int look_until_found(struct search *search, const struct pid_list *list)
{
	size_t done = 0, batch = FIRST_BATCH;
	bool are_found = false;
	int r = 0;

	while (r == 0 && !are_found && done < list->pids.count) {
		size_t count = list->pids.count - done < batch ? list->pids.count - done : batch;

		r = search_look_at(search, list->pids.items + done, count);
		done += count;
		batch *= 2;
		if (r == 0 && done < list->pids.count)
			r = are_all_found(search, &are_found);
	}
	return r;
}

static bool is_known(const struct search *search, int64_t pid)
{
	vector_for_each (&search->processes.items, process)
		if (process->pid == pid)
			return true;
	return false;
}

/* A process that uses nothing is part of the answer when it was asked for. */
static int know(struct search *search, int64_t pid)
{
	int r;

	if (is_known(search, pid))
		return 0;
	r = processes_see(search->collector, pid, &search->processes);
	if (r != 0 && r != -ENOMEM)
		search->unreadable += r != OUTCOME_GONE || process_is_there(search->collector, pid);
	return r == -ENOMEM ? r : 0;
}

/* What others have of it tells with whom a process is joined. */
#define KINDS_BETWEEN (KIND_BIT(KIND_PIPE) | KIND_BIT(KIND_FIFO) | KIND_BIT(KIND_MAP))

static bool is_joining(const struct thing *thing)
{
	return KIND_BIT(thing->kind) & KINDS_BETWEEN;
}

/* From here on only what joins the processes with others is of interest. */
static int want_known(struct search *search)
{
	vector_for_each (&search->things.items, thing) {
		size_t index;

		if (!is_joining(thing))
			continue;
		if (things_add(&search->known, thing, &index) < 0)
			return -ENOMEM;
	}
	search->wants_only_known = true;
	search->kinds &= KINDS_BETWEEN;
	return 0;
}

static bool has_joining(const struct search *search, unsigned int kinds)
{
	vector_for_each (&search->things.items, thing)
		if (is_joining(thing) && KIND_BIT(thing->kind) & kinds)
			return true;
	return false;
}

/* Who is at the other ends of the pipes of those that were asked for. */
static int look_at_partners(struct search *search, struct pid_list *asked)
{
	struct pid_list others = {0};
	unsigned int kinds = search->kinds;
	int r;

	if (!has_joining(search, search->kinds))
		return 0;
	r = list_others(search, asked, &others);
	if (r == 0)
		r = want_known(search);
	if (r == 0)
		r = search_look_at(search, others.pids.items, others.pids.count);
	search->kinds = kinds;
	vector_deinit(&others.pids);
	return r;
}

/* Which of those that were asked for may not be inspected is told of each. */
static int look_at_one(struct search *search, int64_t pid)
{
	size_t before = search->unreadable;
	int r = processes_report_thread(search->collector, pid);

	if (r != 0)
		return r > 0 ? 0 : r;
	r = search_look_at(search, &pid, 1);
	if (r == 0)
		r = know(search, pid);
	if (r < 0 || search->unreadable == before)
		return r;
	search->told += search->unreadable - before;
	return processes_report_denied(search->collector, pid);
}

/* The processes that were asked for, each once: its mappings would count again. */
static int look_at_asked(struct search *search)
{
	const struct scope *scope = &search->collector->scope;
	struct pid_list asked = {0};
	int r = 0;

	for (size_t i = 0; r == 0 && i < scope->pid_count; i++)
		r = remember(&asked, scope->pids[i]);
	for (size_t i = 0; r == 0 && i < asked.pids.count; i++)
		r = look_at_one(search, asked.pids.items[i]);
	if (r == 0)
		r = look_at_partners(search, &asked);
	vector_deinit(&asked.pids);
	return r;
}

/* Who asks about single objects need not wait until every process was looked at. */
static int look_at_all(struct search *search)
{
	struct pid_list remembered = {0}, others = {0};
	/* Of nothing but segments it is known when all users are found. */
	bool is_for_some = search->collector->scope.details && !search->wait_kinds &&
			   !(search->kinds & ~KIND_BIT(KIND_SHM));
	bool are_found = false;
	int r = 0;

	if (search->collector->scope.pids)
		return look_at_asked(search);
	if (is_for_some)
		r = list_remembered(search, &remembered);
	if (r == 0 && remembered.pids.count)
		r = search_look_at(search, remembered.pids.items, remembered.pids.count);
	if (r == 0 && is_for_some)
		r = are_all_found(search, &are_found);
	if (r == 0 && !are_found)
		r = list_others(search, &remembered, &others);
	if (r == 0 && is_for_some && !are_found)
		r = look_until_found(search, &others);
	else if (r == 0 && !are_found)
		r = search_look_at(search, others.pids.items, others.pids.count);
	vector_deinit(&remembered.pids);
	vector_deinit(&others.pids);
	return r;
}

/* Where only some processes were looked at, who else uses a segment is not known. */
static void forget_counts(struct snapshot *snapshot)
{
	vector_deinit(&snapshot->accountings);
	vector_for_each (&snapshot->objects, object)
		record_unmark(&object->record, OBJECT_PROCESSES);
}

#define KINDS_ON_OWN_DEVICE (KIND_BIT(KIND_SHM) | KIND_BIT(KIND_MAP))

/* Each kind has a sentence of its own. 0 or -ENOMEM. */
static int report_no_device(struct collector *collector, unsigned int kinds)
{
	static const char *const names[KIND_COUNT] = {
		[KIND_SHM] = "segments", [KIND_MAP] = "unnamed shared memory"};
	bool is_live = collector->root.is_live;

	for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
		char reason[128];

		if (!(kinds & KINDS_ON_OWN_DEVICE & KIND_BIT(kind)))
			continue;
		snprintf(reason, sizeof(reason),
			 is_live ? "the device of %s is not known, so that mappings cannot be told"
				 : "the recorded tree does not tell the device of %s, so that "
				   "mappings cannot be told",
			 names[kind]);
		if (collector_add_issue(collector, ISSUE_ABOUT_PROCESSES, OUTCOME_UNSUPPORTED, kind,
					NULL, is_live ? "memfd_create" : "ipclens/devices",
					reason) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* 0 or -ENOMEM; without the device nothing can be found of what is on it. */
static int learn_devices(struct search *search)
{
	struct collector *collector = search->collector;
	unsigned int kinds = scope_process_kinds(&collector->scope) | collector->scope.wait_kinds;
	int r = 0;

	if (kinds & KINDS_ON_OWN_DEVICE)
		r = segment_devices_learn(&collector->root, &search->devices);
	return r == OUTCOME_UNSUPPORTED ? report_no_device(collector, kinds) : r;
}

/* Of the pipes and FIFOs on which threads sleep, who has the ends. */
static int look_at_ends(struct search *search)
{
	struct pid_list list = {0};
	unsigned int kinds = search->kinds;
	unsigned int left = 0;
	int r = 0;

	/* Of kinds that were looked for, all users were found: they would count again. */
	for (enum kind kind = 0; kind < KIND_COUNT; kind++)
		if (KINDS_BETWEEN & ~kinds & KIND_BIT(kind) && has_joining(search, KIND_BIT(kind)))
			left |= KIND_BIT(kind);
	if (!search->waits.items.count || !left)
		return 0;
	r = proc_list_pids(&search->collector->root, "proc", &list);
	if (r == 0)
		r = want_known(search);
	search->kinds = left;
	search->is_repeated = true;
	if (r == 0)
		r = search_ends(search);
	if (r == 0 && has_joining(search, search->kinds))
		r = search_look_at(search, list.pids.items, list.pids.count);
	search->is_repeated = false;
	search->kinds = kinds | KINDS_BETWEEN;
	search->wants_only_known = false;
	vector_deinit(&list.pids);
	return r == -ENOMEM ? r : 0;
}

/* Whether anything can be found by looking at processes. */
static bool is_of_use(const struct search *search)
{
	unsigned int kinds = scope_process_kinds(&search->collector->scope);

	if (!search->devices.count)
		kinds &= ~KINDS_ON_OWN_DEVICE;
	return kinds & (KIND_BIT(KIND_SHM) | KINDS_IN_PROCESSES) ||
	       search->collector->scope.wait_kinds;
}

/* By bpf, and all that it does not tell by /proc. */
static int look_at_users(struct search *search)
{
	unsigned int kinds = search->kinds;
	int sleepers = search_sleepers(search);
	int r = sleepers < 0 ? sleepers : search_ends(search);

	/* Where that was all that is wanted, nobody else is looked at. */
	if (r == 0 && ((search->wait_kinds && !search->has_sleepers) ||
		       search->kinds & (KIND_BIT(KIND_SHM) | KINDS_IN_PROCESSES)))
		r = look_at_all(search);
	search->kinds = kinds;
	return r;
}

/* Those that use nothing, too, unless they have ended. 0 or -ENOMEM. */
static int know_all(struct search *search)
{
	struct pid_list list = {0};
	int r = proc_list_pids(&search->collector->root, "proc", &list);

	for (size_t i = 0; r == 0 && i < list.pids.count; i++) {
		size_t before = search->processes.items.count;

		r = know(search, list.pids.items[i]);
		if (search->processes.items.count > before &&
		    proc_stat_has_ended(&search->processes.items.items[before].stat))
			search->processes.items.count = before;
	}
	vector_deinit(&list.pids);
	return r == -ENOMEM ? r : 0;
}

static int look(struct search *search)
{
	struct collector *collector = search->collector;
	int r = learn_devices(search);

	if (r < 0 || !is_of_use(search))
		return r;
	collector->wants_ends = bpf_use_is_worth_it_for_ends(collector);
	r = search_init(search);
	if (r == 0)
		r = look_at_users(search);
	if (r == 0)
		r = look_at_ends(search);
	if (r == 0 && collector->scope.has_all_processes)
		r = know_all(search);
	if (r == 0)
		r = search_report_unreadable(search);
	search->has_seen_all = sight_has_all_processes(collector);
	if (r == 0 && search->devices.count)
		r = search_conclude(search);
	if (r == 0)
		r = search_report_missing(search);
	if (collector->scope.pids)
		forget_counts(collector->snapshot);
	if (r == 0)
		r = search_conclude_things(search);
	if (r == 0)
		r = search_conclude_waits(search);
	if (r == 0)
		r = things_ask(collector, &search->things);
	return r;
}

int users_collect(struct collector *collector)
{
	struct search search = {.collector = collector};
	const struct scope *scope = &collector->scope;
	int r = 0;

	collector->snapshot->has_users = scope->link_kinds;
	if (scope->wait_kinds ||
	    scope_process_kinds(scope) & (KIND_BIT(KIND_SHM) | KINDS_IN_PROCESSES))
		r = look(&search);
	/* After those who wait: one who has gone on meanwhile is not counted any more. */
	if (r == 0 && scope->wait_kinds)
		r = details_collect(collector);
	if (r == 0)
		r = holders_collect(collector, &search.processes);
	if (r == 0)
		r = wait_owners_collect(collector, &search.processes);
	if (r == 0 && scope->has_history)
		r = history_collect(collector, &search.processes);
	if (r == 0)
		r = processes_add(collector, &search.processes);
	search_deinit(&search);
	return r;
}
