/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What follows from the waits that were found: their objects, how many of those that the kernel
 * counts they are, and who could end them.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "collect/scheduler_clock.h"
#include "collect/search_calls.h"

static int set_text(struct snapshot *snapshot, struct wait *wait, enum wait_field field,
		    const char *string, struct text *place)
{
	if (!string || !*string)
		return 0;
	record_mark(&wait->record, field);
	return snapshot_copy_text(snapshot, text_of(string), place);
}

static void set_age(const struct search *search, struct wait *wait, struct scheduler_clocks *clocks)
{
	uint64_t now;

	if (!wait->ran_at ||
	    !scheduler_clock_now(clocks, &search->collector->root, wait->processor, &now))
		return;
	wait->waited = now > wait->ran_at ? (now - wait->ran_at) / 1000000 : 0;
	wait->since = search->collector->snapshot->taken_at - (int64_t)(wait->waited / 1000);
	record_mark(&wait->record, WAIT_WAITED);
	record_mark(&wait->record, WAIT_SINCE);
}

int64_t search_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* How long it had waited when what was left of its time was read. */
static uint64_t waited_until(const struct seen_wait *seen, uint64_t waited)
{
	uint64_t since = (uint64_t)(search_now() - seen->left_at);

	return waited > since ? waited - since : 0;
}

static int add_wait(struct search *search, const struct seen_wait *seen,
		    struct scheduler_clocks *clocks)
{
	struct snapshot *snapshot = search->collector->snapshot;
	struct wait *wait = vector_add(&snapshot->waits);
	int r = 0;

	if (!wait)
		return -ENOMEM;
	*wait = seen->wait;
	if (seen->is_thing) {
		struct thing *thing = &search->things.items.items[seen->thing];

		r = search_find_object(search, thing);
		wait->object = thing->object;
	}
	record_mark(&wait->record, WAIT_OBJECT);
	/* That of a thing is told when all objects are there. */
	if (r == 0 && !seen->is_thing)
		r = collector_copy_ref(search->collector, &snapshot->objects.items[wait->object],
				       &wait->object_ref);
	if (r == 0)
		r = set_text(snapshot, wait, WAIT_CALL, seen->call, &wait->call);
	if (r == 0)
		r = set_text(snapshot, wait, WAIT_WCHAN, seen->wchan, &wait->wchan);
	set_age(search, wait, clocks);
	if (seen->has_deadline && wait_has(wait, WAIT_WAITED))
		wait->timeout += waited_until(seen, wait->waited);
	return r;
}

static int compare_waits(const void *first, const void *second)
{
	const struct wait *a = first, *b = second;

	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	if (a->semnum != b->semnum)
		return a->semnum < b->semnum ? -1 : 1;
	if (a->tid != b->tid)
		return a->tid < b->tid ? -1 : 1;
	return a->operation < b->operation ? -1 : a->operation > b->operation;
}

/* What it can be for: anything but a call of System V. */
#define KINDS_IN_RINGS (KINDS_ALL & ~(KIND_BIT(KIND_SEM) | KIND_BIT(KIND_MSG)))

/* One kind stands for all that a ring can be for: else it would be told of each. */
static int report_rings(struct search *search)
{
	char reason[160];

	if (!search->in_rings || !(search->wait_kinds & KINDS_IN_RINGS))
		return 0;
	snprintf(reason, sizeof(reason),
		 "%zu thread%s in io_uring_enter, which can be for pipes, FIFOs or memory: what "
		 "%s asked for is not on record",
		 search->in_rings, search->in_rings == 1 ? " sleeps" : "s sleep",
		 search->in_rings == 1 ? "it" : "they");
	return collector_add_issue(search->collector, ISSUE_ABOUT_WAITS, OUTCOME_UNSUPPORTED,
				   search->wait_kinds & KIND_BIT(KIND_PIPE) ? KIND_PIPE : KIND_FIFO,
				   NULL, "/proc/PID/task/TID/syscall", reason);
}

static int report_cut(struct search *search)
{
	char reason[160];

	if (!search->cut_waits)
		return 0;
	snprintf(reason, sizeof(reason),
		 "%zu thread%s for more than %d things at once, of which the others are not told",
		 search->cut_waits, search->cut_waits == 1 ? " sleeps" : "s sleep",
		 BLOCKED_WAITS_MAX);
	return collector_add_issue(search->collector, ISSUE_ABOUT_WAITS, OUTCOME_UNSUPPORTED,
				   KIND_COUNT, NULL, "/proc/PID/task/TID/syscall", reason);
}

static int report_unseen(struct search *search)
{
	char reason[160];
	int r = 0;

	if (search->unread_calls) {
		snprintf(
			reason, sizeof(reason),
			"of %zu thread%s it may not be read in which call they sleep: that takes the "
			"permission to trace them",
			search->unread_calls, search->unread_calls == 1 ? "" : "s");
		r = collector_add_issue(search->collector, ISSUE_ABOUT_WAITS, OUTCOME_DENIED,
					KIND_COUNT, NULL, "/proc/PID/task/TID/syscall", reason);
	}
	if (r == 0 && search->undecoded) {
		snprintf(
			reason, sizeof(reason),
			"the calls of %zu thread%s are not understood (of a program of 32 bits, one "
			"that was interrupted, or on semaphores that may not be read)",
			search->undecoded, search->undecoded == 1 ? "" : "s");
		r = collector_add_issue(search->collector, ISSUE_ABOUT_WAITS, OUTCOME_UNSUPPORTED,
					KIND_COUNT, NULL, "/proc/PID/task/TID/syscall", reason);
	}
	if (r == 0 && search->unplaced) {
		snprintf(reason, sizeof(reason),
			 "%zu thread%s in memory of segments of which the IPC namespace could "
			 "not be told: bpf could",
			 search->unplaced, search->unplaced == 1 ? " sleeps" : "s sleep");
		r = collector_add_issue(search->collector, ISSUE_ABOUT_WAITS, OUTCOME_UNSUPPORTED,
					KIND_SHM, NULL, "/proc/PID/maps", reason);
	}
	if (r == 0)
		r = report_rings(search);
	return r ? r : report_cut(search);
}

/* One that waits for several things of an object counts once. */
static void count_waiting(struct search *search)
{
	struct snapshot *snapshot = search->collector->snapshot;
	const struct scope *scope = &search->collector->scope;

	vector_for_each (&snapshot->objects, object)
		if (search->wait_kinds & KIND_BIT(object->kind) && scope_has_details(scope, object))
			object_mark(object, OBJECT_WAITING);
	vector_for_each (&snapshot->waits, wait)
		if (wait == snapshot->waits.items || wait[-1].tid != wait->tid ||
		    wait[-1].object != wait->object)
			snapshot->objects.items[wait->object].waiting++;
}

int search_conclude_waits(struct search *search)
{
	struct snapshot *snapshot = search->collector->snapshot;
	struct scheduler_clocks clocks = {0};
	int r = report_unseen(search);

	/* A recorded tree has no calls in which anybody could sleep. */
	if (!search->wait_kinds || !search->collector->root.is_live)
		return 0;
	snapshot->has_waits = true;
	vector_for_each (&search->waits.items, seen) {
		if (r == 0)
			r = add_wait(search, seen, &clocks);
	}
	vector_deinit(&clocks.items);
	if (snapshot->waits.count)
		qsort(snapshot->waits.items, snapshot->waits.count, sizeof(*snapshot->waits.items),
		      compare_waits);
	if (r == 0)
		count_waiting(search);
	return r;
}

/* The threads that were found waiting at the semaphore, for that. */
static uint64_t count_found(const struct snapshot *snapshot, size_t array, uint64_t num,
			    enum wait_operation operation)
{
	uint64_t found = 0;

	vector_for_each (&snapshot->waits, wait)
		found += wait->object == array && wait->semnum == num &&
			 wait->operation == operation;
	return found;
}

static int account(struct collector *collector, size_t array, uint64_t num,
		   enum accounting_what what, uint64_t expected)
{
	struct snapshot *snapshot = collector->snapshot;
	uint64_t found = count_found(snapshot, array, num,
				     what == ACCOUNTING_NCOUNT ? WAIT_TAKE : WAIT_AWAIT_ZERO);
	struct accounting *accounting;

	if (!found && !expected)
		return 0;
	accounting = vector_add(&snapshot->accountings);
	if (!accounting)
		return -ENOMEM;
	accounting->object = array;
	accounting->what = what;
	accounting->semnum = num;
	accounting->found = found;
	accounting->expected = expected;
	accounting->doubts = found > expected ? DOUBT_MORE : 0U;
	if (found < expected && snapshot_has_unseen_waits(snapshot, KIND_BIT(KIND_SEM)))
		accounting->doubts |= DOUBT_UNREADABLE;
	accounting->is_complete = found == expected;
	for (unsigned int field = ACCOUNTING_OBJECT; field < ACCOUNTING_FIELD_COUNT; field++)
		record_mark(&accounting->record, field);
	return collector_copy_ref(collector, &snapshot->objects.items[array],
				  &accounting->object_ref);
}

static int account_array(struct collector *collector, size_t index)
{
	const struct object *array = &collector->snapshot->objects.items[index];
	const struct semaphore *semaphores = array->sem.semaphores.items;
	int r = 0;

	for (size_t i = 0; r == 0 && i < array->sem.semaphores.count; i++) {
		r = account(collector, index, i, ACCOUNTING_NCOUNT, semaphores[i].ncount);
		if (r == 0)
			r = account(collector, index, i, ACCOUNTING_ZCOUNT, semaphores[i].zcount);
	}
	return r;
}

int waits_account(struct collector *collector)
{
	const struct snapshot *snapshot = collector->snapshot;
	int r = 0;

	if (!snapshot->has_waits || !(collector->scope.wait_kinds & KIND_BIT(KIND_SEM)))
		return 0;
	for (size_t i = 0; r == 0 && i < snapshot->objects.count; i++)
		if (snapshot->objects.items[i].kind == KIND_SEM &&
		    object_has(&snapshot->objects.items[i], OBJECT_SEMAPHORES))
			r = account_array(collector, i);
	return r;
}

/* PIDs, each once, without the waiter's own. */
struct releasers {
	VECTOR(int64_t) pids;
};

static int add_releaser(struct releasers *releasers, int64_t pid, int64_t waiter, bool may_be_own)
{
	int64_t *place;

	if (pid == waiter && !may_be_own)
		return 0;
	vector_for_each (&releasers->pids, known)
		if (*known == pid)
			return 0;
	place = vector_add(&releasers->pids);
	if (!place)
		return -ENOMEM;
	*place = pid;
	return 0;
}

static int add_link_owner(struct releasers *releasers, const struct link *link, int64_t waiter,
			  bool may_be_own)
{
	const int64_t *sharers = link->shared_by.items;
	int r = add_releaser(releasers, link->pid, waiter, may_be_own);

	for (size_t i = 0; r == 0 && i < link->shared_by.count; i++)
		r = add_releaser(releasers, sharers[i], waiter, may_be_own);
	return r;
}

/* Whether the use of the object by that link could end the wait. */
static bool can_release(const struct wait *wait, const struct link *link)
{
	if (link->object != wait->object)
		return false;
	switch ((enum wait_operation)wait->operation) {
	case WAIT_TAKE:
		return link->how == LINK_HOLDS && link->semnum == wait->semnum;
	case WAIT_READ:
		return link->how == LINK_OPEN && link->access & LINK_WRITE;
	case WAIT_WRITE:
		return link->how == LINK_OPEN && link->access & LINK_READ;
	default:
		return false;
	}
}

static int find_releasers(const struct collector *collector, struct wait *wait,
			  struct releasers *releasers)
{
	int r = 0;

	if (wait_has(wait, WAIT_OWNER_TID))
		return wait->owner ? add_releaser(releasers, wait->owner, wait->pid, true) : 0;
	vector_for_each (&collector->snapshot->links, link) {
		if (r == 0 && can_release(wait, link))
			r = add_link_owner(releasers, link, wait->pid,
					   wait->operation == WAIT_TAKE);
	}
	return r;
}

/* Whether those who could end the wait are on record at all. */
static bool is_known_who(const struct collector *collector, const struct wait *wait)
{
	const struct object *objects = collector->snapshot->objects.items;

	switch ((enum wait_operation)wait->operation) {
	case WAIT_TAKE:
		return collector->snapshot->knows_holders;
	case WAIT_READ:
	case WAIT_WRITE:
		return wait->object != WAIT_NO_OBJECT &&
		       object_has(&objects[wait->object], OBJECT_READERS);
	case WAIT_FUTEX:
		return wait_has(wait, WAIT_OWNER_TID) && wait->owner != WAIT_OWNER_ELSEWHERE;
	default:
		return false;
	}
}

/* Whether somebody whom this viewer is not shown holds the semaphore. */
static bool is_held_unseen(const struct collector *collector, const struct wait *wait)
{
	vector_for_each (&collector->held_unseen, place)
		if (wait->operation == WAIT_TAKE && wait->object == place->array &&
		    (wait->semnum == place->num || place->num == ANY_SEMAPHORE))
			return true;
	return false;
}

int waits_find_releasers(struct collector *collector)
{
	struct snapshot *snapshot = collector->snapshot;
	bool has_unseen_holders = collector->has_outsiders || collector->held_unseen.count;

	vector_for_each (&snapshot->waits, wait) {
		struct releasers releasers = {0};
		int64_t *copy;

		if (!is_known_who(collector, wait))
			continue;
		if (is_held_unseen(collector, wait))
			wait->flags |= WAIT_IS_HELD_UNSEEN;
		if (find_releasers(collector, wait, &releasers) < 0) {
			vector_deinit(&releasers.pids);
			return -ENOMEM;
		}
		/* Where some holders are not shown, none is not nobody. */
		if (!releasers.pids.count && wait->operation == WAIT_TAKE && has_unseen_holders)
			continue;
		copy = arena_alloc_array(&snapshot->arena, releasers.pids.count, sizeof(*copy));
		if (copy && releasers.pids.count)
			memcpy(copy, releasers.pids.items, releasers.pids.count * sizeof(*copy));
		wait->released_by = (struct record_list){copy, releasers.pids.count};
		record_mark(&wait->record, WAIT_RELEASED_BY);
		vector_deinit(&releasers.pids);
		if (!copy)
			return -ENOMEM;
	}
	return 0;
}
