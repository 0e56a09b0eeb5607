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

int inside_begin(struct collector *collector)
{
	struct inside *inside;
	int r;

	if (!collector->places.items.count)
		return 0;
	inside = calloc(1, sizeof(*inside));
	if (!inside)
		return -ENOMEM;
	collector->inside = inside;
	inside->lock = parallel_lock_new();
	r = inside->lock ? door_open(inside_services, INSIDE_SERVICES, &inside->door) : -ENOMEM;
	return r;
}

static int open_place(const struct collector *collector, const struct place *place,
		      struct door_place *ret_place, struct ipclens_error *ret_error)
{
	int ipc = -1, r = places_open(collector, place, &ipc);

	if (r != 0)
		return error_set(ret_error, r > 0 ? -ENOENT : r, "IPC namespace %llu: %s",
				 (unsigned long long)place->record.number,
				 r == OUTCOME_DENIED ? "permission denied" : "it is gone");
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
	parallel_lock_free(inside->lock);
	free(inside);
	collector->inside = NULL;
}

/* The descriptors that lead there, where the child is not there yet. As places_open(). */
static int open_ways(const struct collector *collector, const struct place *place, int *ret_ipc,
		     int *ret_user)
{
	int r;

	if (door_is_in(collector->inside->door, place->record.number))
		return 0;
	r = places_open(collector, place, ret_ipc);
	if (r == 0)
		*ret_user = ioctl(*ret_ipc, NS_GET_USERNS);
	return r;
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
	_cleanup_close_ int ipc = -1, user = -1;
	struct door_place way;
	int r = open_ways(collector, place, &ipc, &user);

	if (r != 0)
		return r == OUTCOME_DENIED ? -EPERM : r > 0 ? -ESRCH : r;
	way = (struct door_place){place->record.number, ipc, user};
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
	struct door_answer answer = {.fd = -1};
	int r;

	parallel_lock_take(inside->lock);
	r = ask_locked(collector, place, service, request, size, &answer);
	if (r == 0 &&
	    (answer.size != room_size || (!ret_fd && answer.fd >= 0) || (ret_fd && answer.fd < 0)))
		r = EBADMSG;
	if (r == 0 && room_size)
		memcpy(room, inside->answer, room_size);
	parallel_lock_give(inside->lock);
	if (r == 0 && ret_fd)
		*ret_fd = answer.fd;
	else
		cleanup_close(&answer.fd);
	return r;
}

/* What could be a reason to go on without it is told as of a call that fails. */
static int errno_of(int result)
{
	return result == -ESRCH ? EIDRM : result < 0 ? -result : result;
}

int inside_enter(struct collector *collector, struct place *place)
{
	int r = ask(collector, place, INSIDE_NOTHING, NULL, 0, NULL, 0, NULL);

	place->is_entered = r == 0;
	if (r == 0 || r == -ENOMEM)
		return r;
	return r == -ESRCH ? OUTCOME_GONE : r == -EPERM ? OUTCOME_DENIED : OUTCOME_UNSUPPORTED;
}

/* For rooted_open(): these files tell of a namespace, and all others of the machine. */
static int open_elsewhere(void *context, const char *path, int *ret_fd)
{
	static const char *const starts[] = {"proc/sysvipc/", "proc/sys/kernel/",
					     "proc/sys/fs/mqueue/"};
	struct collector *collector = context;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		int r, outcome;

		if (strncmp(path, starts[i], strlen(starts[i])) != 0)
			continue;
		r = ask(collector, collector->place, INSIDE_FILE, path, strlen(path), NULL, 0,
			ret_fd);
		if (r == 0 || r == -ENOMEM)
			return r;
		outcome = outcome_from_errno(errno_of(r));
		return outcome ? outcome : -errno_of(r);
	}
	return ROOTED_HERE;
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
	return errno_of(ask(collector, place, INSIDE_QUEUES, NULL, 0, NULL, 0, ret_folder));
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
	struct door_answer answer = {.fd = -1};
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
	cleanup_close(&answer.fd);
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
