/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens peek: the messages in a queue, which stay in it.
 */
#include <errno.h>
#include <unistd.h>

#include "base/parse_number.h"
#include "cli/elsewhere.h"
#include "cli/find.h"
#include "collect/peek.h"
#include "model/record_json.h"
#include "render/table.h"

/* Bytes of a body in a table that fits a terminal, with their hexadecimal digits. */
#define BODY_USUAL 16

static const size_t columns[] = {MESSAGE_INDEX, MESSAGE_TYPE, MESSAGE_SIZE, MESSAGE_HEX,
				 MESSAGE_BODY};
static const size_t type_columns[] = {MESSAGE_TYPE_TYPE, MESSAGE_TYPE_MESSAGES, MESSAGE_TYPE_BYTES};

#define COLUMNS(array) .columns = (array), .count = sizeof(array) / sizeof((array)[0])

/* How many bytes of each body are wanted. */
static enum exit_status read_body(const struct settings *settings, size_t *ret_body)
{
	const char *argument = settings->arguments[OPTION_BODY];
	uint64_t amount = settings->is_json || settings->is_raw ? SIZE_MAX : BODY_USUAL;

	if (argument && parse_amount(text_of(argument), &amount) < 0) {
		complain_about(argument, "not a value of --body, which is a number of bytes");
		return STATUS_USAGE;
	}
	*ret_body = amount;
	return STATUS_DONE;
}

static enum exit_status check_raw(const struct settings *settings)
{
	if (!settings->is_raw)
		return STATUS_DONE;
	if (settings->is_json)
		complain("peek: --raw and --json cannot go together");
	else if (isatty(STDOUT_FILENO))
		complain("peek: --raw does not go to a terminal, where a body could do anything; "
			 "lead it into a file or a pipe");
	else
		return STATUS_DONE;
	return STATUS_USAGE;
}

/* What is asked for without a kind is a queue. */
static enum exit_status check_kind(const char *operand, struct found *found)
{
	struct ref *ref = &found->refs[0];

	if (ref->kinds & KIND_BIT(KIND_MSG)) {
		found->wanted_kinds = ref->kinds = KIND_BIT(KIND_MSG);
		return STATUS_DONE;
	}
	if (ref->kinds & KIND_BIT(KIND_MQ)) {
		complain_about(operand,
			       "messages of a POSIX queue cannot be read without taking "
			       "them: the kernel has no call for it; \"ipclens show --fill\" "
			       "tells how many bytes there are");
		return STATUS_FAILED;
	}
	complain_about(operand, "it has no messages; peek takes a queue, as msg:0");
	return STATUS_USAGE;
}

/*
 * Where it was asked for with its namespace, that stays part of its name: the one that it is looked
 * at from is not that of who reads the answer. 0 or -ENOMEM.
 */
static int keep_namespace(struct found *found)
{
	_cleanup_buffer_ struct buffer ref = {0};
	struct object *queue =
		&found->snapshot->objects
			 .items[found->objects.objects.items[0] - found->snapshot->objects.items];

	if (!found->refs[0].has_namespace)
		return 0;
	ref_add_long(&ref, queue, false, true);
	return ref.error ? -ENOMEM
			 : snapshot_copy_text(found->snapshot, buffer_text(&ref), &queue->ref);
}

static void name_queue(struct messages *messages, const struct object *queue, char *bytes)
{
	struct text ref = ref_of_object(queue, bytes);

	vector_for_each (&messages->items, message) {
		message->object = ref;
		record_mark(&message->record, MESSAGE_OBJECT);
	}
}

/* What is missing from the answer becomes issues of the snapshot. 0 or -ENOMEM. */
static int add_issues(struct snapshot *snapshot, const struct object *queue,
		      const struct messages *messages)
{
	int r = 0;

	if (messages->has_changed)
		r = snapshot_add_issue(snapshot, ISSUE_ABOUT_CONTENTS, OUTCOME_GONE, KIND_MSG,
				       queue, "msgrcv(MSG_COPY)",
				       "the queue changed while it was read");
	if (r == 0 && messages->unread) {
		_cleanup_buffer_ struct buffer reason = {0};

		buffer_add_format(&reason,
				  "%llu of its messages cannot be copied, as kernel.msgmax is less "
				  "than their size by now",
				  (unsigned long long)messages->unread);
		if (!buffer_string(&reason))
			return -ENOMEM;
		r = snapshot_add_issue(snapshot, ISSUE_ABOUT_CONTENTS, OUTCOME_UNSUPPORTED,
				       KIND_MSG, queue, "msgrcv(MSG_COPY)", reason.bytes);
	}
	return r;
}

static int print_json(const struct found *found, const struct messages *messages)
{
	_cleanup_buffer_ struct buffer output = view_output();

	document_begin(&output, found->snapshot, "peek");
	document_begin_list(&output, object_fields.name);
	document_next(&output, true);
	object_add_json(&output, found->objects.objects.items[0]);
	document_end_list(&output);
	document_add_records(&output, &message_fields, messages->items.items,
			     messages->items.count);
	document_add_records(&output, &message_type_fields, messages->types.items,
			     messages->types.count);
	document_add_issues(&output, found->snapshot, &found->answer);
	document_end(&output);
	return buffer_flush(&output);
}

static int print_raw(const struct messages *messages)
{
	_cleanup_buffer_ struct buffer output = view_output();

	vector_for_each (&messages->items, message)
		buffer_add_text(&output, message->body);
	return buffer_flush(&output);
}

static void print_heading(const struct object *queue, const struct messages *messages)
{
	char bytes[REF_MAX];
	struct text ref = ref_of_object(queue, bytes);
	size_t count = messages->items.count;

	printf("%.*s: %zu message%s\n", (int)ref.length, ref.bytes, count, count == 1 ? "" : "s");
}

static int print_table(const struct object *queue, const struct messages *messages,
		       const struct style *style)
{
	const struct table_layout layout = {.fields = &message_fields, COLUMNS(columns)};
	const struct table_layout types = {.fields = &message_type_fields, COLUMNS(type_columns)};
	int r;

	if (style->has_heading)
		print_heading(queue, messages);
	r = table_print_records(&layout, style,
				(struct record_list){messages->items.items, messages->items.count},
				stdout);
	if (r < 0 || !messages->types.count)
		return r;
	putchar('\n');
	return table_print_records(
		&types, style, (struct record_list){messages->types.items, messages->types.count},
		stdout);
}

static enum exit_status answer(const struct invocation *invocation, struct found *found,
			       struct messages *messages)
{
	const struct settings *settings = &invocation->settings;
	const struct object *queue = found->objects.objects.items[0];
	struct style style = view_style(settings, found->snapshot);
	char bytes[REF_MAX];
	int r;

	if (keep_namespace(found) < 0)
		return view_no_memory();
	name_queue(messages, queue, bytes);
	if (add_issues(found->snapshot, queue, messages) < 0)
		return view_no_memory();
	if (settings->is_json)
		r = print_json(found, messages);
	else if (settings->is_raw)
		r = print_raw(messages);
	else
		r = print_table(queue, messages, &style);
	return view_close(r, found->snapshot, &found->answer);
}

static enum exit_status read_call(const struct invocation *invocation, size_t *ret_body,
				  struct found *found)
{
	enum exit_status status = check_raw(&invocation->settings);

	if (status == STATUS_DONE)
		status = read_body(&invocation->settings, ret_body);
	if (status == STATUS_DONE)
		status = find_read(invocation, found);
	if (status == STATUS_DONE)
		status = check_kind(invocation->operands[0], found);
	return status;
}

enum exit_status cmd_peek(struct invocation *invocation)
{
	const struct scope scope = {
		.kinds = KINDS_SYSV, .has_queue_limits = true, .has_sight = true};
	_cleanup_found_ struct found found = {0};
	_cleanup_messages_ struct messages messages = {0};
	struct ipclens_error error;
	size_t body = 0;
	enum exit_status status = read_call(invocation, &body, &found);
	bool is_over = false;

	if (status == STATUS_DONE)
		status = elsewhere_aim(invocation, 1, &found);
	/* Only who is in the namespace is shown copies. */
	if (status == STATUS_DONE)
		status = elsewhere_go(invocation, &found.refs[0], false, &is_over);
	if (status == STATUS_DONE && !is_over)
		status = find_open(invocation, &scope, &found);
	if (status != STATUS_DONE || is_over)
		return status;
	if (collect_messages(found.objects.objects.items[0]->id, body, &messages, &error) != 0) {
		complain_about(invocation->operands[0], "%s", error.text);
		return STATUS_FAILED;
	}
	return answer(invocation, &found, &messages);
}
