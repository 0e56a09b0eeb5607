/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The limits of the IPC namespace: /proc/sys/kernel (ipc/ipc_sysctl.c), or the *_INFO calls where
 * that is missing; and how much of each is used.
 */
#include "collect/collector.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "base/parse_number.h"

/*
 * The kernel's default for shmmax and shmall is ULONG_MAX - (1 << 24): as good as unlimited (see
 * SHMMAX in include/uapi/linux/shm.h).
 */
#define UNLIMITED_FROM (UINT64_MAX - (UINT64_C(1) << 24))

struct limit_file {
	enum limit_id id;
	const char *path;
	unsigned int place, count; /* of the number, and of all numbers in the file */
};

static const struct limit_file files[] = {
	{LIMIT_SHMMNI, "proc/sys/kernel/shmmni", 0, 1},
	{LIMIT_SHMMAX, "proc/sys/kernel/shmmax", 0, 1},
	{LIMIT_SHMALL, "proc/sys/kernel/shmall", 0, 1},
	{LIMIT_SHM_RMID_FORCED, "proc/sys/kernel/shm_rmid_forced", 0, 1},
	{LIMIT_SEMMNI, "proc/sys/kernel/sem", 3, 4},
	{LIMIT_SEMMNS, "proc/sys/kernel/sem", 1, 4},
	{LIMIT_SEMMSL, "proc/sys/kernel/sem", 0, 4},
	{LIMIT_SEMOPM, "proc/sys/kernel/sem", 2, 4},
	{LIMIT_MSGMNI, "proc/sys/kernel/msgmni", 0, 1},
	{LIMIT_MSGMAX, "proc/sys/kernel/msgmax", 0, 1},
	{LIMIT_MSGMNB, "proc/sys/kernel/msgmnb", 0, 1},
	{LIMIT_QUEUES_MAX, "proc/sys/fs/mqueue/queues_max", 0, 1},
	{LIMIT_MSG_MAX, "proc/sys/fs/mqueue/msg_max", 0, 1},
	{LIMIT_MSGSIZE_MAX, "proc/sys/fs/mqueue/msgsize_max", 0, 1},
	{LIMIT_PIPE_MAX_SIZE, "proc/sys/fs/pipe-max-size", 0, 1},
	{LIMIT_PIPE_USER_PAGES_SOFT, "proc/sys/fs/pipe-user-pages-soft", 0, 1},
	{LIMIT_PIPE_USER_PAGES_HARD, "proc/sys/fs/pipe-user-pages-hard", 0, 1},
};

static bool is_separator(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n';
}

/* The next word of *text, which loses it; empty at the end. */
static struct text next_word(struct text *text)
{
	size_t first = 0, last;
	struct text word;

	while (first < text->length && is_separator(text->bytes[first]))
		first++;
	for (last = first; last < text->length && !is_separator(text->bytes[last]);)
		last++;
	word = (struct text){text->bytes + first, last - first};
	*text = (struct text){text->bytes + last, text->length - last};
	return word;
}

/* The file's number among as many as it has to have; 0 or -EINVAL. */
static int parse_file(struct text text, const struct limit_file *file, uint64_t *ret_number)
{
	uint64_t chosen = 0;

	for (unsigned int i = 0; i < file->count; i++) {
		uint64_t number;

		if (parse_unsigned(next_word(&text), 10, UINT64_MAX, &number) < 0)
			return -EINVAL;
		if (i == file->place)
			chosen = number;
	}
	if (next_word(&text).length)
		return -EINVAL;
	*ret_number = chosen;
	return 0;
}

/* Limits for which 0 means that there is none. */
static bool has_no_limit(enum limit_id id, uint64_t value)
{
	return !value && (id == LIMIT_PIPE_USER_PAGES_SOFT || id == LIMIT_PIPE_USER_PAGES_HARD);
}

int limits_add(struct snapshot *snapshot, enum limit_id id, uint64_t value)
{
	struct limit *limit = vector_add(&snapshot->limits);

	if (!limit)
		return -ENOMEM;
	limit->id = id;
	limit->value = value;
	limit->is_unlimited = value >= UNLIMITED_FROM || has_no_limit(id, value);
	record_mark(&limit->record, LIMIT_VALUE);
	record_mark(&limit->record, LIMIT_UNLIMITED);
	return 0;
}

/* The limit as the *_INFO calls tell it; false where they do not. */
static bool limit_from_calls(enum limit_id id, uint64_t *ret_value)
{
	struct shminfo shm;
	struct seminfo sem;
	struct msginfo msg;

	switch (limit_info(id)->kind) {
	case KIND_SHM:
		if (id == LIMIT_SHM_RMID_FORCED || shmctl(0, IPC_INFO, (struct shmid_ds *)&shm) < 0)
			return false;
		*ret_value = id == LIMIT_SHMMNI	  ? shm.shmmni
			     : id == LIMIT_SHMMAX ? shm.shmmax
						  : shm.shmall;
		return true;
	case KIND_SEM:
		if (semctl(0, 0, IPC_INFO, &sem) < 0)
			return false;
		*ret_value = (uint64_t)(id == LIMIT_SEMMNI   ? sem.semmni
					: id == LIMIT_SEMMNS ? sem.semmns
					: id == LIMIT_SEMMSL ? sem.semmsl
							     : sem.semopm);
		return true;
	case KIND_MSG:
		if (msgctl(0, IPC_INFO, (struct msqid_ds *)&msg) < 0)
			return false;
		*ret_value = (uint64_t)(id == LIMIT_MSGMNI   ? msg.msgmni
					: id == LIMIT_MSGMAX ? msg.msgmax
							     : msg.msgmnb);
		return true;
	default:
		return false;
	}
}

/* Why a file is of no use; 0: it was read, but has something else in it. */
static const char *reason_of(int result)
{
	return result == 0 ? "it is not the number that it should be" : rooted_reason(result);
}

static int collect_limit(struct collector *collector, const struct limit_file *file)
{
	_cleanup_buffer_ struct buffer text = {0};
	struct shown_path room;
	int r = OUTCOME_GONE;
	uint64_t value;

	/* There are calls for the limits of System V alone. */
	if (collector->backend != BACKEND_SYSCALL ||
	    !(KIND_BIT(limit_info(file->id)->kind) & KINDS_SYSV))
		r = rooted_read(&collector->root, file->path, 4096, &text);
	if (r == -ENOMEM)
		return r;
	if (r == 0 && parse_file(buffer_text(&text), file, &value) == 0)
		return limits_add(collector->snapshot, file->id, value);
	if (r == OUTCOME_GONE && collector->root.is_live && collector->backend != BACKEND_PROCFS) {
		if (limit_from_calls(file->id, &value))
			return limits_add(collector->snapshot, file->id, value);
		/* No call tells this switch. */
		if (file->id == LIMIT_SHM_RMID_FORCED && collector->backend == BACKEND_SYSCALL)
			return 0;
	}
	return collector_add_issue(collector, ISSUE_ABOUT_LIMITS,
				   r == 0  ? OUTCOME_MALFORMED
				   : r > 0 ? (r == OUTCOME_GONE ? OUTCOME_UNSUPPORTED : r)
					   : OUTCOME_UNSUPPORTED,
				   limit_info(file->id)->kind, NULL,
				   collector_show_path(collector, file->path, &room), reason_of(r));
}

/* What an object counts for, against limits that bound sizes. */
static uint64_t amount_of(const struct object *object, enum limit_id id)
{
	switch (object->kind) {
	case KIND_SHM:
		return object->size;
	case KIND_SEM:
		return object->sem.nsems;
	case KIND_MSG:
		return object->used_bytes;
	case KIND_MQ:
		return id == LIMIT_MSG_MAX ? object->mq.max_messages : object->mq.max_message_bytes;
	default:
		return 0;
	}
}

/* Of several namespaces each has limits of its own. */
static bool counts(const struct limit *limit, const struct object *object)
{
	return !record_has(&limit->record, LIMIT_NAMESPACE) ||
	       limit->namespace == object->namespace;
}

/* What all objects that count against a limit come to. */
struct use {
	uint64_t count, sum, largest;
	bool knows_largest;
};

static struct use add_up(const struct snapshot *snapshot, const struct limit *limit)
{
	struct use use = {.knows_largest = true};
	uint64_t page = snapshot->host.page_size;

	vector_for_each (&snapshot->objects, object) {
		uint64_t amount = amount_of(object, limit->id);

		if (object->kind != limit_info(limit->id)->kind || !counts(limit, object))
			continue;
		use.count++;
		/* A queue that could not be asked can be the largest. */
		if (object->kind == KIND_MQ && !object_has(object, OBJECT_MAX_MESSAGES))
			use.knows_largest = false;
		if (amount > use.largest)
			use.largest = amount;
		if (limit->id == LIMIT_SHMALL)
			amount = page ? amount / page + (amount % page != 0) : 0;
		/* Only a recorded tree can claim so much. */
		if (__builtin_add_overflow(use.sum, amount, &use.sum))
			use.sum = UINT64_MAX;
	}
	return use;
}

/* What counts against the limit; false where nothing does, or it is not known of each object. */
static bool use_of(const struct snapshot *snapshot, const struct limit *limit, uint64_t *ret_used)
{
	struct use use = add_up(snapshot, limit);

	switch (limit->id) {
	case LIMIT_SHMMNI:
	case LIMIT_SEMMNI:
	case LIMIT_MSGMNI:
	case LIMIT_QUEUES_MAX:
		*ret_used = use.count;
		return true;
	case LIMIT_SHMMAX:
	case LIMIT_SEMMSL:
	case LIMIT_MSGMNB:
	case LIMIT_MSG_MAX:
	case LIMIT_MSGSIZE_MAX:
		*ret_used = use.largest;
		return use.knows_largest;
	case LIMIT_SHMALL:
		*ret_used = use.sum;
		return snapshot->host.page_size;
	case LIMIT_SEMMNS:
		*ret_used = use.sum;
		return true;
	case LIMIT_RLIMIT_MSGQUEUE:
		return limits_use_of_queues(snapshot, ret_used);
	default:
		return false;
	}
}

/* By namespace, and what is of none first; the viewer's own comes before all others. */
static int compare_limits(const void *first, const void *second, void *context)
{
	const struct limit *a = first, *b = second;
	const struct places *places = context;
	size_t slot_a = 0, slot_b = 0;

	places_slot(places, a->namespace, &slot_a);
	places_slot(places, b->namespace, &slot_b);
	if (slot_a != slot_b)
		return slot_a < slot_b ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

#define KINDS_WITH_OWN_LIMITS (KINDS_SYSV | KIND_BIT(KIND_MQ))

static int collect_files(struct collector *collector, unsigned int kinds)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(files) / sizeof(files[0]); i++)
		if (collector->scope.limit_kinds & kinds & KIND_BIT(limit_info(files[i].id)->kind))
			r = collect_limit(collector, &files[i]);
	return r;
}

int limits_collect_namespace(struct collector *collector)
{
	struct snapshot *snapshot = collector->snapshot;
	size_t before = snapshot->limits.count;
	int r = collect_files(collector, KINDS_WITH_OWN_LIMITS);

	for (size_t i = before; collector->place && i < snapshot->limits.count; i++) {
		struct limit *limit = &snapshot->limits.items[i];

		limit->namespace = collector->place->record.number;
		record_mark(&limit->record, LIMIT_NAMESPACE);
	}
	return r;
}

int limits_collect(struct collector *collector)
{
	struct snapshot *snapshot = collector->snapshot;
	int r = collector->places.items.count ? 0 : limits_collect_namespace(collector);

	if (r == 0)
		r = collect_files(collector, ~KINDS_WITH_OWN_LIMITS);
	if (r == 0)
		r = limits_collect_others(collector);
	if (r == 0 && snapshot->limits.count)
		qsort_r(snapshot->limits.items, snapshot->limits.count,
			sizeof(*snapshot->limits.items), compare_limits, &collector->places);
	if (r < 0 || !collector->scope.has_limit_use)
		return r;
	vector_for_each (&collector->snapshot->limits, limit)
		if (!record_has(&limit->record, LIMIT_USED) &&
		    snapshot_has_all(collector->snapshot, limit_info(limit->id)->kind) &&
		    use_of(collector->snapshot, limit, &limit->used))
			record_mark(&limit->record, LIMIT_USED);
	return 0;
}
