/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Of which IPC namespace attachments are, where the processes alone do not tell: asked of a program
 * inside of the kernel.
 */
#ifndef IPCLENS_COLLECT_SEARCH_ATTACHMENTS_H
#define IPCLENS_COLLECT_SEARCH_ATTACHMENTS_H

#include "collect/bpf_use.h"
#include "collect/search.h"

/*
 * Of more processes than this the attachments of all are listed: to ask about one takes some 50 us,
 * and to look at all mappings of 2000 processes takes as long as for a thousand questions.
 */
#define PROCESSES_ASKED_FOR 64

/* What the kernel says of attachments, in the order of PIDs and addresses. */
struct attachments {
	VECTOR(struct bpf_mapping) items;
	int64_t pids[PROCESSES_ASKED_FOR]; /* of the processes that are asked for */
	size_t pid_count;
	bool is_of_all;
	int64_t asked; /* the process that is asked for just now */
};

/*
 * Fills what is all zero with the attachments of the processes whose mappings, strays or waits are
 * in doubt, or of more. 0; an outcome, where that may not be had; or -ENOMEM.
 */
int attachments_list(struct search *search, struct attachments *attachments);

/* That of one of these processes, borrowed; NULL where it has none of that id at that address. */
const struct bpf_mapping *attachments_find(const struct attachments *attachments, int64_t pid,
					   uint64_t address, uint64_t id);

static inline void attachments_deinit(struct attachments *attachments)
{
	vector_deinit(&attachments->items);
}

#endif
