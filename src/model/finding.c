/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/finding.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "model/arena_text.h"

static const struct finding_info infos[FINDING_CODE_COUNT] = {
	[FINDING_DEADLOCK] =
		{"deadlock", FINDING_CRITICAL, "processes wait for each other and none can go on",
		 "A deadlock is a ring of processes each of which holds a semaphore that "
		 "the next one waits for, with every thread of all of them asleep in it and "
		 "none with a timeout: by themselves they never go on. Who holds a semaphore "
		 "is told by the kernel's undo records. Another process with permission "
		 "could still raise the semaphore, and a signal that one of them catches ends "
		 "its call with EINTR. Where one catches SIGALRM, it may have set itself a time "
		 "by alarm(): then it is likely, and not certain."},
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
	[FINDING_LIMIT_EXPLAINS] =
		{"limit-explains", FINDING_CRITICAL,
		 "a limit is reached, and programs get an error",
		 "A limit on all objects of a kind together is reached: programs that want one more are "
		 "refused, with an error that does not name the limit (ENOSPC has nothing to do with a "
		 "disk). Remove what is not needed, or raise the limit."},
	[FINDING_FULL_QUEUE] =
		{"full-queue", FINDING_WARNING, "less than a tenth of a queue is free",
		 "When a queue is full, whoever sends to it sleeps until somebody receives, or is "
		 "refused with EAGAIN. A queue that stays full has nobody who receives, or receivers "
		 "that are too slow."},
	[FINDING_PIPE_STALLED] =
		{"pipe-stalled", FINDING_WARNING, "a writer has slept for long, as nobody reads",
		 "A thread that writes into a pipe or FIFO sleeps while it is full. Where that lasts, "
		 "whoever has the other end does not read: it is stopped, stuck itself, or has "
		 "forgotten that it has the end."},
	[FINDING_LONG_WAIT] =
		{"long-wait", FINDING_WARNING, "threads have slept for long on one object",
		 "A thread that wants to take a semaphore or a lock, or to send, expects to go on soon. "
		 "One that waits for messages or input is not found: that is how servers pass the time. "
		 "From when on it is long, --long-wait tells."},
	[FINDING_FIFO_NO_PARTNER] =
		{"fifo-no-partner", FINDING_WARNING,
		 "a thread has slept for long in opening a FIFO",
		 "Opening a FIFO sleeps until somebody opens the other end. Where that lasts, the other "
		 "program was not started, has died, or uses another FIFO."},
	[FINDING_STUCK_QUEUE] =
		{"stuck-queue", FINDING_WARNING, "messages sit in a queue, and nobody receives",
		 "There are messages in the queue, and for long nobody has taken one out. Their receiver "
		 "may be dead, stuck, or wait for messages of another type. From when on it is long, "
		 "--stuck tells. With --since also a queue that has grown since that snapshot, at once "
		 "where nobody received meanwhile; where somebody did, after that long."},
	[FINDING_NEAR_LIMIT] =
		{"near-limit", FINDING_WARNING, "a limit is nearly reached",
		 "Little is left of a limit on all objects of a kind together. When it is reached, "
		 "programs that want one more fail. From how many percent on, --near tells."},
	[FINDING_ORPHAN_SHM] =
		{"orphan-shm", FINDING_WARNING,
		 "a segment that nobody has attached, and of whose users nobody lives",
		 "An orphan segment takes memory, has no attachment, and those on record (who created it, "
		 "who attached or detached it last) are dead. Certain means: unattached now, as the "
		 "kernel counts. One with a key is never certain: a program that is started tomorrow "
		 "can look for it by that key, as databases do after a crash."},
	[FINDING_ORPHAN_SEM] =
		{"orphan-sem", FINDING_WARNING,
		 "an array for which nobody waits, and of whose users "
		 "nobody lives",
		 "Nobody waits for the array, nobody holds one of its semaphores as far as the kernel "
		 "records that (SEM_UNDO), and the last to operate on each are dead. Other users are on "
		 "no record, so that this is likely at most."},
	[FINDING_ORPHAN_MSG] =
		{"orphan-msg", FINDING_WARNING,
		 "a queue for which nobody waits, and of whose users nobody lives",
		 "Nobody waits for the queue, and the last ones to send and to receive are dead. Other "
		 "users are on no record, so that this is likely at most."},
	[FINDING_ORPHAN_POSIX] =
		{"orphan-posix", FINDING_NOTE, "a POSIX object that nobody has open or mapped",
		 "A POSIX object with a name stays until somebody removes it, also while nobody has it "
		 "open or mapped. The next program that knows the name can use it, so that this is "
		 "likely at most."},
	[FINDING_REMOVED_BUT_HELD] =
		{"removed-but-held", FINDING_NOTE, "removed, but still in use",
		 "The object has no name or key any more, and takes memory until its last user ends or "
		 "lets go of it. That is what many programs want; where the memory is missing, these are "
		 "the processes that have it."},
	[FINDING_OPEN_TO_ALL] =
		{"open-to-all", FINDING_NOTE, "each user of the machine may write to it",
		 "The mode of the object lets each user change what is in it: write into a segment, "
		 "operate on semaphores, send messages and take them away."},
	[FINDING_FOREIGN_OWNER] =
		{"foreign-owner", FINDING_NOTE, "its owner is not its creator",
		 "The object was given to another user than the one who created it. Both may change and "
		 "remove it, and the first digit of its mode is for both."},
};

static const char *const code_names[] = {"deadlock",	  "limit-explains",  "suspected-deadlock",
					 "abandoned-sem", "full-queue",	     "pipe-stalled",
					 "long-wait",	  "fifo-no-partner", "stuck-queue",
					 "near-limit",	  "orphan-shm",	     "orphan-sem",
					 "orphan-msg",	  "orphan-posix",    "removed-but-held",
					 "open-to-all",	  "foreign-owner",   NULL};
static const char *const severity_names[] = {"note", "warning", "critical", NULL};
static const char *const certainty_names[] = {"unknown", "likely", "certain", NULL};

const struct finding_info *finding_info(enum finding_code code)
{
	return &infos[code];
}

bool finding_find(struct text word, enum finding_code *ret_code)
{
	for (enum finding_code code = 0; code < FINDING_CODE_COUNT; code++) {
		if (text_equals(word, text_of(infos[code].word))) {
			*ret_code = code;
			return true;
		}
	}
	return false;
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

int finding_set_list(struct findings *findings, struct finding *finding, enum finding_field field,
		     const char *format, va_list arguments)
{
	struct text text;
	int r = arena_format(&findings->arena, &text, format, arguments);

	if (r < 0)
		return r;
	if (field == FINDING_EVIDENCE)
		return arena_add_text(&findings->arena, &finding->evidence, text);
	*(struct text *)field_address(&fields[field], finding) = text;
	record_mark(&finding->record, field);
	return 0;
}

int finding_set(struct findings *findings, struct finding *finding, enum finding_field field,
		const char *format, ...)
{
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = finding_set_list(findings, finding, field, format, arguments);
	va_end(arguments);
	return r;
}

void finding_index_deinit(struct finding_index *index)
{
	free(index->items);
	*index = (struct finding_index){0};
}

static int compare_texts(struct text a, struct text b)
{
	size_t length = a.length < b.length ? a.length : b.length;
	int order = length ? memcmp(a.bytes, b.bytes, length) : 0;

	return order ? order : (a.length > b.length) - (a.length < b.length);
}

/* Those about one object in the order in which they are told of. */
static int compare_findings(const void *first, const void *second)
{
	const struct finding *a = *(const struct finding *const *)first;
	const struct finding *b = *(const struct finding *const *)second;
	int order = compare_texts(a->object, b->object);

	return order ? order : (a > b) - (a < b);
}

int finding_index_make(const struct findings *findings, struct finding_index *ret_index)
{
	size_t count = findings->items.count;
	const struct finding **items = calloc(count + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		items[i] = &findings->items.items[i];
	qsort(items, count, sizeof(*items), compare_findings);
	*ret_index = (struct finding_index){items, count};
	return 0;
}

const struct finding *finding_index_find(const struct finding_index *index, struct text ref)
{
	size_t first = 0, end = index->count;

	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (compare_texts(index->items[middle]->object, ref) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	if (first == index->count || !text_equals(index->items[first]->object, ref))
		return NULL;
	return index->items[first];
}
