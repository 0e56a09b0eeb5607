/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The search through processes. Each is looked at once, by several threads.
 */
#include "collect/search.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parallel.h"
#include "collect/recorded.h"
#include "collect/scheduler_clock.h"

/* Fewer processes than this are not worth a thread of their own. */
#define PROCESSES_PER_WORKER 64

bool search_wants(const struct search *search, const struct object *object)
{
	const struct scope *scope = &search->collector->scope;

	return object->kind == KIND_SHM && scope->link_kinds & KIND_BIT(KIND_SHM) &&
	       scope_has_details(scope, object);
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

/* The objects that have a name are known by their files. */
static int know_objects(struct search *search)
{
	const struct snapshot *snapshot = search->collector->snapshot;

	vector_for_each (&snapshot->objects, object) {
		const struct thing thing = {
			.kind = object->kind, .device = object->device, .inode = object->inode};
		size_t index;

		if (!object_has(object, OBJECT_INODE))
			continue;
		if (things_add(&search->known, &thing, &index) < 0)
			return -ENOMEM;
		search->known.items.items[index].object =
			(uint32_t)(object - snapshot->objects.items);
	}
	return 0;
}

/* Waits name their objects by ids. */
static int know_sysv(struct search *search)
{
	const struct collector *collector = search->collector;
	uint64_t ran_at;

	vector_for_each (&collector->snapshot->objects, object)
		if (KIND_BIT(object->kind) & KINDS_SYSV &&
		    scope_has_details(&collector->scope, object) &&
		    id_map_put(&search->sysv,
			       search_sysv_key(search_slot_of(search, object), object->kind,
					       object->id),
			       object) < 0)
			return -ENOMEM;
	search->has_scheduler =
		collector->root.is_live &&
		scheduler_clock_read(&collector->root, "proc/thread-self/sched", &ran_at);
	return 0;
}

/* Whether mappings of it are looked for, or locks in it can be waited for. */
static bool is_segment_of_interest(const struct search *search, const struct object *object)
{
	return search_wants(search, object) ||
	       (object->kind == KIND_SHM && search->wait_kinds & KIND_BIT(KIND_SHM) &&
		scope_has_details(&search->collector->scope, object));
}

static int know_device(struct search *search, dev_t device)
{
	dev_t *place = vector_add(&search->mapped_devices);

	if (!place)
		return -ENOMEM;
	*place = device;
	return 0;
}

static int know_devices(struct search *search)
{
	const struct collector *collector = search->collector;
	int r = 0;

	for (size_t i = 0; r == 0 && i < search->devices.count; i++)
		r = know_device(search, search->devices.devices[i]);
	if (r == 0 && collector->has_dev_shm)
		r = know_device(search, collector->dev_shm);
	vector_for_each (&collector->other_dev_shm, other) {
		if (r == 0)
			r = know_device(search, other->device);
	}
	return r;
}

int search_init(struct search *search)
{
	struct collector *collector = search->collector;
	struct snapshot *snapshot = collector->snapshot;

	search->kinds = scope_process_kinds(&collector->scope);
	search->slots = collector->places.items.count ? collector->places.items.count : 1;
	search->is_wide = collector->places.items.count;
	if (know_devices(search) < 0)
		return -ENOMEM;
	search->wait_kinds = collector->scope.wait_kinds & collector->scope.kinds;
	if (search->wait_kinds && know_sysv(search) < 0)
		return -ENOMEM;
	vector_for_each (&snapshot->objects, object)
		if (is_segment_of_interest(search, object) &&
		    id_map_put(&search->segments,
			       search_segment_key(search_slot_of(search, object), object->id),
			       object) < 0)
			return -ENOMEM;
	if (!collector->root.is_live && search->kinds & KINDS_IN_PROCESSES &&
	    recorded_descriptors_load(collector, &search->recorded) < 0)
		return -ENOMEM;
	search->began_ticks = ticks_now(collector);
	search->doubts = calloc(snapshot->objects.count + 1, sizeof(*search->doubts));
	search->is_in_doubt = calloc(snapshot->objects.count + 1, sizeof(*search->is_in_doubt));
	return search->doubts && search->is_in_doubt ? know_objects(search) : -ENOMEM;
}

void search_deinit(struct search *search)
{
	id_map_deinit(&search->segments);
	id_map_deinit(&search->sysv);
	things_deinit(&search->known);
	things_deinit(&search->things);
	recorded_descriptors_free(search->recorded);
	free(search->doubts);
	free(search->is_in_doubt);
	vector_deinit(&search->mapped_devices);
	vector_deinit(&search->mappings.items);
	vector_deinit(&search->strays.items);
	vector_deinit(&search->uses.items);
	vector_deinit(&search->waits.items);
	vector_deinit(&search->processes.items);
}

static void count_unseen(struct search *search, const struct finder *finder)
{
	search->unreadable += finder->unreadable;
	search->unread_calls += finder->unread_calls;
	search->undecoded += finder->undecoded;
	search->in_rings += finder->in_rings;
	search->cut_waits += finder->cut_waits;
	search->changing += finder->changing;
}

/*
 * Where things of one thread are among those of the whole search: each is looked for once, however
 * many use it.
 */
struct merged {
	const struct things *things;
	size_t *places; /* + 1, once it is known */
};

static int find_place(struct search *search, struct merged *merged, uint32_t thing,
		      uint32_t *ret_place)
{
	size_t *place = &merged->places[thing], index;

	if (!*place) {
		if (things_add(&search->things, &merged->things->items.items[thing], &index) < 0)
			return -ENOMEM;
		*place = index + 1;
	}
	*ret_place = (uint32_t)(*place - 1);
	return 0;
}

static int take_over_waits(struct search *search, const struct finder *finder,
			   struct merged *merged)
{
	vector_for_each (&finder->waits.items, wait) {
		struct seen_wait *seen = vector_add(&search->waits.items);

		if (!seen)
			return -ENOMEM;
		*seen = *wait;
		if (wait->is_thing && find_place(search, merged, wait->thing, &seen->thing) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int take_over_things(struct search *search, const struct finder *finder)
{
	_cleanup_free_ size_t *numbers = calloc(finder->things.items.count + 1, sizeof(*numbers));
	struct merged merged = {&finder->things, numbers};

	if (!numbers)
		return -ENOMEM;
	vector_for_each (&finder->uses.items, use) {
		struct seen_use *seen = vector_add(&search->uses.items);

		if (!seen)
			return -ENOMEM;
		*seen = *use;
		if (find_place(search, &merged, use->object, &seen->object) < 0)
			return -ENOMEM;
	}
	return take_over_waits(search, finder, &merged);
}

static int take_over(struct search *search, const struct finder *finder)
{
	count_unseen(search, finder);
	vector_for_each (&finder->mappings.items, mapping) {
		struct seen_use *place = vector_add(&search->mappings.items);

		if (!place)
			return -ENOMEM;
		*place = *mapping;
	}
	vector_for_each (&finder->strays.items, stray) {
		struct stray *place = vector_add(&search->strays.items);

		if (!place)
			return -ENOMEM;
		*place = *stray;
	}
	vector_for_each (&finder->processes.items, process) {
		struct seen_process *place = vector_add(&search->processes.items);

		if (!place)
			return -ENOMEM;
		*place = *process;
	}
	return take_over_things(search, finder);
}

/* The first thread goes on where others ended, so that its part need not be copied. */
static void lend(struct search *search, struct finder *finder)
{
	finder->mappings = search->mappings;
	finder->strays = search->strays;
	finder->things = search->things;
	finder->uses = search->uses;
	finder->waits = search->waits;
	finder->processes = search->processes;
	search->waits = (struct seen_waits){0};
	search->strays = (struct strays){0};
	search->mappings = search->uses = (struct seen_uses){0};
	search->things = (struct things){0};
	search->processes = (struct seen_processes){0};
}

static void take_back(struct search *search, const struct finder *finder)
{
	search->mappings = finder->mappings;
	search->strays = finder->strays;
	search->things = finder->things;
	search->uses = finder->uses;
	search->waits = finder->waits;
	search->processes = finder->processes;
	count_unseen(search, finder);
}

static int look_at_process(size_t worker, size_t item, void *context)
{
	struct search *search = context;

	return search_process(&search->finders[worker], (pid_t)search->pids[item]);
}

int search_run(struct search *search, size_t workers, size_t count, parallel_task *task,
	       void *context)
{
	_cleanup_free_ struct finder *finders = calloc(workers, sizeof(*finders));
	int r;

	if (!finders)
		return -ENOMEM;
	for (size_t i = 0; i < workers; i++)
		finders[i].search = search;
	lend(search, &finders[0]);
	search->finders = finders;
	r = parallel_run(workers, count, task, context);
	take_back(search, &finders[0]);
	for (size_t i = 1; i < workers; i++) {
		if (r == 0)
			r = take_over(search, &finders[i]);
		vector_deinit(&finders[i].mappings.items);
		vector_deinit(&finders[i].strays.items);
		vector_deinit(&finders[i].uses.items);
		vector_deinit(&finders[i].waits.items);
		vector_deinit(&finders[i].processes.items);
		things_deinit(&finders[i].things);
	}
	search->finders = NULL;
	return r;
}

/* Looks at these processes, and adds what was found to what was found before. */
int search_look_at(struct search *search, const int64_t *pids, size_t count)
{
	search->pids = pids;
	return search_run(search, parallel_workers(count, PROCESSES_PER_WORKER), count,
			  look_at_process, search);
}
