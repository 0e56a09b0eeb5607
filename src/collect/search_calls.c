/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finds the threads of a process that sleep in IPC. A thread counts where it is asleep in the same
 * call before and after all else was read: one that woke meanwhile is no wait any more.
 */
#include "collect/search_calls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "collect/compat_call.h"
#include "collect/proc_pids.h"
#include "collect/remote_memory.h"
#include "collect/scheduler_clock.h"

struct seen_wait *blocked_waits_add(struct blocked_waits *waits, enum wait_operation operation)
{
	struct seen_wait *seen;

	waits->is_cut |= waits->count == BLOCKED_WAITS_MAX;
	if (waits->is_cut)
		return NULL;
	seen = &waits->items[waits->count++];
	*seen = (struct seen_wait){.wait = {.object = WAIT_NO_OBJECT, .operation = operation}};
	record_mark(&seen->wait.record, WAIT_OPERATION);
	record_mark(&seen->wait.record, WAIT_FLAGS);
	return seen;
}

int blocked_waits_add_thing(struct blocked_waits *waits, struct blocked_thread *thread,
			    const struct thing *thing, enum wait_operation operation)
{
	struct seen_wait *seen;
	size_t index;

	if (!(thread->finder->search->wait_kinds & KIND_BIT(thing->kind))) {
		waits->left_out++;
		return 0;
	}
	if (things_add(&thread->finder->things, thing, &index) < 0)
		return -ENOMEM;
	seen = blocked_waits_add(waits, operation);
	if (seen) {
		seen->is_thing = true;
		seen->thing = (uint32_t)index;
	}
	return 0;
}

void blocked_waits_mark_alternatives(struct blocked_waits *waits)
{
	for (size_t i = 0; waits->count + waits->left_out > 1 && i < waits->count; i++)
		waits->items[i].wait.flags |= WAIT_IS_ALTERNATIVE;
}

static void set_all_timeouts(struct blocked_waits *waits, uint64_t milliseconds)
{
	for (size_t i = 0; i < waits->count; i++)
		seen_wait_set(&waits->items[i], WAIT_TIMEOUT, &waits->items[i].wait.timeout,
			      milliseconds);
}

void blocked_waits_set_milliseconds(struct blocked_waits *waits, int64_t milliseconds)
{
	if (milliseconds >= 0)
		set_all_timeouts(waits, (uint64_t)milliseconds);
}

static bool read_time(const struct blocked_thread *thread, uint64_t address,
		      struct timespec *ret_time)
{
	int32_t narrow[2];

	if (!thread->has_narrow_time)
		return remote_read(thread->tid, address, ret_time, sizeof(*ret_time));
	if (!remote_read(thread->tid, address, narrow, sizeof(narrow)))
		return false;
	*ret_time = (struct timespec){narrow[0], narrow[1]};
	return true;
}

void blocked_waits_set_timeout(struct blocked_waits *waits, const struct blocked_thread *thread,
			       uint64_t address, enum blocked_clock clock)
{
	struct timespec time, now = {0};
	int64_t milliseconds;

	if (!address)
		return;
	if (!read_time(thread, address, &time)) {
		for (size_t i = 0; i < waits->count; i++)
			record_mark_hidden(&waits->items[i].wait.record, WAIT_TIMEOUT);
		return;
	}
	if (clock == BLOCKED_MICROSECONDS)
		time.tv_nsec *= 1000;
	else if (clock != BLOCKED_SPAN)
		clock_gettime(clock == BLOCKED_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
	if (__builtin_sub_overflow(time.tv_sec, now.tv_sec, &milliseconds) ||
	    __builtin_mul_overflow(milliseconds, 1000, &milliseconds))
		milliseconds = INT64_MAX - 1000;
	milliseconds += (time.tv_nsec - now.tv_nsec) / 1000000;
	set_all_timeouts(waits, milliseconds > 0 ? (uint64_t)milliseconds : 0);
	for (size_t i = 0; i < waits->count; i++) {
		waits->items[i].has_deadline =
			clock == BLOCKED_REALTIME || clock == BLOCKED_MONOTONIC;
		waits->items[i].left_at = search_now();
	}
}

/* The IPC namespace of the thread, which is its own. */
static bool read_own_namespace(const struct blocked_thread *thread, uint64_t *ret_number)
{
	char path[96];

	if (thread->sleeper) {
		*ret_number = thread->sleeper->namespace;
		return true;
	}
	snprintf(path, sizeof(path), "%sns/ipc", thread->prefix);
	return sight_read_namespace(thread->root, path, ret_number) == 0;
}

static bool find_slot(const struct blocked_thread *thread, size_t *ret_slot)
{
	uint64_t namespace;

	return read_own_namespace(thread, &namespace) &&
	       search_find_slot(thread->finder->search, namespace, ret_slot);
}

bool blocked_find_sysv(const struct blocked_thread *thread, enum kind kind, uint64_t id,
		       size_t *ret_index)
{
	const struct search *search = thread->finder->search;
	const struct object *objects = search->collector->snapshot->objects.items;
	size_t slot = 0;
	void *object;

	if (!(search->wait_kinds & KIND_BIT(kind)) || id > INT32_MAX ||
	    (search->is_wide && !find_slot(thread, &slot)) ||
	    !id_map_find(&search->sysv, search_sysv_key(slot, kind, id), &object))
		return false;
	*ret_index = (size_t)((struct object *)object - objects);
	return true;
}

static bool is_same(const struct proc_syscall *a, const struct proc_syscall *b)
{
	return !b->is_running && a->number == b->number &&
	       memcmp(a->arguments, b->arguments, sizeof(a->arguments)) == 0 &&
	       a->stack_pointer == b->stack_pointer;
}

static int read_call(const struct rooted *root, const char *prefix, struct proc_syscall *ret_call)
{
	char path[96];

	snprintf(path, sizeof(path), "%ssyscall", prefix);
	return proc_syscall_read(root, path, ret_call);
}

/* One that was stopped shows its call still, but has left it, and will begin it again. */
static bool is_asleep(struct blocked_thread *thread)
{
	struct proc_syscall again;
	struct proc_stat stat = {.processor = PROC_STAT_NO_PROCESSOR};
	char path[96];

	snprintf(path, sizeof(path), "%sstat", thread->prefix);
	if (!thread->sleeper && (proc_stat_read(thread->root, path, &stat) != 0 ||
				 (stat.state != 'S' && stat.state != 'D')))
		return false;
	thread->processor = stat.processor;
	return read_call(thread->root, thread->prefix, &again) == 0 &&
	       is_same(&thread->seen, &again);
}

bool blocked_is_of_namespace(const struct blocked_thread *thread)
{
	size_t slot;

	return find_slot(thread, &slot);
}

static bool needs_namespace(const struct blocked_waits *waits)
{
	for (size_t i = 0; i < waits->count; i++)
		if (!waits->items[i].is_thing && waits->items[i].wait.operation != WAIT_FUTEX)
			return true;
	return false;
}

/* When the thread ran last, where the kernel tells (kernel/sched/debug.c). */
static void find_last_run(const struct blocked_thread *thread, struct wait *wait)
{
	char path[96];

	if (thread->sleeper) {
		wait->ran_at = thread->sleeper->ran_at;
		wait->processor = thread->sleeper->processor;
		return;
	}
	snprintf(path, sizeof(path), "%ssched", thread->prefix);
	if (thread->processor == PROC_STAT_NO_PROCESSOR || !thread->finder->search->has_scheduler ||
	    !scheduler_clock_read(thread->root, path, &wait->ran_at))
		return;
	wait->processor = (uint32_t)thread->processor;
}

static void read_wchan(const struct blocked_thread *thread, struct seen_wait *seen)
{
	size_t length = 0;
	char path[96];

	snprintf(path, sizeof(path), "%swchan", thread->prefix);
	if (rooted_read_once(thread->root, path, seen->wchan, sizeof(seen->wchan) - 1, &length) !=
		    0 ||
	    (length == 1 && seen->wchan[0] == '0'))
		length = 0;
	seen->wchan[length] = '\0';
}

static int keep(struct blocked_thread *thread, struct blocked_waits *waits)
{
	struct wait last = {.ran_at = 0};

	find_last_run(thread, &last);
	thread->finder->cut_waits += waits->is_cut;
	for (size_t i = 0; i < waits->count; i++) {
		struct seen_wait *seen = vector_add(&thread->finder->waits.items);

		if (!seen)
			return -ENOMEM;
		*seen = waits->items[i];
		seen->wait.pid = thread->finder->pid;
		seen->wait.tid = thread->tid;
		seen->call = thread->blocked->name;
		record_mark(&seen->wait.record, WAIT_PID);
		record_mark(&seen->wait.record, WAIT_TID);
		read_wchan(thread, seen);
		seen->wait.ran_at = last.ran_at;
		seen->wait.processor = last.processor;
	}
	return 0;
}

static int decode(struct blocked_thread *thread, struct blocked_waits *waits)
{
	switch (thread->blocked->class) {
	case BLOCKED_SEMOP:
	case BLOCKED_MSGSND:
	case BLOCKED_MSGRCV:
		return call_sysv_decode(thread, waits);
	case BLOCKED_FUTEX:
	case BLOCKED_FUTEX_WAIT:
	case BLOCKED_FUTEX_ANY:
		return call_futex_decode(thread, waits);
	case BLOCKED_POLL:
	case BLOCKED_PPOLL:
	case BLOCKED_SELECT:
	case BLOCKED_PSELECT:
	case BLOCKED_EPOLL:
	case BLOCKED_EPOLL2:
		return call_poll_decode(thread, waits);
	default:
		return call_file_decode(thread, waits);
	}
}

/* A FIFO that it waits to open is used, too. 0 or -ENOMEM. */
static int look_at_opening(struct blocked_thread *thread, struct blocked_waits *waits)
{
	struct seen_use use = {.how = LINK_OPENING};
	char name[REF_NAME_MAX];
	struct thing fifo;
	uint64_t access;
	int r;

	if (!call_open_decode(thread, &fifo, name, &access) || !is_asleep(thread))
		return 0;
	use.access = (uint8_t)access;
	r = search_add_use(thread->finder, &fifo, &use);
	if (r == 0)
		r = blocked_waits_add_thing(waits, thread, &fifo, WAIT_OPEN);
	return r ? r : keep(thread, waits);
}

/*
 * An interrupted call begins again under another number; what it was, its sleep tells. Those that
 * begin again so are poll(), futex() and several that sleep for a time, which are none of IPC
 * (users of struct restart_block).
 */
static const struct blocked_call *find_restarted(const struct blocked_thread *thread,
						 bool *ret_is_other)
{
	struct seen_wait seen;

	read_wchan(thread, &seen);
	if (strstr(seen.wchan, "poll"))
		return blocked_call_of_class(BLOCKED_POLL);
	if (strstr(seen.wchan, "futex"))
		return blocked_call_of_class(BLOCKED_FUTEX);
	*ret_is_other = seen.wchan[0];
	return NULL;
}

/*
 * A stack in the first 4 GiB can be one that a program of 64 bits has made for a thread. The first
 * entry of auxv tells: of 64 bits its type is, and has nothing in its upper half; of 32 bits there
 * stands its value, an address.
 */
static bool is_of_32_bits(const struct blocked_thread *thread)
{
	uint32_t words[2] = {0, 0};
	size_t length;
	char path[96], room[64];

	snprintf(path, sizeof(path), "%sauxv", thread->prefix);
	if (rooted_read_once(thread->root, path, room, sizeof(room), &length) != 0 ||
	    length < sizeof(words))
		return true;
	memcpy(words, room, sizeof(words));
	return words[1] != 0;
}

/* What the call is, of whichever program; false where it is none that can sleep in IPC. */
static bool recognise(struct blocked_thread *thread, bool is_compat)
{
	struct compat_call compat;
	int outcome;

	thread->seen = thread->call;
	thread->is_compat = is_compat;
	if (is_compat) {
		outcome = compat_call_translate(thread->tid, &thread->seen, &compat);
		thread->finder->undecoded += outcome < 0;
		if (outcome <= 0)
			return false;
		thread->call = compat.call;
		thread->has_narrow_time = compat.has_narrow_time;
	}
	thread->blocked = blocked_call_find(thread->call.number);
	return thread->blocked;
}

static int look_at_call(struct blocked_thread *thread)
{
	struct blocked_waits waits = {.count = 0};
	enum blocked_class class = thread->blocked->class;
	int r;

	if (class == BLOCKED_OPEN || class == BLOCKED_CREAT || class == BLOCKED_OPENAT ||
	    class == BLOCKED_OPENAT2)
		return look_at_opening(thread, &waits);
	if (!thread->finder->search->wait_kinds)
		return 0;
	if (class == BLOCKED_IO_URING) {
		thread->finder->in_rings += is_asleep(thread);
		return 0;
	}
	if (class == BLOCKED_RESTART) {
		bool is_other = false;

		thread->blocked = find_restarted(thread, &is_other);
		if (!thread->blocked)
			thread->finder->undecoded += !is_other;
		if (!thread->blocked)
			return 0;
	}
	r = decode(thread, &waits);
	if (r < 0 || !waits.count || waits.has_others || !is_asleep(thread) ||
	    (needs_namespace(&waits) && !blocked_is_of_namespace(thread)))
		return r;
	return keep(thread, &waits);
}

/* 0 or -ENOMEM; what may not be read is counted. */
static int look_at_thread(struct finder *finder, const struct rooted *root, const char *prefix,
			  pid_t tid)
{
	struct blocked_thread thread = {
		.finder = finder, .root = root, .prefix = prefix, .tid = tid};
	int r = read_call(root, prefix, &thread.call);

	if (r != 0) {
		finder->unread_calls += r != OUTCOME_GONE && r != -ESRCH;
		return 0;
	}
	if (thread.call.is_running)
		return 0;
	return recognise(&thread, blocked_call_is_compat(&thread.call) && is_of_32_bits(&thread))
		       ? look_at_call(&thread)
		       : 0;
}

/* Its process, once; one that has ended meanwhile waits no more. 0 or -ENOMEM. */
static int keep_process_of(struct finder *finder, size_t waits_before, size_t uses_before)
{
	size_t count = finder->processes.items.count;
	struct seen_process *seen;
	struct proc_stat stat;
	char path[64];

	if ((finder->waits.items.count == waits_before &&
	     finder->uses.items.count == uses_before) ||
	    (count && finder->processes.items.items[count - 1].pid == finder->pid))
		return 0;
	snprintf(path, sizeof(path), "proc/%d/stat", finder->pid);
	if (proc_stat_read(&finder->search->collector->root, path, &stat) != 0 ||
	    stat.start_ticks >= finder->search->began_ticks) {
		finder->waits.items.count = waits_before;
		finder->uses.items.count = uses_before;
		return 0;
	}
	seen = vector_add(&finder->processes.items);
	if (!seen)
		return -ENOMEM;
	*seen = (struct seen_process){finder->pid, stat};
	return 0;
}

int search_sleeper(struct finder *finder, const struct sleeper *sleeper)
{
	size_t waits_before = finder->waits.items.count;
	size_t uses_before = finder->uses.items.count;
	char prefix[64];
	struct blocked_thread thread = {.finder = finder,
					.root = &finder->search->collector->root,
					.prefix = prefix,
					.tid = sleeper->tid,
					.call = sleeper->call,
					.sleeper = sleeper};
	int r;

	finder->pid = sleeper->pid;
	finder->thread = 0;
	if (!recognise(&thread, sleeper->is_compat))
		return 0;
	finder->has_slot = search_find_slot(finder->search, sleeper->namespace, &finder->slot);
	snprintf(prefix, sizeof(prefix), "proc/%d/task/%d/", sleeper->pid, sleeper->tid);
	r = look_at_call(&thread);
	return r ? r : keep_process_of(finder, waits_before, uses_before);
}

/* One link for each thread beside the usual two. */
static bool has_one_thread(const struct rooted *root, const char *prefix)
{
	char path[80];
	struct stat status;

	snprintf(path, sizeof(path), "%stask", prefix);
	return rooted_stat(root, path, 0, &status) == 0 && status.st_nlink <= 3;
}

static bool wants_calls(const struct search *search)
{
	return (search->kinds & KIND_BIT(KIND_FIFO) || search->wait_kinds) &&
	       !search->wants_only_known && !search->has_sleepers;
}

int search_calls(struct finder *finder, const struct rooted *root, const char *prefix)
{
	struct pid_list threads = {0};
	char path[80];
	int r = 0;

	if (!root->is_live || !wants_calls(finder->search))
		return 0;
	if (has_one_thread(root, prefix))
		return look_at_thread(finder, root, prefix, finder->pid);
	snprintf(path, sizeof(path), "%stask", prefix);
	r = proc_list_pids(root, path, &threads);
	/* How many they are is not known, either: hidepid=1. */
	finder->unread_calls += r != 0 && r != OUTCOME_GONE;
	r = r == -ENOMEM ? r : 0;
	vector_for_each (&threads.pids, thread) {
		char folder[80];

		if (r < 0)
			break;
		/* A leader that has exited sleeps in no call, and may not be read. */
		if (finder->thread && *thread == finder->pid)
			continue;
		snprintf(folder, sizeof(folder), "%stask/%lld/", prefix, (long long)*thread);
		r = look_at_thread(finder, root, folder, (pid_t)*thread);
	}
	vector_deinit(&threads.pids);
	return r;
}
