/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attachments that a process has taken along into another IPC namespace. Of a mapping /proc tells
 * the segment's id and key, and nothing of its namespace: it is held for one of the process's own,
 * and where that cannot be, for a stray. A program inside of the kernel sees the namespace; it is
 * asked only where there is a doubt, for to load it takes longer than most looks.
 */
#include <errno.h>

#include "base/parse_number.h"
#include "collect/inside.h"
#include "collect/proc_maps.h"
#include "collect/search_attachments.h"

#define SEGMENT_NAME TEXT_LITERAL("/SYSV")

/*
 * A mapping is named by the key that its segment was created with; a segment that was removed has
 * lost its own.
 */
static bool read_key(struct text name, uint32_t *ret_key)
{
	const size_t digits = 8;
	uint64_t key;

	if (name.length < SEGMENT_NAME.length + digits ||
	    memcmp(name.bytes, SEGMENT_NAME.bytes, SEGMENT_NAME.length) != 0 ||
	    parse_unsigned((struct text){name.bytes + SEGMENT_NAME.length, digits}, 16, UINT32_MAX,
			   &key) != 0)
		return false;
	*ret_key = (uint32_t)key;
	return true;
}

static struct object *segment_in(const struct search *search, size_t slot, uint64_t id,
				 uint32_t key)
{
	struct object *segment;
	void *found;

	if (!id_map_find(&search->segments, search_segment_key(slot, id), &found))
		return NULL;
	segment = found;
	return key == segment->key || segment->status & SHM_STATUS_DEST ? segment : NULL;
}

static struct object *any_segment(const struct search *search, uint64_t id, uint32_t key)
{
	struct object *segment = NULL;

	for (size_t slot = 0; !segment && slot < search->slots; slot++)
		segment = segment_in(search, slot, id, key);
	return segment;
}

/* A memfd is on the same device, and a file may have the name: only all three prove it. */
static bool is_of_segment(const struct search *search, const struct mapping *mapping,
			  uint32_t *ret_key)
{
	return mapping->is_shared && segment_devices_have(&search->devices, mapping->device) &&
	       read_key(mapping->name, ret_key);
}

struct object *search_find_segment(const struct finder *finder, const struct mapping *mapping)
{
	const struct search *search = finder->search;
	size_t slot = search->is_wide ? finder->slot : 0;
	uint32_t key;

	if (!is_of_segment(search, mapping, &key) || (search->is_wide && !finder->has_slot))
		return NULL;
	return segment_in(search, slot, mapping->inode, key);
}

struct object *search_find_stray(const struct finder *finder, const struct mapping *mapping)
{
	const struct search *search = finder->search;
	uint32_t key;

	/* Where one namespace is looked at, it is found later who is not in that one. */
	if (!search->is_wide || !is_of_segment(search, mapping, &key))
		return NULL;
	return any_segment(search, mapping->inode, key);
}

int search_add_stray(struct finder *finder, const struct seen_use *use,
		     const struct object *segment)
{
	struct stray *stray = vector_add(&finder->strays.items);

	if (!stray)
		return -ENOMEM;
	*stray = (struct stray){.use = *use, .id = segment->id, .key = (uint32_t)segment->key};
	return 0;
}

static size_t index_of(const struct search *search, const struct object *object)
{
	return (size_t)(object - search->collector->snapshot->objects.items);
}

void search_doubt_stray(const struct search *search, const struct stray *stray,
			enum accounting_doubt doubt)
{
	for (size_t slot = 0; slot < search->slots; slot++) {
		const struct object *segment = segment_in(search, slot, stray->id, stray->key);

		if (segment)
			atomic_fetch_or(&search->doubts[index_of(search, segment)],
					(unsigned char)doubt);
	}
}

static bool looks_like(const struct object *a, const struct object *b)
{
	return a->key == b->key || (a->status | b->status) & SHM_STATUS_DEST;
}

/* Of a segment and its likes in the other namespaces that are looked at, each can be the other. */
static bool doubt_likes(struct search *search, const struct object *object)
{
	size_t own = search_slot_of(search, object);
	bool has_like = false;

	for (size_t slot = 0; search->is_wide && slot < search->slots; slot++) {
		uint64_t key = search_segment_key(slot, object->id);
		void *like;

		if (slot == own || !id_map_find(&search->segments, key, &like) ||
		    !looks_like(like, object))
			continue;
		has_like = true;
		search->is_in_doubt[index_of(search, like)] = true;
	}
	return has_like;
}

/*
 * Whether more attachments were found than the kernel counts. That is no news where address spaces
 * cannot be told apart, and where somebody has attached or detached meanwhile.
 */
static bool has_too_many(struct search *search, const struct object *object,
			 struct seen_use *mappings, size_t count)
{
	return search->collector->root.is_live && count > object->shm.nattch &&
	       address_spaces_compare(search->collector, &search->last_spaces, mappings, count) &&
	       search_count(mappings, count) > object->shm.nattch &&
	       inside_is_unchanged(search->collector, object);
}

/* The segments whose mappings can be of another segment. */
static bool find_doubtful_mappings(struct search *search)
{
	const struct object *objects = search->collector->snapshot->objects.items;
	struct seen_use *mappings = search->mappings.items.items;
	size_t count = search->mappings.items.count, next;
	bool has_any = false;

	for (size_t first = 0; first < count; first = next) {
		const struct object *object = &objects[mappings[first].object];

		for (next = first; next < count && mappings[next].object == mappings[first].object;)
			next++;
		if (!doubt_likes(search, object) &&
		    !has_too_many(search, object, &mappings[first], next - first))
			continue;
		search->is_in_doubt[mappings[first].object] = has_any = true;
	}
	return has_any;
}

static bool is_in_segment(const struct seen_wait *wait)
{
	return wait->mapping;
}

static bool find_doubtful_waits(struct search *search)
{
	const struct object *objects = search->collector->snapshot->objects.items;
	bool has_any = false;

	vector_for_each (&search->waits.items, wait) {
		if (!is_in_segment(wait) ||
		    !(doubt_likes(search, &objects[wait->wait.object]) || wait->is_stray))
			continue;
		search->is_in_doubt[wait->wait.object] = has_any = true;
	}
	return has_any;
}

bool search_find_doubtful(struct search *search)
{
	bool has_mappings = find_doubtful_mappings(search);
	bool has_waits = find_doubtful_waits(search);

	vector_for_each (&search->strays.items, stray)
		for (size_t slot = 0; slot < search->slots; slot++) {
			const struct object *segment =
				segment_in(search, slot, stray->id, stray->key);

			if (segment)
				search->is_in_doubt[index_of(search, segment)] = true;
		}
	return has_mappings || has_waits || search->strays.items.count;
}

/* The segment, if it is one that is looked at. */
static struct object *segment_of(const struct search *search, const struct bpf_mapping *attachment,
				 uint32_t key)
{
	size_t slot;

	return search_find_slot(search, attachment->namespace, &slot)
		       ? segment_in(search, slot, attachment->id, key)
		       : NULL;
}

/*
 * Adds the process, if it is the one that was looked at, which started then (0: not known). One
 * that has the PID now, and had it before the search began, had it all the time. 0, -ENOMEM or an
 * outcome.
 */
static int see_process(struct search *search, int64_t pid, uint64_t start_ticks)
{
	struct seen_processes *processes = &search->processes;
	size_t count = processes->items.count;
	int r = processes_see(search->collector, pid, processes);
	uint64_t started = r == 0 ? processes->items.items[count].stat.start_ticks : 0;

	if (r == 0 && (started == start_ticks || started < search->began_ticks))
		return 0;
	processes->items.count = count;
	return r ? r : OUTCOME_GONE;
}

/* When the process that was looked at started; 0: not known. */
static uint64_t start_of(const struct search *search, int64_t pid)
{
	vector_for_each (&search->processes.items, process)
		if (process->pid == pid)
			return process->stat.start_ticks;
	return 0;
}

/* What the kernel says, and the mappings of the segments that are in doubt, as they turn out. */
struct placing {
	struct search *search;
	struct attachments attachments;
	struct seen_uses placed;
};

static int add_mapping(struct placing *placing, const struct seen_use *use,
		       const struct object *segment)
{
	struct seen_use *seen = vector_add(&placing->placed.items);

	if (!seen)
		return -ENOMEM;
	*seen = *use;
	seen->object = (uint32_t)index_of(placing->search, segment);
	return 0;
}

/* 0 or -ENOMEM; where it cannot be told, each segment that it could be of is in doubt. */
static int place_stray(struct placing *placing, const struct stray *stray)
{
	struct search *search = placing->search;
	const struct bpf_mapping *attachment = attachments_find(
		&placing->attachments, stray->use.pid, stray->use.address, stray->id);
	const struct object *segment =
		attachment ? segment_of(search, attachment, stray->key) : NULL;
	int r = segment && search_wants(search, segment)
			? see_process(search, stray->use.pid, stray->start_ticks)
			: 0;

	if (!attachment || r > 0)
		search_doubt_stray(search, stray, DOUBT_ELSEWHERE);
	else if (r == 0 && segment && search_wants(search, segment))
		r = add_mapping(placing, &stray->use, segment);
	return r == -ENOMEM ? r : 0;
}

static int place_strays(struct placing *placing)
{
	int r = 0;

	vector_for_each (&placing->search->strays.items, stray) {
		if (r == 0)
			r = place_stray(placing, stray);
	}
	return r;
}

/*
 * Whether a mapping is of the segment that it was held for; if not, it is of the one in
 * ret_segment, or NULL of none that is looked at.
 */
static bool is_right(const struct search *search, const struct bpf_mapping *attachment,
		     size_t object, struct object **ret_segment)
{
	struct object *held_for = &search->collector->snapshot->objects.items[object];

	*ret_segment = segment_of(search, attachment, (uint32_t)held_for->key);
	return *ret_segment == held_for;
}

/* A mapping of a segment that is in doubt. 0 or -ENOMEM. */
static int place_mapping(struct placing *placing, const struct seen_use *mapping)
{
	struct search *search = placing->search;
	struct object *held_for = &search->collector->snapshot->objects.items[mapping->object];
	const struct bpf_mapping *attachment = attachments_find(&placing->attachments, mapping->pid,
								mapping->address, held_for->id);
	struct object *segment;
	int r = OUTCOME_GONE;

	if (attachment && is_right(search, attachment, mapping->object, &segment))
		return add_mapping(placing, mapping, held_for);
	if (attachment)
		r = see_process(search, mapping->pid, start_of(search, mapping->pid));
	if (r == 0)
		return segment && search_wants(search, segment)
			       ? add_mapping(placing, mapping, segment)
			       : 0;
	/* It has ended, or has detached. */
	atomic_fetch_or(&search->doubts[mapping->object], DOUBT_CHANGED);
	return r < 0 ? r : add_mapping(placing, mapping, held_for);
}

static int place_mappings(struct placing *placing, bool is_told)
{
	struct search *search = placing->search;
	struct seen_use *items = search->mappings.items.items;
	size_t count = search->mappings.items.count, kept = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		if (is_told && search->is_in_doubt[items[i].object])
			r = place_mapping(placing, &items[i]);
		else
			items[kept++] = items[i];
	if (r == 0)
		search->mappings.items.count = kept;
	return r;
}

/* Whether the wait is to be kept. */
static bool correct_wait(struct search *search, const struct attachments *attachments,
			 struct seen_wait *wait)
{
	const struct object *held_for =
		&search->collector->snapshot->objects.items[wait->wait.object];
	const struct bpf_mapping *attachment =
		attachments_find(attachments, wait->wait.pid, wait->mapping, held_for->id);
	struct object *segment;

	search->unplaced += !attachment && wait->is_stray;
	if (!attachment)
		return !wait->is_stray;
	if (!is_right(search, attachment, wait->wait.object, &segment) && segment)
		wait->wait.object = index_of(search, segment);
	return segment;
}

static void correct_waits(struct search *search, const struct attachments *attachments)
{
	struct seen_wait *items = search->waits.items.items;
	size_t count = search->waits.items.count, kept = 0;

	for (size_t i = 0; i < count; i++)
		if (!is_in_segment(&items[i]) || correct_wait(search, attachments, &items[i]))
			items[kept++] = items[i];
	search->waits.items.count = kept;
}

/* Behind the mappings of the segments that are not in doubt. */
static int add_placed(struct search *search, const struct seen_uses *placed)
{
	size_t first = search->mappings.items.count;

	vector_for_each (&placed->items, mapping) {
		struct seen_use *seen = vector_add(&search->mappings.items);

		if (!seen)
			return -ENOMEM;
		*seen = *mapping;
	}
	search_sort(search, first);
	return 0;
}

int search_place(struct search *search)
{
	struct placing placing = {.search = search};
	int r = attachments_list(search, &placing.attachments);
	bool is_told = r == 0;

	if (r >= 0)
		r = place_mappings(&placing, is_told);
	if (r == 0)
		correct_waits(search, &placing.attachments);
	if (r == 0)
		r = place_strays(&placing);
	if (r == 0)
		r = add_placed(search, &placing.placed);
	attachments_deinit(&placing.attachments);
	vector_deinit(&placing.placed.items);
	return r;
}
