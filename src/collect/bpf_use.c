/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/bpf_use.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define KINDS_WITH_FILL (KIND_BIT(KIND_PIPE) | KIND_BIT(KIND_FIFO))
#define KINDS_WITH_ENDS (KINDS_WITH_FILL | KIND_BIT(KIND_MQ))

/*
 * From so many processes on a list saves more than it takes to load the programs, some 6 ms.
 * Measured on two processors; each process has 15 descriptors, 8 of them ends of pipes, or is one
 * of ten in an IPC namespace. In ms, by /proc and with bpf:
 *
 *                            200 processes      400            800
 *   list pipe                  9.4    11.7    15.2   13.7    33.9   26.5
 *   list pipe --fill --json   18.2    19.5    29.9   28.2    73.3   62.6
 *   blocked                    9.7    13.6    13.5   14.7    25.8   19.2
 *   list --all-namespaces      6.0     8.5     8.2   10.5    16.2   16.2
 */
#define PROCESSES_WORTH_IT_FOR_ENDS 400
#define PROCESSES_WORTH_IT_FOR_WAITS 500
#define PROCESSES_WORTH_IT_FOR_PLACES 800

/* Each list that is not wanted saves time at the start. */
static unsigned int wanted_lists(const struct collector *collector)
{
	const struct scope *scope = &collector->scope;
	bool has_fifos = scope_process_kinds(scope) & KIND_BIT(KIND_FIFO);
	bool has_blocked = scope->wait_kinds || (bpf_use_is_worth_it(collector) && has_fifos);

	return (scope->has_holders ? BPF_SOURCE_HOLDERS : 0U) |
	       (has_blocked ? BPF_SOURCE_BLOCKED : 0U) |
	       (collector->wants_ends ? BPF_SOURCE_ENDS : 0U);
}

static struct bpf_use *find_use(struct collector *collector)
{
	if (!collector->bpf)
		collector->bpf = calloc(1, sizeof(*collector->bpf));
	return collector->bpf;
}

int bpf_use_open(struct collector *collector, struct bpf_source **ret_source)
{
	struct bpf_use *use = find_use(collector);

	if (!use)
		return -ENOMEM;
	if (!use->was_tried && collector->backend == BACKEND_PROCFS) {
		use->result = OUTCOME_UNSUPPORTED;
		snprintf(use->reason, sizeof(use->reason), "/proc alone was asked for");
	} else if (!use->was_tried) {
		use->result = bpf_source_open(wanted_lists(collector), &use->source, use->reason);
	}
	use->was_tried = true;
	if (use->result == 0)
		*ret_source = use->source;
	return use->result;
}

/* One list alone; the source that has it is kept in *place. */
static int open_apart(const struct collector *collector, enum bpf_source_list list,
		      struct bpf_source **place)
{
	const struct bpf_use *use = collector->bpf;
	char reason[BPF_SOURCE_REASON];

	if (collector->backend != BACKEND_AUTO && collector->backend != BACKEND_BPF)
		return OUTCOME_UNSUPPORTED;
	if (use->was_tried && use->result)
		return use->result;
	return *place ? 0 : bpf_source_open(list, place, reason);
}

int bpf_use_open_for_mappings(struct collector *collector, struct bpf_source **ret_source)
{
	struct bpf_use *use = find_use(collector);
	int r = use ? open_apart(collector, BPF_SOURCE_MAPPINGS, &use->mappings) : -ENOMEM;

	if (r == 0)
		*ret_source = use->mappings;
	return r;
}

int bpf_use_open_for_places(struct collector *collector, struct bpf_source **ret_source)
{
	struct bpf_use *use = find_use(collector);
	int r = use ? open_apart(collector, BPF_SOURCE_PLACES, &use->places) : -ENOMEM;

	if (r == 0)
		*ret_source = use->places;
	return r;
}

static bool has_arrays(const struct collector *collector)
{
	vector_for_each (&collector->snapshot->objects, object)
		if (object->kind == KIND_SEM && scope_has_details(&collector->scope, object))
			return true;
	return false;
}

/* The links of /proc count the processes of the machine (fs/proc/root.c: proc_root_getattr()). */
static bool has_many_processes(const struct collector *collector, size_t many)
{
	struct stat status;

	return rooted_stat(&collector->root, "proc", 0, &status) == 0 && status.st_nlink >= many;
}

/* For holders, which nothing else can see, or for waits. */
static bool is_needed_for_threads(const struct collector *collector)
{
	const struct scope *scope = &collector->scope;

	return (scope->has_holders && has_arrays(collector)) ||
	       (scope->wait_kinds && !scope->pids &&
		has_many_processes(collector, PROCESSES_WORTH_IT_FOR_WAITS));
}

bool bpf_use_is_worth_it(const struct collector *collector)
{
	if (!collector->root.is_live)
		return false;
	return collector->backend == BACKEND_BPF || collector->wants_ends ||
	       (collector->backend == BACKEND_AUTO && is_needed_for_threads(collector));
}

/* Whether the list spares more than it takes. */
static bool is_faster_for_ends(const struct collector *collector)
{
	const struct scope *scope = &collector->scope;
	unsigned int kinds = scope_process_kinds(scope);

	/* Only where nothing else makes /proc tell of the same descriptors. */
	if (scope->has_fill ? !(kinds & KINDS_WITH_FILL) : scope->has_pipe_owners)
		return false;
	if (scope->wait_kinds && is_needed_for_threads(collector))
		return true;
	return (scope->has_fill || (kinds == KIND_BIT(KIND_PIPE) && !scope->wait_kinds)) &&
	       has_many_processes(collector, PROCESSES_WORTH_IT_FOR_ENDS);
}

bool bpf_use_is_worth_it_for_ends(const struct collector *collector)
{
	const struct scope *scope = &collector->scope;
	unsigned int kinds = scope_process_kinds(scope) | scope->wait_kinds;

	/* Those of single processes are found faster without. */
	if (!collector->root.is_live || scope->pids || !(kinds & KINDS_WITH_ENDS))
		return false;
	return collector->backend == BACKEND_BPF ||
	       (collector->backend == BACKEND_AUTO && is_faster_for_ends(collector));
}

bool bpf_use_is_worth_it_for_places(const struct collector *collector)
{
	/* Who looks at all descriptors has to look at each process anyway. */
	if (!collector->root.is_live || collector->scope.has_namespace_keepers)
		return false;
	return collector->backend == BACKEND_BPF ||
	       (collector->backend == BACKEND_AUTO &&
		has_many_processes(collector, PROCESSES_WORTH_IT_FOR_PLACES));
}

void bpf_use_end(struct collector *collector)
{
	if (collector->bpf) {
		bpf_source_free(collector->bpf->source);
		bpf_source_free(collector->bpf->mappings);
		bpf_source_free(collector->bpf->places);
	}
	free(collector->bpf);
	collector->bpf = NULL;
}
