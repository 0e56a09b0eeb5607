/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waits for a word in memory that processes share: locks, semaphores, conditions. The kernel knows
 * no more than the address; which object it is in, the mappings tell, and what lies there is read.
 */
#include "collect/search_calls.h"

#include <linux/futex.h>
#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "collect/proc_maps.h"
#include "collect/remote_memory.h"

/*
 * glibc's lock and semaphore: the words that tell them (bits/struct_mutex.h, struct new_sem). Of 32
 * bits a semaphore has in its first word how many wait, too: no more than that somebody does.
 */
enum {
	MUTEX_LOCK = 0,
	MUTEX_OWNER = 2,
	SEM_VALUE = 0,
	WORDS = 5,
};
struct layout {
	size_t mutex_kind, sem_private;
	uint32_t sem_value_of_zero;
};
static const struct layout of_64_bits = {4, 2, 0}, of_32_bits = {3, 1, 1};
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

	if (spot->is_found || spot->address < mapping->start || spot->address >= mapping->end)
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
	r = proc_maps_query_at(fd, spot->address, spot->name, &spot->mapping);
	if (r == OUTCOME_UNSUPPORTED)
		(void)proc_maps_read(fd, &shared, keep_spot, spot);
	return r == 0 || spot->is_found;
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
static bool is_mutex(const uint32_t *words, const struct layout *layout)
{
	uint32_t kind = words[layout->mutex_kind];

	return kind & MUTEX_SHARED && !(kind & ~MUTEX_KINDS) && words[MUTEX_LOCK] &&
	       words[MUTEX_OWNER];
}

static uint32_t owner_of(const uint32_t *words, const struct layout *layout)
{
	bool has_owner_in_lock = words[layout->mutex_kind] & MUTEX_ROBUST;

	return has_owner_in_lock ? words[MUTEX_LOCK] & FUTEX_TID_MASK : words[MUTEX_OWNER];
}

static bool is_semaphore(const uint32_t *words, const struct layout *layout)
{
	return words[SEM_VALUE] <= layout->sem_value_of_zero &&
	       words[layout->sem_private] == SEM_SHARED;
}

static void tell_contents(const struct blocked_thread *thread, uint64_t address,
			  struct seen_wait *seen)
{
	const struct layout *layout = thread->is_compat ? &of_32_bits : &of_64_bits;
	uint32_t words[WORDS];

	if (seen->is_thing && search_thing_kind(thread->finder, seen) == KIND_PSEM) {
		seen->wait.flags |= WAIT_IS_SEMAPHORE;
		return;
	}
	if (!remote_read(thread->tid, address, words, sizeof(words)))
		return;
	if (is_mutex(words, layout)) {
		seen->wait.flags |= WAIT_IS_MUTEX;
		seen->wait.owner_tid = owner_of(words, layout);
		record_mark(&seen->wait.record, WAIT_OWNER_TID);
	} else if (is_semaphore(words, layout)) {
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

/*
 * The wait for the word at an address. One that is in memory of the process alone, or in none that
 * is known, makes waits->has_others. 0 or -ENOMEM.
 */
static int add_word(struct blocked_thread *thread, struct blocked_waits *waits, uint64_t address,
		    uint64_t flags)
{
	struct spot spot = {.address = address};
	size_t before = waits->count, left_out = waits->left_out;
	struct seen_wait *seen;
	int r;

	if (flags & FUTEX_PRIVATE_FLAG || !find_spot(thread, &spot)) {
		waits->has_others = true;
		return 0;
	}
	r = add_wait(thread, waits, &spot.mapping);
	if (r < 0)
		return r;
	if (waits->count == before) {
		waits->has_others |= waits->left_out == left_out && !waits->is_cut;
		return 0;
	}
	seen = &waits->items[before];
	seen_wait_set(seen, WAIT_OFFSET, &seen->wait.offset,
		      address - spot.mapping.start + spot.mapping.offset);
	tell_contents(thread, address, seen);
	return 0;
}

static int decode_futex(struct blocked_thread *thread, struct blocked_waits *waits)
{
	const uint64_t *arguments = thread->call.arguments;
	uint64_t command = arguments[1] & COMMAND;
	enum blocked_clock clock = command == FUTEX_WAIT ? BLOCKED_SPAN
				   : command == FUTEX_LOCK_PI || arguments[1] & FUTEX_CLOCK_REALTIME
					   ? BLOCKED_REALTIME
					   : BLOCKED_MONOTONIC;
	int r;

	if (!is_waiting(arguments[1]))
		return 0;
	r = add_word(thread, waits, arguments[0], arguments[1]);
	blocked_waits_set_timeout(waits, thread, arguments[3], clock);
	return r;
}

static enum blocked_clock clock_of(uint64_t number)
{
	return number == CLOCK_REALTIME ? BLOCKED_REALTIME : BLOCKED_MONOTONIC;
}

/* As struct futex_waitv of linux/futex.h, which not all headers have; any of them ends the sleep.
 */
struct word {
	uint64_t value, address;
	uint32_t flags, reserved;
};
#define WORDS_MAX 128 /* FUTEX_WAITV_MAX */

static int decode_words(struct blocked_thread *thread, struct blocked_waits *waits)
{
	const uint64_t *arguments = thread->call.arguments;
	struct word words[WORDS_MAX];
	uint64_t count = arguments[1];
	int r = 0;

	if (!count || count > WORDS_MAX ||
	    !remote_read(thread->tid, arguments[0], words, count * sizeof(words[0])))
		return 0;
	for (size_t i = 0; r == 0 && i < count && !waits->has_others; i++)
		r = add_word(thread, waits, words[i].address, words[i].flags);
	blocked_waits_mark_alternatives(waits);
	blocked_waits_set_timeout(waits, thread, arguments[3], clock_of(arguments[4]));
	return r;
}

int call_futex_decode(struct blocked_thread *thread, struct blocked_waits *waits)
{
	const uint64_t *arguments = thread->call.arguments;
	int r = 0;

	switch (thread->blocked->class) {
	case BLOCKED_FUTEX:
		return decode_futex(thread, waits);
	case BLOCKED_FUTEX_WAIT:
		r = add_word(thread, waits, arguments[0], arguments[3]);
		blocked_waits_set_timeout(waits, thread, arguments[4], clock_of(arguments[5]));
		return r;
	case BLOCKED_FUTEX_ANY:
		return decode_words(thread, waits);
	default:
		return r;
	}
}
