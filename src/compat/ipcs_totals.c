/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipcs -l and ipcs -u: limits, and totals. They say what is wrong on stdout, as util-linux does.
 */
#include "compat/ipcs_print.h"

#include "collect/collect.h"
#include "compat/number.h"

/* Constants of the kernel: SHMMIN in uapi/linux/shm.h, SEMVMX in uapi/linux/sem.h. */
#define LEAST_SEGMENT 1
#define GREATEST_SEMAPHORE 32767

static void add_number(struct buffer *out, const char *label, uint64_t number)
{
	buffer_add_string(out, label);
	buffer_add_string(out, " = ");
	buffer_add_unsigned(out, number, 0);
	buffer_add_char(out, '\n');
}

static void add_human(struct buffer *out, const char *label, uint64_t bytes)
{
	buffer_add_string(out, label);
	buffer_add_string(out, " = ");
	number_add_human(out, bytes);
	buffer_add_char(out, '\n');
}

/* "LABEL (bytes) = 8192", or "LABEL = 8K". */
static void add_bytes(struct buffer *out, const char *label, uint64_t bytes, enum ipcs_unit unit)
{
	if (unit == IPCS_UNIT_HUMAN) {
		add_human(out, label, bytes);
		return;
	}
	buffer_add_string(out, label);
	add_number(out, " (bytes)", bytes);
}

/* The product, or where it has more than 64 bits the largest multiple that fits. */
static uint64_t multiply(uint64_t number, uint64_t factor)
{
	uint64_t product;

	if (__builtin_mul_overflow(number, factor, &product))
		return UINT64_MAX - UINT64_MAX % factor;
	return product;
}

/* The values of limits in the order of ids; false where one of them is not known. */
static bool find_limits(const struct snapshot *snapshot, const enum limit_id *ids, size_t count,
			uint64_t *ret_values)
{
	for (size_t i = 0; i < count; i++) {
		const struct limit *limit = snapshot_limit(snapshot, ids[i]);

		if (!limit)
			return false;
		ret_values[i] = limit->value;
	}
	return true;
}

static void add_shm_limits(struct buffer *out, const struct snapshot *snapshot, enum ipcs_unit unit)
{
	static const enum limit_id ids[] = {LIMIT_SHMMNI, LIMIT_SHMMAX, LIMIT_SHMALL};
	uint64_t page = snapshot->host.page_size;
	uint64_t values[3];

	if (!find_limits(snapshot, ids, 3, values)) {
		buffer_add_string(out, "unable to fetch shared memory limits\n");
		return;
	}
	buffer_add_string(out, "------ Shared Memory Limits --------\n");
	add_number(out, "max number of segments", values[0]);
	if (unit == IPCS_UNIT_USUAL) {
		add_number(out, "max seg size (kbytes)", values[1] / 1024);
		add_number(out, "max total shared memory (kbytes)",
			   multiply(values[2], page / 1024));
	} else {
		add_bytes(out, "max seg size", values[1], unit);
		add_bytes(out, "max total shared memory", multiply(values[2], page), unit);
	}
	add_bytes(out, "min seg size", LEAST_SEGMENT, unit);
}

static void add_sem_limits(struct buffer *out, const struct snapshot *snapshot)
{
	static const enum limit_id ids[] = {LIMIT_SEMMNI, LIMIT_SEMMSL, LIMIT_SEMMNS, LIMIT_SEMOPM};
	uint64_t values[4];

	if (!find_limits(snapshot, ids, 4, values)) {
		buffer_add_string(out, "unable to fetch semaphore limits\n");
		return;
	}
	buffer_add_string(out, "------ Semaphore Limits --------\n");
	add_number(out, "max number of arrays", values[0]);
	add_number(out, "max semaphores per array", values[1]);
	add_number(out, "max semaphores system wide", values[2]);
	add_number(out, "max ops per semop call", values[3]);
	add_number(out, "semaphore max value", GREATEST_SEMAPHORE);
}

static void add_msg_limits(struct buffer *out, const struct snapshot *snapshot, enum ipcs_unit unit)
{
	static const enum limit_id ids[] = {LIMIT_MSGMNI, LIMIT_MSGMAX, LIMIT_MSGMNB};
	uint64_t values[3];

	if (!find_limits(snapshot, ids, 3, values)) {
		buffer_add_string(out, "unable to fetch message limits\n");
		return;
	}
	buffer_add_string(out, "------ Messages Limits --------\n");
	add_number(out, "max queues system wide", values[0]);
	add_bytes(out, "max size of message", values[1], unit);
	add_bytes(out, "default max size of queue", values[2], unit);
}

void ipcs_add_limits(struct buffer *out, const struct snapshot *snapshot, enum kind kind,
		     enum ipcs_unit unit)
{
	if (kind == KIND_SHM)
		add_shm_limits(out, snapshot, unit);
	else if (kind == KIND_SEM)
		add_sem_limits(out, snapshot);
	else
		add_msg_limits(out, snapshot, unit);
}

struct totals {
	uint64_t objects;
	uint64_t pages, resident, swapped; /* of segments */
	uint64_t semaphores;
	uint64_t messages, bytes;
};

static void add_segment(struct totals *totals, const struct object *segment, uint64_t page)
{
	totals->pages += segment->size / page + (segment->size % page != 0);
	totals->resident += segment->shm.rss / page;
	totals->swapped += segment->shm.swap / page;
}

static struct totals add_up(const struct snapshot *snapshot, enum kind kind)
{
	struct totals totals = {0};
	bool is_rss_known = true;

	vector_for_each (&snapshot->objects, object) {
		if (object->kind != kind)
			continue;
		totals.objects++;
		if (kind == KIND_SHM) {
			add_segment(&totals, object, snapshot->host.page_size);
			is_rss_known &= object_has(object, OBJECT_RSS);
		} else if (kind == KIND_SEM) {
			totals.semaphores += object->sem.nsems;
		} else {
			totals.messages += object->messages;
			totals.bytes += object->used_bytes;
		}
	}
	if (!is_rss_known)
		collect_shm_resident(&totals.resident, &totals.swapped);
	return totals;
}

static void add_shm_summary(struct buffer *out, const struct totals *totals)
{
	static const struct {
		const char *label;
		size_t offset;
	} lines[] = {
		{"segments allocated ", offsetof(struct totals, objects)},
		{"pages allocated ", offsetof(struct totals, pages)},
		{"pages resident  ", offsetof(struct totals, resident)},
		{"pages swapped   ", offsetof(struct totals, swapped)},
	};

	buffer_add_string(out, "------ Shared Memory Status --------\n");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *place = (const char *)totals + lines[i].offset;

		buffer_add_string(out, lines[i].label);
		buffer_add_unsigned(out, *(const uint64_t *)(const void *)place, 0);
		buffer_add_char(out, '\n');
	}
	/* No kernel of this century counts these. */
	buffer_add_string(out, "Swap performance: 0 attempts\t 0 successes\n");
}

static void add_msg_summary(struct buffer *out, const struct totals *totals, enum ipcs_unit unit)
{
	buffer_add_string(out, "------ Messages Status --------\n");
	add_number(out, "allocated queues", totals->objects);
	add_number(out, "used headers", totals->messages);
	if (unit != IPCS_UNIT_USUAL) {
		add_bytes(out, "used space", totals->bytes, unit);
		return;
	}
	buffer_add_string(out, "used space = ");
	buffer_add_unsigned(out, totals->bytes, 0);
	buffer_add_string(out, " bytes\n");
}

/* Whether the kind's objects could not be listed because the kernel has none of that kind. */
static bool is_missing(const struct snapshot *snapshot, enum kind kind)
{
	vector_for_each (&snapshot->issues, issue)
		if (issue->aspect == ISSUE_ABOUT_OBJECTS && issue->kind == kind &&
		    issue->code == OUTCOME_UNSUPPORTED)
			return true;
	return false;
}

void ipcs_add_summary(struct buffer *out, const struct snapshot *snapshot, enum kind kind,
		      enum ipcs_unit unit)
{
	static const char *const what[KINDS_SYSV_COUNT] = {"shared memory", "semaphores",
							   "message queues"};
	struct totals totals = add_up(snapshot, kind);

	if (is_missing(snapshot, kind)) {
		buffer_add_string(out, "kernel not configured for ");
		buffer_add_string(out, what[kind]);
		buffer_add_char(out, '\n');
	} else if (kind == KIND_SHM) {
		add_shm_summary(out, &totals);
	} else if (kind == KIND_SEM) {
		buffer_add_string(out, "------ Semaphore Status --------\n");
		add_number(out, "used arrays", totals.objects);
		add_number(out, "allocated semaphores", totals.semaphores);
	} else {
		add_msg_summary(out, &totals, unit);
	}
}
