/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/user_table.h"

#include <errno.h>

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

static const void *next_use(void *context)
{
	struct cursor *cursor = context;

	if (!cursor->left)
		return NULL;
	cursor->left--;
	return cursor->next++;
}

/* "rw-", as in the maps of a process. */
static bool add_cell(struct buffer *buffer, const void *record, size_t field,
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
					    .add_cell = add_cell,
					    .indent = indent};
	struct cursor cursor = {uses->items.items, uses->items.count};

	return table_print(&layout, style, next_use, &cursor, stdout);
}

static bool are_shared(const struct uses *uses)
{
	vector_for_each (&uses->items, use)
		if (use->link->shared_by.count)
			return true;
	return false;
}

/* Why fewer were found than there are, and what to do. */
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
		return "a process of another IPC namespace maps a segment of this id: it may be "
		       "this one";
	return "the others can be in processes that have ended since, that another PID namespace "
	       "hides, or that moved to another IPC namespace";
}

static int print_accounting(const struct accounting *accounting, const char *indent)
{
	const char *doubt = accounting->is_complete ? "" : explain_doubt(accounting->doubts);

	if (printf("%s%llu of %llu attachments found%s%s\n", indent ? indent : "",
		   (unsigned long long)accounting->found, (unsigned long long)accounting->expected,
		   *doubt ? "; " : "", doubt) < 0)
		return -EIO;
	return 0;
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
		printf("%sthe kernel keeps no record of who uses %s\n", indent ? indent : "",
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
	printf("%son record, which is history and no proof of use:\n", indent ? indent : "");
	if (object->kind == KIND_SEM)
		return print_uses(&uses, COLUMNS(semaphore_columns), indent, style);
	return print_uses(&uses, COLUMNS(history_columns), indent, style);
}

int user_table_print(const struct snapshot *snapshot, const struct object *object,
		     const char *indent, const struct style *style)
{
	int r;

	if (!snapshot->has_users)
		return 0;
	r = print_proof(snapshot, object, indent, style);
	return r ? r : print_history(snapshot, object, indent, style);
}
