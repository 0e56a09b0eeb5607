/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * System V message queues: /proc/sysvipc/msg (ipc/msg.c: sysvipc_msg_proc_show) and msgctl(). The
 * file has no column for what a queue can hold; msgctl() tells.
 */
#include "collect/inside_services.h"

#include <errno.h>
#include <sys/msg.h>

#include "base/id_map.h"

#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif

enum column {
	KEY,
	MSQID,
	PERMS,
	CBYTES,
	QNUM,
	LSPID,
	LRPID,
	UID,
	GID,
	CUID,
	CGID,
	STIME,
	RTIME,
	CTIME,
	COLUMN_COUNT,
	QBYTES = COLUMN_COUNT, /* a call tells that, too */
};

static const struct proc_column columns[COLUMN_COUNT] = {
	[KEY] = {"key", false, INT32_MIN, INT32_MAX}, [MSQID] = {"msqid", false, 0, INT32_MAX},
	[PERMS] = {"perms", true, 0, UINT32_MAX},     [CBYTES] = {"cbytes", false, 0, UINT64_MAX},
	[QNUM] = {"qnum", false, 0, UINT64_MAX},      [LSPID] = {"lspid", false, 0, INT32_MAX},
	[LRPID] = {"lrpid", false, 0, INT32_MAX},     [UID] = {"uid", false, 0, UINT32_MAX},
	[GID] = {"gid", false, 0, UINT32_MAX},	      [CUID] = {"cuid", false, 0, UINT32_MAX},
	[CGID] = {"cgid", false, 0, UINT32_MAX},      [STIME] = {"stime", false, 0, UINT64_MAX},
	[RTIME] = {"rtime", false, 0, UINT64_MAX},    [CTIME] = {"ctime", false, 0, UINT64_MAX},
};

static const struct proc_table_layout layout = {columns, COLUMN_COUNT, COLUMN_COUNT};

static void fill_from_row(const struct proc_row *row, struct object *object)
{
	const uint64_t *values = row->values;
	struct msg_details *msg = &object->msg;

	object->key = (uint32_t)values[KEY];
	object->id = values[MSQID];
	object->mode = values[PERMS] & 0777;
	object->uid = values[UID];
	object->gid = values[GID];
	object->cuid = values[CUID];
	object->cgid = values[CGID];
	object->used_bytes = values[CBYTES];
	object->messages = values[QNUM];
	if (row->count > QBYTES) {
		object->max_bytes = values[QBYTES];
		object_mark(object, OBJECT_MAX_BYTES);
	}
	collector_mark_common(object);
	object_mark(object, OBJECT_USED_BYTES);
	object_mark(object, OBJECT_MESSAGES);
	collector_set_time(object, OBJECT_CHANGED_AT, &object->changed_at, values[CTIME]);
	collector_set_time(object, OBJECT_SENT_AT, &msg->sent_at, values[STIME]);
	collector_set_time(object, OBJECT_RECEIVED_AT, &msg->received_at, values[RTIME]);
	collector_set_pid(object, OBJECT_LAST_SEND_PID, &msg->last_send_pid, values[LSPID],
			  values[STIME]);
	collector_set_pid(object, OBJECT_LAST_RECEIVE_PID, &msg->last_receive_pid, values[LRPID],
			  values[RTIME]);
}

static int highest_index(void)
{
	struct msginfo info;

	return msgctl(0, MSG_INFO, (struct msqid_ds *)&info);
}

/* The id of the queue at the index, or -1 with errno. */
static int queue_at(int index, struct msqid_ds *state)
{
	int id = msgctl(index, MSG_STAT_ANY, state);

	/* Before 4.17 there is only MSG_STAT, which wants read permission. */
	if (id < 0 && errno == EINVAL)
		id = msgctl(index, MSG_STAT, state);
	return id;
}

static int row_from_index(int index, struct proc_row *ret_row)
{
	struct msqid_ds state = {0}; /* valgrind does not know that MSG_STAT_ANY fills it in */
	int id = queue_at(index, &state);

	if (id < 0)
		return errno;
	*ret_row = (struct proc_row){
		.count = QBYTES + 1,
		.values =
			{
				[KEY] = (uint64_t)state.msg_perm.__key,
				[MSQID] = (uint64_t)id,
				[PERMS] = state.msg_perm.mode,
				[CBYTES] = state.__msg_cbytes,
				[QNUM] = state.msg_qnum,
				[LSPID] = (uint64_t)state.msg_lspid,
				[LRPID] = (uint64_t)state.msg_lrpid,
				[UID] = state.msg_perm.uid,
				[GID] = state.msg_perm.gid,
				[CUID] = state.msg_perm.cuid,
				[CGID] = state.msg_perm.cgid,
				[STIME] = (uint64_t)state.msg_stime,
				[RTIME] = (uint64_t)state.msg_rtime,
				[CTIME] = (uint64_t)state.msg_ctime,
				[QBYTES] = state.msg_qbytes,
			},
	};
	return 0;
}

const struct sysv_mechanism sysv_msg = {
	.kind = KIND_MSG,
	.path = "proc/sysvipc/msg",
	.info_call = "msgctl(MSG_INFO)",
	.stat_call = "msgctl(MSG_STAT_ANY)",
	.layout = &layout,
	.fill_from_row = fill_from_row,
	.highest_index = highest_index,
	.row_from_index = row_from_index,
};

static int report(struct collector *collector, const struct object *object, int outcome,
		  const char *reason)
{
	return collector_add_issue(collector, ISSUE_ABOUT_QUEUE_LIMITS, outcome, KIND_MSG, object,
				   "msgctl(MSG_STAT_ANY)", reason);
}

/* The queues of one namespace whose limits are asked for, by id. */
struct wanted_limits {
	struct id_map queues;
	int denied;
};

/* Whether its limit is wanted, and did not come with the list. */
static bool lacks_limit(const struct collector *collector, const struct object *object)
{
	return object->kind == KIND_MSG && !object_has(object, OBJECT_MAX_BYTES) &&
	       scope_has_details(&collector->scope, object);
}

static int map_queues(struct collector *collector, const struct place *place, struct id_map *queues)
{
	vector_for_each (&collector->snapshot->objects, object) {
		if (!lacks_limit(collector, object) ||
		    (place && object->namespace != place->record.number))
			continue;
		if (id_map_put(queues, object->id, object) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* A queue that is not among those that are wanted is newer, or not asked for. */
static int keep_limit(const struct queue_limit *limit, void *context)
{
	struct wanted_limits *wanted = context;
	void *object;

	if (limit->is_denied) {
		wanted->denied = EACCES;
	} else if (id_map_find(&wanted->queues, limit->id, &object)) {
		((struct object *)object)->max_bytes = limit->max_bytes;
		object_mark(object, OBJECT_MAX_BYTES);
	}
	return 0;
}

static int report_missing(struct collector *collector, const struct wanted_limits *wanted,
			  const struct place *place)
{
	vector_for_each (&collector->snapshot->objects, object) {
		int r = 0;

		if (lacks_limit(collector, object) &&
		    (!place || object->namespace == place->record.number))
			r = wanted->denied ? report(collector, object, OUTCOME_DENIED,
						    strerror(wanted->denied))
					   : report(collector, object, OUTCOME_GONE,
						    "the queue was removed meanwhile");
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_limits_of(struct collector *collector, struct place *place)
{
	struct wanted_limits wanted = {.denied = 0};
	int r = map_queues(collector, place, &wanted.queues);
	int number = 0;

	if (r == 0 && wanted.queues.count)
		number = inside_queue_limits(collector, place, keep_limit, &wanted);
	if (number)
		r = report(collector, NULL, OUTCOME_UNSUPPORTED, strerror(number));
	else if (r == 0)
		r = report_missing(collector, &wanted, place);
	id_map_deinit(&wanted.queues);
	return r;
}

/* Which of the places have queues whose limits are wanted and not known; freed by the caller. */
static bool *find_needed(const struct collector *collector)
{
	const struct places *places = &collector->places;
	bool *is_needed = calloc(places->items.count, sizeof(*is_needed));
	size_t slot;

	if (!is_needed)
		return NULL;
	vector_for_each (&collector->snapshot->objects, object)
		if (lacks_limit(collector, object) && places_slot(places, object->namespace, &slot))
			is_needed[slot] = true;
	return is_needed;
}

int sysv_msg_add_limits(struct collector *collector)
{
	struct places *places = &collector->places;
	_cleanup_free_ bool *is_needed = NULL;
	int r = 0;

	if (!places->items.count)
		return add_limits_of(collector, NULL);
	is_needed = find_needed(collector);
	if (!is_needed)
		return -ENOMEM;
	for (size_t slot = 0; r == 0 && slot < places->items.count; slot++)
		if (is_needed[slot])
			r = add_limits_of(collector, &places->items.items[slot]);
	return r;
}

/* Both are in the order of the kernel's indexes, so that one look at each of them is enough. */
void sysv_msg_take_limits(struct collector *collector, size_t first)
{
	const struct limits_answer *limits = inside_visited_limits(collector);
	struct snapshot *snapshot = collector->snapshot;
	uint32_t next = 0;

	for (size_t i = first; i < snapshot->objects.count; i++) {
		struct object *object = &snapshot->objects.items[i];
		uint32_t found = next;

		if (!lacks_limit(collector, object))
			continue;
		while (found < limits->count && limits->limits[found].id != object->id)
			found++;
		if (found == limits->count)
			continue;
		next = found + 1;
		if (limits->limits[found].is_denied)
			continue;
		object->max_bytes = limits->limits[found].max_bytes;
		object_mark(object, OBJECT_MAX_BYTES);
	}
}
