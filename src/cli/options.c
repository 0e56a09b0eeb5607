/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/parse_number.h"
#include "cli/complain.h"
#include "cli/option_complaint.h"

static const char *const time_formats[] = {"short", "iso", "relative", "epoch", NULL};
static const char *const colors[] = {"auto", "always", "never", NULL};
static const char *const severities[] = {"note", "warning", "critical", NULL};
static const char *const formats[] = {"text", "plugin", "dot", "mermaid", NULL};
static const char *const groupings[] = {"command", "unit", "key", "user", NULL};
static const char *const backends[] = {"auto", "procfs", "syscall", "bpf", NULL};

static const struct option_info options[OPTION_COUNT] = {
	[OPTION_JSON] =
		{"json", 'J', NULL, NULL, "print JSON of the schema ipclens/1",
		 "Numbers are numbers, what is absent is null, times are RFC 3339 in UTC. Every "
		 "field is printed, whatever --columns says."},
	[OPTION_FROM] =
		{"from", 0, "FILE", NULL, "answer from a snapshot that was saved",
		 "The file is one that \"ipclens save\" wrote; - is standard input. Nothing of "
		 "this machine is looked at."},
	[OPTION_ROOT] =
		{"root", 0, "DIR", NULL, "look at a recorded tree instead of this machine",
		 "The directory has a proc/ with what was recorded of another machine's, and "
		 "may have etc/passwd and etc/group for the names."},
	[OPTION_COLUMNS] =
		{"columns", 'o', "COLS", NULL, "columns, with commas between them",
		 "Fields by their name or heading, in the order of the columns; all stands for "
		 "every field. A leading + adds them to the usual ones. A table leaves out the "
		 "fields that its kind does not have."},
	[OPTION_SORT] =
		{"sort", 0, "FIELD[:desc],…", NULL, "sort by these fields, then by id",
		 "Objects of one kind stay together. Where the field is absent comes last."},
	[OPTION_FILTER] =
		{"filter", 0, "COND", NULL, "only objects for which this holds; repeatable",
		 "A field, then one of = != < <= > >= ~ and a value; ~ is a regular "
		 "expression. All conditions must hold. Amounts take K, M, G, T (powers of "
		 "1024), as 1.5K. Times are UTC: 2026-01-31, 2026-01-31T12:00, or seconds since 1970. "
		 "An absent value never matches. Flags such as status are equal to a "
		 "name when they have it."},
	[OPTION_OWNER] = {"owner", 0, "USER", NULL,
			  "only objects of this owner, a name or a number", NULL},
	[OPTION_FILL] =
		{"fill", 0, NULL, NULL, "how full pipes and POSIX queues are, too",
		 "That cannot be seen without a trace: one end of each pipe is copied for a "
		 "moment, so that whoever waits for it to be closed waits that much longer, "
		 "and the file of a queue is read, which changes its times. Without this "
		 "option nothing of the kind is done."},
	[OPTION_EVERY] =
		{"every", 0, "AGE", NULL, "look again at this interval, as 2, 0.5 or 15m",
		 "The rows of all looks stand below each other, each with its time in front; with --json "
		 "each look is a document on a line of its own. Times do not drift; one that is missed, as "
		 "a look took longer, is left out. What could not be seen is said once."},
	[OPTION_LOOKS] = {"count", 0, "N", NULL, "end after so many looks", NULL},
	[OPTION_NO_HEADER] = {"no-header", 'n', NULL, NULL, "no titles and no headings", NULL},
	[OPTION_BYTES] = {"bytes", 'b', NULL, NULL, "sizes in bytes instead of K, M, G", NULL},
	[OPTION_TIME_FORMAT] = {"time-format", 0, "FORMAT", time_formats,
				"short, iso, relative or epoch", NULL},
	[OPTION_COLOR] = {"color", 0, "WHEN", colors, "auto, always or never",
			  "auto colours only a terminal, and not where NO_COLOR is set."},
	[OPTION_BACKEND] =
		{"backend", 0, "NAME", backends, "auto, procfs, syscall or bpf",
		 "auto reads /proc/sysvipc, and asks by system calls where that is missing or tells no "
		 "more. System calls do not tell how much of a segment is resident or swapped. Who holds "
		 "a semaphore only bpf can see, which auto and bpf load where it is permitted, and then "
		 "look for threads that sleep with it, too, and for who has pipes, FIFOs and queues open; "
		 "auto does so also among many processes, where it is faster, and finds IPC namespaces "
		 "with it; bpf does so always; procfs never loads it."},
	[OPTION_ALL_NAMESPACES] =
		{"all-namespaces", 'A', NULL, NULL, "of every IPC namespace, not of this one alone",
		 "Containers have IPC namespaces of their own. Those that processes, threads or mounts "
		 "keep are found; REFs then tell theirs behind an @. To enter those of others takes "
		 "CAP_SYS_ADMIN; a child of this program does it. \"ipclens namespaces\" lists them."},
	[OPTION_NAMESPACE] =
		{"namespace", 'N', "NAME", NULL, "of this IPC namespace alone",
		 "Its number as lsns prints it, the PID of a process in it, or the name of a container or "
		 "unit that \"ipclens namespaces\" shows, also without what stands in front of its colon."},
	[OPTION_OLDER_THAN] =
		{"older-than", 0, "AGE", NULL, "orphans are what was used last before that (1h)",
		 "An age is a number of seconds, or of what its suffix says: s, m, h or d. What was "
		 "used or changed later is not called an orphan: its next user may be on its way."},
	[OPTION_STUCK] = {"stuck", 0, "AGE", NULL,
			  "how long a queue with messages may go unread (1h)", NULL},
	[OPTION_SINCE] =
		{"since", 0, "FILE", NULL, "also what has grown since that snapshot",
		 "The file is an earlier one that \"ipclens save\" wrote on this machine; - is "
		 "standard input. A queue that has more messages than then is stuck where nobody received "
		 "meanwhile; where somebody did, only after the time of --stuck."},
	[OPTION_LONG_WAIT] = {"long-wait", 0, "AGE", NULL,
			      "how long a thread may sleep in IPC (5m)", NULL},
	[OPTION_NEAR] = {"near", 0, "PERCENT", NULL, "so full may a limit be (90)", NULL},
	[OPTION_ONLY] = {"only", 0, "CODE,…", NULL, "only these findings", NULL},
	[OPTION_ONLY_CHANGES] = {"only", 0, "CHANGE,…", NULL,
				 "only what appeared, is gone, or changed", NULL},
	[OPTION_IGNORE] = {"ignore", 0, "CODE,…", NULL, "all but these findings", NULL},
	[OPTION_MIN_SEVERITY] =
		{"min-severity", 0, "SEVERITY", severities, "note, warning or critical",
		 "Less severe findings are neither printed nor part of the verdict."},
	[OPTION_FORMAT] =
		{"format", 0, "FORMAT", formats, "text or plugin (check), dot or mermaid (graph)",
		 "plugin is one line as monitoring systems want it of a plugin: the verdict, "
		 "the counts, the worst finding, and behind a bar the use of each limit. dot is for "
		 "Graphviz, mermaid for pages that draw it."},
	[OPTION_AROUND] = {"around", 0, "REF|PID", NULL, "only what is near to it; repeatable",
			   NULL},
	[OPTION_DEPTH] =
		{"depth", 0, "N", NULL, "how many steps from there (2)",
		 "One step leads from an object to the processes that use it, the next one to what "
		 "else these use. 0 is what was named alone."},
	[OPTION_HISTORY] =
		{"history", 0, NULL, NULL, "also past users that are on record",
		 "Who made an object and who used it last, as dashed lines. It proves no "
		 "use."},
	[OPTION_ALL] = {"all", 0, NULL, NULL, "also objects that nothing joins", NULL},
	[OPTION_NO_AGGREGATE] = {"no-aggregate", 0, NULL, NULL, "what is alike stays apart", NULL},
	[OPTION_YES] =
		{"yes", 'y', NULL, NULL, "do it",
		 "clean only says what it would do without this option. To change something "
		 "in another IPC namespace takes it, too: an @ in a REF is soon overlooked."},
	[OPTION_INCLUDE_LIKELY] =
		{"include-likely", 0, NULL, NULL, "also what is only likely unused",
		 "Without it only what is certain is removed: private segments that nobody has attached, "
		 "seen with full sight. Who will use a semaphore array, a queue or a name is on record "
		 "nowhere."},
	[OPTION_KIND] = {"kind", 0, "KIND,…", NULL, "only these kinds, with commas between them",
			 NULL},
	[OPTION_KEEP] = {"keep", 0, "REF", NULL, "never this object; repeatable", NULL},
	[OPTION_LOG] =
		{"log", 0, "FILE", NULL, "add a line for each removal to this file",
		 "The system's log (syslog) gets it in any case. It is enough to know what there "
		 "was, and why it was removed."},
	[OPTION_FORCE] = {"force", 'f', NULL, NULL, "also where it hurts somebody", NULL},
	[OPTION_FORCE_COMPARE] = {"force", 'f', NULL, NULL,
				  "compare also what may have nothing in common",
				  "With diff and leaks, which puts them in the order of time."},
	[OPTION_DRY_RUN] = {"dry-run", 0, NULL, NULL, "say what would be done, and do nothing",
			    NULL},
	[OPTION_SIZE] = {"size", 's', "SIZE", NULL, "bytes of memory; K, M, G, T of 1024", NULL},
	[OPTION_KEY] = {"key", 'k', "KEY", NULL, "key of a System V object, as 0x4d2",
			"Without it the object is private: only its id names it."},
	[OPTION_MODE] = {"mode", 'm', "MODE", NULL, "permissions in octal; 0600 without it",
			 "The object has them as they are given; the umask does not count."},
	[OPTION_NSEMS] = {"nsems", 0, "N", NULL, "how many semaphores the array has", NULL},
	[OPTION_VALUES] =
		{"values", 0, "LIST", NULL, "first values of semaphores, with commas",
		 "An array has as many semaphores as there are values; with --nsems one value is "
		 "that of all. Without values all are 0."},
	[OPTION_MAX_MESSAGES] = {"max-messages", 0, "N", NULL,
				 "how many messages a POSIX queue can hold", NULL},
	[OPTION_MESSAGE_SIZE] = {"message-size", 0, "SIZE", NULL,
				 "how large a message of a POSIX queue can be", NULL},
	[OPTION_BODY] = {"body", 0, "N", NULL, "how many bytes of each body to show",
			 "Without it a table shows 16 of them, and JSON all."},
	[OPTION_RAW] = {"raw", 0, NULL, NULL, "bodies alone, as they are, one behind the other",
			"Not to a terminal: a body can hold anything."},
	[OPTION_TYPE] =
		{"type", 't', "N", NULL, "type of a message of System V",
		 "To send, a number from 1, and 1 without the option. To receive, 0 or nothing for "
		 "the oldest message, a number for the oldest of that type, and with a minus sign "
		 "for the oldest of the lowest type that is not above it."},
	[OPTION_PRIORITY] = {"priority", 'p', "N", NULL, "priority of a message of POSIX, from 0",
			     NULL},
	[OPTION_TIMEOUT] = {"timeout", 0, "SECONDS", NULL, "how long to wait, as 5 or 0.25",
			    "0 does not wait at all. Without the option it waits for ever."},
	[OPTION_FILE] = {"file", 0, "FILE", NULL, "the file that has the body; - is standard input",
			 NULL},
	[OPTION_BY] =
		{"by", 0, "WHAT", groupings, "command, unit, key or user",
		 "By what the objects are put together; without it, by what explains most of the growth. "
		 "unit is a container, a pod or a unit of systemd, key how their keys or names begin."},
	[OPTION_MIN_GROWTH] =
		{"min-growth", 0, "N", NULL, "so many more make a leak (3)",
		 "Objects, or messages of a queue; of a file in memory so many pages."},
	[OPTION_UNDO] = {"undo", 0, NULL, NULL, "take it back at the end: see --hold", NULL},
	[OPTION_HOLD] = {"hold", 0, NULL, NULL, "hold it for the command that follows",
			 "Everything behind it is the command and its words. It is executed in the "
			 "same process, and the kernel takes the operations back when that ends, "
			 "however it ends (SEM_UNDO)."},
	[OPTION_HELP] = {"help", 'h', NULL, NULL, "this text", NULL},
};

const struct option_info *option_info(enum option_id id)
{
	return &options[id];
}

void settings_deinit(struct settings *settings)
{
	vector_deinit(&settings->filters);
	vector_deinit(&settings->kept);
	vector_deinit(&settings->around);
}

bool options_read_age(enum option_id id, const char *argument, uint64_t per_second, uint64_t *bound)
{
	uint64_t seconds;

	if (!argument)
		return true;
	if (parse_age(text_of(argument), &seconds) < 0 || seconds > UINT64_MAX / per_second) {
		complain_about(argument, "--%s takes an age: 90, 90s, 15m, 2h or 7d",
			       options[id].name);
		return false;
	}
	*bound = seconds * per_second;
	return true;
}

/* The number of the choice, or -1 after a complaint. */
static int choose(enum option_id id, const char *argument)
{
	const struct option_info *option = &options[id];

	for (int i = 0; option->choices[i]; i++)
		if (strcmp(option->choices[i], argument) == 0)
			return i;
	complain_about(argument, "not a value of --%s, which is %s", option->name, option->help);
	return -1;
}

/* What an option without an argument switches on; NULL: it is none of these. */
static bool *switch_of(struct settings *settings, enum option_id id)
{
	bool *const switches[OPTION_COUNT] = {
		[OPTION_JSON] = &settings->is_json,
		[OPTION_FILL] = &settings->has_fill,
		[OPTION_NO_HEADER] = &settings->has_no_header,
		[OPTION_BYTES] = &settings->is_exact,
		[OPTION_ALL_NAMESPACES] = &settings->has_all_namespaces,
		[OPTION_HISTORY] = &settings->has_history,
		[OPTION_ALL] = &settings->has_all,
		[OPTION_NO_AGGREGATE] = &settings->is_apart,
		[OPTION_YES] = &settings->has_yes,
		[OPTION_INCLUDE_LIKELY] = &settings->has_likely,
		[OPTION_FORCE] = &settings->is_forced,
		[OPTION_FORCE_COMPARE] = &settings->is_forced,
		[OPTION_DRY_RUN] = &settings->is_dry_run,
		[OPTION_RAW] = &settings->is_raw,
		[OPTION_UNDO] = &settings->has_undo,
		[OPTION_HELP] = &settings->wants_help,
	};

	return switches[id];
}

static void set_choice(struct settings *settings, enum option_id id, int choice)
{
	switch (id) {
	case OPTION_TIME_FORMAT:
		settings->time_format = (enum time_format)choice;
		break;
	case OPTION_COLOR:
		settings->color = (enum color_choice)choice;
		break;
	case OPTION_BACKEND:
		settings->backend = (enum backend)choice;
		break;
	case OPTION_MIN_SEVERITY:
		settings->least_severity = (enum finding_severity)choice;
		break;
	case OPTION_FORMAT:
		settings->format = (enum output_format)(choice + 1);
		break;
	case OPTION_BY:
		settings->has_by = true;
		settings->by = (enum leak_by)choice;
		break;
	default:
		break;
	}
}

/* Where the argument goes: of an option that can be repeated to the end of a list; NULL: no memory.
 */
static const char **place_of(struct settings *settings, enum option_id id)
{
	const char **const places[OPTION_COUNT] = {
		[OPTION_FROM] = &settings->from,
		[OPTION_ROOT] = &settings->root,
		[OPTION_COLUMNS] = &settings->columns,
		[OPTION_SORT] = &settings->sort,
		[OPTION_OWNER] = &settings->owner,
		[OPTION_OLDER_THAN] = &settings->older_than,
		[OPTION_STUCK] = &settings->stuck,
		[OPTION_LONG_WAIT] = &settings->long_wait,
		[OPTION_NEAR] = &settings->near,
		[OPTION_ONLY] = &settings->only,
		[OPTION_ONLY_CHANGES] = &settings->only,
		[OPTION_IGNORE] = &settings->ignore,
		[OPTION_LOG] = &settings->log,
	};

	if (id == OPTION_FILTER)
		return vector_add(&settings->filters);
	if (id == OPTION_KEEP)
		return vector_add(&settings->kept);
	if (id == OPTION_AROUND)
		return vector_add(&settings->around);
	return places[id] ? places[id] : &settings->arguments[id];
}

static int refuse(const char *why)
{
	complain("%s", why);
	return -1;
}

/* 0, or -1 after a complaint. */
static int apply(struct settings *settings, enum option_id id, const char *argument)
{
	bool *is_on = switch_of(settings, id);
	const char **place;
	int choice;

	if (is_on) {
		*is_on = true;
		return 0;
	}
	/* The word in full has been taken off before. */
	if (id == OPTION_HOLD)
		return refuse("--hold has to be written in full, before the command");
	if (id == OPTION_OWNER && !*argument)
		return refuse("--owner: it takes the name or the number of a user");
	if (options[id].choices) {
		choice = choose(id, argument);
		if (choice >= 0)
			set_choice(settings, id, choice);
		return choice < 0 ? -1 : 0;
	}
	place = place_of(settings, id);
	if (!place)
		return refuse(strerror(ENOMEM));
	*place = argument;
	return 0;
}

/* The allowed options as getopt_long() wants them; shorts has room for all letters. */
static void fill_getopt(const enum option_id *allowed, struct option *longs, char *shorts)
{
	*shorts++ = ':';
	for (; *allowed != OPTION_NONE; allowed++) {
		const struct option_info *option = &options[*allowed];

		*longs++ = (struct option){option->name,
					   option->argument ? required_argument : no_argument, NULL,
					   (int)*allowed + 256};
		if (!option->letter)
			continue;
		*shorts++ = option->letter;
		if (option->argument)
			*shorts++ = ':';
	}
	*longs = (struct option){0};
	*shorts = '\0';
}

static enum option_id find_letter(const enum option_id *allowed, int letter)
{
	while (*allowed != OPTION_NONE && options[*allowed].letter != letter)
		allowed++;
	return *allowed;
}

/* How many words there are in front of --hold, which is what the options are looked for in. */
static int split_command(const enum option_id *allowed, int argc, char **argv,
			 struct settings *settings)
{
	while (*allowed != OPTION_NONE && *allowed != OPTION_HOLD)
		allowed++;
	for (int i = 1; *allowed == OPTION_HOLD && i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			break;
		if (strcmp(argv[i], "--hold") != 0)
			continue;
		settings->held_command = argv + i + 1;
		return i;
	}
	return argc;
}

int options_parse(const enum option_id *allowed, int argc, char **argv, struct settings *settings,
		  int *ret_count)
{
	struct option longs[OPTION_COUNT + 1];
	char shorts[2 * OPTION_COUNT + 2];
	int found;

	*ret_count = argc = split_command(allowed, argc, argv, settings);
	fill_getopt(allowed, longs, shorts);
	opterr = 0;
	optind = 0;
	while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		enum option_id id;

		if (found == '?' || found == ':') {
			option_complain(found, argv, allowed);
			return -1;
		}
		id = found >= 256 ? (enum option_id)(found - 256) : find_letter(allowed, found);
		if (apply(settings, id, optarg) < 0)
			return -1;
	}
	return optind;
}
