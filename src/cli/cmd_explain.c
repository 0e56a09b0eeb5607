/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens explain: what a field, a limit, a state or a word means.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/json_text.h"
#include "base/nearest.h"
#include "cli/glossary.h"
#include "cli/view.h"
#include "cli/wrap.h"
#include "model/record_json.h"

static void print_term(const struct term *term)
{
	printf("%s%s%s\n", term->name, *term->what ? " — " : "", term->what);
	wrap_print(term->explanation, "  ");
	if (term->source)
		printf("  source: %s\n", term->source);
}

/* Compilers put more behind the names of functions: "do_poll.constprop.0". */
static bool is_function_of(const char *name, const char *term)
{
	static const char *const suffixes[] = {".constprop.", ".isra.", ".part.", ".cold"};
	size_t length = strlen(term);

	if (strncmp(name, term, length) != 0)
		return false;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strncmp(name + length, suffixes[i], strlen(suffixes[i])) == 0)
			return true;
	return false;
}

static char plain(char letter)
{
	return letter == '_' || letter == ' ' ? '-' : (char)tolower((unsigned char)letter);
}

/* Whether they differ in nothing but case, and in what stands between their words. */
static bool is_same(const char *name, const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (plain(name[i]) != plain(word[i]))
			return false;
	return !name[length];
}

/* Whether the term goes by that name: its own, or that of its column. */
static bool has_name(const struct term *term, const char *name)
{
	static const char before[] = "(column ";
	const char *column = strstr(term->what, before);

	if (is_same(name, term->name, strlen(term->name)) || is_function_of(name, term->name))
		return true;
	if (!column)
		return false;
	column += sizeof(before) - 1;
	return is_same(name, column, strcspn(column, ")"));
}

static void add_string_or_null(struct buffer *output, const char *name, const char *text)
{
	buffer_add_format(output, ",\"%s\":", name);
	if (text && *text)
		json_add_string(output, text_of(text));
	else
		buffer_add_string(output, "null");
}

static void add_json_term(struct buffer *output, const struct term *term)
{
	buffer_add_string(output, "{\"name\":");
	json_add_string(output, text_of(term->name));
	add_string_or_null(output, "what", term->what);
	add_string_or_null(output, "explanation", term->explanation);
	add_string_or_null(output, "source", term->source);
	buffer_add_char(output, '}');
}

/* What was told so far; to JSON where there is a document. */
struct explanation {
	struct buffer *document;
	size_t count;
};

static void tell_term(struct explanation *explanation, const struct term *term)
{
	bool is_first = !explanation->count++;

	if (explanation->document) {
		document_next(explanation->document, is_first);
		add_json_term(explanation->document, term);
		return;
	}
	if (!is_first)
		putchar('\n');
	print_term(term);
}

/* All of that name: a word can be a field of several tables. False where there is no such term. */
static bool explain(struct explanation *explanation, const char *name)
{
	size_t before = explanation->count;
	struct term term;

	for (size_t i = 0; glossary_term(i, &term); i++)
		if (has_name(&term, name))
			tell_term(explanation, &term);
	return explanation->count > before;
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

static enum exit_status explain_operands(const struct invocation *invocation,
					 struct explanation *explanation)
{
	enum exit_status status = STATUS_DONE;

	for (int i = 0; i < invocation->operand_count; i++) {
		if (explain(explanation, invocation->operands[i]))
			continue;
		complain_unknown(invocation->operands[i]);
		status = STATUS_FAILED;
	}
	return status;
}

/* Of the machine it has what every document has, and nothing else. */
static enum exit_status explain_in_json(const struct invocation *invocation)
{
	static const struct scope scope = {.has_sight = true};
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	_cleanup_buffer_ struct buffer document = view_output();
	struct explanation explanation = {.document = &document};
	enum exit_status status = view_open(&invocation->settings, &scope, &snapshot), written;
	struct term term;

	if (status != STATUS_DONE)
		return status;
	document_begin(&document, snapshot, invocation->command->name);
	document_begin_list(&document, "terms");
	if (invocation->operand_count)
		status = explain_operands(invocation, &explanation);
	else
		for (size_t i = 0; glossary_term(i, &term); i++)
			tell_term(&explanation, &term);
	document_end_list(&document);
	document_add_issues(&document, snapshot, &scope);
	document_end(&document);
	written = view_finish_output(buffer_flush(&document));
	return written == STATUS_DONE ? status : written;
}

enum exit_status cmd_explain(struct invocation *invocation)
{
	struct explanation explanation = {0};

	if (invocation->settings.is_json)
		return explain_in_json(invocation);
	if (!invocation->operand_count)
		print_all();
	return explain_operands(invocation, &explanation);
}
