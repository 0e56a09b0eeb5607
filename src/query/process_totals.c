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
		.compute = compute_pid, .help = "the process",
		.explain = "The number by which a process is addressed.",
		.source = "the process"},
	[PROCESS_TOTALS_COMMAND] = {.name = "command", .heading = "COMMAND", .type = VALUE_TEXT,
		.can_be_cut = true, .compute = compute_command,
		.help = "name of its program",
		.explain = "The name of its program, or what it has set in its place.",
		.source = "the process"},
	[PROCESS_TOTALS_USER] = {.name = "user", .heading = "USER", .type = VALUE_TEXT,
		.can_be_cut = true, .fallback = PROCESS_TOTALS_UID, .compute = compute_user,
		.help = "name of its effective user",
		.explain = "The name of the process's effective user id.",
		.source = "the process"},
	[PROCESS_TOTALS_UID] = {.name = "uid", .heading = "UID", .type = VALUE_ID,
		.compute = compute_uid, .help = "effective user id",
		.explain = "The user with whose rights the process acts.",
		.source = "the process"},
	[PROCESS_TOTALS_STARTED_AT] = {.name = "started_at", .heading = "STARTED",
		.type = VALUE_TIME, .compute = compute_started_at,
		.help = "when it started",
		.explain = "The time at which the process began to exist.",
		.source = "the process"},
	[PROCESS_TOTALS_SEGMENTS] = {
		.name = "segments", .heading = "SEGMENTS", .type = VALUE_UNSIGNED, .offset = AT(segments),
		.help = "shared memory that it has mapped or open, of every sort",
		.explain = "Segments of System V, POSIX shared memory and unnamed memory, each "
			"counted once, however often the process has it mapped or open.",
		.source = "the links",
	},
	[PROCESS_TOTALS_MAPPINGS] = {
		.name = "mappings", .heading = "MAPPINGS", .type = VALUE_UNSIGNED, .offset = AT(mappings),
		.help = "in how many mappings",
		.explain = "Each place at which shared memory is in its address space: a "
			"segment that was attached twice is two, and one of which the "
			"middle was protected in another way is three.",
		.source = "the links",
	},
	[PROCESS_TOTALS_BYTES] = {
		.name = "bytes", .heading = "MAPPED", .type = VALUE_SIZE, .offset = AT(bytes),
		.help = "how much of its memory they are",
		.explain = "The lengths of these mappings together: address space, and not "
			"memory that was touched. What processes share is counted for each "
			"of them.",
		.source = "the links: length",
	},
	[PROCESS_TOTALS_SEMAPHORES] = {
		.name = "semaphores", .heading = "SEMS", .type = VALUE_UNSIGNED, .offset = AT(semaphores),
		.help = "POSIX named semaphores that it has mapped",
		.explain = "POSIX named semaphores that it has mapped, each counted once. Who "
			"uses an array of System V is not recorded.",
		.source = "the links",
	},
	[PROCESS_TOTALS_QUEUES] = {
		.name = "queues", .heading = "QUEUES", .type = VALUE_UNSIGNED, .offset = AT(queues),
		.help = "POSIX message queues that it has open",
		.explain = "POSIX message queues that it has open, each counted once. Who uses "
			"a queue of System V is not recorded.",
		.source = "the links",
	},
	[PROCESS_TOTALS_PIPES] = {
		.name = "pipes", .heading = "PIPES", .type = VALUE_UNSIGNED, .offset = AT(pipes),
		.help = "pipes and FIFOs of which it has an end",
		.explain = "Pipes and FIFOs of which it has an end, each counted once, however "
			"many descriptors.",
		.source = "the links",
	},
	[PROCESS_TOTALS_PEERS] = {
		.name = "peers", .heading = "PEERS", .type = VALUE_PIDS, .can_be_cut = true,
		.offset = AT(peers),
		.help = "processes at the other ends of them",
		.explain = "Processes that have the opposite end of one of its pipes or FIFOs "
			"open. In a table, ? means that there may be others, which this "
			"viewer is not shown.",
		.source = "readers and writers",
	},
};
/* clang-format on */

const struct field_table process_totals_fields = {
	"process_totals", fields, PROCESS_TOTALS_FIELD_COUNT, sizeof(struct process_totals), false};

void process_totals_deinit(struct process_totals_list *list)
{
	vector_for_each (&list->items, totals)
		free(totals->peers.items);
	vector_deinit(&list->items);
}

static int compare_pids(const void *key, const void *item)
{
	int64_t a = *(const int64_t *)key;
	int64_t b = ((const struct process_totals *)item)->process->pid;

	return a < b ? -1 : a > b;
}

static int add_peer(struct process_totals *totals, int64_t pid)
{
	int64_t *peers = totals->peers.items;

	/* The same ones come one after the other, and again with each pipe: see sort_peers(). */
	if (pid == totals->process->pid)
		return 0;
	if (vector_reserve_one(&totals->peers.items, totals->peers.count, &totals->peer_capacity,
			       sizeof(*peers)) < 0)
		return -ENOMEM;
	peers = totals->peers.items;
	peers[totals->peers.count++] = pid;
	return 0;
}

struct record_list process_totals_partners(const struct snapshot *snapshot, const struct link *link)
{
	const struct object *object = &snapshot->objects.items[link->object];

	if (link->how != LINK_OPEN || !object_has(object, OBJECT_READERS) ||
	    !object_has(object, OBJECT_WRITERS))
		return (struct record_list){0};
	return link->access & LINK_READ ? object->pipe.writers : object->pipe.readers;
}

static int add_peers(struct process_totals *totals, struct record_list partners)
{
	const int64_t *pids = partners.items;
	int r = 0;

	for (size_t i = 0; r == 0 && i < partners.count; i++)
		r = add_peer(totals, pids[i]);
	return r;
}

static void count_object(struct process_totals *totals, enum kind kind)
{
	switch (kind) {
	case KIND_SHM:
	case KIND_PSHM:
	case KIND_MAP:
		totals->segments++;
		break;
	case KIND_PSEM:
		totals->semaphores++;
		break;
	case KIND_MQ:
		totals->queues++;
		break;
	case KIND_PIPE:
	case KIND_FIFO:
		totals->pipes++;
		break;
	default:
		break;
	}
}

static int count(struct process_totals_list *list, const struct snapshot *snapshot, int64_t pid,
		 const struct link *link)
{
	struct process_totals *totals =
		list->items.count ? bsearch(&pid, list->items.items, list->items.count,
					    sizeof(*list->items.items), compare_pids)
				  : NULL;
	enum kind kind;

	if (!totals)
		return 0;
	kind = snapshot->objects.items[link->object].kind;
	/* Links are in the order of objects: one more use of an object follows the first. */
	if (!totals->uses++ || totals->last_object != link->object)
		count_object(totals, kind);
	totals->last_object = link->object;
	if (link->how == LINK_MAPPED && kind != KIND_PSEM) {
		totals->mappings++;
		if (__builtin_add_overflow(totals->bytes, link->length, &totals->bytes))
			totals->bytes = UINT64_MAX;
	}
	return add_peers(totals, process_totals_partners(snapshot, link));
}

static int count_link(struct process_totals_list *list, const struct snapshot *snapshot,
		      const struct link *link)
{
	const int64_t *sharers = link->shared_by.items;
	int r;

	if (!link_is_proof((enum link_how)link->how))
		return 0;
	r = count(list, snapshot, link->pid, link);
	for (size_t i = 0; r == 0 && i < link->shared_by.count; i++)
		r = count(list, snapshot, sharers[i], link);
	return r;
}

static int compare_numbers(const void *first, const void *second)
{
	int64_t a = *(const int64_t *)first, b = *(const int64_t *)second;

	return a < b ? -1 : a > b;
}

/* In order, and each once. */
static void sort_peers(struct process_totals *totals)
{
	int64_t *peers = totals->peers.items;
	size_t kept = 0;

	if (!totals->peers.count)
		return;
	qsort(peers, totals->peers.count, sizeof(*peers), compare_numbers);
	for (size_t i = 0; i < totals->peers.count; i++)
		if (!kept || peers[kept - 1] != peers[i])
			peers[kept++] = peers[i];
	totals->peers.count = kept;
}

static void drop_idle(struct process_totals_list *list)
{
	size_t kept = 0;

	vector_for_each (&list->items, totals) {
		sort_peers(totals);
		if (totals->uses)
			list->items.items[kept++] = *totals;
		else
			free(totals->peers.items);
	}
	list->items.count = kept;
}

static int fill(const struct snapshot *snapshot, struct process_totals_list *list)
{
	int r = 0;

	vector_for_each (&snapshot->processes, process) {
		struct process_totals *totals = vector_add(&list->items);

		if (!totals)
			return -ENOMEM;
		totals->process = process;
		for (unsigned int field = PROCESS_TOTALS_SEGMENTS;
		     field < PROCESS_TOTALS_FIELD_COUNT; field++)
			record_mark(&totals->record, field);
	}
	vector_for_each (&snapshot->links, link) {
		r = count_link(list, snapshot, link);
		if (r < 0)
			return r;
	}
	return 0;
}

int process_totals_list(const struct snapshot *snapshot, struct process_totals_list *ret_list)
{
	struct process_totals_list list = {0};
	int r = fill(snapshot, &list);

	if (r < 0) {
		process_totals_deinit(&list);
		return r;
	}
	drop_idle(&list);
	*ret_list = list;
	return 0;
}

bool process_uses_something(const struct snapshot *snapshot, const struct process *process)
{
	vector_for_each (&snapshot->waits, wait)
		if (wait->pid == process->pid)
			return true;
	vector_for_each (&snapshot->links, link)
		if (link_is_proof((enum link_how)link->how) && link_names(link, process->pid))
			return true;
	return false;
}
