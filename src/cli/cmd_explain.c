/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens explain: what a field, a limit, a state or a word means.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "cli/command.h"
#include "cli/glossary.h"
#include "cli/wrap.h"

static void print_term(const struct term *term)
{
	printf("%s%s%s\n", term->name, *term->what ? " — " : "", term->what);
	wrap_print(term->explanation, "  ");
	if (term->source)
		printf("  source: %s\n", term->source);
}

/* Whether the term goes by that name: its own, or that of its column. */
static bool has_name(const struct term *term, const char *name)
{
	char column[64];

	if (strcasecmp(term->name, name) == 0)
		return true;
	snprintf(column, sizeof(column), "(column %s)", name);
	return strcasestr(term->what, column);
}

/*
 * All of that name: a word can be a field of several tables. *printed counts what was printed so
 * far; false where there is no such term.
 */
static bool explain(const char *name, size_t *printed)
{
	size_t before = *printed;
	struct term term;

	for (size_t i = 0; glossary_term(i, &term); i++) {
		if (!has_name(&term, name))
			continue;
		if ((*printed)++)
			putchar('\n');
		print_term(&term);
	}
	return *printed > before;
}

static void complain_unknown(const char *name)
{
	struct term term;

	for (size_t i = 0; glossary_term(i, &term); i++) {
		if (!nearest_is_slip(name, term.name))
			continue;
		complain_about(name, "nothing is known of it; did you mean \"%s\"?", term.name);
		return;
	}
	complain_about(name, "nothing is known of it; \"ipclens explain\" lists all terms");
}

/* One line for each: as much of its explanation as has room. */
static void print_all(void)
{
	struct term term;

	for (size_t i = 0; glossary_term(i, &term); i++) {
		size_t length = strcspn(term.explanation, ".:");

		if (length > 58)
			for (length = 56; term.explanation[length] != ' '; length--)
				;
		printf("%-20s %.*s%s\n", term.name, (int)length, term.explanation,
		       strchr(".:", term.explanation[length]) ? "" : " …");
	}
}

enum exit_status cmd_explain(struct invocation *invocation)
{
	enum exit_status status = STATUS_DONE;
	size_t printed = 0;

	if (!invocation->operand_count)
		print_all();
	for (int i = 0; i < invocation->operand_count; i++) {
		if (explain(invocation->operands[i], &printed))
			continue;
		complain_unknown(invocation->operands[i]);
		status = STATUS_FAILED;
	}
	return status;
}
