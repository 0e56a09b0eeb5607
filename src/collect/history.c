/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What objects remember of past users, and what became of those.
 */
#include <errno.h>

#include "base/id_map.h"
#include "collect/proc_pids.h"
#include "collect/users.h"

/* Times of objects are whole seconds, and the time of boot is rounded, too. */
#define MARGIN 2

/* One look at the past. */
struct past {
	struct collector *collector;
	struct seen_processes *processes; /* added to */
	struct id_map states;  /* PIDs to the index of their process + 1, or to no process */
	bool has_no_processes; /* a tree in which none were recorded tells nothing of any */
};

/* What is known of a PID that is not among the processes: kept in place of an index. */
#define NO_PROCESS ((void *)0)
#define UNKNOWN_PROCESS ((void *)-1)

static int know_processes(struct past *past)
{
	for (size_t i = 0; i < past->processes->items.count; i++)
		if (id_map_put(&past->states, (uint64_t)past->processes->items.items[i].pid,
			       (void *)(i + 1)) < 0)
			return -ENOMEM;
	return 0;
}

/* Whether it can be there although its folder is not: /proc hides processes (hidepid=2). */
static bool can_be_there(const struct past *past, int64_t pid)
{
	if (!past->collector->root.is_live)
		return past->has_no_processes;
	return process_is_there(past->collector, pid);
}

static int count_processes(struct past *past)
{
	struct pid_list list = {0};
	int r = past->collector->root.is_live
			? 0
			: proc_list_pids(&past->collector->root, "proc", &list);

	past->has_no_processes = !list.pids.count;
	vector_deinit(&list.pids);
	return r == -ENOMEM ? r : 0;
}

/* Whether the last of the processes has ended, which is then forgotten. */
static bool drop_if_ended(struct seen_processes *processes)
{
	bool has_ended =
		proc_stat_has_ended(&processes->items.items[processes->items.count - 1].stat);

	processes->items.count -= has_ended;
	return has_ended;
}

static int look_up(struct past *past, int64_t pid, void **ret_known)
{
	int r;

	if (id_map_find(&past->states, (uint64_t)pid, ret_known))
		return 0;
	r = processes_see(past->collector, pid, past->processes);
	if (r == -ENOMEM)
		return r;
	if (r == 0)
		*ret_known = drop_if_ended(past->processes) ? NO_PROCESS
							    : (void *)past->processes->items.count;
	else if (r == OUTCOME_GONE && !can_be_there(past, pid))
		*ret_known = NO_PROCESS;
	else
		*ret_known = UNKNOWN_PROCESS;
	return id_map_put(&past->states, (uint64_t)pid, *ret_known);
}

/* What became of the process since then; at is NULL where no time is known. */
static int find_state(struct past *past, int64_t pid, const int64_t *at, enum link_state *ret_state)
{
	const struct seen_process *seen;
	int64_t started_at, latest;
	void *known;
	int r = look_up(past, pid, &known);

	if (r < 0)
		return r;
	if (known == NO_PROCESS || known == UNKNOWN_PROCESS) {
		*ret_state = known == NO_PROCESS ? LINK_DEAD : LINK_UNKNOWN;
		return 0;
	}
	seen = &past->processes->items.items[(size_t)known - 1];
	if (proc_stat_has_ended(&seen->stat)) {
		*ret_state = LINK_DEAD;
		return 0;
	}
	*ret_state = LINK_UNKNOWN;
	if (!at || !processes_start_time(past->collector, seen->stat.start_ticks, &started_at))
		return 0;
	if (__builtin_add_overflow(*at, MARGIN, &latest))
		latest = INT64_MAX;
	*ret_state = started_at > latest ? LINK_REUSED : LINK_ALIVE;
	return 0;
}

/* An event that an object remembers. */
struct event {
	int64_t pid;
	enum link_how how;
	enum link_operation operation;
	bool has_semaphore;
	uint64_t semnum;
	const int64_t *at; /* NULL: not known */
};

static int add_event(struct past *past, size_t index, const struct event *event)
{
	struct snapshot *snapshot = past->collector->snapshot;
	struct link *link;
	enum link_state state;
	int r;

	if (!event->pid)
		return 0;
	r = find_state(past, event->pid, event->at, &state);
	link = r < 0 ? NULL : vector_add(&snapshot->links);
	if (!link)
		return -ENOMEM;
	link->object = index;
	link->pid = event->pid;
	link->how = event->how;
	link->state = state;
	record_mark(&link->record, LINK_OBJECT);
	record_mark(&link->record, LINK_PID);
	record_mark(&link->record, LINK_HOW);
	record_mark(&link->record, LINK_STATE);
	if (event->how == LINK_LAST_OP) {
		link->operation = event->operation;
		record_mark(&link->record, LINK_OPERATION);
	}
	if (event->has_semaphore) {
		link->semnum = event->semnum;
		record_mark(&link->record, LINK_SEMNUM);
	}
	if (event->at) {
		link->at = *event->at;
		record_mark(&link->record, LINK_AT);
	}
	return collector_copy_ref(past->collector, &snapshot->objects.items[index],
				  &link->object_ref);
}

static const int64_t *known_time(const struct object *object, enum object_field field,
				 const int64_t *time)
{
	return object_has(object, field) ? time : NULL;
}

/* The later of two times, of which each may be unknown. */
static const int64_t *later(const int64_t *a, const int64_t *b)
{
	if (!a || !b)
		return a ? a : b;
	return *a > *b ? a : b;
}

static int add_of_segment(struct past *past, size_t index, const struct object *object)
{
	const struct shm_details *shm = &object->shm;
	const struct event created = {
		.pid = shm->creator_pid,
		.how = LINK_CREATED,
		.at = known_time(object, OBJECT_CHANGED_AT, &object->changed_at)};
	const struct event last = {
		.pid = shm->last_pid,
		.how = LINK_LAST_OP,
		.operation = LINK_ATTACH_OR_DETACH,
		.at = later(known_time(object, OBJECT_ATTACHED_AT, &shm->attached_at),
			    known_time(object, OBJECT_DETACHED_AT, &shm->detached_at))};
	int r = add_event(past, index, &created);

	return r ? r : add_event(past, index, &last);
}

static int add_of_queue(struct past *past, size_t index, const struct object *object)
{
	const struct msg_details *msg = &object->msg;
	const struct event sent = {.pid = msg->last_send_pid,
				   .how = LINK_LAST_OP,
				   .operation = LINK_SEND,
				   .at = known_time(object, OBJECT_SENT_AT, &msg->sent_at)};
	const struct event received = {
		.pid = msg->last_receive_pid,
		.how = LINK_LAST_OP,
		.operation = LINK_RECEIVE,
		.at = known_time(object, OBJECT_RECEIVED_AT, &msg->received_at)};
	int r = add_event(past, index, &sent);

	return r ? r : add_event(past, index, &received);
}

/* SETVAL counts as an operation, too, and moves the time of change (ipc/sem.c). */
static int add_of_array(struct past *past, size_t index, const struct object *object)
{
	const struct semaphore *semaphores = object->sem.semaphores.items;
	const int64_t *at = later(known_time(object, OBJECT_OPERATED_AT, &object->sem.operated_at),
				  known_time(object, OBJECT_CHANGED_AT, &object->changed_at));
	int r = 0;

	for (size_t i = 0; r == 0 && i < object->sem.semaphores.count; i++) {
		const struct event event = {.pid = semaphores[i].pid,
					    .how = LINK_LAST_OP,
					    .operation = LINK_SEMAPHORE,
					    .has_semaphore = true,
					    .semnum = semaphores[i].num,
					    .at = at};

		r = add_event(past, index, &event);
	}
	return r;
}

static int add_of_object(struct past *past, size_t index)
{
	const struct object *object = &past->collector->snapshot->objects.items[index];

	const struct scope *scope = &past->collector->scope;

	if (!(scope->link_kinds & KIND_BIT(object->kind)) || !scope_has_details(scope, object))
		return 0;
	switch (object->kind) {
	case KIND_SHM:
		return add_of_segment(past, index, object);
	case KIND_SEM:
		return add_of_array(past, index, object);
	case KIND_MSG:
		return add_of_queue(past, index, object);
	default:
		break;
	}
	return 0;
}

int history_collect(struct collector *collector, struct seen_processes *processes)
{
	struct past past = {.collector = collector, .processes = processes};
	int r = know_processes(&past);

	if (r == 0)
		r = count_processes(&past);
	for (size_t i = 0; r == 0 && i < collector->snapshot->objects.count; i++)
		r = add_of_object(&past, i);
	id_map_deinit(&past.states);
	return r;
}
