/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/user_table.h"

#include <errno.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "cli/wait_table.h"
#include "query/uses.h"
#include "render/table.h"

static const size_t history_columns[] = {USE_PID, USE_STATE,	 USE_COMMAND, USE_USER,
					 USE_HOW, USE_OPERATION, USE_AT};
static const size_t semaphore_columns[] = {USE_PID, USE_STATE,	USE_COMMAND, USE_USER,
					   USE_HOW, USE_SEMNUM, USE_AT};

#define COLUMNS(array) array, sizeof(array) / sizeof((array)[0])

/* Uses, one after the other. */
struct cursor {
	const struct use *next;
	size_t left;
};

bool user_table_add_access(struct buffer *buffer, const void *record, size_t field,
			   const struct style *style, const void *context)
{
	const struct use *use = record;
	const struct link *link = use->link;

	(void)style;
	(void)context;
	if (field != USE_ACCESS || !record_has(&link->record, LINK_ACCESS))
		return false;
	buffer_add_char(buffer, link->access & LINK_READ ? 'r' : '-');
	buffer_add_char(buffer, link->access & LINK_WRITE ? 'w' : '-');
	if (link->how != LINK_MAPPED)
		return true;
	buffer_add_char(buffer, link->access & LINK_EXECUTE ? 'x' : '-');
	if (link->access & LINK_PRIVATE)
		buffer_add_char(buffer, 'p');
	return true;
}

static int print_uses(const struct uses *uses, const size_t *columns, size_t count,
		      const char *indent, const struct style *style)
{
	const struct table_layout layout = {.fields = &use_fields,
					    .columns = columns,
					    .count = count,
					    .add_cell = user_table_add_access,
					    .indent = indent};

	return table_print_records(
		&layout, style, (struct record_list){uses->items.items, uses->items.count}, stdout);
}

/* By process; within one the semaphores in their order. */
static int compare_semaphores(const void *first, const void *second)
{
	const struct link *a = ((const struct use *)first)->link;
	const struct link *b = ((const struct use *)second)->link;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return a->semnum < b->semnum ? -1 : a->semnum > b->semnum;
}

/* Whether both say the same of two semaphores. */
static bool is_same_row(const struct link *a, const struct link *b)
{
	return a->pid == b->pid && a->state == b->state && a->at == b->at &&
	       record_has(&a->record, LINK_AT) == record_has(&b->record, LINK_AT);
}

/* How many uses from here on are one row. */
static size_t count_row(const struct use *use, size_t left)
{
	size_t count = 1;

	while (count < left && is_same_row(use->link, use[count].link))
		count++;
	return count;
}

static const void *next_row(void *context)
{
	struct cursor *cursor = context;
	const struct use *use = cursor->next;
	size_t count;

	if (!cursor->left)
		return NULL;
	count = count_row(use, cursor->left);
	cursor->next += count;
	cursor->left -= count;
	return use;
}

/* "0-3,7": the semaphores of a row. */
static bool add_numbers(struct buffer *buffer, const void *record, size_t field,
			const struct style *style, const void *context)
{
	const struct uses *uses = context;
	const struct use *use = record;
	size_t count, next;

	(void)style;
	if (field != USE_SEMNUM)
		return false;
	count = count_row(use, uses->items.count - (size_t)(use - uses->items.items));
	for (size_t first = 0; first < count; first = next) {
		for (next = first + 1;
		     next < count && use[next].link->semnum == use[next - 1].link->semnum + 1;)
			next++;
		if (first)
			buffer_add_char(buffer, ',');
		buffer_add_unsigned(buffer, use[first].link->semnum, 0);
		if (next - first > 1) {
			buffer_add_char(buffer, '-');
			buffer_add_unsigned(buffer, use[next - 1].link->semnum, 0);
		}
	}
	return true;
}

/* Semaphores that one process left its PID in stand in one row. */
static int print_semaphores(struct uses *uses, const char *indent, const struct style *style)
{
	const struct table_layout layout = {.fields = &use_fields,
					    .columns = semaphore_columns,
					    .count = sizeof(semaphore_columns) /
						     sizeof(semaphore_columns[0]),
					    .add_cell = add_numbers,
					    .context = uses,
					    .indent = indent};
	struct cursor cursor = {uses->items.items, uses->items.count};

	qsort(uses->items.items, uses->items.count, sizeof(*uses->items.items), compare_semaphores);
	return table_print(&layout, style, next_row, &cursor, stdout);
}

static bool has_something(const struct use *use, size_t field)
{
	struct value_scratch scratch;
	struct value value = field_value(&use_fields, field, use, &scratch);

	return value.is_present && (value.type != VALUE_PIDS || value.records.count);
}

/* Which columns have something to say. */
static size_t choose_columns(const struct uses *uses, size_t *columns)
{
	static const size_t all[] = {USE_PID,	  USE_COMMAND, USE_USER,      USE_HOW,
				     USE_ACCESS,  USE_SEMNUM,  USE_AMOUNT,    USE_FD,
				     USE_ADDRESS, USE_LENGTH,  USE_SHARED_BY, USE_STARTED_AT};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		bool has_value = all[i] == USE_PID || all[i] == USE_COMMAND || all[i] == USE_USER ||
				 all[i] == USE_STARTED_AT;

		for (size_t j = 0; !has_value && j < uses->items.count; j++)
			has_value = has_something(&uses->items.items[j], all[i]);
		if (has_value)
			columns[count++] = all[i];
	}
	return count;
}

/* Why fewer were found than there are, and what to do: each fits into a line of 76 columns. */
static const char *explain_doubt(uint64_t doubts, bool are_processes_hidden)
{
	if (doubts & DOUBT_MORE)
		return "more was found than the kernel counts: not proven; look again";
	if (doubts & DOUBT_UNREADABLE)
		return "the others can be in processes that you may not inspect: try as root";
	if (doubts & DOUBT_CHANGED)
		return "it changed while it was looked at: look again";
	if (doubts & DOUBT_SHARED)
		return "which processes share an address space could not be told";
	if (doubts & DOUBT_ELSEWHERE)
		return "a process elsewhere maps a segment of that id, maybe this: bpf could "
		       "tell";
	if (are_processes_hidden)
		return "the others can be in processes hidden from you: try as root, on the host";
	return "the others may have ended since, changed namespace, or be hidden from you";
}

static int print_accounting(const struct snapshot *snapshot, const struct accounting *accounting,
			    const char *indent)
{
	bool are_hidden = snapshot_has_unseen_processes(snapshot, KIND_BIT(KIND_SHM));
	bool is_free = accounting->is_complete && !accounting->expected;
	int r = printf("%s%llu of %llu attachments found%s\n", indent,
		       (unsigned long long)accounting->found,
		       (unsigned long long)accounting->expected,
		       is_free ? ": nobody has it mapped now" : "");

	if (r >= 0 && !accounting->is_complete)
		r = printf("%s  %s\n", indent, explain_doubt(accounting->doubts, are_hidden));
	return r < 0 ? -EIO : 0;
}

/* How many processes there are, and that the kernel does not say how many there should be. */
static int print_found(const struct object *object, const char *indent)
{
	size_t count = object->processes.count;
	int r = count ? printf("%sfound in %zu process%s, which the kernel does not count\n",
			       indent, count, count == 1 ? "" : "es")
		      : printf("%sfound in no process; the kernel does not count users\n", indent);

	return r < 0 ? -EIO : 0;
}

static void add_end(struct buffer *line, const char *what, size_t count)
{
	if (count)
		buffer_add_format(line, "%zu %s%s", count, what, count == 1 ? "" : "s");
	else
		buffer_add_format(line, "no %s was found", what);
}

/* Not of one that nobody has open, nor where it was tried. */
static bool can_tell_fill(const struct snapshot *snapshot, const struct object *pipe)
{
	vector_for_each (&snapshot->issues, issue)
		if (issue->aspect == ISSUE_ABOUT_CONTENTS &&
		    record_has(&issue->record, ISSUE_KIND) && issue->kind == pipe->kind)
			return false;
	return pipe->pipe.readers.count || pipe->pipe.writers.count;
}

/* "1 reader, 2 writers; it holds 4096 of 65536 bytes" */
static int print_ends(const struct snapshot *snapshot, const struct object *pipe,
		      const char *indent)
{
	_cleanup_buffer_ struct buffer line = {0};

	add_end(&line, "reader", pipe->pipe.readers.count);
	buffer_add_string(&line, ", ");
	add_end(&line, "writer", pipe->pipe.writers.count);
	if (object_has(pipe, OBJECT_USED_BYTES) && object_has(pipe, OBJECT_MAX_BYTES))
		buffer_add_format(&line, "; it holds %llu of %llu bytes",
				  (unsigned long long)pipe->used_bytes,
				  (unsigned long long)pipe->max_bytes);
	else if (can_tell_fill(snapshot, pipe))
		buffer_add_string(&line, "; how full it is, --fill tells");
	return buffer_string(&line) && printf("%s%s\n", indent, line.bytes) >= 0 ? 0 : -EIO;
}

/* Who uses an array is not recorded; who would give something back at its end is. */
static int print_holders(const struct snapshot *snapshot, bool has_holders, const char *indent)
{
	const struct issue *why = wait_why_holders_unknown(snapshot);
	_cleanup_buffer_ struct buffer line = {0};

	buffer_add_string(&line, indent);
	if (why) {
		buffer_add_string(&line, "holders unknown: ");
		utf8_add_for_terminal(&line, why->reason);
	} else if (!snapshot->knows_holders) {
		buffer_add_string(&line, "the kernel keeps no record of who uses semaphore arrays");
	} else {
		buffer_add_string(&line,
				  has_holders ? "held with undo; who holds without, nobody records"
					      : "nobody holds it with undo; who holds without, "
						"nobody records");
	}
	return buffer_string(&line) && puts(line.bytes) >= 0 ? 0 : -EIO;
}

static int print_summary(const struct snapshot *snapshot, const struct object *object,
			 bool has_proof, const char *indent)
{
	const struct accounting *accounting = snapshot_accounting(snapshot, object);

	if (accounting)
		return print_accounting(snapshot, accounting, indent);
	if (object_has(object, OBJECT_READERS))
		return print_ends(snapshot, object, indent);
	if (object->kind != KIND_SHM && object_has(object, OBJECT_PROCESSES))
		return print_found(object, indent);
	if (object->kind == KIND_SEM)
		return print_holders(snapshot, has_proof, indent);
	if (KIND_BIT(object->kind) & KINDS_SYSV && object->kind != KIND_SHM)
		printf("%sthe kernel keeps no record of who uses %s\n", indent,
		       kind_info(object->kind)->plural);
	return 0;
}

static int print_proof(const struct snapshot *snapshot, const struct object *object,
		       const char *indent, const struct style *style)
{
	_cleanup_uses_ struct uses uses = {0};
	size_t columns[USE_FIELD_COUNT];
	int r = uses_of_object(snapshot, object, USE_PROOF, &uses);

	if (r == 0)
		r = print_uses(&uses, columns, choose_columns(&uses, columns), indent, style);
	return r ? r : print_summary(snapshot, object, uses.items.count, indent);
}

static int print_history(const struct snapshot *snapshot, const struct object *object,
			 const char *indent, const struct style *style)
{
	_cleanup_uses_ struct uses uses = {0};
	int r = uses_of_object(snapshot, object, USE_HISTORY, &uses);

	if (r < 0 || !uses.items.count)
		return r;
	printf("\n%son record, which is history and no proof of use:\n", indent);
	if (object->kind == KIND_SEM)
		return print_semaphores(&uses, indent, style);
	return print_uses(&uses, COLUMNS(history_columns), indent, style);
}

int user_table_print(const struct snapshot *snapshot, const struct object *object,
		     const char *indent, const struct style *style)
{
	int r;

	if (!snapshot->has_users)
		return 0;
	if (!indent)
		indent = "";
	else
		putchar('\n');
	r = print_proof(snapshot, object, indent, style);
	if (r == 0)
		r = wait_table_print_object(snapshot, object, indent, style);
	return r ? r : print_history(snapshot, object, indent, style);
}
