/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Things: what is found in processes and is a file to the kernel, told apart by kind, device and
 * inode. Each thread of a search has its own, which are put together when all are done; then they
 * become objects of the snapshot.
 */
#ifndef IPCLENS_COLLECT_THINGS_H
#define IPCLENS_COLLECT_THINGS_H

#include "base/arena.h"
#include "base/id_map.h"
#include "base/vector.h"
#include "model/object.h"

/* What stat() tells of one, where a descriptor of it was found. */
struct thing_state {
	uint64_t uid, gid, mode, size, allocated;
	int64_t changed_at;
};

struct thing {
	enum kind kind;
	uint64_t device; /* as VALUE_DEVICE; 0 for pipes, which are all on one */
	uint64_t inode;
	struct text name; /* as the process side shows it; TEXT_NONE: not known */
	bool is_unlinked;
	bool has_state;
	struct thing_state state;
	/* A descriptor of it, and whose; 0: only mapped. */
	int64_t pid;
	uint64_t fd;
	/* How full a pipe or FIFO is, where no descriptor had to be asked. */
	bool has_fill;
	uint64_t used_bytes, max_bytes;
	uint32_t object; /* its index in the snapshot, once it is known; THING_NO_OBJECT */
};

#define THING_NO_OBJECT UINT32_MAX

/* All zero is empty. */
struct things {
	VECTOR(struct thing) items;
	struct id_map places;
	struct arena names;
};

void things_deinit(struct things *things);

/* The index of the thing; false where it is not there. */
bool things_find(const struct things *things, enum kind kind, uint64_t device, uint64_t inode,
		 size_t *ret_index);

/* The same; where it is not there it is added, with a copy of the name. 0 or -ENOMEM. */
int things_add(struct things *things, const struct thing *thing, size_t *ret_index);

/* Keeps what another one tells of the same thing, and this one does not know. 0 or -ENOMEM. */
int things_learn(struct things *things, size_t index, const struct thing *other);

#endif
