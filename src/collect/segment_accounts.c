/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What follows from the mappings that were found: links, and how many of the attachments they are.
 */
#include "collect/search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parallel.h"
#include "collect/inside.h"

/* Fewer segments than this are not worth a thread of their own. */
#define SEGMENTS_PER_WORKER 512

static int compare_mappings(const void *first, const void *second)
{
	const struct seen_use *a = first, *b = second;

	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

void search_sort(struct search *search, size_t first)
{
	if (search->mappings.items.count > first)
		qsort(search->mappings.items.items + first, search->mappings.items.count - first,
		      sizeof(*search->mappings.items.items), compare_mappings);
}

/* How many of the mappings of one object count, and so how many address spaces have it attached. */
uint64_t search_count(const struct seen_use *mappings, size_t count)
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

/* The mappings of one object, in the order of search_sort(). */
struct slice {
	struct seen_use *mappings;
	size_t count;
};

/* What the threads that examine segments share. */
struct examination {
	struct search *search;
	struct slice *slices; /* of each object of the snapshot */
	bool is_in_doubt;     /* which of them: see search_find_doubtful() */
	struct address_spaces last[PARALLEL_WORKERS_MAX];
};

/*
 * Whether anything speaks against the mappings that were found. While the processes were looked at,
 * somebody may have attached and somebody else detached.
 */
static int examine(size_t worker, size_t item, void *context)
{
	struct examination *examination = context;
	struct search *search = examination->search;
	const struct object *object = &search->collector->snapshot->objects.items[item];
	const struct slice *slice = &examination->slices[item];
	const struct scope *scope = &search->collector->scope;

	if (!search_wants(search, object) || search->is_in_doubt[item] != examination->is_in_doubt)
		return 0;
	/* Where only some processes were looked at, nothing is counted. */
	if (search->collector->root.is_live && !scope->pids &&
	    !inside_is_unchanged(search->collector, object))
		atomic_fetch_or(&search->doubts[item], DOUBT_CHANGED);
	if (is_plain(search, search->doubts[item], slice->count, object->shm.nattch))
		return 0;
	if (!address_spaces_compare(search->collector, &examination->last[worker], slice->mappings,
				    slice->count))
		atomic_fetch_or(&search->doubts[item], DOUBT_SHARED);
	return 0;
}

/* Those of one object stand together. */
static void slice_mappings(const struct search *search, struct slice *slices)
{
	memset(slices, 0, search->collector->snapshot->objects.count * sizeof(*slices));
	vector_for_each (&search->mappings.items, mapping) {
		struct slice *slice = &slices[mapping->object];

		if (!slice->count++)
			slice->mappings = mapping;
	}
}

static int examine_all(struct search *search, struct slice *slices, bool is_in_doubt)
{
	struct examination examination = {
		.search = search, .slices = slices, .is_in_doubt = is_in_doubt};
	size_t count = search->collector->snapshot->objects.count;

	for (size_t i = 0; i < PARALLEL_WORKERS_MAX; i++)
		examination.last[i] = search->last_spaces;
	return parallel_run(parallel_workers(count, SEGMENTS_PER_WORKER), count, examine,
			    &examination);
}

/* Counts an object's mappings; 0 or -ENOMEM. */
static int account(struct search *search, size_t index, const struct slice *slice)
{
	struct snapshot *snapshot = search->collector->snapshot;
	struct object *object = &snapshot->objects.items[index];
	struct accounting *accounting = vector_add(&snapshot->accountings);
	uint64_t doubts = search->doubts[index];

	if (!accounting ||
	    address_spaces_share(search->collector, slice->mappings, slice->count) < 0)
		return -ENOMEM;
	accounting->object = index;
	accounting->found = search_count(slice->mappings, slice->count);
	accounting->expected = object->shm.nattch;
	doubts |= accounting->found > accounting->expected ? DOUBT_MORE : 0U;
	/* What could not be read is of no importance once all attachments are found. */
	if (accounting->found >= accounting->expected)
		doubts &= ~(uint64_t)(DOUBT_UNREADABLE | DOUBT_ELSEWHERE);
	else if (search->unreadable)
		doubts |= DOUBT_UNREADABLE;
	accounting->doubts = doubts;
	accounting->is_complete = accounting->found == accounting->expected && !doubts;
	for (unsigned int field = ACCOUNTING_OBJECT; field < ACCOUNTING_FIELD_COUNT; field++)
		if (field != ACCOUNTING_SEMNUM)
			record_mark(&accounting->record, field);
	return collector_copy_ref(search->collector, object, &accounting->object_ref);
}

static int add_link(struct search *search, const struct seen_use *mapping)
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
	const struct seen_use *a = first, *b = second;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return a->address < b->address ? -1 : a->address > b->address;
}

/* The PIDs of the mappings, each once; those who only share an address space among them. */
static int list_processes(struct search *search, struct object *object,
			  const struct seen_use *mappings, size_t count)
{
	int64_t *pids =
		arena_alloc_array(&search->collector->snapshot->arena, count, sizeof(*pids));
	size_t used = 0;

	if (!pids)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (!used || pids[used - 1] != mappings[i].pid)
			pids[used++] = mappings[i].pid;
	object->processes = (struct record_list){pids, used};
	object_mark(object, OBJECT_PROCESSES);
	return 0;
}

/* Makes links of an object's mappings. 0 or -ENOMEM. */
static int conclude(struct search *search, size_t index, const struct slice *slice)
{
	struct object *object = &search->collector->snapshot->objects.items[index];
	bool has_links = !search->collector->scope.has_no_links;
	int r = account(search, index, slice);

	if (slice->count)
		qsort(slice->mappings, slice->count, sizeof(*slice->mappings), compare_by_pid);
	for (size_t i = 0; r == 0 && has_links && i < slice->count; i++)
		if (!slice->mappings[i].is_shared_copy)
			r = add_link(search, &slice->mappings[i]);
	return r ? r : list_processes(search, object, slice->mappings, slice->count);
}

/*
 * The segments that are in doubt are examined last: to place their mappings can take long enough
 * for the others to change.
 */
static int examine_and_place(struct search *search, struct slice *slices)
{
	bool has_doubtful;
	int r;

	search_sort(search, 0);
	has_doubtful = search_find_doubtful(search);
	slice_mappings(search, slices);
	r = examine_all(search, slices, false);
	if (!has_doubtful)
		return r;
	if (r == 0)
		r = search_place(search);
	slice_mappings(search, slices);
	return r ? r : examine_all(search, slices, true);
}

int search_conclude(struct search *search)
{
	const struct snapshot *snapshot = search->collector->snapshot;
	_cleanup_free_ struct slice *slices = calloc(snapshot->objects.count + 1, sizeof(*slices));
	int r;

	if (!slices)
		return -ENOMEM;
	r = examine_and_place(search, slices);
	for (size_t index = 0; r == 0 && index < snapshot->objects.count; index++)
		if (search_wants(search, &snapshot->objects.items[index]))
			r = conclude(search, index, &slices[index]);
	return r;
}
