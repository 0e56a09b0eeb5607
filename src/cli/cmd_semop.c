/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens semop: operations on a semaphore array; and one that is given back at the end of a
 * command, however that ends.
 */
#include <errno.h>
#include <unistd.h>

#include "act/semop.h"
#include "cli/action_list.h"
#include "cli/elsewhere.h"
#include "cli/find.h"
#include "cli/patience.h"

struct operation {
	struct found found;
	struct semaphore_step *steps;
	struct semop_request request;
	bool has_timeout;
	uint64_t timeout; /* milliseconds */
};

static void operation_deinit(struct operation *operation)
{
	found_deinit(&operation->found);
	free(operation->steps);
}

/* What is asked for without a kind is an array. */
static enum exit_status read_ref(const struct invocation *first, struct found *found)
{
	enum exit_status status = find_read(first, found);

	if (status != STATUS_DONE)
		return status;
	found->refs[0].kinds &= KIND_BIT(KIND_SEM);
	found->wanted_kinds = found->refs[0].kinds;
	if (found->wanted_kinds)
		return STATUS_DONE;
	complain_about(first->operands[0], "it is no array; semop takes one of System V, as sem:0");
	return STATUS_USAGE;
}

static enum exit_status read_steps(const struct invocation *invocation, struct operation *operation)
{
	size_t count = (size_t)invocation->operand_count - 1;
	struct ipclens_error error;

	operation->steps = calloc(count, sizeof(*operation->steps));
	if (!operation->steps)
		return view_no_memory();
	for (size_t i = 0; i < count; i++) {
		const char *word = invocation->operands[i + 1];

		if (semaphore_parse_step(text_of(word), &operation->steps[i], &error) == 0)
			continue;
		complain_about(word, "%s", error.text);
		return STATUS_USAGE;
	}
	operation->request.steps = operation->steps;
	operation->request.count = count;
	return STATUS_DONE;
}

static enum exit_status read_timeout(const struct settings *settings, struct operation *operation)
{
	const char *argument = settings->arguments[OPTION_TIMEOUT];

	operation->request.waits = true;
	if (!argument)
		return STATUS_DONE;
	if (patience_parse(argument, &operation->timeout) < 0) {
		complain_about(argument,
			       "not a value of --timeout, which is seconds, as 5 or 0.25");
		return STATUS_USAGE;
	}
	operation->has_timeout = operation->timeout;
	operation->request.waits = operation->timeout;
	return STATUS_DONE;
}

static bool changes_something(const struct semop_request *request)
{
	for (size_t i = 0; i < request->count; i++)
		if (request->steps[i].amount)
			return true;
	return false;
}

static enum exit_status check_hold(const struct settings *settings, struct operation *operation)
{
	char **command = settings->held_command;

	if (!command && !settings->has_undo)
		return STATUS_DONE;
	if (!command)
		complain(
			"semop: --undo takes everything back when the process ends, which this one "
			"does at once; to hold it for the time of a command use --hold COMMAND");
	else if (!command[0])
		complain("semop: --hold takes a command, and everything behind it");
	else if (settings->is_json)
		complain(
			"semop: --json has no meaning with --hold: standard output is the command's");
	else if (!changes_something(&operation->request))
		complain("semop: --hold holds nothing where it is only waited for 0");
	else
		return STATUS_DONE;
	return STATUS_USAGE;
}

static enum exit_status read_call(const struct invocation *invocation, struct operation *operation)
{
	struct invocation first = *invocation;
	enum exit_status status;

	first.operand_count = 1;
	status = read_ref(&first, &operation->found);
	if (status == STATUS_DONE)
		status = read_steps(invocation, operation);
	if (status == STATUS_DONE)
		status = read_timeout(&invocation->settings, operation);
	if (status == STATUS_DONE)
		status = check_hold(&invocation->settings, operation);
	return status;
}

static enum exit_status find_array(const struct invocation *invocation, struct operation *operation)
{
	const struct scope scope = {.kinds = KINDS_SYSV, .has_sight = true};
	struct invocation first = *invocation;
	enum exit_status status;

	first.operand_count = 1;
	status = find_open(&first, &scope, &operation->found);
	if (status == STATUS_DONE)
		operation->request.id = (int)operation->found.objects.objects.items[0]->id;
	return status;
}

/* Whether the array has all these semaphores. */
static bool has_semaphores(const struct operation *operation)
{
	const struct object *array = operation->found.objects.objects.items[0];

	for (size_t i = 0; i < operation->request.count; i++)
		if (operation->steps[i].num >= array->sem.nsems)
			return false;
	return true;
}

static int operate(const struct operation *operation, const struct patience *patience,
		   struct ipclens_error *ret_error)
{
	int r;

	do
		r = act_semop(&operation->request, ret_error);
	while (r == -EINTR && patience_goes_on(patience));
	return r;
}

/* 0 or -ENOMEM. */
static int perform(const struct settings *settings, struct operation *operation,
		   struct actions *actions, struct action *action)
{
	const struct object *array = operation->found.objects.objects.items[0];
	struct ipclens_error error;
	struct patience patience;
	int r;

	if (!has_semaphores(operation)) {
		action->outcome = ACTION_FAILED;
		return action_set(actions, action, ACTION_REASON,
				  "it has %llu semaphores, of which the first has number 0",
				  (unsigned long long)array->sem.nsems);
	}
	if (settings->is_dry_run)
		return 0;
	operation->request.has_undo = settings->held_command;
	patience_begin(operation->has_timeout ? &operation->timeout : NULL, &patience);
	r = operate(operation, &patience, &error);
	r = action_judge(actions, action, r, &error, operation->timeout);
	patience_end(&patience);
	return r;
}

/* The same process goes on as the command, and with it what the kernel has to give back. */
static enum exit_status become(char **command)
{
	if (view_finish_output(0) == STATUS_DONE) {
		execvp(command[0], command);
		complain_about(command[0], "%s", strerror(errno));
	}
	return STATUS_FAILED;
}

enum exit_status cmd_semop(struct invocation *invocation)
{
	__attribute__((cleanup(operation_deinit))) struct operation operation = {0};
	const struct settings *settings = &invocation->settings;
	_cleanup_actions_ struct actions actions = {0};
	enum exit_status status = read_call(invocation, &operation);
	bool is_over = false;
	struct action *action;

	if (status == STATUS_DONE)
		status = elsewhere_aim(invocation, 1, &operation.found);
	if (status == STATUS_DONE)
		status = elsewhere_go(invocation, &operation.found.refs[0], true, &is_over);
	if (status == STATUS_DONE && !is_over)
		status = find_array(invocation, &operation);
	if (status != STATUS_DONE || is_over)
		return status;
	action = actions_add(&actions, ACTION_SEMOP);
	if (!action ||
	    action_set(&actions, action, ACTION_OBJECT, "%s", invocation->operands[0]) < 0 ||
	    perform(settings, &operation, &actions, action) < 0)
		return view_no_memory();
	if (action->outcome == ACTION_DONE && settings->held_command)
		return become(settings->held_command);
	return action_list_close(invocation, &actions, operation.found.snapshot,
				 &operation.found.answer, action_tell(settings, action));
}
