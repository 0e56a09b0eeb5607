/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/places.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collect/collector.h"
#include "collect/places_find.h"
#include "collect/proc_cgroup.h"
#include "collect/proc_stat.h"

/* linux/magic.h */
#define NSFS_MAGIC 0x6e736673

void places_deinit(struct places *places)
{
	vector_for_each (&places->items, place) {
		vector_deinit(&place->uids.items);
		vector_deinit(&place->gids.items);
	}
	vector_deinit(&places->items);
	vector_deinit(&places->mounts);
	id_map_deinit(&places->slots);
	id_map_deinit(&places->mount_slots);
	id_map_deinit(&places->mount_pairs);
}

bool places_slot(const struct places *places, uint64_t number, size_t *ret_slot)
{
	void *slot;

	if (!id_map_find(&places->slots, number, &slot))
		return false;
	*ret_slot = (size_t)slot - 1;
	return true;
}

/* Opens what was found, if it is that namespace: anything else may not even be opened. */
static int open_checked(int found, uint64_t number, int *ret_fd)
{
	struct statfs system;
	struct stat status;
	char path[32];
	int fd;

	if (fstatfs(found, &system) < 0 || system.f_type != NSFS_MAGIC ||
	    fstat(found, &status) < 0 || status.st_ino != number)
		return OUTCOME_GONE;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", found);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		int why = errno, outcome = outcome_from_errno(why);

		return outcome ? outcome : -why;
	}
	*ret_fd = fd;
	return 0;
}

/* By a path of /proc, or in what a process sees as the root. What it leads to can have changed. */
static int open_way(const struct collector *collector, const char *root, const char *path,
		    uint64_t number, int *ret_fd)
{
	_cleanup_close_ int found = -1;
	int r = root ? rooted_find_in(&collector->root, root, path, &found)
		     : rooted_find(&collector->root, path, &found);

	return r == 0 ? open_checked(found, number, ret_fd) : r;
}

/* A link below /proc/PID/ns leads to a namespace, whatever the process does. */
static int open_link(const struct collector *collector, int64_t pid, uint64_t number, int *ret_fd)
{
	_cleanup_close_ int fd = -1;
	struct stat status;
	char path[80];
	int r;

	snprintf(path, sizeof(path), "proc/%lld/ns/ipc", (long long)pid);
	r = rooted_open(&collector->root, path, &fd);
	if (r == 0 && (fstat(fd, &status) < 0 || status.st_ino != number))
		r = OUTCOME_GONE;
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

int places_open(const struct collector *collector, const struct place *place, int *ret_fd)
{
	uint64_t number = place->record.number;
	int r = OUTCOME_GONE;

	for (size_t i = 0; r != 0 && i < place->candidate_count; i++)
		r = open_link(collector, place->candidates[i], number, ret_fd);
	if (r != 0 && place->other.length)
		r = open_way(collector, place->other_root[0] ? place->other_root : NULL,
			     place->other.bytes, number, ret_fd);
	return r;
}

/* "         0     100000      65536": a line of uid_map. */
static bool parse_range(struct text line, struct id_range *ret_range)
{
	unsigned long long inside, outside, length;
	char room[80];

	if (line.length >= sizeof(room))
		return false;
	memcpy(room, line.bytes, line.length);
	room[line.length] = '\0';
	if (sscanf(room, "%llu %llu %llu", &inside, &outside, &length) != 3)
		return false;
	*ret_range = (struct id_range){inside, outside, length};
	return true;
}

/* 0, -ENOMEM, or what kept the file from being read. */
static int read_ranges(const struct collector *collector, int64_t pid, const char *name,
		       struct id_ranges *ranges)
{
	_cleanup_buffer_ struct buffer buffer = {0};
	struct text text;
	char path[64];
	int r;

	snprintf(path, sizeof(path), "proc/%lld/%s", (long long)pid, name);
	r = rooted_read(&collector->root, path, (size_t)64 * 1024, &buffer);
	for (text = buffer_text(&buffer); r == 0 && text.length;) {
		struct id_range range, *place;

		if (!parse_range(text_take_part(&text, '\n'), &range))
			continue;
		place = vector_add(&ranges->items);
		if (!place)
			return -ENOMEM;
		*place = range;
	}
	return r;
}

/* Who owns it; not told to who is outside of what that user namespace is in. */
static void tell_user_namespace(const struct collector *collector, struct place *place)
{
	_cleanup_close_ int fd = -1, user = -1;
	struct stat status;

	if (record_has(&place->record.record, NAMESPACE_USER_NAMESPACE) ||
	    places_open(collector, place, &fd) != 0)
		return;
	user = ioctl(fd, NS_GET_USERNS);
	if (user < 0 || fstat(user, &status) < 0)
		return;
	place->record.user_namespace = status.st_ino;
	record_mark(&place->record.record, NAMESPACE_USER_NAMESPACE);
}

/* By a process of that very user namespace. */
static void learn_ranges(const struct collector *collector, struct place *place)
{
	char path[64];
	uint64_t user;

	tell_user_namespace(collector, place);
	for (size_t i = 0; !place->has_id_ranges && i < place->candidate_count; i++) {
		snprintf(path, sizeof(path), "proc/%lld/ns/user", (long long)place->candidates[i]);
		if (sight_read_namespace(&collector->root, path, &user) != 0 ||
		    user != place->record.user_namespace)
			continue;
		place->has_id_ranges =
			read_ranges(collector, place->candidates[i], "uid_map", &place->uids) ==
				0 &&
			read_ranges(collector, place->candidates[i], "gid_map", &place->gids) == 0;
	}
}

static void translate(const struct id_ranges *ranges, struct object *object,
		      enum object_field field, uint64_t *id)
{
	vector_for_each (&ranges->items, range) {
		if (*id < range->inside || *id - range->inside >= range->length)
			continue;
		*id = range->outside + (*id - range->inside);
		return;
	}
	record_unmark(&object->record, field);
}

void places_translate(struct collector *collector, struct place *place, struct object *object)
{
	if (!place->through_user)
		return;
	if (!place->has_id_ranges)
		learn_ranges(collector, place);
	translate(&place->uids, object, OBJECT_UID, &object->uid);
	translate(&place->gids, object, OBJECT_GID, &object->gid);
	translate(&place->uids, object, OBJECT_CUID, &object->cuid);
	translate(&place->gids, object, OBJECT_CGID, &object->cgid);
}

static int tell_process(struct collector *collector, struct place *place)
{
	char path[64], room[PROC_CGROUP_NAME_MAX];
	struct namespace *record = &place->record;
	struct proc_stat stat;
	struct text unit;

	if (!record_has(&record->record, NAMESPACE_PID))
		return 0;
	snprintf(path, sizeof(path), "proc/%lld/stat", (long long)record->pid);
	if (proc_stat_read(&collector->root, path, &stat) == 0) {
		record_mark(&record->record, NAMESPACE_COMMAND);
		if (snapshot_copy_text(collector->snapshot,
				       (struct text){stat.command, stat.command_length},
				       &record->command) < 0)
			return -ENOMEM;
	}
	snprintf(path, sizeof(path), "proc/%lld/cgroup", (long long)record->pid);
	unit = proc_cgroup_read(&collector->root, path, room);
	if (!unit.length)
		return 0;
	record_mark(&record->record, NAMESPACE_UNIT);
	return snapshot_copy_text(collector->snapshot, unit, &record->unit);
}

/* Numbers that follow from the objects, which are counted up to here. */
struct sums {
	uint64_t count[KIND_COUNT], amount[KIND_COUNT];
};

static uint64_t amount_of(const struct object *object)
{
	switch (object->kind) {
	case KIND_SEM:
		return object->sem.nsems;
	case KIND_MSG:
		return object->used_bytes;
	case KIND_MQ:
		return object->messages;
	default:
		return object->size;
	}
}

static void add_up(const struct collector *collector, struct sums *sums)
{
	const struct places *places = &collector->places;

	vector_for_each (&collector->snapshot->objects, object) {
		size_t slot;

		if (!object_has(object, OBJECT_NAMESPACE) ||
		    object->status & (STATUS_UNLINKED | STATUS_ELSEWHERE) ||
		    !places_slot(places, object->namespace, &slot))
			continue;
		sums[slot].count[object->kind]++;
		if (__builtin_add_overflow(sums[slot].amount[object->kind], amount_of(object),
					   &sums[slot].amount[object->kind]))
			sums[slot].amount[object->kind] = UINT64_MAX;
	}
}

static void set(struct namespace *record, enum namespace_field field, uint64_t *place,
		uint64_t number)
{
	*place = number;
	record_mark(&record->record, field);
}

static void tell_sums(struct namespace *record, unsigned int kinds, const struct sums *sums)
{
	if (kinds & KIND_BIT(KIND_SHM)) {
		set(record, NAMESPACE_SHM, &record->shm, sums->count[KIND_SHM]);
		set(record, NAMESPACE_SHM_BYTES, &record->shm_bytes, sums->amount[KIND_SHM]);
	}
	if (kinds & KIND_BIT(KIND_SEM)) {
		set(record, NAMESPACE_SEM, &record->sem, sums->count[KIND_SEM]);
		set(record, NAMESPACE_SEMAPHORES, &record->semaphores, sums->amount[KIND_SEM]);
	}
	if (kinds & KIND_BIT(KIND_MSG)) {
		set(record, NAMESPACE_MSG, &record->msg, sums->count[KIND_MSG]);
		set(record, NAMESPACE_MSG_BYTES, &record->msg_bytes, sums->amount[KIND_MSG]);
	}
	if (kinds & KIND_BIT(KIND_MQ)) {
		set(record, NAMESPACE_MQ, &record->mq, sums->count[KIND_MQ]);
		set(record, NAMESPACE_MQ_MESSAGES, &record->mq_messages, sums->amount[KIND_MQ]);
	}
	if (kinds & KIND_BIT(KIND_PSHM)) {
		set(record, NAMESPACE_PSHM, &record->pshm, sums->count[KIND_PSHM]);
		set(record, NAMESPACE_PSHM_BYTES, &record->pshm_bytes, sums->amount[KIND_PSHM]);
	}
	if (kinds & KIND_BIT(KIND_PSEM))
		set(record, NAMESPACE_PSEM, &record->psem, sums->count[KIND_PSEM]);
}

/* Where not all objects of a kind could be listed, their number would be wrong. */
static unsigned int countable_kinds(const struct collector *collector, const struct place *place)
{
	unsigned int kinds = collector->scope.kinds;

	if (!place->is_entered)
		return 0;
	if (!place->has_mq_device && !(place->empty_kinds & KIND_BIT(KIND_MQ)))
		kinds &= ~KIND_BIT(KIND_MQ);
	return kinds;
}

int places_add(struct collector *collector)
{
	struct places *places = &collector->places;
	const struct scope *scope = &collector->scope;
	_cleanup_free_ struct sums *sums = calloc(places->items.count + 1, sizeof(*sums));

	if (!sums)
		return -ENOMEM;
	add_up(collector, sums);
	vector_for_each (&places->items, place) {
		size_t slot = (size_t)(place - places->items.items);
		struct namespace *record;

		/* A list of objects alone shows nothing of them. */
		if (scope->has_namespace_keepers || scope->has_sight) {
			tell_user_namespace(collector, place);
			if (tell_process(collector, place) < 0)
				return -ENOMEM;
		}
		tell_sums(&place->record, countable_kinds(collector, place), &sums[slot]);
		record = vector_add(&collector->snapshot->namespaces);
		if (!record)
			return -ENOMEM;
		*record = place->record;
	}
	return 0;
}
