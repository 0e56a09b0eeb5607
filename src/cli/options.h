/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of all commands, described once: getopt, help, manual and completion follow.
 */
#ifndef IPCLENS_CLI_OPTIONS_H
#define IPCLENS_CLI_OPTIONS_H

#include "base/time_text.h"
#include "base/vector.h"
#include "collect/collect.h"
#include "model/finding.h"
#include "model/leak.h"

enum option_id {
	OPTION_NONE,
	OPTION_JSON,
	OPTION_FROM,
	OPTION_ROOT,
	OPTION_COLUMNS,
	OPTION_SORT,
	OPTION_FILTER,
	OPTION_OWNER,
	OPTION_FILL,
	OPTION_EVERY,
	OPTION_LOOKS,
	OPTION_NO_HEADER,
	OPTION_BYTES,
	OPTION_TIME_FORMAT,
	OPTION_COLOR,
	OPTION_BACKEND,
	OPTION_ALL_NAMESPACES,
	OPTION_NAMESPACE,
	OPTION_OLDER_THAN,
	OPTION_STUCK,
	OPTION_SINCE,
	OPTION_LONG_WAIT,
	OPTION_NEAR,
	OPTION_ONLY,
	OPTION_ONLY_CHANGES,
	OPTION_IGNORE,
	OPTION_MIN_SEVERITY,
	OPTION_FORMAT,
	OPTION_AROUND,
	OPTION_DEPTH,
	OPTION_HISTORY,
	OPTION_ALL,
	OPTION_NO_AGGREGATE,
	OPTION_YES,
	OPTION_INCLUDE_LIKELY,
	OPTION_KIND,
	OPTION_KEEP,
	OPTION_LOG,
	OPTION_FORCE,
	OPTION_FORCE_COMPARE,
	OPTION_DRY_RUN,
	OPTION_SIZE,
	OPTION_KEY,
	OPTION_MODE,
	OPTION_NSEMS,
	OPTION_VALUES,
	OPTION_MAX_MESSAGES,
	OPTION_MESSAGE_SIZE,
	OPTION_BODY,
	OPTION_RAW,
	OPTION_TYPE,
	OPTION_PRIORITY,
	OPTION_TIMEOUT,
	OPTION_FILE,
	OPTION_BY,
	OPTION_MIN_GROWTH,
	OPTION_UNDO,
	OPTION_HOLD,
	OPTION_HELP,
	OPTION_COUNT,
};

struct option_info {
	const char *name;	    /* long, without the dashes */
	char letter;		    /* short, or 0 */
	const char *argument;	    /* what it takes; NULL: nothing */
	const char *const *choices; /* that it can be, NULL at the end; NULL: anything */
	const char *help;	    /* one line */
	const char *detail;	    /* for the manual; NULL: the line says it all */
};

const struct option_info *option_info(enum option_id id);

/* What --format can be; in the order of its choices, behind what it is without the option. */
enum output_format {
	FORMAT_USUAL,
	FORMAT_TEXT,
	FORMAT_PLUGIN,
	FORMAT_DOT,
	FORMAT_MERMAID,
};

enum color_choice {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/* What a person asked for; the strings are argv's. */
struct settings {
	bool is_json;
	const char *from, *root, *columns, *sort, *owner;
	const char *older_than, *stuck, *long_wait, *near, *only, *ignore;
	enum finding_severity least_severity;
	bool has_by;
	enum leak_by by;
	enum output_format format;
	VECTOR(const char *) around;
	bool has_history, has_all, is_apart;
	bool has_yes, has_likely;
	VECTOR(const char *) kept;
	const char *log;
	VECTOR(const char *) filters;
	bool has_no_header;
	bool is_exact;
	bool has_fill;
	bool has_all_namespaces;
	bool is_forced;
	bool is_dry_run;
	bool is_raw;
	bool has_undo;
	char **held_command;		     /* argv's end, behind --hold */
	const char *arguments[OPTION_COUNT]; /* of options that have no member of their own */
	enum time_format time_format;
	enum color_choice color;
	enum backend backend;
	bool wants_help;
};

void settings_deinit(struct settings *settings);

/*
 * Reads the argument of an option as an age, in units of which a second has so many; what is there
 * stays where the argument is NULL. False after a complaint.
 */
bool options_read_age(enum option_id id, const char *argument, uint64_t per_second,
		      uint64_t *bound);

/*
 * Reads the options of a command (a list that OPTION_NONE ends); operands are moved behind them.
 * argv[0] is the command's name. Behind --hold comes a command of its own. Returns the index of the
 * first operand, or -1 after a complaint; ret_count is that behind the last one.
 */
int options_parse(const enum option_id *allowed, int argc, char **argv, struct settings *settings,
		  int *ret_count);

#endif
