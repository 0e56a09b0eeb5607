/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "query/diff.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "query/diff_parts.h"

const char *const diff_change_names[] = {"gone", "appeared", "changed", NULL};

void diff_deinit(struct diff *diff)
{
	vector_deinit(&diff->items);
	vector_deinit(&diff->details);
	vector_deinit(&diff->gaps);
}

int diff_add_detail(struct differ *differ, struct diff_detail detail)
{
	struct diff_detail *place = vector_add(&differ->diff->details);

	if (!place)
		return -ENOMEM;
	*place = detail;
	return 0;
}

/* There are no more of them than fields. */
static struct diff_gap *find_gap(struct diff *diff, const struct diff_gap *gap)
{
	vector_for_each (&diff->gaps, other)
		if (other->what == gap->what && other->is_of_semaphores == gap->is_of_semaphores &&
		    other->is_before == gap->is_before && other->is_after == gap->is_after)
			return other;
	return NULL;
}

int diff_add_gap(struct differ *differ, struct diff_gap gap)
{
	struct diff_gap *place = find_gap(differ->diff, &gap);

	if (!place) {
		place = vector_add(&differ->diff->gaps);
		if (!place)
			return -ENOMEM;
		*place = gap;
	}
	/* An array is one object, however many of its semaphores lack something. */
	place->objects += place->last != gap.first;
	place->last = gap.first;
	return 0;
}

/* Nothing but the processes that use it shows it. */
static bool is_found_in_processes(const struct object *object)
{
	return KIND_BIT(object->kind) & ~KINDS_LISTED ||
	       (KIND_BIT(object->kind) & KINDS_POSIX && object->status & STATUS_UNLINKED);
}

/*
 * Whether the viewer looked into all IPC namespaces: then one that is not among them is gone. Where
 * it is the viewer's own alone, it can be the one that was asked for.
 */
static bool looks_everywhere(const struct snapshot *snapshot)
{
	return snapshot->namespaces.count > 1 && snapshot->namespaces.items[0].is_viewers;
}

/* Whether the object, which is in the other snapshot, would be in this one. */
static bool looks_there(const struct snapshot *snapshot, const struct object *object)
{
	if (!object_has(object, OBJECT_NAMESPACE) || looks_everywhere(snapshot))
		return true;
	vector_for_each (&snapshot->namespaces, namespace)
		if (namespace->number == object->namespace)
			return true;
	return !snapshot->namespaces.count &&
	       (!record_has(&snapshot->host.record, HOST_IPC_NAMESPACE) ||
		snapshot->host.ipc_namespace == object->namespace);
}

/* Whether the object, which is in the other snapshot, was not there if it is not in this one. */
static bool shows_all(const struct snapshot *snapshot, const struct object *object)
{
	if (!snapshot_has_all(snapshot, object->kind))
		return false;
	return !is_found_in_processes(object) ||
	       (snapshot->has_users &&
		!snapshot_has_unseen_processes(snapshot, KIND_BIT(object->kind)));
}

/* 0 or -ENOMEM. */
static int add_item(struct differ *differ, struct diff_item item)
{
	struct diff *diff = differ->diff;
	struct diff_item *place;
	int r = 0;

	item.first = diff->details.count;
	if (item.change == DIFF_CHANGED)
		r = diff_fields(differ, item.before, item.after);
	if (r == 0)
		r = diff_users(differ, item.before, item.after);
	if (r == 0)
		r = diff_waits(differ, item.before, item.after);
	item.count = diff->details.count - item.first;
	if (r < 0 || (item.change == DIFF_CHANGED && !item.count))
		return r;
	place = vector_add(&diff->items);
	if (!place)
		return -ENOMEM;
	*place = item;
	return 0;
}

static int add_before(struct differ *differ, const struct object *object,
		      const struct pairs_partner *partner)
{
	if (!looks_there(differ->diff->after, object))
		return diff_add_gap(differ, (struct diff_gap){.what = DIFF_PRESENCE,
							      .is_after = true,
							      .first = object});
	return add_item(differ,
			(struct diff_item){.change = DIFF_GONE,
					   .before = object,
					   .heir = partner->heir,
					   .heir_sort = partner->sort,
					   .is_proven = shows_all(differ->diff->after, object)});
}

static int add_after(struct differ *differ, const struct object *object,
		     const struct pairs_partner *partner)
{
	if (partner->same)
		return add_item(differ, (struct diff_item){.change = DIFF_CHANGED,
							   .before = partner->same,
							   .after = object,
							   .is_proven = true});
	if (!looks_there(differ->diff->before, object))
		return diff_add_gap(differ, (struct diff_gap){.what = DIFF_PRESENCE,
							      .is_before = true,
							      .first = object});
	return add_item(differ,
			(struct diff_item){.change = DIFF_APPEARED,
					   .after = object,
					   .heir = partner->heir,
					   .heir_sort = partner->sort,
					   .is_proven = shows_all(differ->diff->before, object)});
}

/* Objects of both snapshots, in the order in which they are told of. */
struct places {
	VECTOR(const struct object *) objects;
	const struct pairs *pairs;
};

static bool is_after(const struct pairs *pairs, const struct object *object)
{
	uintptr_t first = (uintptr_t)pairs->after->objects.items;

	return (uintptr_t)object >= first &&
	       (uintptr_t)object < first + pairs->after->objects.count * sizeof(*object);
}

/* What is gone comes before what came in its place. */
static int compare_places(const void *first, const void *second, void *context)
{
	const struct object *a = *(const struct object *const *)first;
	const struct object *b = *(const struct object *const *)second;
	int order = select_compare(a, b);

	if (order == 0)
		order = (int)is_after(context, a) - (int)is_after(context, b);
	return order ? order : a < b ? -1 : a > b;
}

static int add_place(struct places *places, const struct object *object)
{
	const struct object **place = vector_add(&places->objects);

	if (!place)
		return -ENOMEM;
	*place = object;
	return 0;
}

/* One that is in both stands at its later place, also where only the earlier one was selected. */
static int gather(struct places *places, const struct selection *before,
		  const struct selection *after, bool *is_there)
{
	const struct object *first = places->pairs->after->objects.items;

	vector_for_each (&after->objects, object) {
		is_there[*object - first] = true;
		if (add_place(places, *object) < 0)
			return -ENOMEM;
	}
	vector_for_each (&before->objects, object) {
		size_t index = (size_t)(*object - places->pairs->before->objects.items);
		const struct object *same = places->pairs->of_before[index].same;

		if (same && is_there[same - first])
			continue;
		if (add_place(places, same ? same : *object) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int find_places(const struct selection_options *options, struct places *places)
{
	const struct pairs *pairs = places->pairs;
	_cleanup_free_ bool *is_there = calloc(pairs->after->objects.count + 1, sizeof(*is_there));
	_cleanup_selection_ struct selection before = {0}, after = {0};

	if (!is_there || select_objects(pairs->before, options, &before) < 0 ||
	    select_objects(pairs->after, options, &after) < 0)
		return -ENOMEM;
	if (gather(places, &before, &after, is_there) < 0)
		return -ENOMEM;
	if (places->objects.count)
		qsort_r(places->objects.items, places->objects.count,
			sizeof(*places->objects.items), compare_places, (void *)pairs);
	return 0;
}

static int add_items(struct differ *differ, const struct pairs *pairs,
		     const struct selection_options *options)
{
	struct places places = {.pairs = pairs};
	int r = find_places(options, &places);

	vector_for_each (&places.objects, object) {
		if (r < 0)
			break;
		if (is_after(pairs, *object))
			r = add_after(differ, *object,
				      &pairs->of_after[*object - pairs->after->objects.items]);
		else
			r = add_before(differ, *object,
				       &pairs->of_before[*object - pairs->before->objects.items]);
	}
	vector_deinit(&places.objects);
	return r;
}

int diff_make(const struct snapshot *before, const struct snapshot *after,
	      const struct selection_options *options, struct diff *ret_diff)
{
	_cleanup_diff_ struct diff diff = {.before = before, .after = after};
	_cleanup_pairs_ struct pairs pairs = {0};
	struct differ differ = {.diff = &diff};
	int r = pairs_make(before, after, &pairs);

	if (after->taken_at > before->taken_at)
		diff.seconds = (uint64_t)after->taken_at - (uint64_t)before->taken_at;
	if (r == 0)
		r = diff_uses_make(before, &differ.before);
	if (r == 0)
		r = diff_uses_make(after, &differ.after);
	if (r == 0)
		r = add_items(&differ, &pairs, options);
	diff_uses_deinit(&differ.before);
	diff_uses_deinit(&differ.after);
	if (r < 0)
		return r;
	*ret_diff = diff;
	diff = (struct diff){0};
	return 0;
}
