/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "query/totals.h"

#define SHM KIND_BIT(KIND_SHM)
#define SEM KIND_BIT(KIND_SEM)
#define MSG KIND_BIT(KIND_MSG)
#define PSHM KIND_BIT(KIND_PSHM)
#define PSEM KIND_BIT(KIND_PSEM)
#define MQ KIND_BIT(KIND_MQ)
#define MAP KIND_BIT(KIND_MAP)
#define AT(member) offsetof(struct totals, member)

static struct value compute_kind(const void *record, struct value_scratch *scratch)
{
	const struct totals *totals = record;

	(void)scratch;
	return (struct value){.type = VALUE_TEXT,
			      .is_present = true,
			      .text = text_of(kind_info((enum kind)totals->kind)->word)};
}

/* clang-format off */
static const struct field fields[TOTALS_FIELD_COUNT] = {
	[TOTALS_KIND] = {
		.name = "kind", .heading = "KIND", .type = VALUE_TEXT, .kinds = KINDS_ALL,
		.compute = compute_kind, .help = "kind of object", .source = "the objects",
	},
	[TOTALS_OBJECTS] = {
		.name = "objects", .heading = "OBJECTS", .type = VALUE_UNSIGNED, .kinds = KINDS_ALL,
		.offset = AT(objects), .metric = "gauge",
		.help = "how many there are", .source = "the objects",
	},
	[TOTALS_AT_LEAST] = {
		.name = "at_least", .heading = "AT-LEAST", .type = VALUE_BOOL,
		.kinds = KINDS_IN_PROCESSES, .offset = AT(is_at_least),
		.help = "there can be more, in processes that could not be inspected",
		.source = "the issues",
	},
	[TOTALS_BYTES] = {
		.name = "bytes", .heading = "BYTES", .type = VALUE_SIZE,
		.kinds = SHM | MSG | PSHM | MAP, .offset = AT(bytes), .metric = "gauge",
		.help = "size of all segments; text of all messages", .source = "size, used_bytes",
	},
	[TOTALS_ALLOCATED] = {
		.name = "allocated", .heading = "ALLOC", .type = VALUE_SIZE, .kinds = PSHM | MAP,
		.offset = AT(allocated), .metric = "gauge",
		.help = "part of it that takes up memory or swap", .source = "allocated",
	},
	[TOTALS_RESIDENT] = {
		.name = "resident", .heading = "RESIDENT", .type = VALUE_SIZE, .kinds = SHM,
		.offset = AT(resident), .metric = "gauge",
		.help = "part of it that is in memory", .source = "rss",
	},
	[TOTALS_SWAPPED] = {
		.name = "swapped", .heading = "SWAPPED", .type = VALUE_SIZE, .kinds = SHM,
		.offset = AT(swapped), .metric = "gauge",
		.help = "part of it that is swapped out", .source = "swap",
	},
	[TOTALS_ATTACHMENTS] = {
		.name = "attachments", .heading = "ATTACHED", .type = VALUE_UNSIGNED, .kinds = SHM,
		.offset = AT(attachments), .metric = "gauge",
		.help = "attachments of all segments", .source = "nattch",
	},
	[TOTALS_REMOVED] = {
		.name = "removed", .heading = "REMOVED", .type = VALUE_UNSIGNED,
		.kinds = SHM | KINDS_POSIX, .offset = AT(removed), .metric = "gauge",
		.help = "objects that were removed but are still in use", .source = "status",
	},
	[TOTALS_SEMAPHORES] = {
		.name = "semaphores", .heading = "SEMAPHORES", .type = VALUE_UNSIGNED, .kinds = SEM,
		.offset = AT(semaphores), .metric = "gauge",
		.help = "semaphores in all arrays", .source = "nsems",
	},
	[TOTALS_WAITING] = {
		.name = "waiting", .heading = "WAITING", .type = VALUE_UNSIGNED,
		.kinds = SEM | PSEM, .offset = AT(waiting), .metric = "gauge",
		.help = "threads that wait, of all semaphores that could be read",
		.source = "ncount, zcount; waiters",
	},
	[TOTALS_UNREAD] = {
		.name = "unread", .heading = "UNREAD", .type = VALUE_UNSIGNED,
		.kinds = SEM | PSEM | MQ, .offset = AT(unread), .metric = "gauge",
		.help = "those whose contents could not be read",
		.source = "semaphores; value; messages",
	},
	[TOTALS_MESSAGES] = {
		.name = "messages", .heading = "MESSAGES", .type = VALUE_UNSIGNED, .kinds = MSG | MQ,
		.offset = AT(messages), .metric = "gauge",
		.help = "messages in all queues", .source = "messages",
	},
	[TOTALS_FULL] = {
		.name = "full", .heading = "FULL", .type = VALUE_UNSIGNED, .kinds = MSG | MQ,
		.offset = AT(full), .metric = "gauge",
		.help = "queues that are at least 90 percent full", .source = "used_percent",
	},
};
/* clang-format on */

const struct field_table totals_fields = {.name = "totals",
					  .fields = fields,
					  .count = TOTALS_FIELD_COUNT,
					  .record_size = sizeof(struct totals)};

static void add(uint64_t *sum, uint64_t amount)
{
	if (__builtin_add_overflow(*sum, amount, sum))
		*sum = UINT64_MAX;
}

static void count_segment(struct totals *totals, const struct object *object)
{
	const struct shm_details *shm = &object->shm;

	add(&totals->bytes, object->size);
	add(&totals->attachments, shm->nattch);
	if (object->status & SHM_STATUS_DEST)
		totals->removed++;
	add(&totals->resident, shm->rss);
	add(&totals->swapped, shm->swap);
	/* One segment of which it is not known makes the sum unknown. */
	if (!object_has(object, OBJECT_RSS))
		record_unmark(&totals->record, TOTALS_RESIDENT);
	if (!object_has(object, OBJECT_SWAP))
		record_unmark(&totals->record, TOTALS_SWAPPED);
}

static void count_array(struct totals *totals, const struct object *object)
{
	const struct record_list *list = &object->sem.semaphores;
	const struct semaphore *semaphores = list->items;

	add(&totals->semaphores, object->sem.nsems);
	if (!object_has(object, OBJECT_SEMAPHORES)) {
		totals->unread++;
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		add(&totals->waiting, semaphores[i].ncount);
		add(&totals->waiting, semaphores[i].zcount);
	}
}

static void count_queue(struct totals *totals, const struct object *object)
{
	struct value_scratch scratch;
	struct value percent = field_value(&object_fields, OBJECT_USED_PERCENT, object, &scratch);

	add(&totals->bytes, object->used_bytes);
	add(&totals->messages, object->messages);
	if (!object_has(object, OBJECT_MESSAGES))
		totals->unread++;
	if (percent.is_present && percent.number >= TOTALS_FULL_FROM)
		totals->full++;
}

static void count_file(struct totals *totals, const struct object *object)
{
	add(&totals->bytes, object->size);
	add(&totals->allocated, object->file.allocated);
	if (object->kind == KIND_MAP && !object_has(object, OBJECT_SIZE)) {
		record_unmark(&totals->record, TOTALS_BYTES);
		record_unmark(&totals->record, TOTALS_ALLOCATED);
	}
	if (object->kind != KIND_PSEM)
		return;
	add(&totals->waiting, object->file.waiters);
	if (!object_has(object, OBJECT_VALUE))
		totals->unread++;
}

static void count(struct totals *totals, const struct object *object)
{
	totals->objects++;
	if (object->status & STATUS_UNLINKED)
		totals->removed++;
	switch (object->kind) {
	case KIND_SHM:
		count_segment(totals, object);
		break;
	case KIND_SEM:
		count_array(totals, object);
		break;
	case KIND_MSG:
	case KIND_MQ:
		count_queue(totals, object);
		break;
	case KIND_PSHM:
	case KIND_PSEM:
	case KIND_MAP:
		count_file(totals, object);
		break;
	default:
		break;
	}
}

struct totals totals_of(const struct snapshot *snapshot, enum kind kind)
{
	struct totals totals = {.kind = kind};

	/* Counted of some of the objects only, a number would pass for that of all. */
	if (!snapshot_has_all(snapshot, kind))
		return totals;
	for (unsigned int i = 0; i < TOTALS_FIELD_COUNT; i++)
		if (!fields[i].compute && field_applies(&fields[i], KIND_BIT(kind)))
			record_mark(&totals.record, i);
	totals.is_at_least = snapshot_has_unseen_processes(snapshot, KIND_BIT(kind));
	vector_for_each (&snapshot->objects, object)
		if (object->kind == kind)
			count(&totals, object);
	return totals;
}
