/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/snapshot.h"

#include <errno.h>
#include <stdlib.h>

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
