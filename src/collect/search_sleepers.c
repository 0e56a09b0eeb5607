/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Threads that sleep, listed by a program inside of the kernel: no file is read for those that do
 * something else. What the others wait for is looked at as always, so that both ways tell the same.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/parallel.h"
#include "collect/bpf_use.h"
#include "collect/search_calls.h"

/* Fewer threads than this are not worth a thread of their own. */
#define SLEEPERS_PER_WORKER 32

struct list {
	struct search *search;
	VECTOR(struct sleeper) items;
};

static bool is_asked_for(const struct scope *scope, int64_t pid)
{
	for (size_t i = 0; i < scope->pid_count; i++)
		if (scope->pids[i] == pid)
			return true;
	return !scope->pids;
}

static int keep(const struct bpf_blocked *blocked, void *context)
{
	struct list *list = context;
	struct sleeper *sleeper;

	if (!is_asked_for(&list->search->collector->scope, blocked->pid) ||
	    (blocked->state != 'S' && blocked->state != 'D'))
		return 0;
	if (!blocked->is_compat && !blocked_call_find(blocked->number))
		return 0;
	sleeper = vector_add(&list->items);
	if (!sleeper)
		return -ENOMEM;
	sleeper->pid = (pid_t)blocked->pid;
	sleeper->tid = (pid_t)blocked->tid;
	sleeper->call.number = blocked->number;
	for (size_t i = 0; i < PROC_SYSCALL_ARGUMENTS; i++)
		sleeper->call.arguments[i] = blocked->arguments[i];
	sleeper->call.stack_pointer = blocked->stack_pointer;
	sleeper->is_compat = blocked->is_compat;
	sleeper->namespace = blocked->namespace;
	sleeper->ran_at = blocked->since;
	sleeper->processor = blocked->processor;
	return 0;
}

static int look_at_sleeper(size_t worker, size_t item, void *context)
{
	struct list *list = context;

	return search_sleeper(&list->search->finders[worker], &list->items.items[item]);
}

static int look(struct list *list)
{
	size_t count = list->items.count;
	size_t workers = parallel_workers(count, SLEEPERS_PER_WORKER);

	return search_run(list->search, workers, count, look_at_sleeper, list);
}

int search_sleepers(struct search *search)
{
	struct list list = {.search = search};
	struct bpf_source *source;
	int r;

	if (!(search->wait_kinds || search->kinds & KIND_BIT(KIND_FIFO)) ||
	    !bpf_use_is_worth_it(search->collector))
		return OUTCOME_UNSUPPORTED;
	r = bpf_use_open(search->collector, &source);
	if (r == 0)
		r = bpf_source_blocked(source, keep, &list);
	if (r == 0)
		r = look(&list);
	else if (r < 0 && r != -ENOMEM)
		r = OUTCOME_UNSUPPORTED;
	if (r > 0 && search->wait_kinds && search->collector->backend == BACKEND_BPF &&
	    collector_add_issue(search->collector, ISSUE_ABOUT_WAITS, r, KIND_COUNT, NULL, "bpf",
				search->collector->bpf->reason) < 0)
		r = -ENOMEM;
	search->has_sleepers = r == 0;
	search->collector->used_bpf |= r == 0;
	vector_deinit(&list.items);
	return r > 0 ? OUTCOME_UNSUPPORTED : r;
}
