/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens make: makes one object.
 */
#include <errno.h>

#include "cli/action_list.h"
#include "cli/elsewhere.h"
#include "cli/make_words.h"

static enum exit_status check_name(const struct make_request *request)
{
	struct ipclens_error error;

	if (act_make_check_name(request, &error) == 0)
		return STATUS_DONE;
	complain_about(request->name, "%s", error.text);
	return STATUS_USAGE;
}

/* Where it is made. */
struct site {
	const struct host *host;
	const struct namespace *other; /* another IPC namespace; NULL: this one */
};

static struct site find_site(const struct snapshot *snapshot)
{
	const struct namespace *asked =
		snapshot->namespaces.count ? snapshot->namespaces.items : NULL;

	return (struct site){&snapshot->host, asked && !asked->is_viewers ? asked : NULL};
}

/* A name that ends as if it told a namespace is told with its own. 0 or -ENOMEM. */
static int name_file(struct actions *actions, struct action *action,
		     const struct make_request *request, const struct site *site)
{
	struct object object = {.kind = request->kind, .name = text_of(request->name)};
	_cleanup_buffer_ struct buffer ref = {0};

	object_mark(&object, OBJECT_NAME);
	if (record_has(&site->host->record, HOST_IPC_NAMESPACE)) {
		object.namespace = site->other ? site->other->number : site->host->ipc_namespace;
		object_mark(&object, OBJECT_NAMESPACE);
	}
	ref_add_long(&ref, &object, false, site->other);
	if (!buffer_string(&ref))
		return -ENOMEM;
	return action_set(actions, action, ACTION_OBJECT, "%s", ref.bytes);
}

/* 0 or -ENOMEM. */
static int name_object(struct actions *actions, struct action *action,
		       const struct make_request *request, const struct site *site, int id)
{
	const char *word = kind_info(request->kind)->word;
	char end[24] = "";

	if (request->name)
		return name_file(actions, action, request, site);
	if (site->other)
		snprintf(end, sizeof(end), "@%llu", (unsigned long long)site->other->number);
	if (id >= 0)
		return action_set(actions, action, ACTION_OBJECT, "%s:%d%s", word, id, end);
	if (request->key)
		return action_set(actions, action, ACTION_OBJECT, "%s:0x%08x%s", word, request->key,
				  end);
	return action_set(actions, action, ACTION_OBJECT, "%s%s", word, end);
}

static int make_there(const struct settings *settings, const struct make_request *request,
		      const struct site *site, int *ret_id, struct ipclens_error *ret_error)
{
	_cleanup_elsewhere_ struct elsewhere elsewhere = {.is_open = false};

	if (site->other)
		return elsewhere_make(&elsewhere, settings->arguments[OPTION_NAMESPACE], request,
				      settings->is_dry_run, ret_id, ret_error);
	return settings->is_dry_run ? act_make_check(request, ret_error)
				    : act_make(request, ret_id, ret_error);
}

/* 0 or -ENOMEM. */
static int make(const struct settings *settings, const struct make_request *request,
		const struct site *site, struct actions *actions, struct action *action)
{
	struct ipclens_error error;
	int id = -1;
	int r = make_there(settings, request, site, &id, &error);
	int named = name_object(actions, action, request, site, id);

	if (named < 0)
		return named;
	if (r != 0)
		return action_fail(actions, action, ACTION_FAILED, error.text);
	if (!settings->is_dry_run)
		action->outcome = ACTION_DONE;
	return 0;
}

enum exit_status cmd_make(struct invocation *invocation)
{
	const struct settings *settings = &invocation->settings;
	const struct scope scope = {.has_namespaces = true, .has_sight = true};
	_cleanup_make_words_ struct make_words words = {0};
	_cleanup_actions_ struct actions actions = {0};
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	enum exit_status status = make_words_read(invocation, &words);
	struct action *action;
	struct site site;

	if (status == STATUS_DONE)
		status = check_name(&words.request);
	if (status == STATUS_DONE)
		status = view_open(settings, &scope, &snapshot);
	if (status != STATUS_DONE)
		return status;
	site = find_site(snapshot);
	if (site.other)
		status = elsewhere_check(settings, settings->arguments[OPTION_NAMESPACE],
					 site.other->number);
	if (status != STATUS_DONE)
		return status;
	action = actions_add(&actions, ACTION_MAKE);
	if (!action || make(settings, &words.request, &site, &actions, action) < 0)
		return view_no_memory();
	return action_list_close(invocation, &actions, snapshot, &scope,
				 action_tell(settings, action));
}
