/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/user_table.h"

#include <errno.h>
#include <stdlib.h>

#include "query/uses.h"
#include "render/table.h"

static const size_t proof_columns[] = {USE_PID,	   USE_COMMAND, USE_USER,   USE_HOW,
				       USE_ACCESS, USE_ADDRESS, USE_LENGTH, USE_STARTED_AT};
static const size_t shared_columns[] = {USE_PID,    USE_COMMAND,   USE_USER,
					USE_HOW,    USE_ACCESS,	   USE_ADDRESS,
					USE_LENGTH, USE_SHARED_BY, USE_STARTED_AT};
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

	(void)style;
	(void)context;
	if (field != USE_ACCESS || !record_has(&use->link->record, LINK_ACCESS))
		return false;
	buffer_add_char(buffer, use->link->access & LINK_READ ? 'r' : '-');
	buffer_add_char(buffer, use->link->access & LINK_WRITE ? 'w' : '-');
	buffer_add_char(buffer, use->link->access & LINK_EXECUTE ? 'x' : '-');
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

static bool are_shared(const struct uses *uses)
{
	vector_for_each (&uses->items, use)
		if (use->link->shared_by.count)
			return true;
	return false;
}

/* Why fewer were found than there are, and what to do: each fits into a line of 76 columns. */
static const char *explain_doubt(uint64_t doubts)
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
		return "a process of another IPC namespace maps a segment of that id, maybe this "
		       "one";
	return "the others may have ended since, changed namespace, or be hidden from you";
}

static int print_accounting(const struct accounting *accounting, const char *indent)
{
	bool is_free = accounting->is_complete && !accounting->expected;
	int r = printf("%s%llu of %llu attachments found%s\n", indent,
		       (unsigned long long)accounting->found,
		       (unsigned long long)accounting->expected,
		       is_free ? ": nobody has it mapped now" : "");

	if (r >= 0 && !accounting->is_complete)
		r = printf("%s  %s\n", indent, explain_doubt(accounting->doubts));
	return r < 0 ? -EIO : 0;
}

static int print_proof(const struct snapshot *snapshot, const struct object *object,
		       const char *indent, const struct style *style)
{
	const struct accounting *accounting = snapshot_accounting(snapshot, object);
	_cleanup_uses_ struct uses uses = {0};
	int r = uses_of_object(snapshot, object, USE_PROOF, &uses);

	if (r == 0 && are_shared(&uses))
		r = print_uses(&uses, COLUMNS(shared_columns), indent, style);
	else if (r == 0)
		r = print_uses(&uses, COLUMNS(proof_columns), indent, style);
	if (r == 0 && accounting)
		r = print_accounting(accounting, indent);
	else if (r == 0 && object->kind != KIND_SHM)
		printf("%sthe kernel keeps no record of who uses %s\n", indent,
		       kind_info(object->kind)->plural);
	return r;
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
	return r ? r : print_history(snapshot, object, indent, style);
}
