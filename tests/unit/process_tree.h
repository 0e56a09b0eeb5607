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

/* Who uses segments, and their effective users. */
extern const struct scope tree_users;

/* The segment that the functions below are about: mappings of it, and of other things. */
#define SEGMENT_ID "98311"
#define SEGMENT_FILE "/SYSV000004d2 (deleted)\n"
#define SEGMENT(addresses) addresses " rw-s 00000000 00:01 " SEGMENT_ID "    " SEGMENT_FILE
#define NOISE                                                                 \
	"400000-500000 r-xp 00000000 08:01 5                 /usr/bin/user\n" \
	"7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0     [stack]\n"

/* A tree with one segment that is attached so often. */
void process_tree_init_segment(struct tree *tree, unsigned int nattch);

/* The same with two processes, 10 and 20, that have it at different addresses. */
void process_tree_init_two(struct tree *tree, unsigned int nattch);

/* That the first object is the only one that was counted, and how. */
void assert_accounting(const struct snapshot *snapshot, uint64_t found, uint64_t expected,
		       bool is_complete, unsigned int doubts);

/* That these processes, and no others, use the first object. */
void assert_processes(const struct snapshot *snapshot, const int64_t *pids, size_t count);
#define ASSERT_PROCESSES(snapshot, ...)                      \
	assert_processes(snapshot, (int64_t[]){__VA_ARGS__}, \
			 sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

#endif
