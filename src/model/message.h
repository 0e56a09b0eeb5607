/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages that were read from a queue, and how many there are of each type. They are answers and
 * no part of a snapshot.
 */
#ifndef IPCLENS_MODEL_MESSAGE_H
#define IPCLENS_MODEL_MESSAGE_H

#include "base/arena.h"
#include "base/vector.h"
#include "model/field.h"

enum message_field {
	MESSAGE_OBJECT,
	MESSAGE_INDEX,
	MESSAGE_TYPE,
	MESSAGE_PRIORITY,
	MESSAGE_SIZE,
	MESSAGE_IS_CUT,
	MESSAGE_HEX,
	MESSAGE_BODY,
	MESSAGE_FIELD_COUNT,
};

struct message {
	struct record record;
	struct text object;	 /* REF of the queue */
	uint64_t index;		 /* its place in the queue, from 0 */
	uint64_t type, priority; /* of System V; of POSIX */
	uint64_t size;
	uint64_t is_cut;  /* the body here is only its start */
	struct text body; /* any bytes: another process chose them */
	struct text hex;  /* the same in hexadecimal */
};

enum message_type_field {
	MESSAGE_TYPE_TYPE,
	MESSAGE_TYPE_MESSAGES,
	MESSAGE_TYPE_BYTES,
	MESSAGE_TYPE_FIELD_COUNT,
};

/* What there is of one type. */
struct message_type {
	struct record record;
	uint64_t type, messages, bytes;
};

extern const struct field_table message_fields;
extern const struct field_table message_type_fields;

/* Owns all bodies. All zero is empty. */
struct messages {
	VECTOR(struct message) items;
	VECTOR(struct message_type) types; /* by type */
	struct arena arena;
	bool has_changed; /* the queue, while it was read: what is here was never there at once */
	uint64_t unread; /* messages that the kernel did not copy, as they are larger than msgmax */
};

void messages_deinit(struct messages *messages);
#define _cleanup_messages_ __attribute__((cleanup(messages_deinit)))

/*
 * A new message with its size and a copy of the first body_max bytes of its body; NULL when there
 * is no memory.
 */
struct message *messages_add(struct messages *messages, struct text body, size_t body_max);

/* Counts the messages by type, anew. 0 or -ENOMEM. */
int messages_count_types(struct messages *messages);

#endif
