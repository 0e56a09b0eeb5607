/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/scope.h"

#include "model/snapshot.h"

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
