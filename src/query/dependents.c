/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "query/dependents.h"

#include <errno.h>

/* One search: what is being put together. Texts are made one by one, and the first failure stays.
 */
struct search {
	const struct snapshot *snapshot;
	const struct object *object;
	size_t index; /* the object's, in the snapshot */
	struct actions *actions;
	struct action *action;
	struct dependents found;
	int error;
};

#define SAY(search, ...)                                                                  \
	do {                                                                              \
		if (!(search)->error)                                                     \
			(search)->error = action_set((search)->actions, (search)->action, \
						     ACTION_EVIDENCE, __VA_ARGS__);       \
	} while (0)

static struct text command_of(const struct snapshot *snapshot, int64_t pid)
{
	const struct process *process = snapshot_process(snapshot, pid);

	if (!process || !record_has(&process->record, PROCESS_COMMAND))
		return TEXT_LITERAL("process");
	return process->command;
}

static void miss(struct search *search, const char *what)
{
	search->found.is_fully_seen = false;
	SAY(search, "%s", what);
}

/* Whether a link before this one says the same: of several mappings one is enough. */
static bool is_told(const struct search *search, const struct link *link)
{
	for (const struct link *other = search->snapshot->links.items; other < link; other++)
		if (other->object == link->object && other->pid == link->pid &&
		    other->how == link->how && other->semnum == link->semnum)
			return true;
	return false;
}

static void say_link(struct search *search, const struct link *link)
{
	static const char *const uses[] = {
		[LINK_MAPPED] = "has it mapped",
		[LINK_OPEN] = "has it open",
		[LINK_OPENING] = "is opening it",
	};
	struct text command = command_of(search->snapshot, link->pid);

	if (link->how == LINK_HOLDS || link->how == LINK_TAKES_BACK)
		SAY(search, "%.*s %lld: %s %llu %s num %llu", (int)command.length, command.bytes,
		    (long long)link->pid, link->how == LINK_HOLDS ? "holds" : "will take back",
		    (unsigned long long)link->amount, link->how == LINK_HOLDS ? "of" : "from",
		    (unsigned long long)link->semnum);
	else
		SAY(search, "%.*s %lld: %s", (int)command.length, command.bytes,
		    (long long)link->pid, uses[link->how]);
}

static void look_at_links(struct search *search)
{
	vector_for_each (&search->snapshot->links, link) {
		if (link->object != search->index || !link_is_proof((enum link_how)link->how) ||
		    is_told(search, link))
			continue;
		search->found.count++;
		say_link(search, link);
	}
}

static void look_at_waits(struct search *search)
{
	vector_for_each (&search->snapshot->waits, wait) {
		struct text command = command_of(search->snapshot, wait->pid);

		if (wait->object != search->index)
			continue;
		search->found.count++;
		SAY(search, "%.*s %lld: waits for it in thread %lld (%s)", (int)command.length,
		    command.bytes, (long long)wait->pid, (long long)wait->tid,
		    wait_operation_names[wait->operation]);
	}
}

/* What the kernel counts is the whole of it, and more than what was found. */
static void look_at_counts(struct search *search)
{
	static const char *const whats[][2] = {
		[ACCOUNTING_ATTACHMENTS] = {"attachments", "attachment"},
		[ACCOUNTING_NCOUNT] = {"waiters for a rise", "waiter for a rise"},
		[ACCOUNTING_ZCOUNT] = {"waiters for zero", "waiter for zero"},
	};

	vector_for_each (&search->snapshot->accountings, accounting) {
		if (accounting->object != search->index || !accounting->expected ||
		    accounting->found >= accounting->expected)
			continue;
		search->found.count += accounting->expected - accounting->found;
		SAY(search, "the kernel counts %llu %s, of which %llu %s found",
		    (unsigned long long)accounting->expected,
		    whats[accounting->what][accounting->expected == 1],
		    (unsigned long long)accounting->found, accounting->found == 1 ? "was" : "were");
	}
}

/* Whatever was found: an attachment that the kernel counts is one. */
static void look_at_segment(struct search *search)
{
	const struct object *segment = search->object;

	if (!object_has(segment, OBJECT_NATTCH)) {
		miss(search, "how often it is attached could not be read");
	} else if (segment->shm.nattch && !search->found.count) {
		search->found.count = segment->shm.nattch;
		SAY(search, "the kernel counts %llu attachment%s",
		    (unsigned long long)segment->shm.nattch, segment->shm.nattch == 1 ? "" : "s");
	}
}

/* The same of threads that wait. */
static void look_at_semaphores(struct search *search)
{
	const struct semaphore *semaphores = search->object->sem.semaphores.items;
	uint64_t waiting = 0;

	for (size_t i = 0; i < search->object->sem.semaphores.count; i++)
		waiting += semaphores[i].ncount + semaphores[i].zcount;
	if (!waiting || search->found.count)
		return;
	search->found.count = waiting;
	SAY(search, "the kernel counts %llu waiter%s", (unsigned long long)waiting,
	    waiting == 1 ? "" : "s");
}

static const struct issue *find_issue(const struct snapshot *snapshot, enum issue_aspect aspect)
{
	vector_for_each (&snapshot->issues, issue)
		if (issue->aspect == aspect)
			return issue;
	return NULL;
}

/*
 * The kernel counts who waits for a semaphore. Where no operation ever succeeded on the array,
 * nobody can hold anything of it.
 */
static void look_at_array(struct search *search)
{
	const struct issue *why = find_issue(search->snapshot, ISSUE_ABOUT_HOLDERS);

	if (!object_has(search->object, OBJECT_SEMAPHORES))
		miss(search, "its semaphores could not be read, nor who waits for them");
	else
		look_at_semaphores(search);
	if (!object_has(search->object, OBJECT_OPERATED_AT))
		return;
	if (why) {
		search->found.is_fully_seen = false;
		SAY(search, "holders unknown: %.*s", (int)why->reason.length, why->reason.bytes);
	} else if (!search->snapshot->knows_holders) {
		miss(search, "holders unknown");
	}
}

static void look_at_queue(struct search *search)
{
	if (snapshot_has_unseen_waits(search->snapshot, KIND_BIT(search->object->kind)))
		miss(search,
		     "not every thread could be looked at, and any of these can wait for it");
}

static void look_at_file(struct search *search)
{
	unsigned int kinds = KIND_BIT(search->object->kind);

	if (snapshot_has_unseen_processes(search->snapshot, kinds))
		miss(search,
		     "not every process could be looked at, and any of these can have it open");
}

static void say_losses(struct search *search)
{
	const struct object *object = search->object;

	if (object_has(object, OBJECT_MESSAGES) && object->messages)
		SAY(search, "%llu message%s in it would be lost",
		    (unsigned long long)object->messages, object->messages == 1 ? "" : "s");
}

int dependents_find(const struct snapshot *snapshot, const struct object *object,
		    struct actions *actions, struct action *action,
		    struct dependents *ret_dependents)
{
	struct search search = {.snapshot = snapshot,
				.object = object,
				.index = (size_t)(object - snapshot->objects.items),
				.actions = actions,
				.action = action,
				.found = {.is_fully_seen = true}};

	look_at_links(&search);
	look_at_waits(&search);
	look_at_counts(&search);
	if (object->kind == KIND_SHM)
		look_at_segment(&search);
	else if (object->kind == KIND_SEM)
		look_at_array(&search);
	else if (object->kind == KIND_MSG)
		look_at_queue(&search);
	else
		look_at_file(&search);
	say_losses(&search);
	if (search.error < 0)
		return search.error;
	*ret_dependents = search.found;
	return 0;
}
