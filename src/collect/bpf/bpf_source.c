/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/bpf/bpf_source.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/vector.h"
#include "collect/bpf/bpf_permission.h"
#include "collect/bpf/bpf_programs.h"
#include "model/process.h"

struct bpf_source {
	struct bpf_programs programs;
};

static int explain(int error, char *ret_reason)
{
	const char *reason;
	int outcome;

	if (error == -ELIBACC) {
		snprintf(ret_reason, BPF_SOURCE_REASON, "%s cannot be loaded", BPF_LIBRARY);
		return OUTCOME_UNSUPPORTED;
	}
	outcome = bpf_permission_explain(-error, &reason);
	if (reason)
		snprintf(ret_reason, BPF_SOURCE_REASON, "%s", reason);
	else
		snprintf(ret_reason, BPF_SOURCE_REASON, "the kernel refuses the programs: %s",
			 strerror(-error));
	return outcome;
}

int bpf_source_open(unsigned int lists, struct bpf_source **ret_source,
		    char ret_reason[static BPF_SOURCE_REASON])
{
	CLEANUP(cleanup_bpf_source) struct bpf_source *source = NULL;
	const char *reason = NULL;
	int result = bpf_permission_try(&reason);

	if (result) {
		snprintf(ret_reason, BPF_SOURCE_REASON, "%s", reason);
		return result;
	}
	source = calloc(1, sizeof(*source));
	if (!source)
		return -ENOMEM;
	result = bpf_programs_load(&source->programs, lists);
	if (result == -ENOMEM)
		return result;
	if (result)
		return explain(result, ret_reason);
	*ret_source = take_pointer(source);
	return 0;
}

struct bpf_source *bpf_source_free(struct bpf_source *source)
{
	if (source)
		bpf_programs_deinit(&source->programs);
	free(source);
	return NULL;
}

/*
 * Threads whose list, or table, is not that of their leader: of those in one process that share it,
 * the first stands for all.
 */
struct seen_thread {
	uint64_t shared;
	uint32_t pid, tid;
};

struct listing {
	union {
		int (*holder)(const struct bpf_holder *holder, void *context);
		int (*blocked)(const struct bpf_blocked *blocked, void *context);
		int (*end)(const struct bpf_end *end, void *context);
		int (*mapping)(const struct bpf_mapping *mapping, void *context);
		int (*place)(const struct bpf_place *place, void *context);
	} handler;
	void *context;
	VECTOR(struct seen_thread) threads;
	struct seen_thread *last; /* the records of one thread come one after the other */
};

static struct seen_thread *find_thread(struct listing *listing, uint64_t shared, uint32_t pid)
{
	if (listing->last && listing->last->shared == shared && listing->last->pid == pid)
		return listing->last;
	vector_for_each (&listing->threads, thread) {
		if (thread->shared == shared && thread->pid == pid)
			return thread;
	}
	return NULL;
}

/* 1 if this thread is to be shown, 0 if another one stands for it, or -ENOMEM. */
static int note_thread(struct listing *listing, uint64_t shared, uint32_t pid, uint32_t tid)
{
	struct seen_thread *thread;

	if (pid == tid)
		return 1;
	thread = find_thread(listing, shared, pid);
	if (!thread) {
		thread = vector_add(&listing->threads);
		if (!thread)
			return -ENOMEM;
		*thread = (struct seen_thread){shared, pid, tid};
	}
	listing->last = thread;
	return thread->tid == tid;
}

static int run(struct bpf_source *source, enum bpf_source_list list, int64_t pid,
	       int (*handler)(const union bpf_record *record, void *context),
	       struct listing *listing)
{
	int result = bpf_programs_run(&source->programs, list, pid, handler, listing);

	vector_deinit(&listing->threads);
	return result;
}

static int hand_out_holder(const union bpf_record *record, void *context)
{
	const struct bpf_holder_record *raw = &record->holder;
	const struct bpf_holder holder = {
		.pid = raw->pid,
		.tid = raw->tid,
		.list = raw->list,
		.namespace = raw->namespace,
		.semid = raw->semid,
		.semnum = raw->semnum,
		.amount = raw->amount,
	};
	struct listing *listing = context;
	int result = note_thread(listing, raw->list, raw->pid, raw->tid);

	return result > 0 ? listing->handler.holder(&holder, listing->context) : result;
}

int bpf_source_holders(struct bpf_source *source,
		       int (*handler)(const struct bpf_holder *holder, void *context),
		       void *context)
{
	struct listing listing = {.handler.holder = handler, .context = context};

	return run(source, BPF_SOURCE_HOLDERS, 0, hand_out_holder, &listing);
}

/* fs/proc/array.c: get_task_state() */
static char state_letter(uint32_t state)
{
	enum {
		UNINTERRUPTIBLE = 0x2,
		STOPPED = 0x4,
		TRACED = 0x8,
		PARKED = 0x40,
		NO_LOAD = 0x400,
		LOCK_WAIT = 0x1000, /* of a real-time kernel */
		FROZEN = 0x8000,
	};

	if (state & TRACED)
		return 't';
	if (state & STOPPED)
		return 'T';
	if (state & PARKED)
		return 'P';
	if (state & UNINTERRUPTIBLE)
		return state & NO_LOAD ? 'I' : 'D';
	return state & (LOCK_WAIT | FROZEN) ? 'D' : 'S';
}

static int hand_out_blocked(const union bpf_record *record, void *context)
{
	const struct bpf_blocked_record *raw = &record->blocked;
	struct bpf_blocked blocked = {
		.pid = raw->pid,
		.tid = raw->tid,
		.number = raw->number,
		.stack_pointer = raw->stack_pointer,
		.namespace = raw->namespace,
		.since = raw->since,
		.now = raw->now,
		.state = state_letter(raw->state),
		.is_compat = raw->is_compat,
		.processor = raw->processor,
	};
	struct listing *listing = context;

	memcpy(blocked.arguments, raw->arguments, sizeof(blocked.arguments));
	return listing->handler.blocked(&blocked, listing->context);
}

int bpf_source_blocked(struct bpf_source *source,
		       int (*handler)(const struct bpf_blocked *blocked, void *context),
		       void *context)
{
	struct listing listing = {.handler.blocked = handler, .context = context};

	/* What "now" is, is noted when the reader is scheduled, or at the next tick. */
	sched_yield();
	return run(source, BPF_SOURCE_BLOCKED, 0, hand_out_blocked, &listing);
}

static uint64_t access_of_mode(uint32_t mode)
{
	enum {
		MODE_READ = 1, /* include/linux/fs.h: FMODE_READ, FMODE_WRITE */
		MODE_WRITE = 2,
	};

	return (mode & MODE_READ ? LINK_READ : 0) | (mode & MODE_WRITE ? LINK_WRITE : 0);
}

static int hand_out_end(const union bpf_record *record, void *context)
{
	const struct bpf_end_record *raw = &record->end;
	const struct bpf_end end = {
		.pid = raw->pid,
		.tid = raw->tid,
		.table = raw->table,
		.fd = raw->fd,
		.device_major = raw->device >> 20,
		.device_minor = raw->device & 0xfffff,
		.inode = raw->inode,
		.access = access_of_mode(raw->mode),
		.is_pipe = raw->type == BPF_END_PIPE,
		.is_fifo = raw->type == BPF_END_FIFO,
		.is_queue = raw->type == BPF_END_QUEUE,
		.used_bytes = raw->used_bytes,
		.used_slots = raw->used_slots,
		.slots = raw->most_slots,
		.readers = raw->readers,
		.writers = raw->writers,
		.namespace = raw->namespace,
		.messages = raw->messages,
		.notify_pid = raw->notified,
	};
	struct listing *listing = context;
	int result = note_thread(listing, raw->table, raw->pid, raw->tid);

	return result > 0 ? listing->handler.end(&end, listing->context) : result;
}

int bpf_source_ends(struct bpf_source *source,
		    int (*handler)(const struct bpf_end *end, void *context), void *context)
{
	struct listing listing = {.handler.end = handler, .context = context};

	return run(source, BPF_SOURCE_ENDS, 0, hand_out_end, &listing);
}

static int hand_out_mapping(const union bpf_record *record, void *context)
{
	const struct bpf_mapping_record *raw = &record->mapping;
	const struct bpf_mapping mapping = {
		.pid = raw->pid,
		.tid = raw->tid,
		.space = raw->space,
		.address = raw->address,
		.namespace = raw->namespace,
		.id = raw->id,
	};
	struct listing *listing = context;
	int result = note_thread(listing, raw->space, raw->pid, raw->tid);

	return result > 0 ? listing->handler.mapping(&mapping, listing->context) : result;
}

int bpf_source_mappings(struct bpf_source *source, int64_t pid,
			int (*handler)(const struct bpf_mapping *mapping, void *context),
			void *context)
{
	struct listing listing = {.handler.mapping = handler, .context = context};

	return run(source, BPF_SOURCE_MAPPINGS, pid, hand_out_mapping, &listing);
}

static int hand_out_place(const union bpf_record *record, void *context)
{
	const struct bpf_place_record *raw = &record->place;
	const struct bpf_place place = {
		.pid = raw->pid,
		.tid = raw->tid,
		.ipc = raw->ipc,
		.mount = raw->mount,
		.shm = raw->shm,
		.sem = raw->sem,
		.msg = raw->msg,
		.mq = raw->mq,
	};
	struct listing *listing = context;

	return listing->handler.place(&place, listing->context);
}

int bpf_source_places(struct bpf_source *source,
		      int (*handler)(const struct bpf_place *place, void *context), void *context)
{
	struct listing listing = {.handler.place = handler, .context = context};

	return run(source, BPF_SOURCE_PLACES, 0, hand_out_place, &listing);
}
