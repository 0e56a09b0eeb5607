/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The programs inside of the kernel, loaded once for a collection, and only when they are needed:
 * that takes longer than most looks.
 */
#ifndef IPCLENS_COLLECT_BPF_USE_H
#define IPCLENS_COLLECT_BPF_USE_H

#include "collect/bpf/bpf_source.h"
#include "collect/collector.h"

struct bpf_use {
	bool was_tried;
	int result; /* of opening it: 0, or an outcome with its reason */
	char reason[BPF_SOURCE_REASON];
	struct bpf_source *source;   /* owned */
	struct bpf_source *mappings; /* owned; the list of these alone */
	struct bpf_source *places;   /* owned; the same */
};

/* The source in *ret_source, borrowed; or an outcome, whose reason is in collector->bpf; or
 * -ENOMEM. */
int bpf_use_open(struct collector *collector, struct bpf_source **ret_source);

/*
 * The same for the list of mappings, which is loaded apart: whether it is needed turns out when
 * everything else was looked at, and it hardly ever is. The reason is not kept.
 */
int bpf_use_open_for_mappings(struct collector *collector, struct bpf_source **ret_source);

/* The same for the list of namespaces, which is needed before anything else is known. */
int bpf_use_open_for_places(struct collector *collector, struct bpf_source **ret_source);

/* Whether namespaces are looked for with it. */
bool bpf_use_is_worth_it_for_places(const struct collector *collector);

/*
 * Whether it will be loaded anyway, for holders or for ends, or was asked for, or pays: then
 * threads are looked at with it.
 */
bool bpf_use_is_worth_it(const struct collector *collector);

/* Whether the ends of pipes, FIFOs and queues are listed with it; for collector->wants_ends. */
bool bpf_use_is_worth_it_for_ends(const struct collector *collector);

void bpf_use_end(struct collector *collector);

#endif
