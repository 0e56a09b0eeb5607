/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens receive: takes one message out of a queue, and writes its body.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include "act/messages.h"
#include "base/parse_number.h"
#include "base/utf8.h"
#include "cli/body.h"
#include "cli/queue_target.h"
#include "model/message.h"
#include "model/record_json.h"

struct arrival {
	struct queue_target queue;
	int64_t wanted; /* type */
	struct buffer body;
	long type;
	unsigned int priority;
};

static void arrival_deinit(struct arrival *arrival)
{
	queue_target_deinit(&arrival->queue);
	buffer_deinit(&arrival->body);
}

static enum exit_status read_type(const struct settings *settings, struct arrival *arrival)
{
	const char *type = settings->arguments[OPTION_TYPE];

	if (type && (parse_signed(text_of(type), &arrival->wanted) < 0 ||
		     arrival->wanted > LONG_MAX || arrival->wanted < -LONG_MAX)) {
		complain_about(type,
			       "not a type to receive: a number, 0 for any, or below 0 for the "
			       "lowest up to that");
		return STATUS_USAGE;
	}
	return STATUS_DONE;
}

static int receive_once(struct arrival *arrival, int queue, struct ipclens_error *ret_error)
{
	if (arrival->queue.is_posix)
		return act_mq_receive(queue, &arrival->body, &arrival->priority, ret_error);
	return act_msg_receive(arrival->queue.id, (long)arrival->wanted, arrival->queue.waits,
			       &arrival->body, &arrival->type, ret_error);
}

static int receive_patiently(struct arrival *arrival, const struct patience *patience,
			     struct ipclens_error *ret_error)
{
	_cleanup_close_ int queue = -1;
	int r = 0;

	if (arrival->queue.is_posix)
		r = act_mq_open(arrival->queue.name, false, arrival->queue.waits, &queue,
				ret_error);
	if (r != 0)
		return r;
	do
		r = receive_once(arrival, queue, ret_error);
	while (r == -EINTR && patience_goes_on(patience));
	return r;
}

/* What the message is in JSON. 0 or -ENOMEM. */
static int describe(const struct arrival *arrival, const struct action *action,
		    struct messages *messages)
{
	struct message *message = messages_add(messages, buffer_text(&arrival->body), SIZE_MAX);

	if (!message)
		return -ENOMEM;
	message->object = action->object;
	record_mark(&message->record, MESSAGE_OBJECT);
	if (arrival->queue.is_posix) {
		message->priority = arrival->priority;
		record_mark(&message->record, MESSAGE_PRIORITY);
	} else {
		message->type = (uint64_t)arrival->type;
		record_mark(&message->record, MESSAGE_TYPE);
	}
	return 0;
}

/* 0 or -ENOMEM. */
static int add_document(const struct arrival *arrival, const struct actions *actions,
			struct buffer *output)
{
	_cleanup_messages_ struct messages messages = {0};
	const struct found *found = &arrival->queue.found;

	if (actions->items.items[0].outcome == ACTION_DONE &&
	    describe(arrival, &actions->items.items[0], &messages) < 0)
		return -ENOMEM;
	document_begin(output, found->snapshot, "receive");
	document_add_records(output, &action_fields, actions->items.items, actions->items.count);
	document_add_records(output, &message_fields, messages.items.items, messages.items.count);
	document_add_issues(output, found->snapshot, &found->answer);
	document_end(output);
	return output->error;
}

/* The body as it is; to a terminal escaped, from which it can be told as well. */
static int add_body(const struct arrival *arrival, struct buffer *output)
{
	if (isatty(STDOUT_FILENO)) {
		utf8_add_for_terminal(output, buffer_text(&arrival->body));
		buffer_add_char(output, '\n');
	} else {
		buffer_add_text(output, buffer_text(&arrival->body));
	}
	return output->error;
}

/* Writes the answer; a body that was received and cannot be written is saved. */
static enum exit_status deliver(const struct settings *settings, const struct arrival *arrival,
				const struct actions *actions)
{
	const struct action *action = &actions->items.items[0];
	_cleanup_buffer_ struct buffer output = {0};
	int r = 0;

	if (settings->is_json)
		r = add_document(arrival, actions, &output);
	else if (action->outcome == ACTION_DONE)
		r = add_body(arrival, &output);
	if (r == 0)
		r = body_write(STDOUT_FILENO, buffer_text(&output));
	if (r == 0)
		return action_has_failed(action) ? STATUS_FAILED : STATUS_DONE;
	if (action->outcome == ACTION_DONE)
		body_save(buffer_text(&arrival->body), r);
	else
		complain("standard output: %s", strerror(-r));
	return STATUS_FAILED;
}

/*
 * Signals are only noted from before the message is taken until it is written: none may come in
 * between and end the program with it.
 */
static enum exit_status receive(const struct settings *settings, struct arrival *arrival,
				struct actions *actions, struct action *action)
{
	enum exit_status status;
	struct ipclens_error error;
	struct patience patience;
	int r;

	signal(SIGPIPE, SIG_IGN);
	patience_begin(queue_target_timeout(&arrival->queue), &patience);
	r = receive_patiently(arrival, &patience, &error);
	r = action_judge(actions, action, r, &error, arrival->queue.timeout);
	if (action_has_failed(action) && !patience_is_interrupted())
		action_tell(settings, action);
	status = deliver(settings, arrival, actions);
	patience_end(&patience);
	return r < 0 ? view_no_memory() : status;
}

enum exit_status cmd_receive(struct invocation *invocation)
{
	__attribute__((cleanup(arrival_deinit))) struct arrival arrival = {0};
	const struct settings *settings = &invocation->settings;
	_cleanup_actions_ struct actions actions = {0};
	enum exit_status status = read_type(settings, &arrival);
	struct action *action;

	if (status == STATUS_DONE)
		status = queue_target_find(invocation, OPTION_TYPE, OPTION_NONE, &arrival.queue);
	if (status != STATUS_DONE || arrival.queue.is_over)
		return status;
	action = actions_add(&actions, ACTION_RECEIVE);
	if (!action ||
	    action_set(&actions, action, ACTION_OBJECT, "%s", invocation->operands[0]) < 0)
		return view_no_memory();
	if (!settings->is_dry_run)
		return receive(settings, &arrival, &actions, action);
	return action_list_close(invocation, &actions, arrival.queue.found.snapshot,
				 &arrival.queue.found.answer, action_tell(settings, action));
}
