/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "query/process_totals.h"

#include <errno.h>
#include <stdlib.h>

#define AT(member) offsetof(struct process_totals, member)

/* Fields of the process itself. */
#define DEFINE_GETTER(name, field)                                                             \
	static struct value compute_##name(const void *record, struct value_scratch *scratch)  \
	{                                                                                      \
		return field_value(&process_fields, field,                                     \
				   ((const struct process_totals *)record)->process, scratch); \
	}

DEFINE_GETTER(pid, PROCESS_PID)
DEFINE_GETTER(command, PROCESS_COMMAND)
DEFINE_GETTER(user, PROCESS_USER)
DEFINE_GETTER(uid, PROCESS_UID)
DEFINE_GETTER(started_at, PROCESS_STARTED_AT)

/* clang-format off */
static const struct field fields[PROCESS_TOTALS_FIELD_COUNT] = {
	[PROCESS_TOTALS_PID] = {.name = "pid", .heading = "PID", .type = VALUE_PID,
		.compute = compute_pid},
	[PROCESS_TOTALS_COMMAND] = {.name = "command", .heading = "COMMAND", .type = VALUE_TEXT,
		.can_be_cut = true, .compute = compute_command},
	[PROCESS_TOTALS_USER] = {.name = "user", .heading = "USER", .type = VALUE_TEXT,
		.can_be_cut = true, .fallback = PROCESS_TOTALS_UID, .compute = compute_user},
	[PROCESS_TOTALS_UID] = {.name = "uid", .heading = "UID", .type = VALUE_ID,
		.compute = compute_uid},
	[PROCESS_TOTALS_STARTED_AT] = {.name = "started_at", .heading = "STARTED",
		.type = VALUE_TIME, .compute = compute_started_at},
	[PROCESS_TOTALS_SEGMENTS] = {.name = "segments", .heading = "SEGMENTS",
		.type = VALUE_UNSIGNED, .offset = AT(segments)},
	[PROCESS_TOTALS_MAPPINGS] = {.name = "mappings", .heading = "MAPPINGS",
		.type = VALUE_UNSIGNED, .offset = AT(mappings)},
	[PROCESS_TOTALS_BYTES] = {.name = "bytes", .heading = "MAPPED", .type = VALUE_SIZE,
		.offset = AT(bytes)},
};
/* clang-format on */

const struct field_table process_totals_fields = {
	"process_totals", fields, PROCESS_TOTALS_FIELD_COUNT, sizeof(struct process_totals), false};

void process_totals_deinit(struct process_totals_list *list)
{
	vector_deinit(&list->items);
}

static int compare_pids(const void *key, const void *item)
{
	int64_t a = *(const int64_t *)key;
	int64_t b = ((const struct process_totals *)item)->process->pid;

	return a < b ? -1 : a > b;
}

static void count(struct process_totals_list *list, int64_t pid, const struct link *link)
{
	struct process_totals *totals =
		list->items.count ? bsearch(&pid, list->items.items, list->items.count,
					    sizeof(*list->items.items), compare_pids)
				  : NULL;

	if (!totals)
		return;
	/* Links are in the order of objects: one more mapping of a segment follows the first. */
	totals->segments += !totals->mappings || totals->last_object != link->object;
	totals->last_object = link->object;
	totals->mappings++;
	if (__builtin_add_overflow(totals->bytes, link->length, &totals->bytes))
		totals->bytes = UINT64_MAX;
}

static void count_link(struct process_totals_list *list, const struct link *link)
{
	const int64_t *sharers = link->shared_by.items;

	if (!link_is_proof((enum link_how)link->how))
		return;
	count(list, link->pid, link);
	for (size_t i = 0; i < link->shared_by.count; i++)
		count(list, sharers[i], link);
}

static void drop_idle(struct process_totals_list *list)
{
	size_t kept = 0;

	vector_for_each (&list->items, totals)
		if (totals->mappings)
			list->items.items[kept++] = *totals;
	list->items.count = kept;
}

int process_totals_list(const struct snapshot *snapshot, struct process_totals_list *ret_list)
{
	struct process_totals_list list = {0};

	vector_for_each (&snapshot->processes, process) {
		struct process_totals *totals = vector_add(&list.items);

		if (!totals) {
			process_totals_deinit(&list);
			return -ENOMEM;
		}
		totals->process = process;
		record_mark(&totals->record, PROCESS_TOTALS_SEGMENTS);
		record_mark(&totals->record, PROCESS_TOTALS_MAPPINGS);
		record_mark(&totals->record, PROCESS_TOTALS_BYTES);
	}
	vector_for_each (&snapshot->links, link)
		count_link(&list, link);
	drop_idle(&list);
	*ret_list = list;
	return 0;
}

bool process_uses_something(const struct snapshot *snapshot, const struct process *process)
{
	vector_for_each (&snapshot->links, link)
		if (link_is_proof((enum link_how)link->how) && link_names(link, process->pid))
			return true;
	return false;
}
