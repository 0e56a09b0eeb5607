/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshots that are made up: what there is in them is added piece by piece, and can be changed
 * afterwards.
 */
#ifndef IPCLENS_TESTS_SCENE_H
#define IPCLENS_TESTS_SCENE_H

#include "model/snapshot.h"

/* Without objects; all is known of it, and nothing was hidden. */
struct snapshot *scene_begin(void);

/* The index of a new object, which has an id of that number, or such an inode. */
size_t scene_add_object(struct snapshot *snapshot, enum kind kind, uint64_t number);

/* In the order of PIDs; root's, with one thread. */
struct process *scene_add_process(struct snapshot *snapshot, int64_t pid, const char *command);

/* access: bits of enum link_access; 0: not known. */
struct link *scene_add_link(struct snapshot *snapshot, size_t object, int64_t pid,
			    enum link_how how, uint64_t access);

/* The process waits to take 1 of the array's semaphore 0, which those have. */
struct wait *scene_add_wait(struct snapshot *snapshot, size_t object, int64_t pid,
			    const int64_t *holders, size_t count);
#define BY(...) (const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / 8

#define READ_WRITE (LINK_READ | LINK_WRITE)

#endif
