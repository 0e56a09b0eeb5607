/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waits for a word in memory that processes share: locks, semaphores, conditions. The kernel knows
 * no more than the address; which object it is in, the mappings tell, and what lies there is read.
 */
#include "collect/search_calls.h"

#include <linux/futex.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "collect/proc_maps.h"
#include "collect/remote_memory.h"

/* glibc's lock and semaphore, on machines of 64 bits: the words that tell them. */
enum {
	MUTEX_LOCK = 0,
	MUTEX_OWNER = 2,
	MUTEX_KIND = 4,
	SEM_VALUE = 0,
	SEM_PRIVATE = 2,
	WORDS = 5,
};
#define MUTEX_SHARED 128U /* nptl: PTHREAD_MUTEX_PSHARED_BIT */
#define MUTEX_ROBUST 16U  /* PTHREAD_MUTEX_ROBUST_NORMAL_NP */
#define MUTEX_KINDS 0x1ffU
#define SEM_SHARED 128U

/* FUTEX_CMD_MASK, of a number without a sign. */
#define COMMAND ((uint64_t) ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME) & UINT32_MAX)

/* The mapping that an address is in. */
struct spot {
	uint64_t address;
	bool is_found;
	struct mapping mapping;
	char name[PROC_MAPS_NAME_MAX];
};

static int keep_spot(const struct mapping *mapping, void *context)
{
	struct spot *spot = context;

	if (spot->address < mapping->start || spot->address >= mapping->end)
		return 0;
	spot->is_found = true;
	spot->mapping = *mapping;
	memcpy(spot->name, mapping->name.bytes, mapping->name.length);
	spot->mapping.name.bytes = spot->name;
	return 0;
}

static bool find_spot(const struct blocked_thread *thread, struct spot *spot)
{
	static const struct mapping_filter shared = {.has_private = false};
	_cleanup_close_ int fd = -1;
	char path[96];
	int r;

	snprintf(path, sizeof(path), "%smaps", thread->prefix);
	if (rooted_open(thread->root, path, &fd) != 0)
		return false;
	r = proc_maps_query(fd, &shared, keep_spot, spot);
	if (r == OUTCOME_UNSUPPORTED)
		(void)proc_maps_read(fd, &shared, keep_spot, spot);
	return spot->is_found;
}

static bool is_waiting(uint64_t operation)
{
	switch (operation & COMMAND) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_LOCK_PI:
	case FUTEX_WAIT_REQUEUE_PI:
		return true;
	default:
		return false;
	}
}

/* A lock that is taken and waited for; its owner is who the memory says. */
static bool is_mutex(const uint32_t *words)
{
	return words[MUTEX_KIND] & MUTEX_SHARED && !(words[MUTEX_KIND] & ~MUTEX_KINDS) &&
	       words[MUTEX_LOCK] && words[MUTEX_OWNER];
}

static uint32_t owner_of(const uint32_t *words)
{
	bool has_owner_in_lock = words[MUTEX_KIND] & MUTEX_ROBUST;

	return has_owner_in_lock ? words[MUTEX_LOCK] & FUTEX_TID_MASK : words[MUTEX_OWNER];
}

static void tell_contents(const struct blocked_thread *thread, struct seen_wait *seen,
			  bool is_named_semaphore)
{
	uint32_t words[WORDS];

	if (is_named_semaphore) {
		seen->wait.flags |= WAIT_IS_SEMAPHORE;
		return;
	}
	/* Of 32 bits the words have other places. */
	if (thread->is_compat ||
	    !remote_read(thread->tid, thread->call.arguments[0], words, sizeof(words)))
		return;
	if (is_mutex(words)) {
		seen->wait.flags |= WAIT_IS_MUTEX;
		seen->wait.owner_tid = owner_of(words);
		record_mark(&seen->wait.record, WAIT_OWNER_TID);
	} else if (!words[SEM_VALUE] && words[SEM_PRIVATE] == SEM_SHARED) {
		seen->wait.flags |= WAIT_IS_SEMAPHORE;
	}
}

/* In a segment: which of several that look alike, is found out later. */
static void add_wait_in_segment(struct blocked_thread *thread, struct blocked_waits *waits,
				const struct mapping *mapping, const struct object *segment,
				bool is_stray)
{
	const struct snapshot *snapshot = thread->finder->search->collector->snapshot;
	struct seen_wait *seen = blocked_waits_add(waits, WAIT_FUTEX);

	if (!seen)
		return;
	seen->wait.object = (size_t)(segment - snapshot->objects.items);
	seen->mapping = mapping->start;
	seen->is_stray = is_stray;
}

/* The wait on what is mapped there: a segment, or a thing. 0 or -ENOMEM. */
static int add_wait(struct blocked_thread *thread, struct blocked_waits *waits,
		    const struct mapping *mapping)
{
	const struct object *segment = search_find_segment(thread->finder, mapping);
	bool is_stray = !segment || !blocked_is_of_namespace(thread);
	struct thing thing = {0};
	char room[256];

	if (!segment)
		segment = search_find_stray(thread->finder, mapping);
	if (segment)
		add_wait_in_segment(thread, waits, mapping, segment, is_stray);
	if (segment || !search_identify_mapping(thread->finder->search, mapping, &thing, room))
		return 0;
	return blocked_waits_add_thing(waits, thread, &thing, WAIT_FUTEX);
}

static void set_timeout(struct blocked_thread *thread, struct blocked_waits *waits)
{
	const uint64_t *arguments = thread->call.arguments;
	uint64_t command = arguments[1] & COMMAND;
	enum blocked_clock clock = command == FUTEX_WAIT ? BLOCKED_SPAN
				   : command == FUTEX_LOCK_PI || arguments[1] & FUTEX_CLOCK_REALTIME
					   ? BLOCKED_REALTIME
					   : BLOCKED_MONOTONIC;

	blocked_waits_set_timeout(waits, thread, arguments[3], clock);
}

int call_futex_decode(struct blocked_thread *thread, struct blocked_waits *waits)
{
	const uint64_t *arguments = thread->call.arguments;
	struct spot spot = {.address = arguments[0]};
	struct seen_wait *seen;
	int r;

	if (!is_waiting(arguments[1]) || arguments[1] & FUTEX_PRIVATE_FLAG ||
	    !find_spot(thread, &spot))
		return 0;
	r = add_wait(thread, waits, &spot.mapping);
	if (r < 0 || !waits->count)
		return r;
	seen = &waits->items[0];
	seen_wait_set(seen, WAIT_OFFSET, &seen->wait.offset,
		      spot.address - spot.mapping.start + spot.mapping.offset);
	tell_contents(thread, seen,
		      seen->is_thing && search_thing_kind(thread->finder, seen) == KIND_PSEM);
	set_timeout(thread, waits);
	return 0;
}
