/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/search_attachments.h"

#include <errno.h>
#include <stdlib.h>

static void ask_for(struct attachments *attachments, int64_t pid)
{
	for (size_t i = 0; i < attachments->pid_count; i++)
		if (attachments->pids[i] == pid)
			return;
	if (attachments->pid_count < PROCESSES_ASKED_FOR)
		attachments->pids[attachments->pid_count++] = pid;
	else
		attachments->is_of_all = true;
}

/* Whose attachments have to be known: see attachments_find(). */
static void choose_processes(const struct search *search, struct attachments *attachments)
{
	vector_for_each (&search->mappings.items, mapping) {
		if (search->is_in_doubt[mapping->object] && !attachments->is_of_all)
			ask_for(attachments, mapping->pid);
	}
	vector_for_each (&search->strays.items, stray) {
		if (!attachments->is_of_all)
			ask_for(attachments, stray->use.pid);
	}
	vector_for_each (&search->waits.items, wait) {
		if (wait->mapping && !attachments->is_of_all)
			ask_for(attachments, wait->wait.pid);
	}
}

static int keep(const struct bpf_mapping *mapping, void *context)
{
	struct attachments *attachments = context;
	struct bpf_mapping *kept = vector_add(&attachments->items);

	if (!kept)
		return -ENOMEM;
	*kept = *mapping;
	attachments->is_of_all |= attachments->asked && mapping->pid != attachments->asked;
	return 0;
}

static int compare(const void *first, const void *second)
{
	const struct bpf_mapping *a = first, *b = second;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return a->address < b->address ? -1 : a->address > b->address;
}

static int list_all(struct bpf_source *source, struct attachments *attachments)
{
	attachments->items.count = 0;
	attachments->asked = 0;
	return bpf_source_mappings(source, 0, keep, attachments);
}

/* One process after the other; where the kernel tells of all instead, there will be no less. */
static int list_chosen(struct bpf_source *source, struct attachments *attachments)
{
	int r = 0;

	for (size_t i = 0; r == 0 && !attachments->is_of_all && i < attachments->pid_count; i++) {
		attachments->asked = attachments->pids[i];
		r = bpf_source_mappings(source, attachments->asked, keep, attachments);
	}
	return r == 0 && attachments->is_of_all ? list_all(source, attachments) : r;
}

int attachments_list(struct search *search, struct attachments *attachments)
{
	struct bpf_source *source;
	int r = search->collector->root.is_live
			? bpf_use_open_for_mappings(search->collector, &source)
			: OUTCOME_UNSUPPORTED;

	choose_processes(search, attachments);
	if (r == 0)
		r = list_chosen(source, attachments);
	if (r < 0)
		return r == -ENOMEM ? r : OUTCOME_UNSUPPORTED;
	if (r == 0 && attachments->items.count)
		qsort(attachments->items.items, attachments->items.count,
		      sizeof(*attachments->items.items), compare);
	search->collector->used_bpf |= r == 0;
	return r;
}

const struct bpf_mapping *attachments_find(const struct attachments *attachments, int64_t pid,
					   uint64_t address, uint64_t id)
{
	const struct bpf_mapping wanted = {.pid = pid, .address = address};
	const struct bpf_mapping *found =
		attachments->items.count
			? bsearch(&wanted, attachments->items.items, attachments->items.count,
				  sizeof(wanted), compare)
			: NULL;

	return found && found->id == id ? found : NULL;
}
