/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/glossary.h"

#include <stdio.h>

#include "cli/glossary_words.h"
#include "model/action.h"
#include "model/finding.h"
#include "model/leak.h"
#include "model/machine.h"
#include "model/message.h"
#include "model/namespace.h"
#include "model/object.h"
#include "model/process.h"
#include "model/wait.h"
#include "query/process_totals.h"

/* Fields that objects of many kinds have are not named after all of them. */
static void name_field(struct term *term, const struct field *field)
{
	const char *between = "";
	size_t length = (size_t)snprintf(term->what, sizeof(term->what), "field of");

	for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
		if (!field_applies(field, KIND_BIT(kind)))
			continue;
		length += (size_t)snprintf(term->what + length, sizeof(term->what) - length,
					   "%s %s", between, kind_info(kind)->word);
		between = ",";
	}
	snprintf(term->what + length, sizeof(term->what) - length, " (column %s)", field->heading);
}

static void fill_from_object(struct term *term, const struct field *field)
{
	*term = (struct term){
		.name = field->name, .explanation = field->explain, .source = field->source};
	name_field(term, field);
}

/* Records beside objects. */
static const struct {
	const struct field_table *fields;
	const char *owner;
} others[] = {
	{&semaphore_fields, "each semaphore of an array"},
	{&process_fields, "each process that uses objects"},
	{&link_fields, "each use of an object by a process"},
	{&process_totals_fields, "what each process uses in all"},
	{&accounting_fields, "the count of an object's users"},
	{&wait_fields, "each wait of a thread"},
	{&finding_fields, "each finding"},
	{&leak_fields, "each leak"},
	{&namespace_fields, "each IPC namespace"},
	{&limit_fields, "each limit"},
	{&message_fields, "each message in a queue"},
	{&message_type_fields, "the messages of one type"},
	{&action_fields, "what was to be done"},
};

static void fill_from_other(struct term *term, const struct field *field, const char *owner)
{
	*term = (struct term){
		.name = field->name, .explanation = field->explain, .source = field->source};
	snprintf(term->what, sizeof(term->what), "field of %s (column %s)", owner, field->heading);
}

static void fill_from_limit(struct term *term, enum limit_id id)
{
	const struct limit_info *info = limit_info(id);

	*term = (struct term){.name = info->name, .explanation = info->explain};
	snprintf(term->what, sizeof(term->what), "limit, set by the sysctl %s", info->sysctl);
}

static void fill_from_kind(struct term *term, enum kind kind)
{
	*term = (struct term){.name = kind_info(kind)->word,
			      .explanation = kind_info(kind)->explain};
	snprintf(term->what, sizeof(term->what), "kind, %s", kind_info(kind)->singular);
}

static void fill_from_finding(struct term *term, enum finding_code code)
{
	const struct finding_info *info = finding_info(code);

	*term = (struct term){.name = info->word, .explanation = info->explain};
	snprintf(term->what, sizeof(term->what), "finding of \"ipclens check\"");
}

/* The tables stand one behind the other: number is the place in the next one, if it has so many. */
static bool is_within(size_t *number, size_t count)
{
	if (*number < count)
		return true;
	*number -= count;
	return false;
}

bool glossary_term(size_t number, struct term *ret_term)
{
	if (is_within(&number, KIND_COUNT)) {
		fill_from_kind(ret_term, (enum kind)number);
		return true;
	}
	if (is_within(&number, object_fields.count)) {
		fill_from_object(ret_term, &object_fields.fields[number]);
		return true;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!is_within(&number, others[i].fields->count))
			continue;
		fill_from_other(ret_term, &others[i].fields->fields[number], others[i].owner);
		return true;
	}
	if (is_within(&number, LIMIT_COUNT)) {
		fill_from_limit(ret_term, (enum limit_id)number);
		return true;
	}
	if (is_within(&number, FINDING_CODE_COUNT)) {
		fill_from_finding(ret_term, (enum finding_code)number);
		return true;
	}
	if (!is_within(&number, glossary_word_count))
		return false;
	*ret_term = (struct term){.name = glossary_words[number].name,
				  .explanation = glossary_words[number].explanation};
	return true;
}
