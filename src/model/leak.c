/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/leak.h"

#include <stdarg.h>

#include "model/arena_text.h"
#include "model/kind.h"

static const char *const what_names[] = {"objects", "queue", "bytes", NULL};
static const char *const by_names[] = {"command", "unit", "key", "user", "object", NULL};
static const char *const certainty_names[] = {"unknown", "likely", "certain", NULL};
static const char *const break_names[] = {"boot", "namespace", NULL};
static const char *const kind_names[KIND_COUNT + 1] = {"shm", "sem",  "msg",  "pshm", "psem",
						       "mq",  "pipe", "fifo", "map"};

#define AT(member) offsetof(struct leak, member)
#define IN_SERIES "the series of snapshots"

/* clang-format off */
static const struct field fields[LEAK_FIELD_COUNT] = {
	[LEAK_WHAT] = {
		.name = "what", .heading = "WHAT", .type = VALUE_CHOICE, .offset = AT(what),
		.names = what_names, .help = "what accumulates: objects, messages of a queue, or bytes",
		.explain = "objects: there are more and more of them. queue: one queue gets longer and "
			   "longer. bytes: one file in memory gets larger and larger.",
		.source = IN_SERIES,
	},
	[LEAK_CERTAINTY] = {
		.name = "certainty", .heading = "CERTAINTY", .type = VALUE_CHOICE,
		.offset = AT(certainty), .names = certainty_names, .help = "unknown or likely",
		.explain = "likely: at three points or more, grown in more than one step and still of "
			   "late, and nothing of it ever went away. unknown: less than that. It is never "
			   "certain, as nothing records who still wants an object.",
		.source = IN_SERIES,
	},
	[LEAK_KIND] = {
		.name = "kind", .heading = "KIND", .type = VALUE_CHOICE, .offset = AT(kind),
		.names = kind_names, .help = "kind of the objects", .explain = "Their kind.",
		.source = "the objects",
	},
	[LEAK_BY] = {
		.name = "by", .heading = "BY", .type = VALUE_CHOICE, .offset = AT(by), .names = by_names,
		.help = "what the objects have in common",
		.explain = "By what the objects were put together: the one of command, unit, key and user that "
			   "explains most of the growth, and of two that explain about as much the one that "
			   "tells more. A queue or file is an object by itself.",
		.source = IN_SERIES,
	},
	[LEAK_GROUP] = {
		.name = "group", .heading = "GROUP", .type = VALUE_TEXT, .offset = AT(group),
		.help = "the value that they have in common", .explain = "That command, unit, key or user.",
		.source = IN_SERIES,
	},
	[LEAK_COMMAND] = {
		.name = "command", .heading = "COMMAND", .type = VALUE_TEXT,
		.offset = AT(words[LEAK_BY_COMMAND]),
		.help = "whose objects these are: the command of their creator, as far as it is known",
		.explain = "Of segments the command of the process that created them, if it was alive in "
			   "any of the snapshots; of what has no creator on record that of a process which "
			   "has it open or mapped, or operated on it last. Absent where these differ, or "
			   "none is known.",
		.source = "links: created, else open or mapped, else last-op; processes",
	},
	[LEAK_UNIT] = {
		.name = "unit", .heading = "UNIT", .type = VALUE_TEXT, .offset = AT(words[LEAK_BY_UNIT]),
		.help = "container, pod or unit of systemd of that process",
		.explain = "Where the process runs whose objects these are; known as far as its command is.",
		.source = "links as of command; processes",
	},
	[LEAK_KEY] = {
		.name = "key", .heading = "KEY", .type = VALUE_TEXT, .offset = AT(words[LEAK_BY_KEY]),
		.help = "how the keys or names of all of them begin",
		.explain = "Of a key the upper 16 bits: where programs make it by ftok() these are the "
			   "letter that a program chose and the device of the file, so that keys of one "
			   "program begin alike. Of a name what stands in front of its first digit.",
		.source = "key; name",
	},
	[LEAK_USER] = {
		.name = "user", .heading = "USER", .type = VALUE_TEXT, .offset = AT(words[LEAK_BY_USER]),
		.help = "who created the objects; of files, who owns them",
		.explain = "The user who created the objects, or owns the files. Absent where these differ.",
		.source = "cuser, cuid; user, uid",
	},
	[LEAK_OBJECT] = {
		.name = "object", .heading = "REF", .type = VALUE_TEXT, .offset = AT(object),
		.help = "REF of the queue or file", .explain = "The queue or file that grows.",
		.source = "the object",
	},
	[LEAK_NAMESPACE] = {
		.name = "namespace", .heading = "NAMESPACE", .type = VALUE_ID, .offset = AT(namespace),
		.help = "IPC namespace of the objects", .explain = "Their IPC namespace.",
		.source = "the objects",
	},
	[LEAK_FIRST] = {
		.name = "first", .heading = "FIRST", .type = VALUE_UNSIGNED, .offset = AT(first),
		.help = "how many there were at first", .explain = "The number at the first point.",
		.source = IN_SERIES,
	},
	[LEAK_LAST] = {
		.name = "last", .heading = "LAST", .type = VALUE_UNSIGNED, .offset = AT(last),
		.help = "how many there are in the last snapshot",
		.explain = "The number at the last point.", .source = IN_SERIES,
	},
	[LEAK_GONE] = {
		.name = "gone", .heading = "GONE", .type = VALUE_UNSIGNED, .offset = AT(gone),
		.help = "how many others were there and went away",
		.explain = "Objects of the group that were in a snapshot and not in the next one. Where "
			   "some go and some stay it is not clear whether what stays is wanted.",
		.source = IN_SERIES,
	},
	[LEAK_PER_HOUR] = {
		.name = "per_hour", .heading = "PER-HOUR", .type = VALUE_RATE, .offset = AT(per_hour),
		.help = "how many more there are each hour",
		.explain = "The growth from the first point to the last, by the hours between them.",
		.source = IN_SERIES,
	},
	[LEAK_LIMIT] = {
		.name = "limit", .heading = "LIMIT", .type = VALUE_TEXT, .offset = AT(limit),
		.help = "the limit that is hit first", .explain = "Of the limits against which it counts, "
			   "the one that is hit first at this rate.",
		.source = "the limits of the last snapshot",
	},
	[LEAK_SYSCTL] = {
		.name = "sysctl", .heading = "SYSCTL", .type = VALUE_TEXT, .offset = AT(sysctl),
		.help = "what sets that limit", .explain = "The sysctl of the limit.",
		.source = "the limits of the last snapshot",
	},
	[LEAK_LIMIT_VALUE] = {
		.name = "limit_value", .heading = "VALUE", .type = VALUE_UNSIGNED,
		.offset = AT(limit_value), .help = "value of that limit",
		.explain = "The limit's value, in its own unit; of a queue, how much that one can hold.",
		.source = "the limits of the last snapshot; max_bytes, max_messages of a queue",
	},
	[LEAK_LIMIT_USED] = {
		.name = "limit_used", .heading = "USED", .type = VALUE_UNSIGNED, .offset = AT(limit_used),
		.help = "how much of it is used, by all", .explain = "What counts against the limit in the "
			   "last snapshot, whoever it belongs to.",
		.source = "the limits of the last snapshot; used_bytes, messages of a queue",
	},
	[LEAK_HITS_LIMIT_AT] = {
		.name = "hits_limit_at", .heading = "HITS-LIMIT", .type = VALUE_TIME,
		.offset = AT(hits_limit_at), .help = "when the limit is hit, at this rate",
		.explain = "An estimate: the time at which the limit is used up if the growth goes on at the "
			   "rate that it had over the whole series, and nothing else changes. Absent where "
			   "no limit applies, or it is more than a hundred years away.",
		.source = IN_SERIES,
	},
	[LEAK_POINTS] = {
		.name = "points", .heading = "POINTS", .type = VALUE_RECORDS, .offset = AT(points),
		.records = &leak_point_fields, .help = "how many there were, in each snapshot",
		.explain = "The numbers themselves. A snapshot in which not all objects of the kind could be "
			   "listed has no point.",
		.source = IN_SERIES,
	},
	[LEAK_EVIDENCE] = {
		.name = "evidence", .heading = "EVIDENCE", .type = VALUE_TEXTS, .offset = AT(evidence),
		.help = "the facts", .explain = "On what it rests: one fact a line.",
		.source = IN_SERIES,
	},
};

static const struct field point_fields[LEAK_POINT_FIELD_COUNT] = {
	[LEAK_POINT_AT] = {
		.name = "at", .heading = "AT", .type = VALUE_TIME,
		.offset = offsetof(struct leak_point, at), .help = "when the snapshot was taken",
		.source = "taken_at",
	},
	[LEAK_POINT_COUNT] = {
		.name = "count", .heading = "COUNT", .type = VALUE_UNSIGNED,
		.offset = offsetof(struct leak_point, count),
		.help = "objects, messages or bytes there were", .source = "the objects",
	},
};

static const struct field look_fields[LEAK_LOOK_FIELD_COUNT] = {
	[LEAK_LOOK_AT] = {
		.name = "at", .heading = "AT", .type = VALUE_TIME,
		.offset = offsetof(struct leak_look, at), .help = "when the snapshot was taken",
		.source = "taken_at",
	},
	[LEAK_LOOK_OBJECTS] = {
		.name = "objects", .heading = "OBJECTS", .type = VALUE_UNSIGNED,
		.offset = offsetof(struct leak_look, objects),
		.help = "how many objects of those that were asked for it has", .source = "the objects",
	},
	[LEAK_LOOK_UNLISTED] = {
		.name = "unlisted", .heading = "UNLISTED", .type = VALUE_FLAGS, .names = kind_names,
		.offset = offsetof(struct leak_look, unlisted),
		.help = "kinds of which not all objects could be listed", .source = "the issues",
	},
	[LEAK_LOOK_BREAK] = {
		.name = "break", .heading = "BREAK", .type = VALUE_CHOICE, .names = break_names,
		.offset = offsetof(struct leak_look, broken),
		.help = "why counting starts anew with it", .source = "processes; host",
	},
};
/* clang-format on */

const struct field_table leak_fields = {"leaks", fields, LEAK_FIELD_COUNT, sizeof(struct leak),
					false};
const struct field_table leak_point_fields = {"points", point_fields, LEAK_POINT_FIELD_COUNT,
					      sizeof(struct leak_point), false};
const struct field_table leak_look_fields = {"series", look_fields, LEAK_LOOK_FIELD_COUNT,
					     sizeof(struct leak_look), false};

void leak_list_deinit(struct leak_list *list)
{
	vector_deinit(&list->items);
	arena_deinit(&list->arena);
}

int leak_say(struct leak_list *list, struct leak *leak, const char *format, ...)
{
	va_list arguments;
	struct text text;
	int r;

	va_start(arguments, format);
	r = arena_format(&list->arena, &text, format, arguments);
	va_end(arguments);
	return r ? r : arena_add_text(&list->arena, &leak->evidence, text);
}
