/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which mappings and descriptors are of things that are looked for: files of /dev/shm, memory
 * without a name, queues, pipes and FIFOs. Device and inode say which one it is; names are hints.
 */
#include "collect/search.h"

#include <errno.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "collect/proc_fd.h"
#include "collect/proc_maps.h"
#include "collect/recorded.h"

#define DELETED TEXT_LITERAL(" (deleted)")
#define SEMAPHORE_START TEXT_LITERAL("sem.")
/* ipc/mqueue.c: FILENT_SIZE, what each queue gives as its size. */
#define QUEUE_FILE_SIZE 80
#define MQUEUE_MAGIC 0x19800202

static bool has_start(struct text text, struct text start)
{
	return text.length >= start.length && memcmp(text.bytes, start.bytes, start.length) == 0;
}

static bool has_end(struct text text, struct text end)
{
	return text.length >= end.length &&
	       memcmp(text.bytes + text.length - end.length, end.bytes, end.length) == 0;
}

static uint64_t device_of(dev_t device)
{
	return device_number(major(device), minor(device));
}

/* Whether a REF of those that are asked about can mean the thing. */
static bool is_meant(const struct scope *scope, const struct thing *thing)
{
	for (size_t i = 0; i < scope->detail_count; i++) {
		const struct ref *ref = &scope->details[i];

		if (!(ref->kinds & KIND_BIT(thing->kind)))
			continue;
		if (ref->form == REF_BY_INODE && ref->number == thing->inode)
			return true;
		if (ref->form == REF_BY_NAME && ref_name_equals(ref, thing->name))
			return true;
	}
	return false;
}

static bool is_wanted(const struct search *search, const struct thing *thing)
{
	const struct collector *collector = search->collector;
	const struct scope *scope = &collector->scope;
	size_t index;
	bool is_known;

	if (!(search->kinds & KIND_BIT(thing->kind)))
		return false;
	if (!scope->details && !search->wants_only_known)
		return true;
	is_known = things_find(&search->known, thing->kind, thing->device, thing->inode, &index);
	if (search->wants_only_known)
		return is_known;
	if (is_known)
		return scope_has_details(scope,
					 &collector->snapshot->objects
						  .items[search->known.items.items[index].object]);
	return is_meant(scope, thing);
}

int search_add_use(struct finder *finder, const struct thing *thing, const struct seen_use *use)
{
	struct seen_use *seen;
	size_t index;

	if (!is_wanted(finder->search, thing))
		return 0;
	if (things_add(&finder->things, thing, &index) < 0)
		return -ENOMEM;
	seen = vector_add(&finder->uses.items);
	if (!seen)
		return -ENOMEM;
	*seen = *use;
	seen->pid = finder->pid;
	seen->task = finder->thread ? finder->thread : finder->pid;
	seen->object = (uint32_t)index;
	return 0;
}

static bool take_deleted(struct text *name)
{
	if (!has_end(*name, DELETED))
		return false;
	name->length -= DELETED.length;
	return true;
}

/* What stands behind the last slash. */
static struct text last_part(struct text path)
{
	const char *slash = path.length ? memrchr(path.bytes, '/', path.length) : NULL;
	size_t skipped = slash ? (size_t)(slash - path.bytes) + 1 : 0;

	return (struct text){path.bytes + skipped, path.length - skipped};
}

/* Whether it is right below /dev/shm, where shm_open() and sem_open() make theirs. */
static bool is_below_dev_shm(struct text path)
{
	const struct text start = TEXT_LITERAL("/dev/shm/");

	return has_start(path, start) &&
	       !memchr(path.bytes + start.length, '/', path.length - start.length);
}

/* The kind of an object of /dev/shm that is known by its name; false where it is not. */
static bool find_known(const struct search *search, uint64_t device, uint64_t inode,
		       enum kind *ret_kind)
{
	size_t index;

	for (enum kind kind = KIND_PSHM; kind <= KIND_PSEM; kind++) {
		if (things_find(&search->known, kind, device, inode, &index)) {
			*ret_kind = kind;
			return true;
		}
	}
	return false;
}

/*
 * A file of /dev/shm: by its object, if that has a name. Else it was unlinked, and its last name
 * says what it was; false where it is none (in a folder of its own).
 */
static bool identify_dev_shm(const struct search *search, struct text path, bool is_unlinked,
			     struct thing *thing, char room[static 256])
{
	struct text name;

	thing->is_unlinked = take_deleted(&path) || is_unlinked;
	if (find_known(search, thing->device, thing->inode, &thing->kind)) {
		thing->is_unlinked = false;
		return true;
	}
	if (!thing->is_unlinked && !is_below_dev_shm(path))
		return false;
	name = last_part(path);
	thing->kind = has_start(name, SEMAPHORE_START) && name.length > SEMAPHORE_START.length
			      ? KIND_PSEM
			      : KIND_PSHM;
	if (thing->kind == KIND_PSEM)
		name = (struct text){name.bytes + SEMAPHORE_START.length,
				     name.length - SEMAPHORE_START.length};
	if (name.length > 254)
		name.length = 254;
	room[0] = '/';
	if (name.length)
		memcpy(room + 1, name.bytes, name.length);
	thing->name = (struct text){room, name.length + 1};
	return true;
}

/*
 * Memory of the kernel's own file system that is no segment (mm/shmem.c: shmem_zero_setup,
 * mm/memfd.c: memfd_create, mm/mmap.c: anonymous huge pages); false where it is something else.
 */
static bool identify_map(struct text path, struct thing *thing)
{
	static const char memfd[] = "/memfd:";

	take_deleted(&path);
	if (has_start(path, TEXT_LITERAL(memfd)))
		thing->name = (struct text){path.bytes + sizeof(memfd) - 1,
					    path.length - sizeof(memfd) + 1};
	else if (text_equals(path, TEXT_LITERAL("/dev/zero")) ||
		 text_equals(path, TEXT_LITERAL("/anon_hugepage")))
		thing->name = TEXT_NONE;
	else
		return false;
	thing->kind = KIND_MAP;
	return true;
}

static bool is_of_dev_shm(const struct collector *collector, uint64_t device)
{
	if (collector->has_dev_shm && device == device_of(collector->dev_shm))
		return true;
	vector_for_each (&collector->other_dev_shm, other)
		if (device == device_of(other->device))
			return true;
	return false;
}

bool search_identify_mapping(const struct search *search, const struct mapping *mapping,
			     struct thing *thing, char room[static 256])
{
	*thing = (struct thing){.device = device_of(mapping->device), .inode = mapping->inode};
	if (is_of_dev_shm(search->collector, thing->device))
		return identify_dev_shm(search, mapping->name, false, thing, room);
	return mapping->is_shared && segment_devices_have(&search->devices, mapping->device) &&
	       identify_map(mapping->name, thing);
}

int search_handle_mapping(struct finder *finder, const struct mapping *mapping)
{
	const struct search *search = finder->search;
	const struct seen_use use = {
		.how = LINK_MAPPED,
		.access = (uint8_t)(mapping->access | (mapping->is_shared ? 0U : LINK_PRIVATE)),
		.address = mapping->start,
		.length = mapping->end - mapping->start};
	struct thing thing;
	char room[256];

	if (!(search->kinds & KINDS_IN_PROCESSES) ||
	    !search_identify_mapping(search, mapping, &thing, room))
		return 0;
	return search_add_use(finder, &thing, &use);
}

static void tell_state(struct thing *thing, const struct stat *status)
{
	thing->has_state = true;
	thing->state = (struct thing_state){.uid = status->st_uid,
					    .gid = status->st_gid,
					    .mode = status->st_mode & 0777,
					    .size = (uint64_t)status->st_size,
					    .allocated = (uint64_t)status->st_blocks * 512,
					    .changed_at = status->st_ctime};
}

/* A descriptor is looked at where it is, or in the record of it. */
static bool find_state(const struct finder *finder, const struct descriptor *descriptor,
		       struct stat *ret_status)
{
	const struct search *search = finder->search;

	if (search->collector->root.is_live)
		return proc_fd_stat(descriptor, ret_status);
	return recorded_descriptor(search->recorded, finder->pid, descriptor->fd, ret_status, NULL);
}

/* One that nobody could tell what it is, as it changed each time, is counted. */
static int count_changing(struct finder *finder, const struct descriptor *descriptor, int r)
{
	finder->changing += r == PROC_FD_CHANGED && descriptor->changes == PROC_FD_MOST_CHANGES;
	return r;
}

static int find_access(struct finder *finder, const struct descriptor *descriptor,
		       const struct thing *thing, uint64_t *ret_access)
{
	const struct search *search = finder->search;
	const struct scope *scope = &search->collector->scope;

	if (!search->collector->root.is_live)
		return recorded_descriptor(search->recorded, finder->pid, descriptor->fd, NULL,
					   ret_access)
			       ? 0
			       : OUTCOME_GONE;
	/* Of all pipes it would take too long. */
	if (thing->kind == KIND_PIPE && (scope->details || scope->pids))
		return count_changing(finder, descriptor,
				      proc_fd_pipe_access(descriptor, thing->inode, ret_access));
	return count_changing(finder, descriptor, proc_fd_access(descriptor, ret_access));
}

static bool is_device_of_queues(const struct collector *collector, uint64_t device)
{
	if (collector->has_mq_device && device == collector->mq_device)
		return true;
	vector_for_each (&collector->places.items, place)
		if (place->has_mq_device && place->mq_device == device)
			return true;
	return false;
}

/*
 * A queue: of this IPC namespace where its device is known. Where not, queues are told by their
 * file system, and it is left to the process's namespace whether they are ours.
 */
static bool is_queue(const struct finder *finder, const struct descriptor *descriptor,
		     const struct stat *status)
{
	const struct collector *collector = finder->search->collector;
	char path[64];
	struct statfs system;

	if (!S_ISREG(status->st_mode))
		return false;
	if (collector->has_mq_device || collector->places.items.count)
		return is_device_of_queues(collector, device_of(status->st_dev));
	if (status->st_size != QUEUE_FILE_SIZE || !collector->root.is_live)
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d/%llu", descriptor->folder,
		 (unsigned long long)descriptor->fd);
	return statfs(path, &system) == 0 && system.f_type == MQUEUE_MAGIC;
}

/* Whether a file with a name is a thing; fills it in. room is for its name. */
static bool identify_file(const struct finder *finder, const struct descriptor *descriptor,
			  const struct stat *status, struct thing *thing, char room[static 256])
{
	const struct search *search = finder->search;
	struct text path = descriptor->link;

	thing->device = device_of(status->st_dev);
	thing->inode = status->st_ino;
	thing->is_unlinked = !status->st_nlink;
	if (S_ISFIFO(status->st_mode)) {
		thing->kind = KIND_FIFO;
		thing->is_unlinked |= take_deleted(&path);
		thing->name = path;
		return true;
	}
	if (!S_ISREG(status->st_mode))
		return false;
	if (is_of_dev_shm(search->collector, thing->device))
		return identify_dev_shm(search, path, thing->is_unlinked, thing, room);
	if (segment_devices_have(&search->devices, status->st_dev))
		return identify_map(path, thing);
	if (!((search->kinds | search->wait_kinds) & KIND_BIT(KIND_MQ)) ||
	    !is_queue(finder, descriptor, status))
		return false;
	if (thing->is_unlinked)
		take_deleted(&path);
	thing->kind = KIND_MQ;
	thing->name = path;
	return true;
}

bool search_identify(const struct finder *finder, const struct descriptor *descriptor,
		     struct thing *thing, char room[static 256])
{
	struct stat status;

	if (proc_fd_parse_pipe(descriptor->link, &thing->inode)) {
		thing->kind = KIND_PIPE;
		return true;
	}
	if (!descriptor->link.length || descriptor->link.bytes[0] != '/' ||
	    !find_state(finder, descriptor, &status) ||
	    !identify_file(finder, descriptor, &status, thing, room))
		return false;
	tell_state(thing, &status);
	return true;
}

static int handle_file(struct finder *finder, const struct descriptor *descriptor)
{
	struct thing thing = {.pid = finder->pid, .fd = descriptor->fd};
	struct seen_use use = {.how = LINK_OPEN, .address = descriptor->fd};
	struct stat status;
	uint64_t access;
	char room[256];
	int r;

	if (!find_state(finder, descriptor, &status) ||
	    !identify_file(finder, descriptor, &status, &thing, room) ||
	    !is_wanted(finder->search, &thing))
		return 0;
	r = find_access(finder, descriptor, &thing, &access);
	if (r != 0)
		return r == OUTCOME_GONE ? 0 : r;
	tell_state(&thing, &status);
	use.access = (uint8_t)access;
	return search_add_use(finder, &thing, &use);
}

bool search_needs_owner(const struct finder *finder, uint64_t pipe)
{
	size_t index;

	return finder->search->collector->scope.has_pipe_owners &&
	       !(things_find(&finder->things, KIND_PIPE, 0, pipe, &index) &&
		 finder->things.items.items[index].has_state);
}

static int handle_pipe(struct finder *finder, const struct descriptor *descriptor, uint64_t inode)
{
	struct thing thing = {
		.kind = KIND_PIPE, .inode = inode, .pid = finder->pid, .fd = descriptor->fd};
	struct seen_use use = {.how = LINK_OPEN, .address = descriptor->fd};
	struct stat status;
	uint64_t access;
	int r;

	if (!is_wanted(finder->search, &thing))
		return 0;
	r = find_access(finder, descriptor, &thing, &access);
	if (r != 0)
		return r == OUTCOME_GONE ? 0 : r;
	/* All pipes are on one device: to look at each end would tell the same again. */
	if (search_needs_owner(finder, inode) && find_state(finder, descriptor, &status))
		tell_state(&thing, &status);
	use.access = (uint8_t)access;
	return search_add_use(finder, &thing, &use);
}

int search_handle_descriptor(struct finder *finder, const struct descriptor *descriptor)
{
	unsigned int kinds = finder->search->kinds;
	uint64_t inode;

	if (kinds & KIND_BIT(KIND_PIPE) && proc_fd_parse_pipe(descriptor->link, &inode))
		return handle_pipe(finder, descriptor, inode);
	if (kinds & KINDS_IN_PROCESSES & ~KIND_BIT(KIND_PIPE) && descriptor->link.length &&
	    descriptor->link.bytes[0] == '/')
		return handle_file(finder, descriptor);
	return 0;
}

static int handle_descriptor(const struct descriptor *descriptor, void *context)
{
	return search_handle_descriptor(context, descriptor);
}

int search_descriptors(struct finder *finder, const struct rooted *root, const char *prefix)
{
	char path[80];

	snprintf(path, sizeof(path), "%sfd", prefix);
	return proc_fd_read(root, path, handle_descriptor, finder);
}
