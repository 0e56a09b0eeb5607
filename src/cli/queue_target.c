/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/queue_target.h"

#include "cli/elsewhere.h"

#define KINDS_OF_QUEUES (KIND_BIT(KIND_MSG) | KIND_BIT(KIND_MQ))

void queue_target_deinit(struct queue_target *target)
{
	found_deinit(&target->found);
}

/* What is asked for without a kind is a queue of System V. */
static enum exit_status check_kind(const struct invocation *invocation, struct found *found)
{
	struct ref *ref = &found->refs[0];

	ref->kinds &= KINDS_OF_QUEUES;
	found->wanted_kinds = ref->kinds;
	if (ref->kinds)
		return STATUS_DONE;
	complain_about(invocation->operands[0],
		       "it is no queue; %s takes one, as msg:0 or mq:/name",
		       invocation->command->name);
	return STATUS_USAGE;
}

static enum exit_status check_option(const struct invocation *invocation, enum option_id option,
				     const char *kind)
{
	if (!invocation->settings.arguments[option])
		return STATUS_DONE;
	complain("%s: --%s has no meaning for %s", invocation->command->name,
		 option_info(option)->name, kind);
	return STATUS_USAGE;
}

static enum exit_status read_timeout(const struct settings *settings, struct queue_target *target)
{
	const char *argument = settings->arguments[OPTION_TIMEOUT];

	target->waits = true;
	if (!argument)
		return STATUS_DONE;
	if (patience_parse(argument, &target->timeout) < 0) {
		complain_about(argument,
			       "not a value of --timeout, which is seconds, as 5 or 0.25");
		return STATUS_USAGE;
	}
	target->has_timeout = true;
	target->waits = target->timeout;
	return STATUS_DONE;
}

static enum exit_status find_sysv(const struct invocation *invocation, struct queue_target *target)
{
	const struct scope scope = {.kinds = KINDS_SYSV, .has_sight = true};
	enum exit_status status = find_open(invocation, &scope, &target->found);

	if (status == STATUS_DONE)
		target->id = (int)target->found.objects.objects.items[0]->id;
	return status;
}

static enum exit_status check_name(const char *operand, struct queue_target *target)
{
	const struct ref *ref = &target->found.refs[0];
	struct text name;

	if (ref->form == REF_BY_INODE) {
		complain_about(operand, "a queue is opened by its name, as mq:/name");
		return STATUS_FAILED;
	}
	if (ref_name(ref, target->name, sizeof(target->name), &name) < 0 ||
	    memchr(name.bytes + 1, '/', name.length - 1)) {
		complain_about(operand, "no queue can have this name");
		return STATUS_USAGE;
	}
	return STATUS_DONE;
}

/* Many may use a queue who are not shown a list of all. */
static enum exit_status find_posix(const struct invocation *invocation, struct queue_target *target)
{
	const struct scope scope = {.has_sight = true};
	const struct ref *ref = &target->found.refs[0];
	const char *operand = invocation->operands[0];
	struct snapshot **snapshot = &target->found.snapshot;
	enum exit_status status = check_name(operand, target);

	target->is_posix = true;
	if (status == STATUS_DONE)
		status = view_open(&invocation->settings, &scope, snapshot);
	if (status == STATUS_DONE && ref->has_namespace &&
	    (*snapshot)->host.ipc_namespace != ref->namespace) {
		complain_about(operand, "not found; only this IPC namespace was looked at");
		return STATUS_FAILED;
	}
	target->found.answer = scope;
	return status;
}

/* The words behind the REF are for the command itself. */
static enum exit_status read_ref(const struct invocation *invocation, struct found *found)
{
	struct invocation first = *invocation;

	first.operand_count = 1;
	return find_read(&first, found);
}

enum exit_status queue_target_find(struct invocation *invocation, enum option_id only_sysv,
				   enum option_id only_posix, struct queue_target *ret_target)
{
	enum exit_status status = read_ref(invocation, &ret_target->found);
	struct invocation first;
	bool is_posix;

	if (status == STATUS_DONE)
		status = check_kind(invocation, &ret_target->found);
	if (status == STATUS_DONE)
		status = read_timeout(&invocation->settings, ret_target);
	if (status == STATUS_DONE)
		status = elsewhere_aim(invocation, 1, &ret_target->found);
	if (status == STATUS_DONE)
		status = elsewhere_go(invocation, &ret_target->found.refs[0], true,
				      &ret_target->is_over);
	if (status != STATUS_DONE || ret_target->is_over)
		return status;
	first = *invocation;
	first.operand_count = 1;
	is_posix = ret_target->found.wanted_kinds == KIND_BIT(KIND_MQ);
	status = is_posix ? check_option(invocation, only_sysv, "mq")
			  : check_option(invocation, only_posix, "msg");
	if (status != STATUS_DONE)
		return status;
	return is_posix ? find_posix(&first, ret_target) : find_sysv(&first, ret_target);
}
