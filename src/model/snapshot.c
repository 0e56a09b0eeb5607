/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/snapshot.h"

#include <errno.h>
#include <stdlib.h>

#include "model/ref.h"

const struct scope scope_everything = {
	.kinds = KINDS_ALL,
	.limit_kinds = KINDS_ALL,
	.has_limit_use = true,
	.has_semaphores = true,
	.has_queue_limits = true,
	.link_kinds = KINDS_ALL,
	.has_history = true,
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
	case OBJECT_USER:
		scope->names |= SCOPE_USER;
		break;
	case OBJECT_GROUP:
		scope->names |= SCOPE_GROUP;
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
	case OBJECT_PROCESSES:
		scope->link_kinds |= KIND_BIT(KIND_SHM);
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
	vector_deinit(&snapshot->accountings);
	vector_deinit(&snapshot->limits);
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
		if (!(scope->link_kinds & KIND_BIT(object->kind)))
			record_unmark(&object->record, OBJECT_PROCESSES);
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

/* Processes that could not be inspected are of no importance where all users were found. */
static bool is_short_of_users(const struct scope *scope, const struct snapshot *snapshot)
{
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
		return (scope->link_kinds & kind) && is_short_of_users(scope, snapshot);
	case ISSUE_ABOUT_LIMITS:
		return kind & scope->limit_kinds;
	case ISSUE_ABOUT_NAMES:
		return scope->names;
	case ISSUE_ABOUT_SIGHT:
		return scope->has_sight;
	}
	return true;
}
