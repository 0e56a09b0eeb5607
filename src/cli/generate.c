/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the build makes of the tables: the manual page in scdoc, the completion for bash, and an
 * inventory that the checks compare the two with.
 */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/glossary.h"
#include "model/machine.h"
#include "model/object.h"

/* Our own text for scdoc, where _ and * change the font, and . begins a macro. */
static void print_escaped(const char *text)
{
	for (; *text; text++) {
		if (strchr("_*\\#~<>[]|`", *text))
			putchar('\\');
		putchar(*text);
	}
}

static void print_paragraph(const char *text)
{
	print_escaped(text);
	puts("\n");
}

static void print_option(const struct option_info *option)
{
	if (option->letter)
		printf("*-%c*, ", option->letter);
	printf("*--%s*", option->name);
	if (option->argument) {
		printf("=_");
		print_escaped(option->argument);
		putchar('_');
	}
	printf("\n\t");
	print_escaped(option->help);
	putchar('.');
	if (option->detail) {
		putchar(' ');
		print_escaped(option->detail);
	}
	puts("\n");
}

static void print_command(const struct command *command)
{
	const struct option *own = command_own_options(command);

	printf("## ");
	printf("ipclens %s %s\n\n", command->name, command->operands);
	print_escaped(command->summary);
	puts(".\n");
	if (*command->description)
		print_paragraph(command->description);
	printf("Options:");
	for (const enum option_id *id = command->options; id && *id != OPTION_NONE; id++)
		printf("%s *--%s*", id == command->options ? "" : ",", option_info(*id)->name);
	for (const struct option *option = own; option && option->name; option++)
		printf("%s *--%s*", option == own ? "" : ",", option->name);
	puts("\n");
}

static void print_fields(const struct field_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct field *field = &table->fields[i];

		printf("*");
		print_escaped(field->name);
		printf("* (");
		print_escaped(field->heading);
		printf(")\n\t");
		print_escaped(field->help);
		printf(". Source: ");
		print_escaped(field->source);
		puts(".\n");
	}
}

static void print_limits(void)
{
	for (enum limit_id id = 0; id < LIMIT_COUNT; id++) {
		const struct limit_info *info = limit_info(id);

		printf("*");
		print_escaped(info->name);
		printf("* (");
		print_escaped(info->sysctl);
		printf(")\n\t");
		print_escaped(info->explain);
		puts("\n");
	}
}

void manual_print(void)
{
	puts("ipclens(1)\n\n# NAME\n\n"
	     "ipclens - what inter-process communication exists on this machine\n\n"
	     "# SYNOPSIS\n\n*ipclens* [_COMMAND_] [_OPTION_...] [_OPERAND_...]\n\n"
	     "# DESCRIPTION\n\n"
	     "ipclens shows the shared memory, semaphores and message queues of System V and of POSIX, "
	     "pipes, FIFOs and memory without a name, with every value that the kernel has of them: who "
	     "uses them, who is stuck on them, what is wrong. It tells what it could not see. Looking changes nothing: no object is created, attached to or consumed. What changes "
	     "something stands in a group of its own, and says first whom it would hurt.\n\n"
	     "# COMMANDS\n");
	for (size_t i = 0; i < command_count; i++)
		print_command(&commands[i]);
	puts("# OPTIONS\n");
	for (enum option_id id = OPTION_NONE + 1; id < OPTION_COUNT; id++)
		print_option(option_info(id));
	puts("# FIELDS OF OBJECTS\n\n"
	     "For *--columns*, *--sort* and *--filter*, and in JSON.\n");
	print_fields(&object_fields);
	puts("# FIELDS OF A SEMAPHORE\n");
	print_fields(&semaphore_fields);
	puts("# LIMITS\n");
	print_limits();
	puts("# EXIT STATUS\n\n*0*\n\tDone. An answer that is incomplete says so on standard "
	     "error.\n\n*1*\n\tFailed, or an object was not found.\n\n*2*\n\tThe call was wrong.\n\n"
	     "The drop-ins have the exit status of the programs that they stand for.\n\n"
	     "# ENVIRONMENT\n\n*NO\\_COLOR*\n\tWhere it is set and not empty, *--color=auto* "
	     "colours nothing.\n\n"
	     "# SEE ALSO\n\n*ipcs*(1), *ipcrm*(1), *ipcmk*(1), *sysvipc*(7), *proc*(5)");
}

static void print_words_of_options(const struct command *command)
{
	const struct option *own = command_own_options(command);

	for (const enum option_id *id = command->options; id && *id != OPTION_NONE; id++)
		printf(" --%s", option_info(*id)->name);
	for (; own && own->name; own++)
		printf(" --%s", own->name);
}

/* What the operands of the command can be, as words. */
static void print_words_of_operands(enum operand_kind kind)
{
	struct term term;

	switch (kind) {
	case OPERAND_KINDS:
		for (enum kind each = 0; each < KIND_COUNT; each++)
			printf(" %s", kind_info(each)->word);
		break;
	case OPERAND_TERMS:
		for (size_t i = 0; glossary_term(i, &term); i++)
			printf(" %s", term.name);
		break;
	case OPERAND_COMMANDS:
		for (size_t i = 0; i < command_count; i++)
			printf(" %s", commands[i].name);
		break;
	case OPERAND_REFS:
	case OPERAND_PIDS:
	case OPERAND_FILE:
	case OPERAND_NONE:
		break;
	}
}

static void print_choices(void)
{
	for (enum option_id id = OPTION_NONE + 1; id < OPTION_COUNT; id++) {
		const struct option_info *option = option_info(id);

		if (!option->choices)
			continue;
		printf("\t--%s) words=\"", option->name);
		for (size_t i = 0; option->choices[i]; i++)
			printf("%s%s", i ? " " : "", option->choices[i]);
		puts("\" ;;");
	}
}

static void print_cases_of_commands(void)
{
	for (size_t i = 0; i < command_count; i++) {
		printf("\t%s) words=\"", commands[i].name);
		print_words_of_options(&commands[i]);
		print_words_of_operands(commands[i].operand_kind);
		puts("\" ;;");
	}
}

/* "show|who)" */
static void print_commands_with(enum operand_kind kind)
{
	bool is_first = true;

	for (size_t i = 0; i < command_count; i++) {
		if (commands[i].operand_kind != kind)
			continue;
		printf("%s%s", is_first ? "\t" : "|", commands[i].name);
		is_first = false;
	}
	puts(")");
}

void completion_print(void)
{
	printf("# SPDX-License-Identifier: GPL-2.0-or-later\n"
	       "# bash completion for ipclens, made from its tables\n"
	       "_ipclens()\n{\n"
	       "\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
	       "\tlocal command=${COMP_WORDS[1]} words=\n"
	       "\tcase $command in -*) command=status ;; esac\n"
	       "\tif [ \"$current\" = = ]; then current=; fi\n"
	       "\tif [ \"$previous\" = = ]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
	       "\tcase $previous in\n");
	print_choices();
	puts("\t--from|--since|--root|--file) compopt -o default; COMPREPLY=(); return ;;\n"
	     "\t--sort|--columns|-o|--filter)");
	printf("\t\twords=\"");
	for (size_t i = 0; i < object_fields.count; i++)
		printf("%s%s", i ? " " : "", object_fields.fields[i].name);
	puts("\" ;;\n\tesac");
	printf("\tif [ -z \"$words\" ] && [ \"$COMP_CWORD\" -eq 1 ] && "
	       "[[ $current != -* ]]; then\n\t\twords=\"");
	print_words_of_operands(OPERAND_COMMANDS);
	puts("\"\n\telif [ -z \"$words\" ]; then\n\tcase $command in");
	print_cases_of_commands();
	puts("\tesac\n"
	     "\tcase $command in");
	print_commands_with(OPERAND_REFS);
	puts("\t\twords=\"$words $(ipclens list -n -o ref 2>/dev/null)\" ;;");
	print_commands_with(OPERAND_FILE);
	puts("\t\tcase $current in -*) ;; *) compopt -o default; COMPREPLY=(); return ;; esac ;;\n"
	     "\tesac\n"
	     "\tfi\n"
	     "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
	     "\tif declare -F __ltrim_colon_completions >/dev/null; then\n"
	     "\t\t__ltrim_colon_completions \"$current\"\n"
	     "\tfi\n"
	     "}\n"
	     "complete -F _ipclens ipclens");
}

void inventory_print(void)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct option *own = command_own_options(&commands[i]);
		const enum option_id *id = commands[i].options;

		printf("command\t%s\n", commands[i].name);
		for (; id && *id != OPTION_NONE; id++)
			printf("option\t%s\t--%s\n", commands[i].name, option_info(*id)->name);
		for (; own && own->name; own++)
			printf("option\t%s\t--%s\n", commands[i].name, own->name);
	}
	for (size_t i = 0; i < object_fields.count; i++)
		printf("field\t%s\n", object_fields.fields[i].name);
}
