/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Actions: what was done to an object, or would be, or why it was not. They are answers and no part
 * of a snapshot.
 */
#ifndef IPCLENS_MODEL_ACTION_H
#define IPCLENS_MODEL_ACTION_H

#include "base/arena.h"
#include "base/vector.h"
#include "model/field.h"

enum action_field {
	ACTION_ACTION,
	ACTION_OBJECT,
	ACTION_OUTCOME,
	ACTION_REASON,
	ACTION_EVIDENCE,
	ACTION_FIELD_COUNT,
};

enum action_word {
	ACTION_REMOVE,
	ACTION_MAKE,
	ACTION_SEND,
	ACTION_RECEIVE,
	ACTION_SEMOP,
};

enum action_outcome {
	ACTION_DONE,
	ACTION_PLANNED, /* it would be done */
	ACTION_KEPT,	/* by the rules that were given: it is no failure */
	ACTION_REFUSED, /* by ipclens: it would hurt somebody */
	ACTION_FAILED,	/* by the kernel, or the object is not there */
};

struct action {
	struct record record;
	uint64_t word, outcome;
	struct text object; /* REF, or what was given for one */
	struct text reason;
	struct record_list evidence; /* of struct text */
};

extern const char *const action_words[];
extern const struct field_table action_fields;

/* Actions own their texts. All zero is empty. */
struct actions {
	VECTOR(struct action) items;
	struct arena arena;
};

void actions_deinit(struct actions *actions);
#define _cleanup_actions_ __attribute__((cleanup(actions_deinit)))

/* A new action, which is planned and has no object yet; NULL when there is no memory. */
struct action *actions_add(struct actions *actions, enum action_word word);

/* Sets a text of the action, or adds one to its evidence. 0 or -ENOMEM. */
__attribute__((format(printf, 4, 5))) int action_set(struct actions *actions, struct action *action,
						     enum action_field field, const char *format,
						     ...);

static inline bool action_has_failed(const struct action *action)
{
	return action->outcome == ACTION_REFUSED || action->outcome == ACTION_FAILED;
}

#endif
