/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Help for people: an overview, and one page for each command.
 */
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/command.h"
#include "cli/wrap.h"

/* Bytes of the argument in the help's columns: an ellipsis has three bytes and one column. */
static int extra_bytes(const char *text)
{
	int extra = 0;

	for (; *text; text++)
		extra += ((unsigned char)*text & 0xc0) == 0x80;
	return extra;
}

static void print_option(const struct option_info *option)
{
	char words[64];

	snprintf(words, sizeof(words), "%s%c%s--%s%s%s", option->letter ? "-" : "",
		 option->letter ? option->letter : ' ', option->letter ? ", " : "   ", option->name,
		 option->argument ? "=" : "", option->argument ? option->argument : "");
	printf("  %-*s %s\n", 28 + extra_bytes(words), words, option->help);
}

void help_print_overview(void)
{
	const char *group = "";

	puts("ipclens — what inter-process communication exists on this machine\n\n"
	     "Usage: ipclens [COMMAND] [OPTION…] [OPERAND…]");
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];
		char words[64];

		if (strcmp(group, command->group) != 0)
			printf("\n%s\n", command->group);
		group = command->group;
		snprintf(words, sizeof(words), "%s %s", command->name, command->operands);
		printf("  %-*s %s\n", 20 + extra_bytes(words), words, command->summary);
	}
	puts("\n\"ipclens help COMMAND\" tells the rest; the manual is ipclens(1).");
}

/* Those of a drop-in, which explains them by its own --help. */
static void print_own_options(const struct option *own)
{
	_cleanup_buffer_ struct buffer words = {0};

	buffer_add_string(&words, "Options: ");
	for (const struct option *option = own; option->name; option++)
		buffer_add_format(&words, "%s--%s", option == own ? "" : ", ", option->name);
	wrap_print(buffer_string(&words), "");
}

void help_print_command(const struct command *command)
{
	const struct option *own = command_own_options(command);

	printf("Usage: ipclens %s%s%s%s\n\n", command->name, command->options ? " [OPTION…]" : "",
	       *command->operands ? " " : "", command->operands);
	wrap_print(command->summary, "");
	if (*command->description) {
		putchar('\n');
		wrap_print(command->description, "");
	}
	putchar('\n');
	if (own)
		print_own_options(own);
	if (!command->options)
		return;
	for (const enum option_id *id = command->options; *id != OPTION_NONE; id++)
		print_option(option_info(*id));
}

enum exit_status command_complain_unknown(const char *name)
{
	for (size_t i = 0; i < command_count; i++) {
		if (!nearest_is_slip(name, commands[i].name))
			continue;
		complain_about(name, "no such command; did you mean \"%s\"?", commands[i].name);
		return STATUS_USAGE;
	}
	complain_about(name, "no such command; \"ipclens help\" lists them");
	return STATUS_USAGE;
}

enum exit_status cmd_help(struct invocation *invocation)
{
	const struct command *command;

	if (!invocation->operand_count) {
		help_print_overview();
		return STATUS_DONE;
	}
	command = command_find(invocation->operands[0]);
	if (!command)
		return command_complain_unknown(invocation->operands[0]);
	help_print_command(command);
	return STATUS_DONE;
}
