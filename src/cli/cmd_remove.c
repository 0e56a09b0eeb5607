/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens remove: removes objects that nobody uses, or says who does.
 */
#include <errno.h>

#include "act/remove.h"
#include "cli/action_list.h"
#include "cli/elsewhere.h"
#include "cli/find.h"
#include "query/dependents.h"

/* Why it is refused; NULL where it is not. */
static const char *why_not(const struct dependents *dependents)
{
	if (dependents->count)
		return "it is in use; --force removes it all the same";
	if (!dependents->is_fully_seen)
		return "that nobody uses it could not be seen; --force removes it all the same";
	return NULL;
}

/* 0 or -ENOMEM. */
static int remove_allowed(const struct settings *settings, const struct snapshot *snapshot,
			  struct actions *actions, struct action *action,
			  const struct object *object)
{
	_cleanup_elsewhere_ struct elsewhere elsewhere = {.is_open = false};
	struct ipclens_error error;
	int r;

	if (settings->is_dry_run)
		return 0;
	if (elsewhere_is(snapshot, object) && !settings->has_yes)
		return action_fail(actions, action, ACTION_REFUSED,
				   "it is in another IPC namespace: that takes --yes");
	r = elsewhere_remove(&elsewhere, snapshot, object, settings->is_forced, &error);
	if (r != 0)
		return action_fail(actions, action,
				   r == -EBUSY || r == -ESTALE ? ACTION_REFUSED : ACTION_FAILED,
				   error.text);
	action->outcome = ACTION_DONE;
	return 0;
}

/* 0 or -ENOMEM. */
static int remove_object(const struct settings *settings, const struct snapshot *snapshot,
			 const struct object *object, struct actions *actions,
			 struct action *action)
{
	char bytes[REF_MAX];
	struct text ref = ref_of_object(object, bytes);
	struct dependents dependents;
	struct ipclens_error error;
	int r = action_set(actions, action, ACTION_OBJECT, "%.*s", (int)ref.length, ref.bytes);

	if (r == 0 && act_can_remove(object, &error) < 0)
		return action_fail(actions, action, ACTION_FAILED, error.text);
	if (r == 0)
		r = dependents_find(snapshot, object, actions, action, &dependents);
	if (r < 0)
		return r;
	if (why_not(&dependents) && !settings->is_forced)
		return action_fail(actions, action, ACTION_REFUSED, why_not(&dependents));
	return remove_allowed(settings, snapshot, actions, action, object);
}

/* What find_open() has complained about already. 0 or -ENOMEM. */
static int record_missing(struct actions *actions, struct action *action, const char *operand,
			  size_t matches)
{
	if (action_set(actions, action, ACTION_OBJECT, "%s", operand) < 0)
		return -ENOMEM;
	return action_fail(actions, action, ACTION_FAILED,
			   matches ? "it names more than one object" : "not found");
}

/* One operand. 0 or -ENOMEM; *told is what came of telling it where nothing failed before. */
static int remove_operand(const struct invocation *invocation, const struct found *found, int index,
			  struct actions *actions, int *told)
{
	_cleanup_selection_ struct selection matches = {0};
	struct action *action = actions_add(actions, ACTION_REMOVE);
	int r;

	if (!action || select_by_ref(found->snapshot, &found->refs[index], &matches) < 0)
		return -ENOMEM;
	if (matches.objects.count != 1)
		return record_missing(actions, action, invocation->operands[index],
				      matches.objects.count);
	r = remove_object(&invocation->settings, found->snapshot, matches.objects.items[0], actions,
			  action);
	if (r < 0)
		return r;
	r = action_tell(&invocation->settings, action);
	if (*told == 0)
		*told = r;
	return 0;
}

/* What has to be known to see who uses the objects. */
static struct scope make_scope(const struct found *found)
{
	struct scope scope = {.kinds = KINDS_ALL,
			      .has_no_residence = true,
			      .has_semaphores = true,
			      .link_kinds = found->wanted_kinds,
			      .has_sight = true};

	find_narrow(found, &scope);
	return scope;
}

enum exit_status cmd_remove(struct invocation *invocation)
{
	_cleanup_found_ struct found found = {0};
	_cleanup_actions_ struct actions actions = {0};
	enum exit_status status = find_read(invocation, &found);
	struct scope scope;
	int told = 0;

	if (status == STATUS_DONE)
		status = elsewhere_aim(invocation, invocation->operand_count, &found);
	if (status != STATUS_DONE)
		return status;
	scope = make_scope(&found);
	status = find_open(invocation, &scope, &found);
	if (!found.snapshot)
		return status;
	for (int i = 0; i < invocation->operand_count; i++)
		if (remove_operand(invocation, &found, i, &actions, &told) < 0)
			return view_no_memory();
	return action_list_close(invocation, &actions, found.snapshot, &found.answer, told);
}
