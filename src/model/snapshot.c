/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/snapshot.h"

#include <errno.h>
#include <stdlib.h>

#include "base/id_map.h"
#include "model/ref.h"

const struct scope scope_everything = {
	.kinds = KINDS_ALL,
	.limit_kinds = KINDS_ALL,
	.has_limit_use = true,
	.has_semaphores = true,
	.has_queue_limits = true,
	.has_pipe_owners = true,
	.link_kinds = KINDS_ALL,
	.nameless_kinds = KINDS_IN_PROCESSES,
	.wait_kinds = KINDS_ALL,
	.has_holders = true,
	.has_history = true,
	.has_units = true,
	.names = SCOPE_ALL_NAMES,
	.has_namespaces = true,
	.has_sight = true,
};

bool scope_has_details(const struct scope *scope, const struct object *object)
{
	for (size_t i = 0; i < scope->detail_count; i++)
		if (ref_matches(&scope->details[i], object))
			return true;
	return !scope->details;
}

void scope_add_field(struct scope *scope, enum object_field field)
{
	switch (field) {
	case OBJECT_NAMESPACE:
		scope->has_namespaces = true;
		break;
	case OBJECT_UID:
	case OBJECT_GID:
	case OBJECT_MODE:
		scope->has_pipe_owners = true;
		break;
	case OBJECT_USER:
		scope->names |= SCOPE_USER;
		scope->has_pipe_owners = true;
		break;
	case OBJECT_GROUP:
		scope->names |= SCOPE_GROUP;
		scope->has_pipe_owners = true;
		break;
	case OBJECT_CUSER:
		scope->names |= SCOPE_CUSER;
		break;
	case OBJECT_CGROUP:
		scope->names |= SCOPE_CGROUP;
		break;
	case OBJECT_SEMAPHORES:
		scope->has_semaphores = true;
		break;
	case OBJECT_MAX_BYTES:
	case OBJECT_USED_PERCENT:
		scope->has_queue_limits = true;
		break;
	case OBJECT_WAITING:
		scope->wait_kinds = KINDS_ALL;
		break;
	case OBJECT_RSS:
	case OBJECT_SWAP:
		scope->has_no_residence = false;
		break;
	case OBJECT_CREATOR_PID:
	case OBJECT_LAST_PID:
	case OBJECT_LAST_SEND_PID:
	case OBJECT_LAST_RECEIVE_PID:
		scope->has_no_past = false;
		break;
	case OBJECT_PROCESSES:
		scope->link_kinds = KINDS_ALL;
		scope->nameless_kinds = KINDS_IN_PROCESSES;
		break;
	default:
		break;
	}
}

struct snapshot *snapshot_new(void)
{
	return calloc(1, sizeof(struct snapshot));
}

struct snapshot *snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return NULL;
	vector_deinit(&snapshot->objects);
	vector_deinit(&snapshot->processes);
	vector_deinit(&snapshot->links);
	vector_deinit(&snapshot->waits);
	vector_deinit(&snapshot->accountings);
	vector_deinit(&snapshot->limits);
	vector_deinit(&snapshot->namespaces);
	vector_deinit(&snapshot->issues);
	arena_deinit(&snapshot->arena);
	free(snapshot);
	return NULL;
}

struct object *snapshot_add_object(struct snapshot *snapshot, enum kind kind)
{
	struct object *object = vector_add(&snapshot->objects);

	if (object)
		object->kind = kind;
	return object;
}

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

int snapshot_copy_text(struct snapshot *snapshot, struct text text, struct text *ret_text)
{
	char *copy = arena_copy(&snapshot->arena, text.bytes, text.length);

	if (!copy)
		return -ENOMEM;
	*ret_text = (struct text){copy, text.length};
	return 0;
}

static int copy_issue_text(struct snapshot *snapshot, struct issue *issue, enum issue_field field,
			   struct text text, struct text *place)
{
	int r = snapshot_copy_text(snapshot, text, place);

	if (r == 0)
		record_mark(&issue->record, field);
	return r;
}

int snapshot_add_issue(struct snapshot *snapshot, enum issue_aspect aspect, int outcome,
		       enum kind kind, const struct object *object, const char *subject,
		       const char *reason)
{
	struct issue *issue = vector_add(&snapshot->issues);
	char ref[REF_MAX];
	int r = 0;

	if (!issue)
		return -ENOMEM;
	issue->code = (uint64_t)outcome;
	issue->aspect = aspect;
	record_mark(&issue->record, ISSUE_CODE);
	record_mark(&issue->record, ISSUE_ASPECT);
	if (kind != KIND_COUNT) {
		issue->kind = kind;
		record_mark(&issue->record, ISSUE_KIND);
	}
	if (object)
		r = copy_issue_text(snapshot, issue, ISSUE_OBJECT, ref_of_object(object, ref),
				    &issue->object);
	if (r == 0)
		r = copy_issue_text(snapshot, issue, ISSUE_SUBJECT, text_of(subject),
				    &issue->subject);
	if (r == 0)
		r = copy_issue_text(snapshot, issue, ISSUE_REASON, text_of(reason), &issue->reason);
	return r;
}

const struct limit *snapshot_limit(const struct snapshot *snapshot, enum limit_id id)
{
	vector_for_each (&snapshot->limits, limit)
		if (limit->id == id)
			return limit;
	return NULL;
}

static int compare_pids(const void *key, const void *item)
{
	int64_t a = *(const int64_t *)key;
	int64_t b = ((const struct process *)item)->pid;

	return a < b ? -1 : a > b;
}

const struct process *snapshot_process(const struct snapshot *snapshot, int64_t pid)
{
	if (!snapshot->processes.count)
		return NULL;
	return bsearch(&pid, snapshot->processes.items, snapshot->processes.count,
		       sizeof(*snapshot->processes.items), compare_pids);
}

const struct accounting *snapshot_accounting(const struct snapshot *snapshot,
					     const struct object *object)
{
	size_t index = (size_t)(object - snapshot->objects.items);

	/* Segments come first, so that where all of them were counted the places are the same. */
	if (object->kind != KIND_SHM)
		return NULL;
	if (index < snapshot->accountings.count &&
	    snapshot->accountings.items[index].object == index)
		return &snapshot->accountings.items[index];
	vector_for_each (&snapshot->accountings, accounting)
		if (accounting->object == index)
			return accounting;
	return NULL;
}

void snapshot_narrow(struct snapshot *snapshot, const struct scope *scope)
{
	vector_for_each (&snapshot->objects, object)
		if (!(scope_process_kinds(scope) & KIND_BIT(object->kind)))
			record_unmark(&object->record, OBJECT_PROCESSES);
	vector_for_each (&snapshot->objects, object)
		if (!(scope->wait_kinds & KIND_BIT(object->kind)))
			record_unmark(&object->record, OBJECT_WAITING);
}

static bool has_issue_about(const struct snapshot *snapshot, enum issue_aspect aspect,
			    unsigned int kinds)
{
	vector_for_each (&snapshot->issues, issue)
		if (issue->aspect == aspect &&
		    (!record_has(&issue->record, ISSUE_KIND) || kinds & KIND_BIT(issue->kind)))
			return true;
	return false;
}

bool snapshot_has_unseen_waits(const struct snapshot *snapshot, unsigned int kinds)
{
	return has_issue_about(snapshot, ISSUE_ABOUT_WAITS, kinds);
}

bool snapshot_has_unseen_processes(const struct snapshot *snapshot, unsigned int kinds)
{
	return has_issue_about(snapshot, ISSUE_ABOUT_PROCESSES, kinds);
}

bool snapshot_has_all(const struct snapshot *snapshot, enum kind kind)
{
	vector_for_each (&snapshot->issues, issue)
		if (issue->aspect == ISSUE_ABOUT_OBJECTS &&
		    (!record_has(&issue->record, ISSUE_KIND) || issue->kind == kind))
			return false;
	return true;
}

/* Whether the object that the issue is about, if it is about one, has its details in the scope. */
static bool covers_object(const struct scope *scope, const struct snapshot *snapshot,
			  const struct issue *issue)
{
	char ref[REF_MAX];

	if (!scope->details || !record_has(&issue->record, ISSUE_OBJECT))
		return true;
	vector_for_each (&snapshot->objects, object)
		if (text_equals(issue->object, ref_of_object(object, ref)))
			return scope_has_details(scope, object);
	return false;
}

/*
 * Processes that could not be inspected are of no importance where all users were found. That is
 * known of segments alone: of nothing else the kernel counts the users.
 */
static bool is_short_of_users(const struct scope *scope, const struct snapshot *snapshot)
{
	if (scope_process_kinds(scope) & KINDS_IN_PROCESSES)
		return true;
	vector_for_each (&snapshot->accountings, accounting)
		if (!accounting->is_complete &&
		    scope_has_details(scope, &snapshot->objects.items[accounting->object]))
			return true;
	return !snapshot->accountings.count;
}

bool scope_covers_issue(const struct scope *scope, const struct snapshot *snapshot,
			const struct issue *issue)
{
	bool has_kind = record_has(&issue->record, ISSUE_KIND);
	unsigned int kind = has_kind ? KIND_BIT(issue->kind) : KINDS_ALL;

	switch ((enum issue_aspect)issue->aspect) {
	case ISSUE_ABOUT_OBJECTS:
		return kind & (scope->kinds | (scope->has_limit_use ? scope->limit_kinds : 0));
	case ISSUE_ABOUT_SEMAPHORES:
		return scope->has_semaphores && (kind & scope->kinds) &&
		       covers_object(scope, snapshot, issue);
	case ISSUE_ABOUT_QUEUE_LIMITS:
		return scope->has_queue_limits && (kind & scope->kinds) &&
		       covers_object(scope, snapshot, issue);
	case ISSUE_ABOUT_PROCESSES:
		return (scope_process_kinds(scope) & kind) && is_short_of_users(scope, snapshot);
	case ISSUE_ABOUT_WAITS:
		return scope->wait_kinds & kind;
	case ISSUE_ABOUT_HOLDERS:
		return scope->has_holders && scope->kinds & KIND_BIT(KIND_SEM);
	case ISSUE_ABOUT_CONTENTS:
		return (kind & scope->kinds) && covers_object(scope, snapshot, issue);
	case ISSUE_ABOUT_LIMITS:
		return kind & scope->limit_kinds;
	case ISSUE_ABOUT_NAMES:
		return scope->names;
	case ISSUE_ABOUT_SIGHT:
		return scope->has_sight;
	case ISSUE_ABOUT_NAMESPACES:
		return true;
	}
	return true;
}
