/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens make: makes one object.
 */
#include <errno.h>

#include "cli/action_list.h"
#include "cli/make_words.h"

static enum exit_status check_name(const struct make_request *request)
{
	struct ipclens_error error;

	if (act_make_check_name(request, &error) == 0)
		return STATUS_DONE;
	complain_about(request->name, "%s", error.text);
	return STATUS_USAGE;
}

/* A name that ends as if it told a namespace is told with its own. 0 or -ENOMEM. */
static int name_file(struct actions *actions, struct action *action,
		     const struct make_request *request, const struct host *host)
{
	struct object object = {.kind = request->kind, .name = text_of(request->name)};
	_cleanup_buffer_ struct buffer ref = {0};

	object_mark(&object, OBJECT_NAME);
	if (record_has(&host->record, HOST_IPC_NAMESPACE)) {
		object.namespace = host->ipc_namespace;
		object_mark(&object, OBJECT_NAMESPACE);
	}
	ref_add_long(&ref, &object, false, false);
	if (!buffer_string(&ref))
		return -ENOMEM;
	return action_set(actions, action, ACTION_OBJECT, "%s", ref.bytes);
}

/* 0 or -ENOMEM. */
static int name_object(struct actions *actions, struct action *action,
		       const struct make_request *request, const struct host *host, int id)
{
	const char *word = kind_info(request->kind)->word;

	if (request->name)
		return name_file(actions, action, request, host);
	if (id >= 0)
		return action_set(actions, action, ACTION_OBJECT, "%s:%d", word, id);
	if (request->key)
		return action_set(actions, action, ACTION_OBJECT, "%s:0x%08x", word, request->key);
	return action_set(actions, action, ACTION_OBJECT, "%s", word);
}

/* 0 or -ENOMEM. */
static int make(const struct settings *settings, const struct make_request *request,
		const struct host *host, struct actions *actions, struct action *action)
{
	struct ipclens_error error;
	int id = -1;
	int r = settings->is_dry_run ? act_make_check(request, &error)
				     : act_make(request, &id, &error);
	int named = name_object(actions, action, request, host, id);

	if (named < 0)
		return named;
	if (r < 0)
		return action_fail(actions, action, ACTION_FAILED, error.text);
	if (!settings->is_dry_run)
		action->outcome = ACTION_DONE;
	return 0;
}

enum exit_status cmd_make(struct invocation *invocation)
{
	const struct scope scope = {.has_namespaces = true, .has_sight = true};
	_cleanup_make_words_ struct make_words words = {0};
	_cleanup_actions_ struct actions actions = {0};
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	enum exit_status status = make_words_read(invocation, &words);
	struct action *action;

	if (status == STATUS_DONE)
		status = check_name(&words.request);
	if (status == STATUS_DONE)
		status = view_open(&invocation->settings, &scope, &snapshot);
	if (status != STATUS_DONE)
		return status;
	action = actions_add(&actions, ACTION_MAKE);
	if (!action ||
	    make(&invocation->settings, &words.request, &snapshot->host, &actions, action) < 0)
		return view_no_memory();
	action_tell(&invocation->settings, action);
	return action_list_close(invocation, &actions, snapshot, &scope);
}
