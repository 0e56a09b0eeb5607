/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/message.h"

#include <errno.h>
#include <stdlib.h>

#define AT(member) offsetof(struct message, member)

static struct value compute_hex(const void *record, struct value_scratch *scratch)
{
	const struct message *message = record;

	(void)scratch;
	return (struct value){.type = VALUE_TEXT, .is_present = true, .text = message->hex};
}

/* clang-format off */
static const struct field fields[MESSAGE_FIELD_COUNT] = {
	[MESSAGE_OBJECT] = {
		.name = "object", .heading = "REF", .type = VALUE_TEXT, .offset = AT(object),
		.help = "REF of the queue", .explain = "The queue that the message is in, or was.",
		.source = "the queue",
	},
	[MESSAGE_INDEX] = {
		.name = "index", .heading = "INDEX", .type = VALUE_ID, .offset = AT(index),
		.help = "its place in the queue, from 0",
		.explain = "The place in the queue when it was looked at; 0 is the oldest message.",
		.source = "msgrcv(MSG_COPY)",
	},
	[MESSAGE_TYPE] = {
		.name = "type", .heading = "TYPE", .type = VALUE_ID, .offset = AT(type),
		.help = "type of the message, of System V",
		.explain = "The number that its sender gave it; receivers can choose by it.",
		.source = "msgrcv",
	},
	[MESSAGE_PRIORITY] = {
		.name = "priority", .heading = "PRIORITY", .type = VALUE_ID, .offset = AT(priority),
		.help = "priority of the message, of POSIX",
		.explain = "The number that its sender gave it; the highest is received first.",
		.source = "mq_timedreceive",
	},
	[MESSAGE_SIZE] = {
		.name = "size", .heading = "SIZE", .type = VALUE_SIZE, .offset = AT(size),
		.help = "bytes of its body", .explain = "How many bytes the body has, without its type.",
		.source = "msgrcv",
	},
	[MESSAGE_IS_CUT] = {
		.name = "cut", .heading = "CUT", .type = VALUE_BOOL, .offset = AT(is_cut),
		.help = "whether only the start of the body is shown",
		.explain = "Whether only the start of the body is shown; --body says how much.",
		.source = "the call",
	},
	[MESSAGE_HEX] = {
		.name = "hex", .heading = "HEX", .type = VALUE_TEXT, .compute = compute_hex,
		.help = "the body in hexadecimal", .explain = "The bytes of the body, two digits each.",
		.source = "msgrcv",
	},
	[MESSAGE_BODY] = {
		.name = "body", .heading = "BODY", .type = VALUE_TEXT, .offset = AT(body),
		.can_be_cut = true, .help = "the body as text",
		.explain = "The body as text; what is none stands as \\xNN.", .source = "msgrcv",
	},
};

#undef AT
#define AT(member) offsetof(struct message_type, member)

static const struct field type_fields[MESSAGE_TYPE_FIELD_COUNT] = {
	[MESSAGE_TYPE_TYPE] = {
		.name = "type", .heading = "TYPE", .type = VALUE_ID, .offset = AT(type),
		.help = "type of these messages", .explain = "The type that these messages have.",
		.source = "msgrcv(MSG_COPY)",
	},
	[MESSAGE_TYPE_MESSAGES] = {
		.name = "messages", .heading = "MESSAGES", .type = VALUE_UNSIGNED,
		.offset = AT(messages), .help = "how many there are",
		.explain = "How many messages of the type were in the queue.", .source = "the messages",
	},
	[MESSAGE_TYPE_BYTES] = {
		.name = "bytes", .heading = "BYTES", .type = VALUE_SIZE, .offset = AT(bytes),
		.help = "bytes of their bodies", .explain = "How many bytes their bodies have together.",
		.source = "the messages",
	},
};
/* clang-format on */

const struct field_table message_fields = {"messages", fields, MESSAGE_FIELD_COUNT,
					   sizeof(struct message), false};
const struct field_table message_type_fields = {
	"message_types", type_fields, MESSAGE_TYPE_FIELD_COUNT, sizeof(struct message_type), false};

void messages_deinit(struct messages *messages)
{
	vector_deinit(&messages->items);
	vector_deinit(&messages->types);
	arena_deinit(&messages->arena);
}

static char *copy_as_hex(struct arena *arena, struct text body)
{
	_cleanup_buffer_ struct buffer digits = {0};

	for (size_t i = 0; i < body.length; i++)
		buffer_add_hex(&digits, (unsigned char)body.bytes[i], 2);
	if (digits.error)
		return NULL;
	return arena_copy(arena, digits.bytes ? digits.bytes : "", digits.length);
}

struct message *messages_add(struct messages *messages, struct text body, size_t body_max)
{
	struct message *message = vector_add(&messages->items);
	struct text start = {body.bytes, body.length < body_max ? body.length : body_max};
	char *copy, *digits;

	if (!message)
		return NULL;
	copy = arena_copy(&messages->arena, start.bytes ? start.bytes : "", start.length);
	digits = copy_as_hex(&messages->arena, start);
	if (!copy || !digits)
		return NULL;
	message->size = body.length;
	message->is_cut = start.length < body.length;
	message->body = (struct text){copy, start.length};
	message->hex = (struct text){digits, 2 * start.length};
	record_mark(&message->record, MESSAGE_SIZE);
	record_mark(&message->record, MESSAGE_IS_CUT);
	record_mark(&message->record, MESSAGE_BODY);
	return message;
}

static int compare_types(const void *first, const void *second)
{
	uint64_t a = ((const struct message_type *)first)->type;
	uint64_t b = ((const struct message_type *)second)->type;

	return a < b ? -1 : a > b;
}

int messages_count_types(struct messages *messages)
{
	size_t kept = 0;

	vector_deinit(&messages->types);
	vector_for_each (&messages->items, message) {
		struct message_type *type = vector_add(&messages->types);

		if (!type)
			return -ENOMEM;
		type->type = message->type;
		type->messages = 1;
		type->bytes = message->size;
		type->record.present = (1 << MESSAGE_TYPE_FIELD_COUNT) - 1;
	}
	if (messages->types.count)
		qsort(messages->types.items, messages->types.count, sizeof(*messages->types.items),
		      compare_types);
	vector_for_each (&messages->types, type) {
		struct message_type *last = &messages->types.items[kept ? kept - 1 : 0];

		if (kept && last->type == type->type) {
			last->messages += type->messages;
			last->bytes += type->bytes;
		} else {
			messages->types.items[kept++] = *type;
		}
	}
	messages->types.count = kept;
	return 0;
}
