/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recorded trees with processes, and snapshots of them.
 */
#ifndef IPCLENS_TESTS_PROCESS_TREE_H
#define IPCLENS_TESTS_PROCESS_TREE_H

#include "tree.h"

#define TREE_NAMESPACE "ipc:[4026531839]"
#define TREE_BOOT_TIME 1795000000

/* A tree of this namespace that tells the device of segments, 0:1, and the time of boot. */
void process_tree_init(struct tree *tree);

/* A segment of proc/sysvipc/shm; all are written at once. */
struct tree_segment {
	unsigned int id, key, mode, nattch;
	int64_t creator_pid, last_pid, attached_at, detached_at, changed_at;
};

void process_tree_write_segments(const struct tree *tree, const struct tree_segment *segments,
				 size_t count);

/* A process with this text of maps, started so many seconds after boot. */
void process_tree_add(const struct tree *tree, int64_t pid, const char *maps, uint64_t started);

/* A file of a process: "maps" is proc/PID/maps. */
void process_tree_write(const struct tree *tree, int64_t pid, const char *name, const char *string);
void process_tree_link(const struct tree *tree, int64_t pid, const char *name, const char *target);

/*
 * The objects, links, accountings and processes of the tree, where reading fails as told by inject
 * (NULL: not at all).
 */
struct snapshot *process_tree_collect(const struct tree *tree, struct scope scope,
				      int (*inject)(const char *path));

#endif
