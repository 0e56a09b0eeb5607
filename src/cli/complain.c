/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/complain.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"

/*
 * Names and arguments come from somebody else, and so the whole line is made harmless for a
 * terminal here, in one place.
 */
static void print(const char *what, const char *format, va_list arguments)
{
	_cleanup_buffer_ struct buffer text = {0}, line = {.sink = stderr};

	/* What was printed before comes first, also where both go to the same place. */
	fflush(stdout);
	if (what)
		buffer_add_format(&text, "%s: ", *what ? what : "\"\"");
	buffer_add_format_list(&text, format, arguments);
	buffer_add_string(&line, "ipclens: ");
	utf8_add_for_terminal(&line, buffer_text(&text));
	buffer_add_char(&line, '\n');
	buffer_flush(&line);
}

void complain(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print(NULL, format, arguments);
	va_end(arguments);
}

void complain_about(const char *what, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print(what, format, arguments);
	va_end(arguments);
}

static bool same_text(const struct issue *a, const struct issue *b, enum issue_field field,
		      struct text text_a, struct text text_b)
{
	return record_has(&a->record, field) == record_has(&b->record, field) &&
	       text_equals(text_a, text_b);
}

/* Whether two issues differ in nothing but the object, so that one sentence tells both. */
static bool is_same(const struct issue *a, const struct issue *b)
{
	bool has_objects =
		record_has(&a->record, ISSUE_OBJECT) || record_has(&b->record, ISSUE_OBJECT);

	return a->code == b->code && (a->aspect == b->aspect || !has_objects) &&
	       same_text(a, b, ISSUE_SUBJECT, a->subject, b->subject) &&
	       same_text(a, b, ISSUE_REASON, a->reason, b->reason);
}

static bool is_first_of_its_sort(const struct snapshot *snapshot, const struct scope *scope,
				 const struct issue *issue)
{
	for (const struct issue *other = snapshot->issues.items; other < issue; other++)
		if (is_same(other, issue) && scope_covers_issue(scope, snapshot, other))
			return false;
	return true;
}

static size_t count_same(const struct snapshot *snapshot, const struct scope *scope,
			 const struct issue *issue)
{
	size_t count = 0;

	vector_for_each (&snapshot->issues, other)
		count += is_same(issue, other) && scope_covers_issue(scope, snapshot, other);
	return count;
}

static void complain_of_issue(const char *where, const struct snapshot *snapshot,
			      const struct scope *scope, const struct issue *issue)
{
	_cleanup_buffer_ struct buffer line = {0};
	size_t count = count_same(snapshot, scope, issue);

	if (where)
		buffer_add_format(&line, "%s: ", where);
	if (record_has(&issue->record, ISSUE_OBJECT)) {
		buffer_add_text(&line, issue->object);
		if (count > 1)
			buffer_add_format(&line, " and %zu more", count - 1);
		buffer_add_string(&line, ": ");
	}
	buffer_add_text(&line, issue->subject);
	buffer_add_string(&line, ": ");
	buffer_add_text(&line, issue->reason);
	complain("incomplete: %.*s (%s)", (int)line.length, line.bytes ? line.bytes : "",
		 issue_fields.fields[ISSUE_CODE].names[issue->code]);
}

/* Who holds a semaphore matters where somebody waits for one; else the answer itself says it. */
static bool is_worth_telling(const struct snapshot *snapshot, const struct issue *issue)
{
	if (issue->aspect != ISSUE_ABOUT_HOLDERS)
		return true;
	vector_for_each (&snapshot->waits, wait)
		if (wait->object != WAIT_NO_OBJECT &&
		    snapshot->objects.items[wait->object].kind == KIND_SEM)
			return true;
	return false;
}

void complain_of_issues(const struct snapshot *snapshot, const struct scope *scope)
{
	complain_of_issues_in(NULL, snapshot, scope);
}

void complain_of_issues_in(const char *where, const struct snapshot *snapshot,
			   const struct scope *scope)
{
	vector_for_each (&snapshot->issues, issue)
		if (scope_covers_issue(scope, snapshot, issue) &&
		    is_worth_telling(snapshot, issue) &&
		    is_first_of_its_sort(snapshot, scope, issue))
			complain_of_issue(where, snapshot, scope, issue);
}

static bool was_looked_at(const struct snapshot *snapshot, uint64_t number)
{
	vector_for_each (&snapshot->namespaces, namespace)
		if (namespace->number == number)
			return true;
	return !snapshot->namespaces.count &&
	       (!record_has(&snapshot->host.record, HOST_IPC_NAMESPACE) ||
		snapshot->host.ipc_namespace == number);
}

void complain_of_namespace(const struct snapshot *snapshot, int64_t pid)
{
	const struct process *process = snapshot_process(snapshot, pid);

	if (process && record_has(&process->record, PROCESS_NAMESPACE) &&
	    !was_looked_at(snapshot, process->namespace))
		complain(
			"incomplete: %lld is in another IPC namespace, %llu, whose objects were not "
			"looked at (--namespace=%llu)",
			(long long)pid, (unsigned long long)process->namespace,
			(unsigned long long)process->namespace);
}
