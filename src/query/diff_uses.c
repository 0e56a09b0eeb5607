/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Users and waits that came and went.
 */
#include <errno.h>
#include <stdlib.h>

#include "query/diff_parts.h"

void diff_uses_deinit(struct diff_uses *uses)
{
	free(uses->links);
	free(uses->waits);
	free(uses->first_link);
	free(uses->first_wait);
}

/* Each snapshot has its processes; a PID can be another one's there. */
static uint64_t start_of(const struct snapshot *snapshot, int64_t pid)
{
	const struct process *process = snapshot_process(snapshot, pid);

	return process && record_has(&process->record, PROCESS_START_TICKS) ? process->start_ticks
									    : 0;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* Of one object. A descriptor's number says nothing, two mappings are told apart by addresses. */
static int compare_links(const struct link *a, const struct link *b)
{
	int order = compare_numbers((uint64_t)a->pid, (uint64_t)b->pid);

	if (order == 0)
		order = compare_numbers(a->how, b->how);
	if (order == 0)
		order = compare_numbers(a->address, b->address);
	if (order == 0)
		order = compare_numbers(a->semnum, b->semnum);
	return order ? order
		     : compare_numbers(a->how == LINK_OPEN ? a->access : 0,
				       b->how == LINK_OPEN ? b->access : 0);
}

static int compare_waits(const struct wait *a, const struct wait *b)
{
	int order = compare_numbers((uint64_t)a->tid, (uint64_t)b->tid);

	if (order == 0)
		order = compare_numbers(a->operation, b->operation);
	if (order == 0)
		order = compare_numbers(a->semnum, b->semnum);
	return order ? order : compare_numbers(a->offset, b->offset);
}

static int compare_link_places(const void *first, const void *second)
{
	const struct link *a = *(const struct link *const *)first;
	const struct link *b = *(const struct link *const *)second;
	int order = compare_numbers(a->object, b->object);

	if (order == 0)
		order = compare_links(a, b);
	return order ? order : a < b ? -1 : a > b;
}

static int compare_wait_places(const void *first, const void *second)
{
	const struct wait *a = *(const struct wait *const *)first;
	const struct wait *b = *(const struct wait *const *)second;
	int order = compare_numbers(a->object, b->object);

	if (order == 0)
		order = compare_waits(a, b);
	return order ? order : a < b ? -1 : a > b;
}

static void sort_links(struct diff_uses *uses)
{
	size_t count = 0, objects = uses->snapshot->objects.count;

	vector_for_each (&uses->snapshot->links, link)
		if (link_is_proof((enum link_how)link->how))
			uses->links[count++] = link;
	qsort(uses->links, count, sizeof(*uses->links), compare_link_places);
	for (size_t i = 0; i < count; i++)
		uses->first_link[uses->links[i]->object + 1]++;
	for (size_t i = 0; i < objects; i++)
		uses->first_link[i + 1] += uses->first_link[i];
}

static void sort_waits(struct diff_uses *uses)
{
	size_t count = 0, objects = uses->snapshot->objects.count;

	vector_for_each (&uses->snapshot->waits, wait)
		if (wait->object != WAIT_NO_OBJECT)
			uses->waits[count++] = wait;
	qsort(uses->waits, count, sizeof(*uses->waits), compare_wait_places);
	for (size_t i = 0; i < count; i++)
		uses->first_wait[uses->waits[i]->object + 1]++;
	for (size_t i = 0; i < objects; i++)
		uses->first_wait[i + 1] += uses->first_wait[i];
}

int diff_uses_make(const struct snapshot *snapshot, struct diff_uses *uses)
{
	size_t objects = snapshot->objects.count + 1;

	uses->snapshot = snapshot;
	uses->links = calloc(snapshot->links.count + 1, sizeof(*uses->links));
	uses->waits = calloc(snapshot->waits.count + 1, sizeof(*uses->waits));
	uses->first_link = calloc(objects, sizeof(*uses->first_link));
	uses->first_wait = calloc(objects, sizeof(*uses->first_wait));
	if (!uses->links || !uses->waits || !uses->first_link || !uses->first_wait)
		return -ENOMEM;
	sort_links(uses);
	sort_waits(uses);
	return 0;
}

/* Part of a sorted list: what one object has. */
struct links {
	const struct link **next, **end;
};

struct waits {
	const struct wait **next, **end;
};

static struct links links_of(const struct diff_uses *uses, const struct object *object)
{
	size_t index = object ? (size_t)(object - uses->snapshot->objects.items) : 0;

	if (!object)
		return (struct links){0};
	return (struct links){uses->links + uses->first_link[index],
			      uses->links + uses->first_link[index + 1]};
}

static struct waits waits_of(const struct diff_uses *uses, const struct object *object)
{
	size_t index = object ? (size_t)(object - uses->snapshot->objects.items) : 0;

	if (!object)
		return (struct waits){0};
	return (struct waits){uses->waits + uses->first_wait[index],
			      uses->waits + uses->first_wait[index + 1]};
}

static bool is_about_holders(const struct link *link)
{
	return link->how == LINK_HOLDS || link->how == LINK_TAKES_BACK;
}

/* Whether all users of the object were found. What was not there had none. */
static bool has_all_users(const struct snapshot *snapshot, const struct object *object)
{
	const struct accounting *accounting = object ? snapshot_accounting(snapshot, object) : NULL;

	return !object || (accounting && accounting->is_complete) ||
	       !snapshot_has_unseen_processes(snapshot, KIND_BIT(object->kind));
}

static int add_use(struct differ *differ, enum diff_sort sort, const void *before,
		   const void *after, bool is_proven)
{
	return diff_add_detail(differ, (struct diff_detail){.sort = sort,
							    .before = before,
							    .after = after,
							    .is_proven = is_proven});
}

static bool has_changed(const struct link *before, const struct link *after)
{
	return before->amount != after->amount || before->access != after->access ||
	       before->length != after->length;
}

static int add_links(struct differ *differ, const struct link *before, const struct link *after)
{
	if (start_of(differ->diff->before, before->pid) ==
	    start_of(differ->diff->after, after->pid))
		return has_changed(before, after) ? add_use(differ, DIFF_USER, before, after, true)
						  : 0;
	/* The PID is another process's by now. */
	if (add_use(differ, DIFF_USER, before, NULL, true) < 0)
		return -ENOMEM;
	return add_use(differ, DIFF_USER, NULL, after, true);
}

/* Of each list the next one that is compared; NULL at the end. */
static const struct link *peek(struct links *links, bool knows_holders)
{
	while (links->next != links->end && is_about_holders(*links->next) && !knows_holders)
		links->next++;
	return links->next == links->end ? NULL : *links->next;
}

static int merge_links(struct differ *differ, struct links before, struct links after,
		       bool is_all_before, bool is_all_after)
{
	bool knows_holders =
		differ->diff->before->knows_holders && differ->diff->after->knows_holders;
	int r = 0;

	while (r == 0) {
		const struct link *a = peek(&before, knows_holders);
		const struct link *b = peek(&after, knows_holders);
		int order = a && b ? compare_links(a, b) : a ? -1 : 1;

		if (!a && !b)
			break;
		if (order <= 0)
			before.next++;
		if (order >= 0)
			after.next++;
		if (order == 0)
			r = add_links(differ, a, b);
		else
			r = order < 0 ? add_use(differ, DIFF_USER, a, NULL, is_all_after)
				      : add_use(differ, DIFF_USER, NULL, b, is_all_before);
	}
	return r;
}

static int add_gap(struct differ *differ, const char *what, bool has_before, bool has_after,
		   const struct object *object)
{
	return diff_add_gap(differ, (struct diff_gap){.what = what,
						      .is_before = !has_before,
						      .is_after = !has_after,
						      .first = object});
}

int diff_users(struct differ *differ, const struct object *before, const struct object *after)
{
	const struct snapshot *earlier = differ->diff->before, *later = differ->diff->after;
	const struct object *object = after ? after : before;
	int r = 0;

	if (!earlier->has_users || !later->has_users)
		return add_gap(differ, "users", earlier->has_users, later->has_users, object);
	/* Where neither tells, that is an issue of both. */
	if (object->kind == KIND_SEM && earlier->knows_holders != later->knows_holders)
		r = add_gap(differ, "holders", earlier->knows_holders, later->knows_holders,
			    object);
	return r ? r
		 : merge_links(differ, links_of(&differ->before, before),
			       links_of(&differ->after, after), has_all_users(earlier, before),
			       has_all_users(later, after));
}

/* When a sleep began is known to a second, and counted from the look. */
#define SINCE_TOLERANCE 2

static bool is_same_sleep(const struct differ *differ, const struct wait *before,
			  const struct wait *after)
{
	if (start_of(differ->diff->before, before->pid) !=
	    start_of(differ->diff->after, after->pid))
		return false;
	return !wait_has(before, WAIT_SINCE) || !wait_has(after, WAIT_SINCE) ||
	       after->since - before->since <= SINCE_TOLERANCE;
}

int diff_waits(struct differ *differ, const struct object *before, const struct object *after)
{
	const struct snapshot *earlier = differ->diff->before, *later = differ->diff->after;
	struct waits old = waits_of(&differ->before, before), new = waits_of(&differ->after, after);
	unsigned int kinds = KIND_BIT((after ? after : before)->kind);
	bool is_all_before = !before || !snapshot_has_unseen_waits(earlier, kinds);
	bool is_all_after = !after || !snapshot_has_unseen_waits(later, kinds);
	int r = 0;

	if (!earlier->has_waits || !later->has_waits)
		return add_gap(differ, "waits", earlier->has_waits, later->has_waits,
			       after ? after : before);
	while (r == 0 && (old.next != old.end || new.next != new.end)) {
		const struct wait *a = old.next != old.end ? *old.next : NULL;
		const struct wait *b = new.next != new.end ? *new.next : NULL;
		int order = a && b ? compare_waits(a, b) : a ? -1 : 1;

		if (order <= 0)
			old.next++;
		if (order >= 0)
			new.next++;
		if (order == 0 && !is_same_sleep(differ, a, b))
			r = add_use(differ, DIFF_WAIT, a, b, true);
		else if (order != 0)
			r = order < 0 ? add_use(differ, DIFF_WAIT, a, NULL, is_all_after)
				      : add_use(differ, DIFF_WAIT, NULL, b, is_all_before);
	}
	return r;
}
