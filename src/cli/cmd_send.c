/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens send: puts one message into a queue.
 */
#include <errno.h>
#include <limits.h>

#include "act/messages.h"
#include "base/parse_number.h"
#include "cli/body.h"
#include "cli/queue_target.h"

/* The highest priority that the kernel takes, include/uapi/linux/mqueue.h: MQ_PRIO_MAX - 1. */
#define PRIORITY_MAX 32767

struct letter {
	struct queue_target queue;
	uint64_t type, priority;
	struct buffer body;
};

static void letter_deinit(struct letter *letter)
{
	queue_target_deinit(&letter->queue);
	buffer_deinit(&letter->body);
}

static enum exit_status read_numbers(const struct settings *settings, struct letter *letter)
{
	const char *type = settings->arguments[OPTION_TYPE];
	const char *priority = settings->arguments[OPTION_PRIORITY];

	letter->type = 1;
	if (type &&
	    (parse_unsigned(text_of(type), 10, LONG_MAX, &letter->type) < 0 || !letter->type)) {
		complain_about(type, "not a type to send, which is a number from 1 to %ld",
			       LONG_MAX);
		return STATUS_USAGE;
	}
	if (priority &&
	    parse_unsigned(text_of(priority), 10, PRIORITY_MAX, &letter->priority) < 0) {
		complain_about(priority, "not a priority, which is a number from 0 to %d",
			       PRIORITY_MAX);
		return STATUS_USAGE;
	}
	return STATUS_DONE;
}

/* From the operand, the file, or else standard input. */
static enum exit_status read_body(const struct invocation *invocation, struct letter *letter)
{
	const char *file = invocation->settings.arguments[OPTION_FILE];

	if (invocation->operand_count < 2)
		return body_read(file ? file : "-", &letter->body);
	if (file) {
		complain("send: the body is told twice, as a word and with --file");
		return STATUS_USAGE;
	}
	buffer_add_string(&letter->body, invocation->operands[1]);
	return letter->body.error ? view_no_memory() : STATUS_DONE;
}

static int send_once(const struct letter *letter, int queue, struct ipclens_error *ret_error)
{
	struct text body = buffer_text(&letter->body);

	if (letter->queue.is_posix)
		return act_mq_send(queue, (unsigned int)letter->priority, body, ret_error);
	return act_msg_send(letter->queue.id, (long)letter->type, body, letter->queue.waits,
			    ret_error);
}

static int send_patiently(const struct letter *letter, const struct patience *patience,
			  struct ipclens_error *ret_error)
{
	_cleanup_close_ int queue = -1;
	int r = 0;

	if (letter->queue.is_posix)
		r = act_mq_open(letter->queue.name, true, letter->queue.waits, &queue, ret_error);
	if (r != 0)
		return r;
	do
		r = send_once(letter, queue, ret_error);
	while (r == -EINTR && patience_goes_on(patience));
	return r;
}

/* 0 or -ENOMEM. */
static int send_letter(const struct invocation *invocation, const struct letter *letter,
		       struct actions *actions, struct action *action)
{
	struct ipclens_error error;
	struct patience patience;
	int r = action_set(actions, action, ACTION_OBJECT, "%s", invocation->operands[0]);

	if (r < 0 || invocation->settings.is_dry_run)
		return r;
	patience_begin(queue_target_timeout(&letter->queue), &patience);
	r = send_patiently(letter, &patience, &error);
	r = action_judge(actions, action, r, &error, letter->queue.timeout);
	patience_end(&patience);
	return r;
}

enum exit_status cmd_send(struct invocation *invocation)
{
	__attribute__((cleanup(letter_deinit))) struct letter letter = {0};
	const struct settings *settings = &invocation->settings;
	_cleanup_actions_ struct actions actions = {0};
	enum exit_status status = read_numbers(settings, &letter);
	struct action *action;

	if (status == STATUS_DONE)
		status = queue_target_find(invocation, OPTION_TYPE, OPTION_PRIORITY, &letter.queue);
	if (status == STATUS_DONE && !letter.queue.is_over)
		status = read_body(invocation, &letter);
	if (status != STATUS_DONE || letter.queue.is_over)
		return status;
	action = actions_add(&actions, ACTION_SEND);
	if (!action || send_letter(invocation, &letter, &actions, action) < 0)
		return view_no_memory();
	return action_list_close(invocation, &actions, letter.queue.found.snapshot,
				 &letter.queue.found.answer, action_tell(settings, action));
}
