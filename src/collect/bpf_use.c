/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/bpf_use.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define KINDS_WITH_FILL (KIND_BIT(KIND_PIPE) | KIND_BIT(KIND_FIFO))
#define KINDS_WITH_ENDS (KINDS_WITH_FILL | KIND_BIT(KIND_MQ))

/*
 * From so many processes on, to list ends and ask no pipe how full it is saves what it takes to
 * load the programs, some 30 ms. Measured with "list pipe --fill --json" on two processors, each
 * process with one pipe of its own: 120 ms by /proc and 133 with bpf for 1000, 152 and 152 for
 * 1500; with four pipes each they meet at 500, and 3000 take 490 and 414. Of "list pipe" without
 * --fill, four pipes each, it is 63 and 71 ms for 1000, 91 and 87 for 1500, 228 and 145 for 4000.
 */
#define PROCESSES_WORTH_IT 1500

/* And to learn which namespaces they are in. */
#define PROCESSES_WORTH_IT_FOR_PLACES 500

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

bool bpf_use_is_worth_it(const struct collector *collector)
{
	if (!collector->root.is_live)
		return false;
	return collector->backend == BACKEND_BPF || collector->wants_ends ||
	       (collector->backend == BACKEND_AUTO && collector->scope.has_holders &&
		has_arrays(collector));
}

/* The links of /proc count the processes of the machine (fs/proc/root.c: proc_root_getattr()). */
static bool has_many_processes(const struct collector *collector, size_t many)
{
	struct stat status;

	return rooted_stat(&collector->root, "proc", 0, &status) == 0 && status.st_nlink >= many;
}

/* Whether the list spares more than it takes, on a machine that is large enough. */
static bool is_faster_for_ends(const struct scope *scope)
{
	unsigned int kinds = scope_process_kinds(scope);

	if (scope->has_fill)
		return kinds & KINDS_WITH_FILL;
	/* Only where nothing else makes /proc tell of the same descriptors. */
	return kinds == KIND_BIT(KIND_PIPE) && !scope->wait_kinds && !scope->has_pipe_owners;
}

bool bpf_use_is_worth_it_for_ends(const struct collector *collector)
{
	const struct scope *scope = &collector->scope;
	unsigned int kinds = scope_process_kinds(scope) | scope->wait_kinds;

	/* Those of single processes are found faster without. */
	if (!collector->root.is_live || scope->pids || !(kinds & KINDS_WITH_ENDS))
		return false;
	return collector->backend == BACKEND_BPF ||
	       (collector->backend == BACKEND_AUTO && is_faster_for_ends(scope) &&
		has_many_processes(collector, PROCESSES_WORTH_IT));
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
