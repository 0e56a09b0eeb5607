/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What follows from the mappings that were found: links, and how many of the attachments they are.
 */
#include "collect/segment_search.h"

#include <errno.h>
#include <stdlib.h>

#include "base/parallel.h"

/* Fewer segments than this are not worth a thread of their own. */
#define SEGMENTS_PER_WORKER 512

static int compare_mappings(const void *first, const void *second)
{
	const struct seen_mapping *a = first, *b = second;

	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

void segment_search_sort(struct segment_search *search)
{
	if (search->mappings.items.count)
		qsort(search->mappings.items.items, search->mappings.items.count,
		      sizeof(*search->mappings.items.items), compare_mappings);
}

/* How many of the mappings of one object count, and so how many address spaces have it attached. */
uint64_t segment_search_count(const struct seen_mapping *mappings, size_t count)
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
static bool is_plain(const struct segment_search *search, uint64_t doubts, uint64_t found,
		     uint64_t expected)
{
	return found == expected && !doubts && !search->unreadable && search->has_seen_all;
}

/* Counts an object's mappings; 0 or -ENOMEM. */
static int account(struct segment_search *search, size_t index, struct seen_mapping *mappings,
		   size_t count)
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
	accounting->found = segment_search_count(mappings, count);
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

static int add_link(struct segment_search *search, const struct seen_mapping *mapping)
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
static int list_processes(struct segment_search *search, struct object *object,
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
static int conclude(struct segment_search *search, size_t index, struct seen_mapping *mappings,
		    size_t count)
{
	struct object *object = &search->collector->snapshot->objects.items[index];
	bool has_links = !search->collector->scope.has_no_links;
	int r = account(search, index, mappings, count);

	if (count)
		qsort(mappings, count, sizeof(*mappings), compare_by_pid);
	for (size_t i = 0; r == 0 && has_links && i < count; i++)
		if (!mappings[i].is_shared_copy)
			r = add_link(search, &mappings[i]);
	return r ? r : list_processes(search, object, mappings, count);
}

static int check_segment(size_t worker, size_t item, void *context)
{
	struct segment_search *search = context;
	const struct object *object = &search->collector->snapshot->objects.items[item];

	(void)worker;
	if (segment_search_wants(search, object) && !sysv_shm_is_unchanged(object))
		atomic_fetch_or(&search->doubts[item], DOUBT_CHANGED);
	return 0;
}

/* While the processes were looked at, somebody may have attached and somebody else detached. */
static int check_segments(struct segment_search *search)
{
	size_t count = search->collector->snapshot->objects.count;

	/* Where only some processes were looked at, nothing is counted. */
	if (!search->collector->root.is_live || search->collector->scope.pids)
		return 0;
	return parallel_run(parallel_workers(count, SEGMENTS_PER_WORKER), count, check_segment,
			    search);
}

int segment_search_conclude(struct segment_search *search)
{
	const struct snapshot *snapshot = search->collector->snapshot;
	struct seen_mapping *next = search->mappings.items.items;
	size_t left = search->mappings.items.count;
	int r = check_segments(search);

	segment_search_sort(search);
	for (size_t index = 0; r == 0 && index < snapshot->objects.count; index++) {
		size_t count = 0;

		if (!segment_search_wants(search, &snapshot->objects.items[index]))
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
