/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who holds semaphores: what the kernel would give back for each process at its end. Its undo lists
 * are shown nowhere in /proc; programs inside of the kernel see them, where they are permitted.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/id_map.h"
#include "collect/bpf_use.h"
#include "collect/users.h"

/* An entry of an undo list, seen in one of the processes that have the list. */
struct entry {
	size_t object;
	struct bpf_holder holder;
};

struct entries {
	struct collector *collector;
	struct id_map arrays; /* namespaces and ids to objects */
	VECTOR(struct entry) items;
};

static int keep(const struct bpf_holder *holder, void *context)
{
	struct entries *entries = context;
	const struct collector *collector = entries->collector;
	struct entry *entry;
	size_t slot = 0;
	void *array;

	if (collector->places.items.count
		    ? !places_slot(&collector->places, holder->namespace, &slot)
		    : collector->has_namespace && holder->namespace != collector->namespace)
		return 0;
	if (!id_map_find(&entries->arrays, (uint64_t)slot << 32 | holder->semid, &array))
		return 0;
	entry = vector_add(&entries->items);
	if (!entry)
		return -ENOMEM;
	*entry = (struct entry){
		(size_t)((struct object *)array - collector->snapshot->objects.items), *holder};
	return 0;
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* Those that are one entry of one list stand together. */
static int compare_entries(const void *first, const void *second)
{
	const struct entry *a = first, *b = second;
	int order = compare(a->object, b->object);

	if (!order)
		order = compare(a->holder.semnum, b->holder.semnum);
	if (!order)
		order = compare(a->holder.list, b->holder.list);
	return order ? order : compare((uint64_t)a->holder.pid, (uint64_t)b->holder.pid);
}

static int compare_pids(const void *first, const void *second)
{
	const struct entry *a = first, *b = second;

	return compare((uint64_t)a->holder.pid, (uint64_t)b->holder.pid);
}

/* Each once, however much it holds; the entries are put in another order. */
static int see_processes(struct entries *entries, struct seen_processes *processes)
{
	struct entry *items = entries->items.items;

	if (!items)
		return 0;
	qsort(items, entries->items.count, sizeof(*items), compare_pids);
	for (size_t i = 0; i < entries->items.count; i++)
		if (items[i].holder.pid &&
		    (i == 0 || items[i].holder.pid != items[i - 1].holder.pid) &&
		    processes_see(entries->collector, items[i].holder.pid, processes) == -ENOMEM)
			return -ENOMEM;
	return 0;
}

static bool is_one(const struct entry *a, const struct entry *b)
{
	return a->object == b->object && a->holder.semnum == b->holder.semnum &&
	       a->holder.list == b->holder.list;
}

/* All but the first of those that share the list. */
static int set_sharers(struct snapshot *snapshot, struct link *link, const struct entry *entries,
		       size_t count)
{
	int64_t *pids = arena_alloc_array(&snapshot->arena, count, sizeof(*pids));
	size_t used = 0;

	if (!pids)
		return -ENOMEM;
	for (size_t i = 1; i < count; i++)
		if (entries[i].holder.pid != entries[i - 1].holder.pid)
			pids[used++] = entries[i].holder.pid;
	link->shared_by = (struct record_list){pids, used};
	record_mark(&link->record, LINK_SHARED_BY);
	return 0;
}

/* One entry, and the processes that have it: as many as there are items. */
static int add_link(struct collector *collector, const struct entry *entries, size_t count)
{
	struct snapshot *snapshot = collector->snapshot;
	const struct bpf_holder *holder = &entries->holder;
	struct link *link = vector_add(&snapshot->links);

	if (!link)
		return -ENOMEM;
	link->object = entries->object;
	link->pid = holder->pid;
	link->how = holder->amount > 0 ? LINK_HOLDS : LINK_TAKES_BACK;
	link->semnum = holder->semnum;
	link->amount = (uint64_t)(holder->amount > 0 ? holder->amount : -(int64_t)holder->amount);
	for (unsigned int field = LINK_OBJECT; field <= LINK_HOW; field++)
		record_mark(&link->record, field);
	record_mark(&link->record, LINK_SEMNUM);
	record_mark(&link->record, LINK_AMOUNT);
	if (set_sharers(snapshot, link, entries, count) < 0)
		return -ENOMEM;
	return collector_copy_ref(collector, &snapshot->objects.items[entries->object],
				  &link->object_ref);
}

/* Nobody whom the viewer sees has the list of this entry. 0 or -ENOMEM. */
static int note_unseen(struct collector *collector, const struct entry *entry)
{
	struct semaphore_place *place;

	if (entry->holder.amount < 0)
		return 0;
	place = vector_add(&collector->held_unseen);
	if (!place)
		return -ENOMEM;
	*place = (struct semaphore_place){entry->object, entry->holder.semnum};
	return 0;
}

/* What is told of one list without a process comes first, and is of no use where there is one. */
static int add_entries(struct collector *collector, const struct entry *entries, size_t count)
{
	size_t first = 0;

	while (first < count && !entries[first].holder.pid)
		first++;
	return first < count ? add_link(collector, &entries[first], count - first)
			     : note_unseen(collector, entries);
}

static int add_links(struct entries *entries, struct seen_processes *processes)
{
	const struct entry *items = entries->items.items;
	size_t count = entries->items.count;
	int r = 0;

	if (count)
		qsort(entries->items.items, count, sizeof(*items), compare_entries);
	for (size_t i = 0; r == 0 && i < count;) {
		size_t next = i + 1;

		while (next < count && is_one(&items[i], &items[next]))
			next++;
		r = add_entries(entries->collector, &items[i], next - i);
		i = next;
	}
	return r ? r : see_processes(entries, processes);
}

static int report(struct collector *collector, int outcome, const char *reason)
{
	return collector_add_issue(collector, ISSUE_ABOUT_HOLDERS, outcome, KIND_SEM, NULL, "bpf",
				   reason);
}

/*
 * Programs inside of the kernel list the processes of the viewer's PID namespace, too. Who holds
 * something and is not among them can also have begun, or ended, meanwhile.
 */
static int report_unseen(struct collector *collector)
{
	if (collector->has_outsiders)
		return report(collector, OUTCOME_DENIED,
			      "those outside of this PID namespace are not shown");
	if (collector->held_unseen.count)
		return report(collector, OUTCOME_GONE,
			      "some came or went meanwhile, or are outside of this PID namespace");
	return 0;
}

static int read_holders(struct collector *collector, struct entries *entries,
			struct seen_processes *processes)
{
	struct bpf_source *source;
	int r = bpf_use_open(collector, &source);

	if (r > 0)
		return report(collector, r, collector->bpf->reason);
	if (r == 0)
		r = bpf_source_holders(source, keep, entries);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return report(collector, OUTCOME_UNSUPPORTED, strerror(-r));
	collector->snapshot->knows_holders = true;
	r = add_links(entries, processes);
	return r ? r : report_unseen(collector);
}

int holders_collect(struct collector *collector, struct seen_processes *processes)
{
	const struct scope *scope = &collector->scope;
	struct entries entries = {.collector = collector};
	int r = 0;

	if (!collector->root.is_live || !scope->has_holders || !(scope->kinds & KIND_BIT(KIND_SEM)))
		return 0;
	vector_for_each (&collector->snapshot->objects, object) {
		size_t slot = 0;

		if (r != 0 || object->kind != KIND_SEM || !scope_has_details(scope, object))
			continue;
		if (collector->places.items.count)
			places_slot(&collector->places, object->namespace, &slot);
		r = id_map_put(&entries.arrays, (uint64_t)slot << 32 | object->id, object);
	}
	/* Without an array there is nothing to hold, and to load programs takes time. */
	if (r == 0 && entries.arrays.count)
		r = read_holders(collector, &entries, processes);
	else if (r == 0)
		collector->snapshot->knows_holders = true;
	if (r == 0)
		r = waits_confirm(collector);
	id_map_deinit(&entries.arrays);
	vector_deinit(&entries.items);
	return r;
}
