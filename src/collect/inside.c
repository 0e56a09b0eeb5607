/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "base/cleanup.h"
#include "base/parallel.h"
#include "collect/inside_services.h"

/* The door, which threads of a search ask one after the other, and room for an answer. */
struct inside {
	struct door *door;
	struct parallel_lock *lock;
	struct queue_mounts mounts; /* the child's: here there are none */
	struct visit_request wanted;
	size_t visited;		     /* places up to that index have been asked to be visited */
	int visit_fds[DOOR_FDS_MAX]; /* of the place that was entered last, not taken so far */
	const struct visit_row *visit_rows;
	const struct limits_answer *visit_limits;
	_Alignas(16) char visit[DOOR_MESSAGE_MAX]; /* what it answered */
	_Alignas(16) char answer[DOOR_MESSAGE_MAX];
};

struct place *inside_place_of(const struct collector *collector, const struct object *object)
{
	size_t slot;

	if (!collector->inside || !object_has(object, OBJECT_NAMESPACE) ||
	    (collector->has_namespace && object->namespace == collector->namespace) ||
	    !places_slot(&collector->places, object->namespace, &slot))
		return NULL;
	return &collector->places.items.items[slot];
}

/* What need not be looked at where there is none of these kinds. */
static void leave_out(struct visit_request *wanted, unsigned int kinds)
{
	for (uint32_t i = 0; i < VISIT_TABLES; i++)
		if (kinds & KIND_BIT(visit_tables[i]->kind))
			wanted->tables &= ~(UINT32_C(1) << i);
	if (kinds & KIND_BIT(KIND_MQ))
		wanted->has_queues = 0;
	if (kinds & KIND_BIT(KIND_MSG))
		wanted->has_limits = 0;
}

/* What is looked at in each of them. */
static struct visit_request wanted_of(const struct collector *collector, unsigned int kinds)
{
	struct visit_request wanted = {.has_queues = kinds & KIND_BIT(KIND_MQ) ? 1 : 0,
				       .has_limits = kinds & KIND_BIT(KIND_MSG) &&
						     collector->scope.has_queue_limits};

	for (uint32_t i = 0; i < VISIT_TABLES; i++) {
		if (kinds & KIND_BIT(visit_tables[i]->kind))
			wanted.tables |= UINT32_C(1) << i;
		if (sysv_calls_are_enough(collector, visit_tables[i]))
			wanted.called |= UINT32_C(1) << i;
	}
	return wanted;
}

int inside_begin(struct collector *collector, unsigned int kinds)
{
	struct inside *inside;
	int r;

	inside = calloc(1, sizeof(*inside));
	if (!inside)
		return -ENOMEM;
	collector->inside = inside;
	inside->mounts = (struct queue_mounts){-1, -1};
	memset(inside->visit_fds, -1, sizeof(inside->visit_fds));
	inside->wanted = wanted_of(collector, kinds);
	inside->lock = parallel_lock_new();
	r = inside->lock
		    ? door_open(inside_services, INSIDE_SERVICES, &inside->mounts, &inside->door)
		    : -ENOMEM;
	return r;
}

static int open_place(const struct collector *collector, const struct place *place,
		      struct door_place *ret_place, struct ipclens_error *ret_error)
{
	int ipc = -1, r = places_open(collector, place, &ipc);

	if (r != 0)
		return error_set(ret_error, r > 0 ? -ENOENT : r, "IPC namespace %llu: %s",
				 (unsigned long long)place->record.number,
				 r < 0		       ? strerror(-r)
				 : r == OUTCOME_DENIED ? "permission denied"
						       : "it is gone");
	*ret_place = (struct door_place){place->record.number, ipc, ioctl(ipc, NS_GET_USERNS)};
	return 0;
}

int collect_open_namespace(const char *word, uint64_t number, struct door_place *ret_place,
			   struct ipclens_error *ret_error)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	char digits[24];
	struct collector collector;
	int r = snapshot ? rooted_init(&root, NULL, ret_error)
			 : error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));

	if (r < 0)
		return r;
	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
	collector = (struct collector){
		.root = root, .scope = {.place = word ? word : digits}, .snapshot = snapshot};
	r = sight_find_namespaces(&collector);
	if (r == 0)
		r = places_find(&collector, ret_error);
	if (r == 0)
		r = open_place(&collector, &collector.places.items.items[0], ret_place, ret_error);
	places_deinit(&collector.places);
	return r;
}

void inside_end(struct collector *collector)
{
	struct inside *inside = collector->inside;

	if (!inside)
		return;
	door_close(inside->door);
	door_close_fds(inside->visit_fds);
	parallel_lock_free(inside->lock);
	free(inside);
	collector->inside = NULL;
}

/* The descriptor that leads there, where the child is not there yet. As places_open(). */
static int open_way(const struct collector *collector, const struct place *place, int *ret_ipc)
{
	if (door_is_in(collector->inside->door, place->record.number))
		return 0;
	return places_open(collector, place, ret_ipc);
}

/*
 * Asks there; the caller has the lock, and the answer is in inside->answer. 0, a positive errno of
 * the service, or a negative one of entering: -ESRCH where nobody is there any more.
 */
static int ask_locked(const struct collector *collector, struct place *place,
		      enum inside_service service, const void *request, size_t size,
		      struct door_answer *ret_answer)
{
	struct inside *inside = collector->inside;
	_cleanup_close_ int ipc = -1;
	struct door_place way;
	int r = open_way(collector, place, &ipc);

	if (r != 0)
		return r == OUTCOME_DENIED ? -EPERM
		       : r == OUTCOME_GONE ? -ESRCH
		       : r < 0		   ? r
					   : -ENOSYS;
	way = (struct door_place){place->record.number, ipc, -1};
	r = door_ask(inside->door, &way, service, request, size, inside->answer, ret_answer);
	if (r < 0)
		return r;
	place->through_user = ret_answer->through_user;
	return ret_answer->result;
}

/* The same with the lock, copied into room for exactly so much. */
static int ask(const struct collector *collector, struct place *place, enum inside_service service,
	       const void *request, size_t size, void *room, size_t room_size, int *ret_fd)
{
	struct inside *inside = collector->inside;
	struct door_answer answer = DOOR_ANSWER_NONE;
	int r;

	parallel_lock_take(inside->lock);
	r = ask_locked(collector, place, service, request, size, &answer);
	if (r == 0 && (answer.size != room_size || !ret_fd != (answer.fds[0] < 0)))
		r = EBADMSG;
	if (r == 0 && room_size)
		memcpy(room, inside->answer, room_size);
	parallel_lock_give(inside->lock);
	if (r == 0 && ret_fd) {
		*ret_fd = answer.fds[0];
		answer.fds[0] = -1;
	}
	door_close_fds(answer.fds);
	return r;
}

/* What could be a reason to go on without it is told as of a call that fails. */
static int errno_of(int result)
{
	return result == -ESRCH ? EIDRM : result < 0 ? -result : result;
}

/* A place that cannot be asked is left out, and place->way says why. 0 or -ENOMEM. */
static int begin_visit(const struct collector *collector, struct place *place)
{
	struct inside *inside = collector->inside;
	_cleanup_close_ int ipc = -1;
	struct door_place way;
	int r;

	if (place->record.is_viewers)
		return 0;
	r = open_way(collector, place, &ipc);
	if (r == 0) {
		struct visit_request wanted = inside->wanted;

		leave_out(&wanted, place->empty_kinds);
		way = (struct door_place){place->record.number, ipc, -1};
		r = door_begin(inside->door, &way, INSIDE_VISIT, &wanted, sizeof(wanted));
	}
	place->way = r < 0 ? OUTCOME_UNSUPPORTED : r;
	return r == -ENOMEM ? r : 0;
}

/*
 * The child is sent ahead, so that it works while this process does, and neither waits for the
 * other at each place. Where more is to be asked of each of them it has to stay.
 */
static int go_ahead(struct collector *collector, size_t slot)
{
	const struct scope *scope = &collector->scope;
	struct inside *inside = collector->inside;
	size_t most = scope->limit_kinds ? 1 : DOOR_AHEAD_MAX;
	size_t end = slot + most;
	int r = 0;

	/* Several at once, as to wake the child takes longest. */
	if (inside->visited > slot + most / 2)
		return 0;
	if (end > collector->places.items.count)
		end = collector->places.items.count;
	for (; r == 0 && inside->visited < end; inside->visited++)
		r = begin_visit(collector, &collector->places.items.items[inside->visited]);
	return r;
}

/* Where its parts are, whose sizes it tells itself. 0 or -EBADMSG. */
static int find_parts(struct inside *inside, size_t size)
{
	const struct visit_head *head = (const void *)inside->visit;
	size_t rows = 0, place;

	if (size < sizeof(*head))
		return -EBADMSG;
	for (size_t i = 0; i < VISIT_TABLES; i++)
		rows += head->row_counts[i];
	place = sizeof(*head) + rows * sizeof(*inside->visit_rows);
	inside->visit_rows = (const void *)(head + 1);
	inside->visit_limits = (const void *)(inside->visit + place);
	if (rows > VISIT_ROWS_MAX || size < place + offsetof(struct limits_answer, limits) ||
	    inside->visit_limits->count > LIMITS_AT_ONCE)
		return -EBADMSG;
	place += offsetof(struct limits_answer, limits[inside->visit_limits->count]);
	return size == place ? 0 : -EBADMSG;
}

/* The answer of the place whose turn it is. 0, a positive errno of the service, or as ask(). */
static int end_visit(struct inside *inside, struct place *place)
{
	struct door_answer answer = DOOR_ANSWER_NONE;
	int r = door_end(inside->door, inside->visit, &answer);

	if (r == 0 && !answer.result)
		r = find_parts(inside, answer.size);
	door_close_fds(inside->visit_fds);
	memcpy(inside->visit_fds, answer.fds, sizeof(answer.fds));
	place->through_user = answer.through_user;
	return r ? r : answer.result;
}

int inside_enter(struct collector *collector, struct place *place)
{
	struct inside *inside = collector->inside;
	int r = go_ahead(collector, (size_t)(place - collector->places.items.items));

	if (r == 0 && place->way == 0)
		r = end_visit(inside, place);
	place->is_entered = r == 0 && place->way == 0;
	if (place->way != 0)
		return r ? r : place->way;
	if (r == 0 || r == -ENOMEM)
		return r;
	return r == -ESRCH ? OUTCOME_GONE : r == -EPERM ? OUTCOME_DENIED : OUTCOME_UNSUPPORTED;
}

/* What was opened when the place was entered. 0 or a positive errno. */
static int take_visited(struct inside *inside, size_t index, int *ret_fd)
{
	const struct visit_head *head = (const void *)inside->visit;

	if (inside->visit_fds[index] < 0)
		return head->numbers[index] ? head->numbers[index] : EBADMSG;
	*ret_fd = inside->visit_fds[index];
	inside->visit_fds[index] = -1;
	return 0;
}

static bool is_limit(const char *path)
{
	static const char *const starts[] = {"proc/sys/kernel/", "proc/sys/fs/mqueue/"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncmp(path, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

/* For rooted_open(): these files tell of a namespace, and all others of the machine. */
static int open_elsewhere(void *context, const char *path, int *ret_fd)
{
	struct collector *collector = context;
	int r = ROOTED_HERE, outcome;

	if (is_limit(path))
		r = ask(collector, collector->place, INSIDE_FILE, path, strlen(path), NULL, 0,
			ret_fd);
	for (size_t i = 0; i < VISIT_TABLES; i++)
		if (strcmp(path, visit_tables[i]->path) == 0)
			r = take_visited(collector->inside, i, ret_fd);
	if (r == 0 || r == -ENOMEM || r == ROOTED_HERE)
		return r;
	outcome = outcome_from_errno(errno_of(r));
	return outcome ? outcome : -errno_of(r);
}

void inside_go(struct collector *collector, struct place *place)
{
	collector->place = place;
	collector->root.context = collector;
	collector->root.elsewhere = place && !place->record.is_viewers ? open_elsewhere : NULL;
}

int inside_open_queues(struct collector *collector, struct place *place, int *ret_folder,
		       const char **ret_call)
{
	if (!place || place->record.is_viewers)
		return inside_mount_queues(ret_folder, ret_call);
	*ret_call = "fsopen";
	return take_visited(collector->inside, VISIT_QUEUES, ret_folder);
}

bool inside_has_no_queues(const struct collector *collector, uint64_t *ret_device)
{
	const struct place *place = collector->place;
	const struct visit_head *head;

	if (!place || place->record.is_viewers)
		return false;
	head = (const void *)collector->inside->visit;
	*ret_device = head->queue_device;
	return head->has_no_queues;
}

const struct limits_answer *inside_visited_limits(const struct collector *collector)
{
	return collector->inside->visit_limits;
}

int inside_visited_rows(const struct collector *collector, const struct sysv_mechanism *mechanism,
			proc_row_handler *handler, void *context)
{
	const struct inside *inside = collector->inside;
	const struct visit_head *head = (const void *)inside->visit;
	const struct visit_row *rows = inside->visit_rows;
	size_t table = 0;
	int r = 0;

	while (visit_tables[table] != mechanism)
		rows += head->row_counts[table++];
	if (!(head->in_rows >> table & 1))
		return OUTCOME_GONE;
	for (uint32_t i = 0; r == 0 && i < head->row_counts[table]; i++) {
		struct proc_row row = {.count = (size_t)rows[i].count};

		memcpy(row.values, rows[i].values, sizeof(row.values));
		r = handler(&row, context);
	}
	return r;
}

int inside_semaphores(const struct collector *collector, const struct object *array, uint64_t first,
		      uint64_t count, struct semaphore_state *states)
{
	const struct semaphores_request request = {(int32_t)array->id, (uint32_t)first,
						   (uint32_t)count};
	struct place *place = inside_place_of(collector, array);

	if (!place)
		return inside_ask_semaphores(&request, states);
	return errno_of(ask(collector, place, INSIDE_SEMAPHORES, &request, sizeof(request), states,
			    count * sizeof(*states), NULL));
}

int inside_value(const struct collector *collector, const struct object *array, unsigned int num)
{
	struct semaphore_state state;

	return inside_semaphores(collector, array, num, 1, &state) == 0 ? state.value : -1;
}

bool inside_is_unchanged(const struct collector *collector, const struct object *segment)
{
	struct place *place = inside_place_of(collector, segment);
	struct proc_row row;

	if (!place)
		return sysv_row_of_id(&sysv_shm, segment->id, &row) &&
		       sysv_shm_is_unchanged(segment, &row);
	return ask(collector, place, INSIDE_SEGMENT, &segment->id, sizeof(segment->id), &row,
		   sizeof(row), NULL) == 0 &&
	       sysv_shm_is_unchanged(segment, &row);
}

bool inside_queue(const struct collector *collector, const struct object *queue,
		  struct msqid_ds *ret_state)
{
	struct place *place = inside_place_of(collector, queue);

	if (!place)
		return msgctl((int)queue->id, IPC_STAT, ret_state) == 0;
	return ask(collector, place, INSIDE_QUEUE, &queue->id, sizeof(queue->id), ret_state,
		   sizeof(*ret_state), NULL) == 0;
}

/* Up to LIMITS_AT_ONCE of them from there, into room. 0 or a positive errno. */
static int ask_limits(const struct collector *collector, struct place *place, int32_t first,
		      struct limits_answer *room)
{
	struct inside *inside = collector->inside;
	struct door_answer answer = DOOR_ANSWER_NONE;
	int r;

	if (!place || place->record.is_viewers)
		return inside_ask_limits(first, room);
	parallel_lock_take(inside->lock);
	r = ask_locked(collector, place, INSIDE_QUEUE_LIMITS, &first, sizeof(first), &answer);
	if (r == 0 && answer.size >= offsetof(struct limits_answer, limits) &&
	    answer.size <= sizeof(*room))
		memcpy(room, inside->answer, answer.size);
	else if (r == 0)
		r = EBADMSG;
	if (r == 0 && answer.size != offsetof(struct limits_answer, limits) +
					     room->count * sizeof(room->limits[0]))
		r = EBADMSG;
	parallel_lock_give(inside->lock);
	door_close_fds(answer.fds);
	return errno_of(r);
}

int inside_queue_limits(const struct collector *collector, struct place *place,
			int (*handler)(const struct queue_limit *limit, void *context),
			void *context)
{
	_cleanup_free_ struct limits_answer *answer = malloc(sizeof(*answer));
	int32_t first = 0;
	int r = answer ? 0 : ENOMEM;

	while (r == 0 && first >= 0) {
		r = ask_limits(collector, place, first, answer);
		for (uint32_t i = 0; r == 0 && i < answer->count; i++)
			r = handler(&answer->limits[i], context);
		if (r == 0)
			first = answer->next;
	}
	return r;
}
