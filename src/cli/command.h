/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands, described once: dispatch, help, manual, completion and their checks follow.
 */
#ifndef IPCLENS_CLI_COMMAND_H
#define IPCLENS_CLI_COMMAND_H

#include <getopt.h>
#include <limits.h>

#include "cli/complain.h"
#include "cli/options.h"

struct command;

/* No bound for operands. */
#define OPERANDS_ANY INT_MAX

/* One call of a command. */
struct invocation {
	const struct command *command;
	struct settings settings;
	char **operands; /* argv's, behind the options */
	int operand_count;
};

/* What completion offers for operands. */
enum operand_kind {
	OPERAND_NONE,
	OPERAND_KINDS,
	OPERAND_REFS,
	OPERAND_PIDS,
	OPERAND_TERMS,
	OPERAND_FILE,
	OPERAND_COMMANDS,
};

struct command {
	const char *name;
	const char *group;    /* heading in the help */
	const char *operands; /* "[KIND…]" */
	enum operand_kind operand_kind;
	int operands_least, operands_most;
	const char *summary;	       /* one line */
	const char *description;       /* paragraphs, for help and manual */
	const enum option_id *options; /* OPTION_NONE at the end; NULL: reads argv itself */
	enum exit_status (*run)(struct invocation *invocation);
	/* For the drop-ins: the whole of argv, whose first word is the command's name. */
	int (*run_raw)(int argc, char **argv);
	bool has_verdict; /* its exit status is one: what goes wrong is STATUS_UNKNOWN */
};

extern const struct command commands[];
extern const size_t command_count;

const struct command *command_find(const char *name);

/* The options of a command that reads argv itself, up to one without a name; NULL of the others. */
const struct option *command_own_options(const struct command *command);

/* Complains, and names the command that is only a slip away; STATUS_USAGE. */
enum exit_status command_complain_unknown(const char *name);

/* One for each file cmd_*.c. */
enum exit_status cmd_status(struct invocation *invocation);
enum exit_status cmd_list(struct invocation *invocation);
enum exit_status cmd_show(struct invocation *invocation);
enum exit_status cmd_who(struct invocation *invocation);
enum exit_status cmd_ps(struct invocation *invocation);
enum exit_status cmd_clean(struct invocation *invocation);
enum exit_status cmd_diff(struct invocation *invocation);
enum exit_status cmd_demo(struct invocation *invocation);
enum exit_status cmd_check(struct invocation *invocation);
enum exit_status cmd_blocked(struct invocation *invocation);
enum exit_status cmd_limits(struct invocation *invocation);
enum exit_status cmd_namespaces(struct invocation *invocation);
enum exit_status cmd_explain(struct invocation *invocation);
enum exit_status cmd_leaks(struct invocation *invocation);
enum exit_status cmd_graph(struct invocation *invocation);
enum exit_status cmd_save(struct invocation *invocation);
enum exit_status cmd_peek(struct invocation *invocation);
enum exit_status cmd_make(struct invocation *invocation);
enum exit_status cmd_remove(struct invocation *invocation);
enum exit_status cmd_send(struct invocation *invocation);
enum exit_status cmd_receive(struct invocation *invocation);
enum exit_status cmd_semop(struct invocation *invocation);
enum exit_status cmd_help(struct invocation *invocation);
enum exit_status cmd_version(struct invocation *invocation);

/* All words of the program, for those who do not know one: "ipclens help". */
void help_print_overview(void);
void help_print_command(const struct command *command);

/* What is generated when the program is built: the manual in scdoc, the completion for bash. */
void manual_print(void);
void completion_print(void);
/* Commands, options and fields, one on each line, for the checks of the two above. */
void inventory_print(void);
/* The JSON Schema, docs/ipclens-1.schema.json. 0 or a negative errno. */
int schema_print(void);

#endif
