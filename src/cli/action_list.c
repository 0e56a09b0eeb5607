/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/action_list.h"

#include <errno.h>

#include "base/utf8.h"
#include "cli/patience.h"
#include "model/record_json.h"

/* Of many users these are named to a person; JSON has all. */
#define EVIDENCE_MAX 12

struct words {
	const char *done; /* NULL: there is nothing to say */
	const char *planned, *not_done;
	const char *kept; /* of those that can be */
	const char *past;
};

static const struct words words[] = {
	[ACTION_REMOVE] = {"removed", "would remove", "not removed", "kept", "removed"},
	[ACTION_MAKE] = {"", "would make", "not made", NULL, "made"},
	[ACTION_SEND] = {NULL, "would send to", "not sent", NULL, "sent to"},
	[ACTION_RECEIVE] = {NULL, "would receive from", "not received", NULL, "received from"},
	[ACTION_SEMOP] = {NULL, "would be done on", "not done", NULL, "operated on"},
};

static size_t count_shown(const struct action *action)
{
	return action->evidence.count > EVIDENCE_MAX ? EVIDENCE_MAX : action->evidence.count;
}

static int tell_success(const struct action *action)
{
	_cleanup_buffer_ struct buffer output = view_output();
	const struct text *evidence = action->evidence.items;
	const char *word = words[action->word].planned;

	if (action->outcome == ACTION_DONE)
		word = words[action->word].done;
	else if (action->outcome == ACTION_KEPT)
		word = words[action->word].kept;
	if (!word)
		return 0;
	buffer_add_format(&output, "%s%s", word, *word ? " " : "");
	utf8_add_for_terminal(&output, action->object);
	if (action->outcome == ACTION_KEPT) {
		buffer_add_string(&output, ": ");
		utf8_add_for_terminal(&output, action->reason);
	}
	buffer_add_char(&output, '\n');
	for (size_t i = 0; i < count_shown(action); i++) {
		buffer_add_string(&output, "  ");
		utf8_add_for_terminal(&output, evidence[i]);
		buffer_add_char(&output, '\n');
	}
	if (count_shown(action) < action->evidence.count)
		buffer_add_format(&output, "  and %zu more\n",
				  action->evidence.count - count_shown(action));
	return buffer_flush(&output);
}

static void tell_failure(const struct action *action)
{
	const struct text *evidence = action->evidence.items;
	_cleanup_buffer_ struct buffer ref = {0};
	const char *name;

	buffer_add_text(&ref, action->object);
	name = buffer_string(&ref);
	if (!record_has(&action->record, ACTION_OBJECT))
		complain("%s: %.*s", words[action->word].not_done, (int)action->reason.length,
			 action->reason.bytes);
	else
		complain_about(name ? name : "?", "%s: %.*s", words[action->word].not_done,
			       (int)action->reason.length, action->reason.bytes);
	for (size_t i = 0; i < count_shown(action); i++)
		complain("  %.*s", (int)evidence[i].length, evidence[i].bytes);
	if (count_shown(action) < action->evidence.count)
		complain("  and %zu more", action->evidence.count - count_shown(action));
}

int action_tell(const struct settings *settings, const struct action *action)
{
	if (!action_has_failed(action))
		return settings->is_json ? 0 : tell_success(action);
	tell_failure(action);
	return 0;
}

int action_fail(struct actions *actions, struct action *action, enum action_outcome outcome,
		const char *reason)
{
	action->outcome = outcome;
	return action_set(actions, action, ACTION_REASON, "%s", reason);
}

int action_judge(struct actions *actions, struct action *action, int r,
		 const struct ipclens_error *error, uint64_t timeout)
{
	if (r == 0) {
		action->outcome = ACTION_DONE;
		return 0;
	}
	if (r != -EINTR)
		return action_fail(actions, action, ACTION_FAILED, error->text);
	if (patience_is_interrupted())
		return action_fail(actions, action, ACTION_FAILED, "interrupted by a signal");
	action->outcome = ACTION_FAILED;
	return action_set(actions, action, ACTION_REASON, "timed out after %g seconds",
			  (double)timeout / 1000);
}

static int print_json(const char *command, const struct actions *actions,
		      const struct snapshot *snapshot, const struct scope *scope)
{
	_cleanup_buffer_ struct buffer output = view_output();

	document_begin(&output, snapshot, command);
	document_add_records(&output, &action_fields, actions->items.items, actions->items.count);
	document_add_issues(&output, snapshot, scope);
	document_end(&output);
	return buffer_flush(&output);
}

/* What was done although the answer could not be written: nobody else tells. */
static void tell_unwritten(const struct action *action)
{
	_cleanup_buffer_ struct buffer ref = {0};
	const char *name;

	buffer_add_text(&ref, action->object);
	name = buffer_string(&ref);
	complain_about(name ? name : "?", "it was %s all the same", words[action->word].past);
}

enum exit_status action_list_close(const struct invocation *invocation,
				   const struct actions *actions, const struct snapshot *snapshot,
				   const struct scope *scope, int told)
{
	enum exit_status status;

	if (told == 0 && invocation->settings.is_json)
		told = print_json(invocation->command->name, actions, snapshot, scope);
	status = view_close(told, snapshot, scope);
	if (status != STATUS_DONE)
		vector_for_each (&actions->items, done)
			if (done->outcome == ACTION_DONE)
				tell_unwritten(done);
	vector_for_each (&actions->items, action)
		if (action_has_failed(action))
			status = STATUS_FAILED;
	return status;
}
