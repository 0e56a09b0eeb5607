/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/finding.h"

#include <errno.h>

#include "base/text.h"

static const struct finding_info infos[FINDING_CODE_COUNT] = {
	[FINDING_DEADLOCK] =
		{"deadlock", FINDING_CRITICAL, "processes wait for each other and none can go on",
		 "A deadlock is a ring of processes each of which holds a semaphore that "
		 "the next one waits for, with every thread of all of them asleep in it and "
		 "none with a timeout: by themselves they never go on. Who holds a semaphore "
		 "is told by the kernel's undo records. Another process with permission "
		 "could still raise the semaphore."},
	[FINDING_SUSPECTED_DEADLOCK] =
		{"suspected-deadlock", FINDING_WARNING, "processes seem to wait for each other",
		 "A suspected deadlock is a ring of processes that wait for each other, in which at "
		 "least one step is not proven: a thread that is free, a timeout, somebody who was "
		 "only the last to use an object, an owner that is read from memory, a pipe. The "
		 "weakest step is named."},
	[FINDING_ABANDONED_SEM] =
		{"abandoned-sem", FINDING_WARNING,
		 "a semaphore is waited for that nobody holds, and whose last user is dead",
		 "An abandoned semaphore was most likely taken by a process that died without giving "
		 "it back (and without SEM_UNDO, by which the kernel does that). Those who wait for "
		 "it wait for ever, unless somebody raises it. Users of a semaphore are not on record, "
		 "so that this is never certain."},
};

static const char *const code_names[] = {"deadlock", "suspected-deadlock", "abandoned-sem", NULL};
static const char *const severity_names[] = {"note", "warning", "critical", NULL};
static const char *const certainty_names[] = {"unknown", "likely", "certain", NULL};

const struct finding_info *finding_info(enum finding_code code)
{
	return &infos[code];
}

#define AT(member) offsetof(struct finding, member)

/* clang-format off */
static const struct field fields[FINDING_FIELD_COUNT] = {
	[FINDING_CODE] = {
		.name = "code", .heading = "FINDING", .type = VALUE_CHOICE, .offset = AT(code),
		.names = code_names, .help = "what was found, in one word",
		.explain = "The word for what was found; \"ipclens explain\" knows each of them.",
		.source = "the judgement",
	},
	[FINDING_SEVERITY] = {
		.name = "severity", .heading = "SEVERITY", .type = VALUE_CHOICE, .offset = AT(severity),
		.names = severity_names, .help = "note, warning or critical",
		.explain = "How bad it is, if it is so: see certainty.", .source = "the judgement",
	},
	[FINDING_CERTAINTY] = {
		.name = "certainty", .heading = "CERTAINTY", .type = VALUE_CHOICE,
		.offset = AT(certainty), .names = certainty_names,
		.help = "unknown, likely or certain",
		.explain = "How far it is proven. certain: by what the kernel records, and nothing was "
			   "hidden from this viewer. likely: what is on record speaks for it. unknown: too "
			   "little could be seen.",
		.source = "the judgement",
	},
	[FINDING_OBJECT] = {
		.name = "object", .heading = "REF", .type = VALUE_TEXT, .offset = AT(object),
		.help = "REF of the object that it is about", .explain = "The object that it is about.",
		.source = "the object",
	},
	[FINDING_SUMMARY] = {
		.name = "summary", .heading = "SUMMARY", .type = VALUE_TEXT, .offset = AT(summary),
		.can_be_cut = true, .help = "one line", .explain = "What was found, in one line.",
		.source = "the judgement",
	},
	[FINDING_EVIDENCE] = {
		.name = "evidence", .heading = "EVIDENCE", .type = VALUE_TEXTS, .offset = AT(evidence),
		.help = "the facts, each with its source",
		.explain = "On what it rests: one fact a line.", .source = "the snapshot",
	},
	[FINDING_FIX] = {
		.name = "fix", .heading = "FIX", .type = VALUE_TEXT, .offset = AT(fix),
		.help = "what can be done about it",
		.explain = "What can be done; read the evidence first.", .source = "the judgement",
	},
};
/* clang-format on */

const struct field_table finding_fields = {"findings", fields, FINDING_FIELD_COUNT,
					   sizeof(struct finding), false};

void findings_deinit(struct findings *findings)
{
	vector_deinit(&findings->items);
	arena_deinit(&findings->arena);
}

struct finding *findings_add(struct findings *findings, enum finding_code code,
			     enum finding_certainty certainty)
{
	struct finding *finding = vector_add(&findings->items);

	if (!finding)
		return NULL;
	finding->code = code;
	finding->severity = infos[code].severity;
	finding->certainty = certainty;
	record_mark(&finding->record, FINDING_CODE);
	record_mark(&finding->record, FINDING_SEVERITY);
	record_mark(&finding->record, FINDING_CERTAINTY);
	record_mark(&finding->record, FINDING_EVIDENCE);
	return finding;
}

/* The list moves to twice the room whenever its number is a power of two. */
static int add_evidence(struct findings *findings, struct finding *finding, struct text text)
{
	size_t count = finding->evidence.count;
	struct text *items = finding->evidence.items;

	if ((count & (count - 1)) == 0) {
		struct text *grown =
			arena_alloc_array(&findings->arena, count ? count * 2 : 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		if (count)
			memcpy(grown, items, count * sizeof(*grown));
		finding->evidence.items = items = grown;
	}
	items[finding->evidence.count++] = text;
	return 0;
}

int finding_set(struct findings *findings, struct finding *finding, enum finding_field field,
		const char *format, ...)
{
	_cleanup_buffer_ struct buffer buffer = {0};
	struct text text;
	va_list arguments;
	char *copy;

	va_start(arguments, format);
	buffer_add_format_list(&buffer, format, arguments);
	va_end(arguments);
	if (buffer.error)
		return buffer.error;
	copy = arena_copy(&findings->arena, buffer.bytes ? buffer.bytes : "", buffer.length);
	if (!copy)
		return -ENOMEM;
	text = (struct text){copy, buffer.length};
	if (field == FINDING_EVIDENCE)
		return add_evidence(findings, finding, text);
	*(struct text *)field_address(&fields[field], finding) = text;
	record_mark(&finding->record, field);
	return 0;
}
