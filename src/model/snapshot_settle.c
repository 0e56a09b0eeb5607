/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order of a snapshot, and the REFs of those objects that need one of their own.
 */
#include "model/snapshot.h"

#include <errno.h>
#include <stdlib.h>

#include "base/id_map.h"

/*
 * Files are found by several threads, and which of them is faster must not be seen: they are put in
 * an order of their own. 0 for two of System V, which come as the kernel has them.
 */
static int compare_objects(const struct object *a, const struct object *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (!(KIND_BIT(a->kind) & KINDS_IN_PROCESSES))
		return 0;
	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	return a->device < b->device ? -1 : a->device > b->device;
}

static int compare_places(const void *first, const void *second, void *context)
{
	const struct object *objects = context;
	size_t a = *(const size_t *)first, b = *(const size_t *)second;
	int order = compare_objects(&objects[a], &objects[b]);

	return order ? order : a < b ? -1 : a > b;
}

static bool is_sorted(const struct snapshot *snapshot)
{
	for (size_t i = 1; i < snapshot->objects.count; i++)
		if (compare_objects(&snapshot->objects.items[i - 1], &snapshot->objects.items[i]) >
		    0)
			return false;
	return true;
}

/*
 * order says which object comes to each place; afterwards that each is there. They go round in
 * rings, so that no room is needed for all of them twice.
 */
static void move_in_rings(struct object *objects, size_t count, size_t *order)
{
	for (size_t first = 0; first < count; first++) {
		struct object kept = objects[first];
		size_t place = first;

		while (order[place] != first) {
			size_t next = order[place];

			objects[place] = objects[next];
			order[place] = place;
			place = next;
		}
		objects[place] = kept;
		order[place] = place;
	}
}

/* What points to objects follows them. */
static void move_objects(struct snapshot *snapshot, size_t *order, size_t *places)
{
	size_t count = snapshot->objects.count;

	for (size_t i = 0; i < count; i++)
		places[order[i]] = i;
	move_in_rings(snapshot->objects.items, count, order);
	vector_for_each (&snapshot->links, link)
		link->object = places[link->object];
	vector_for_each (&snapshot->waits, wait)
		if (wait->object != WAIT_NO_OBJECT)
			wait->object = places[wait->object];
	vector_for_each (&snapshot->accountings, accounting)
		accounting->object = places[accounting->object];
}

static int sort_objects(struct snapshot *snapshot)
{
	size_t count = snapshot->objects.count;
	size_t *order, *places;
	bool has_room;

	if (is_sorted(snapshot))
		return 0;
	order = calloc(count, sizeof(*order));
	places = calloc(count, sizeof(*places));
	has_room = order && places;
	for (size_t i = 0; has_room && i < count; i++)
		order[i] = i;
	if (has_room) {
		qsort_r(order, count, sizeof(*order), compare_places, snapshot->objects.items);
		move_objects(snapshot, order, places);
	}
	free(order);
	free(places);
	return has_room ? 0 : -ENOMEM;
}

/* Inodes of two kinds have nothing to do with each other. */
static uint64_t twin_key(const struct object *object)
{
	return object->inode ^ (uint64_t)object->kind << 56;
}

/* Objects of one kind and inode on several devices, by any one of them; others are not there. */
static int find_twins(const struct snapshot *snapshot, struct id_map *seen, struct id_map *twins)
{
	vector_for_each (&snapshot->objects, object) {
		void *other;

		if (!object_has(object, OBJECT_INODE))
			continue;
		if (id_map_find(seen, twin_key(object), &other)) {
			if (id_map_put(twins, twin_key(object), other) < 0)
				return -ENOMEM;
		} else if (id_map_put(seen, twin_key(object), object) < 0) {
			return -ENOMEM;
		}
	}
	return 0;
}

static int add_ref(struct snapshot *snapshot, struct object *object, bool has_twin)
{
	_cleanup_buffer_ struct buffer ref = {0};

	ref_add_long(&ref, object, has_twin, snapshot->namespaces.count || snapshot->is_wide);
	return ref.error ? ref.error
			 : snapshot_copy_text(snapshot, buffer_text(&ref), &object->ref);
}

int snapshot_add_long_ref(struct snapshot *snapshot, struct object *object)
{
	snapshot->is_wide = true;
	return add_ref(snapshot, object, false);
}

static int add_refs(struct snapshot *snapshot, const struct id_map *twins)
{
	bool is_wide = snapshot->is_wide || snapshot->namespaces.count;

	vector_for_each (&snapshot->objects, object) {
		void *twin;
		bool has_twin = id_map_find(twins, twin_key(object), &twin);

		if ((!(KIND_BIT(object->kind) & KINDS_IN_PROCESSES) && !is_wide) ||
		    (object->ref.length && !has_twin))
			continue;
		if (add_ref(snapshot, object, has_twin) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Uses of one object by one process are in the order of addresses and descriptors. */
static int compare_links(const void *first, const void *second)
{
	const struct link *a = first, *b = second;

	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->how != b->how)
		return a->how < b->how ? -1 : 1;
	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->fd < b->fd ? -1 : a->fd > b->fd;
}

/* Proof comes first; history is in order already. */
static void sort_links(struct snapshot *snapshot)
{
	size_t count = 0;

	while (count < snapshot->links.count &&
	       link_is_proof((enum link_how)snapshot->links.items[count].how))
		count++;
	if (count)
		qsort(snapshot->links.items, count, sizeof(*snapshot->links.items), compare_links);
}

int snapshot_settle(struct snapshot *snapshot)
{
	struct id_map seen = {0}, twins = {0};
	int r = sort_objects(snapshot);

	if (r == 0)
		r = find_twins(snapshot, &seen, &twins);
	if (r == 0)
		r = add_refs(snapshot, &twins);
	sort_links(snapshot);
	vector_for_each (&snapshot->links, link)
		if (!link->object_ref.length)
			link->object_ref = snapshot->objects.items[link->object].ref;
	vector_for_each (&snapshot->waits, wait)
		if (!wait->object_ref.length && wait->object != WAIT_NO_OBJECT)
			wait->object_ref = snapshot->objects.items[wait->object].ref;
	id_map_deinit(&seen);
	id_map_deinit(&twins);
	return r;
}
