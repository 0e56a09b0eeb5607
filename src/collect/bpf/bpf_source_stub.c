/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * In place of bpf_source.c where ipclens is built without bpf.
 */
#include "collect/bpf/bpf_source.h"

#include <errno.h>
#include <stdio.h>

#include "base/error.h"

int bpf_source_open(unsigned int lists, struct bpf_source **ret_source,
		    char ret_reason[static BPF_SOURCE_REASON])
{
	(void)lists, (void)ret_source;
	snprintf(ret_reason, BPF_SOURCE_REASON, "ipclens was built without bpf");
	return OUTCOME_UNSUPPORTED;
}

struct bpf_source *bpf_source_free(struct bpf_source *source)
{
	(void)source;
	return NULL;
}

int bpf_source_holders(struct bpf_source *source,
		       int (*handler)(const struct bpf_holder *holder, void *context),
		       void *context)
{
	(void)source, (void)handler, (void)context;
	return -ENOSYS;
}

int bpf_source_blocked(struct bpf_source *source,
		       int (*handler)(const struct bpf_blocked *blocked, void *context),
		       void *context)
{
	(void)source, (void)handler, (void)context;
	return -ENOSYS;
}

int bpf_source_ends(struct bpf_source *source,
		    int (*handler)(const struct bpf_end *end, void *context), void *context)
{
	(void)source, (void)handler, (void)context;
	return -ENOSYS;
}

int bpf_source_mappings(struct bpf_source *source, int64_t pid,
			int (*handler)(const struct bpf_mapping *mapping, void *context),
			void *context)
{
	(void)source, (void)pid, (void)handler, (void)context;
	return -ENOSYS;
}

int bpf_source_places(struct bpf_source *source,
		      int (*handler)(const struct bpf_place *place, void *context), void *context)
{
	(void)source, (void)handler, (void)context;
	return -ENOSYS;
}
