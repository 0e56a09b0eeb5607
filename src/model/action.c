/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/action.h"

#include <stdarg.h>

#include "model/arena_text.h"

const char *const action_words[] = {"remove", "make", "send", "receive", "semop", NULL};
static const char *const outcome_names[] = {"done", "planned", "kept", "refused", "failed", NULL};

#define AT(member) offsetof(struct action, member)

/* clang-format off */
static const struct field fields[ACTION_FIELD_COUNT] = {
	[ACTION_ACTION] = {
		.name = "action", .heading = "ACTION", .type = VALUE_CHOICE, .offset = AT(word),
		.names = action_words, .help = "what was to be done",
		.explain = "What was to be done, as the command is called.", .source = "the call",
	},
	[ACTION_OBJECT] = {
		.name = "object", .heading = "REF", .type = VALUE_TEXT, .offset = AT(object),
		.help = "REF of the object, or what was given for one",
		.explain = "The object that the action is about; absent where none was made.",
		.source = "the object",
	},
	[ACTION_OUTCOME] = {
		.name = "outcome", .heading = "OUTCOME", .type = VALUE_CHOICE, .offset = AT(outcome),
		.names = outcome_names, .help = "done, planned, kept, refused or failed",
		.explain = "What came of it. planned: it would be done (--dry-run, or without "
			   "--yes). kept: clean was not to touch it. refused: it was not "
			   "tried, as it would hurt somebody, or that could not be ruled out. failed: it "
			   "was not possible.",
		.source = "the kernel's answer",
	},
	[ACTION_REASON] = {
		.name = "reason", .heading = "REASON", .type = VALUE_TEXT, .offset = AT(reason),
		.can_be_cut = true, .help = "why it was refused, or failed",
		.explain = "Why it was refused, or failed; absent where it was done.",
		.source = "the kernel's answer",
	},
	[ACTION_EVIDENCE] = {
		.name = "evidence", .heading = "EVIDENCE", .type = VALUE_TEXTS, .offset = AT(evidence),
		.help = "whom it hurts, and what is not known of that",
		.explain = "Who uses the object, one fact a line, and what could not be seen.",
		.source = "the snapshot",
	},
};
/* clang-format on */

const struct field_table action_fields = {"actions", fields, ACTION_FIELD_COUNT,
					  sizeof(struct action), false};

void actions_deinit(struct actions *actions)
{
	vector_deinit(&actions->items);
	arena_deinit(&actions->arena);
}

struct action *actions_add(struct actions *actions, enum action_word word)
{
	struct action *action = vector_add(&actions->items);

	if (!action)
		return NULL;
	action->word = word;
	action->outcome = ACTION_PLANNED;
	record_mark(&action->record, ACTION_ACTION);
	record_mark(&action->record, ACTION_OUTCOME);
	record_mark(&action->record, ACTION_EVIDENCE);
	return action;
}

int action_set(struct actions *actions, struct action *action, enum action_field field,
	       const char *format, ...)
{
	struct text text;
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = arena_format(&actions->arena, &text, format, arguments);
	va_end(arguments);
	if (r < 0)
		return r;
	if (field == ACTION_EVIDENCE)
		return arena_add_text(&actions->arena, &action->evidence, text);
	*(struct text *)field_address(&fields[field], action) = text;
	record_mark(&action->record, field);
	return 0;
}
