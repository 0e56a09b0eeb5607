/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens: finds the command and runs it. Called by the name of a drop-in, it is that drop-in.
 */
#include <langinfo.h>
#include <locale.h>
#include <string.h>

#include "cli/view.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "REF…" and "NUM±N" for a terminal that has no such characters. */
static void add_operands(struct buffer *buffer, const char *operands)
{
	bool is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

	while (*operands) {
		if (!is_utf8 && strncmp(operands, "…", strlen("…")) == 0) {
			buffer_add_string(buffer, "...");
			operands += strlen("…");
		} else if (!is_utf8 && strncmp(operands, "±", strlen("±")) == 0) {
			buffer_add_string(buffer, "+-");
			operands += strlen("±");
		} else {
			buffer_add_char(buffer, *operands++);
		}
	}
}

/* "ipclens --json list": what came first made it the status. */
static void complain_of_operand(const struct command *command, const char *operand)
{
	if (command == command_find("status") && command_find(operand))
		complain_about(operand, "the command comes first, then its options: ipclens %s",
			       operand);
	else
		complain("%s: it takes no operands; \"ipclens help\" lists the commands",
			 command->name);
}

static bool has_right_operands(const struct invocation *invocation)
{
	const struct command *command = invocation->command;
	_cleanup_buffer_ struct buffer operands = {0};
	int count = invocation->operand_count;

	if (count >= command->operands_least && count <= command->operands_most)
		return true;
	if (!command->operands_most) {
		complain_of_operand(command, invocation->operands[0]);
		return false;
	}
	add_operands(&operands, command->operands);
	complain("%s: it takes %s; see \"ipclens help %s\"", command->name,
		 buffer_string(&operands), command->name);
	return false;
}

/* What goes wrong before the command runs, or behind it. */
static enum exit_status failed(const struct command *command, enum exit_status status)
{
	return command->has_verdict ? STATUS_UNKNOWN : status;
}

static enum exit_status run_understood(struct invocation *invocation)
{
	const struct command *command = invocation->command;

	if (invocation->settings.wants_help) {
		help_print_command(command);
		return STATUS_DONE;
	}
	if (!has_right_operands(invocation))
		return failed(command, STATUS_USAGE);
	return command->run(invocation);
}

static enum exit_status run(const struct command *command, int argc, char **argv)
{
	struct invocation invocation = {.command = command};
	enum exit_status status = failed(command, STATUS_USAGE);
	int first;

	/* For the width of characters alone: numbers and messages are the same everywhere. */
	setlocale(LC_CTYPE, "");
	first = options_parse(command->options, argc, argv, &invocation.settings, &argc);
	if (first >= 0) {
		invocation.operands = argv + first;
		invocation.operand_count = argc - first;
		status = run_understood(&invocation);
		if (status == STATUS_DONE && view_finish_output(0) != STATUS_DONE)
			status = failed(command, STATUS_FAILED);
	}
	settings_deinit(&invocation.settings);
	return status;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	if (command->run_raw)
		return command->run_raw(argc, argv);
	return (int)run(command, argc, argv);
}

/* For the build and its checks; not for people, and so in no help. False where it is none of them.
 */
static bool run_hidden(const char *name, enum exit_status *ret_status)
{
	/* More than any of these prints. */
	static char room[1 << 18];
	int r = 0;

	/* A write that fails before the last one leaves no reason behind. */
	setvbuf(stdout, room, _IOFBF, sizeof(room));
	if (strcmp(name, "__manual") == 0)
		manual_print();
	else if (strcmp(name, "__completion") == 0)
		completion_print();
	else if (strcmp(name, "__commands") == 0)
		inventory_print();
	else if (strcmp(name, "__schema") == 0)
		r = schema_print();
	else
		return false;
	*ret_status = view_finish_output(r);
	return true;
}

/* Words that stand in the place of a command: the usual ways to ask for help and version. */
static const char *command_word(const char *word)
{
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return "help";
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		return "version";
	return word;
}

/* Options without a command are those of the status. */
static int run_status(int argc, char **argv)
{
	char name[] = "status";

	if (argc > 0)
		argv[0] = name;
	return run_command(command_find(name), argc, argv);
}

static int run_word(int argc, char **argv)
{
	const char *word = command_word(argv[0]);
	const struct command *command = command_find(word);
	enum exit_status status;

	if (command)
		return run_command(command, argc, argv);
	if (run_hidden(word, &status))
		return (int)status;
	return (int)command_complain_unknown(word);
}

int main(int argc, char **argv)
{
	const struct command *drop_in = argc > 0 ? command_find(base_name(argv[0])) : NULL;

	if (drop_in && drop_in->run_raw)
		return drop_in->run_raw(argc, argv);
	/* Without a command, or with options alone, it is the status. */
	if (argc < 2 || (argv[1][0] == '-' && command_word(argv[1]) == argv[1]))
		return run_status(argc, argv);
	return run_word(argc - 1, argv + 1);
}
