/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What follows from the things that were found: objects that have no name, links, and who is at
 * which end of a pipe.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "collect/search.h"

/* Uses of one object together, and in each all of one sort, at one place. */
static int compare_uses(const void *first, const void *second)
{
	const struct seen_use *a = first, *b = second;

	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	if (a->how != b->how)
		return a->how < b->how ? -1 : 1;
	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static int compare_by_pid(const void *first, const void *second)
{
	const struct seen_use *a = first, *b = second;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->how != b->how)
		return a->how < b->how ? -1 : 1;
	return a->address < b->address ? -1 : a->address > b->address;
}

/* Marks uses that are one, as their processes share memory or descriptors. 0 or -ENOMEM. */
static int merge(struct search *search, struct seen_use *uses, size_t count)
{
	size_t first = 0;
	int r = 0;

	while (r == 0 && first < count) {
		size_t next = first + 1;
		bool is_sure;

		while (next < count && uses[next].how == uses[first].how)
			next++;
		if (uses[first].how != LINK_OPENING)
			r = address_spaces_merge(search->collector,
						 uses[first].how == LINK_OPEN
							 ? &search->last_tables
							 : &search->last_spaces,
						 uses + first, next - first, &is_sure);
		first = next;
	}
	return r;
}

/* Memory without a name is told of where two have it that do not share all of their memory. */
static bool has_two_users(const struct seen_use *uses, size_t count)
{
	const struct seen_use *first = NULL;

	for (size_t i = 0; i < count; i++) {
		if (uses[i].is_shared_copy)
			continue;
		if (first && first->pid != uses[i].pid)
			return true;
		first = &uses[i];
	}
	return false;
}

static bool is_told_of(const struct thing *thing, const struct seen_use *uses, size_t count)
{
	return thing->kind != KIND_MAP || has_two_users(uses, count);
}

static void set_state(struct object *object, const struct thing_state *state)
{
	object->uid = state->uid;
	object->gid = state->gid;
	object->mode = state->mode;
	object_mark(object, OBJECT_UID);
	object_mark(object, OBJECT_GID);
	object_mark(object, OBJECT_MODE);
	if (object->kind == KIND_PIPE)
		return;
	if (object->kind == KIND_PSHM || object->kind == KIND_MAP) {
		object->size = state->size;
		object_mark(object, OBJECT_SIZE);
	}
	if (object->kind == KIND_PSHM || object->kind == KIND_PSEM || object->kind == KIND_MAP) {
		object->file.allocated = state->allocated;
		object_mark(object, OBJECT_ALLOCATED);
	}
	if (object->kind != KIND_MAP)
		collector_set_time(object, OBJECT_CHANGED_AT, &object->changed_at,
				   (uint64_t)state->changed_at);
}

/* Whether the path leads from here to the same FIFO. A recorded tree cannot be asked. */
static bool is_reached(const struct collector *collector, const struct thing *thing)
{
	struct stat status;

	if (!collector->root.is_live)
		return true;
	return thing->name.length > 1 && thing->name.bytes[0] == '/' &&
	       rooted_stat(&collector->root, thing->name.bytes + 1, AT_SYMLINK_NOFOLLOW, &status) ==
		       0 &&
	       device_number(major(status.st_dev), minor(status.st_dev)) == thing->device &&
	       status.st_ino == thing->inode;
}

static int set_name(struct collector *collector, struct object *object, const struct thing *thing)
{
	if (object->kind != KIND_PIPE && object->kind != KIND_MAP)
		object_mark(object, OBJECT_STATUS);
	if (thing->is_unlinked)
		object->status = STATUS_UNLINKED;
	else if (object->kind == KIND_FIFO && !is_reached(collector, thing))
		object->status = STATUS_ELSEWHERE;
	if (!thing->name.length)
		return 0;
	object_mark(object, OBJECT_NAME);
	return snapshot_copy_text(collector->snapshot, thing->name, &object->name);
}

/* An object that no list of names had. 0 or -ENOMEM. */
static int add_object(struct search *search, struct thing *thing)
{
	struct collector *collector = search->collector;
	struct object *object = snapshot_add_object(collector->snapshot, thing->kind);

	if (!object)
		return -ENOMEM;
	thing->object = (uint32_t)(object - collector->snapshot->objects.items);
	object->inode = thing->inode;
	object_mark(object, OBJECT_INODE);
	if (thing->device) {
		object->device = thing->device;
		object_mark(object, OBJECT_DEVICE);
	}
	if (collector_find_file_namespace(collector, thing->kind, thing->device,
					  &object->namespace))
		object_mark(object, OBJECT_NAMESPACE);
	if (thing->has_state)
		set_state(object, &thing->state);
	return set_name(collector, object, thing);
}

/* The object of the thing, which is made where there is none. 0 or -ENOMEM. */
int search_find_object(struct search *search, struct thing *thing)
{
	size_t known;

	if (thing->object == THING_NO_OBJECT &&
	    things_find(&search->known, thing->kind, thing->device, thing->inode, &known))
		thing->object = search->known.items.items[known].object;
	return thing->object == THING_NO_OBJECT ? add_object(search, thing) : 0;
}

/* Its REF is told when all objects are there. */
static int add_link(struct search *search, uint32_t object, const struct seen_use *use)
{
	struct link *link = vector_add(&search->collector->snapshot->links);

	if (!link)
		return -ENOMEM;
	link->object = object;
	link->pid = use->pid;
	link->how = use->how;
	link->access = use->access;
	link->shared_by = use->shared_by;
	for (unsigned int field = LINK_OBJECT; field <= LINK_HOW; field++)
		record_mark(&link->record, field);
	record_mark(&link->record, LINK_ACCESS);
	record_mark(&link->record, LINK_SHARED_BY);
	if (use->how == LINK_MAPPED) {
		link->address = use->address;
		link->length = use->length;
		record_mark(&link->record, LINK_ADDRESS);
		record_mark(&link->record, LINK_LENGTH);
	} else if (use->how == LINK_OPEN) {
		link->fd = use->address;
		record_mark(&link->record, LINK_FD);
	}
	return 0;
}

/* The PIDs of uses with that access, each once; 0: any. They are in the order of PIDs. */
static int list_pids(struct search *search, const struct seen_use *uses, size_t count,
		     uint64_t access, struct record_list *ret_list)
{
	int64_t *pids =
		arena_alloc_array(&search->collector->snapshot->arena, count, sizeof(*pids));
	size_t used = 0;

	if (!pids)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if ((!access || (uses[i].how == LINK_OPEN && uses[i].access & access)) &&
		    (!used || pids[used - 1] != uses[i].pid))
			pids[used++] = uses[i].pid;
	*ret_list = (struct record_list){pids, used};
	return 0;
}

static int list_users(struct search *search, struct object *object, const struct seen_use *uses,
		      size_t count)
{
	bool has_ends = object->kind == KIND_PIPE || object->kind == KIND_FIFO;
	int r = list_pids(search, uses, count, 0, &object->processes);

	object_mark(object, OBJECT_PROCESSES);
	if (r < 0 || !has_ends)
		return r;
	r = list_pids(search, uses, count, LINK_READ, &object->pipe.readers);
	if (r == 0)
		r = list_pids(search, uses, count, LINK_WRITE, &object->pipe.writers);
	object_mark(object, OBJECT_READERS);
	object_mark(object, OBJECT_WRITERS);
	return r;
}

/* The uses of one thing. 0 or -ENOMEM. */
static int conclude(struct search *search, struct thing *thing, struct seen_use *uses, size_t count)
{
	struct collector *collector = search->collector;
	int r = merge(search, uses, count);

	if (r < 0 || !is_told_of(thing, uses, count))
		return r;
	r = search_find_object(search, thing);
	qsort(uses, count, sizeof(*uses), compare_by_pid);
	if (r == 0)
		r = list_users(search, &collector->snapshot->objects.items[thing->object], uses,
			       count);
	for (size_t i = 0; r == 0 && !collector->scope.has_no_links && i < count; i++)
		if (!uses[i].is_shared_copy)
			r = add_link(search, thing->object, &uses[i]);
	return r;
}

/* Objects that have a name, and nobody uses. */
static int conclude_unused(struct search *search)
{
	struct collector *collector = search->collector;

	vector_for_each (&collector->snapshot->objects, object)
		if (KIND_BIT(object->kind) & search->kinds & KINDS_IN_PROCESSES &&
		    scope_has_details(&collector->scope, object) &&
		    !object_has(object, OBJECT_PROCESSES) &&
		    list_users(search, object, NULL, 0) < 0)
			return -ENOMEM;
	return 0;
}

static int compare_things(const void *first, const void *second, void *context)
{
	const struct thing *things = context;
	const struct thing *a = &things[*(const uint32_t *)first];
	const struct thing *b = &things[*(const uint32_t *)second];

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	return a->inode < b->inode ? -1 : a->inode > b->inode;
}

/*
 * Numbers the things of uses by what they are, as the order in which they were found depends on
 * which thread was faster. *ret_order has the index of each, owned by the caller. 0 or -ENOMEM.
 */
static int order_things(struct search *search, uint32_t **ret_order)
{
	size_t count = search->things.items.count;
	uint32_t *order = calloc(count + 1, sizeof(*order));
	_cleanup_free_ uint32_t *places = calloc(count + 1, sizeof(*places));

	if (!order || !places) {
		free(order);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		order[i] = (uint32_t)i;
	if (count)
		qsort_r(order, count, sizeof(*order), compare_things, search->things.items.items);
	for (size_t i = 0; i < count; i++)
		places[order[i]] = (uint32_t)i;
	vector_for_each (&search->uses.items, use)
		use->object = places[use->object];
	*ret_order = order;
	return 0;
}

static int report_changing(struct search *search)
{
	char reason[96];

	if (!search->changing)
		return 0;
	snprintf(reason, sizeof(reason), "%zu descriptor%s another file's at each look",
		 search->changing, search->changing == 1 ? " was" : "s were");
	return collector_add_issue(search->collector, ISSUE_ABOUT_PROCESSES, OUTCOME_GONE,
				   KIND_COUNT, NULL, "/proc/PID/fd", reason);
}

int search_conclude_things(struct search *search)
{
	struct seen_use *uses = search->uses.items.items;
	size_t left = search->uses.items.count;
	_cleanup_free_ uint32_t *order = NULL;
	int r = order_things(search, &order);

	if (r == 0 && left)
		qsort(uses, left, sizeof(*uses), compare_uses);
	while (r == 0 && left) {
		size_t count = 1;

		while (count < left && uses[count].object == uses[0].object)
			count++;
		r = conclude(search, &search->things.items.items[order[uses[0].object]], uses,
			     count);
		uses += count;
		left -= count;
	}
	if (r == 0)
		r = conclude_unused(search);
	return r ? r : report_changing(search);
}
