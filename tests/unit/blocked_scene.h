/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshots that are made up, of arrays, processes and waits, and what is judged of them.
 */
#ifndef IPCLENS_TESTS_BLOCKED_SCENE_H
#define IPCLENS_TESTS_BLOCKED_SCENE_H

#include "query/blocked.h"
#include "scene.h"
#include "unit.h"

/* Some arrays, by their ids, of which all is known. */
struct snapshot *begin(void);

/* In the order of PIDs. */
void add_process(struct snapshot *snapshot, int64_t pid, uint64_t threads);

/* The thread waits to take the array's semaphore 0, which those have. */
struct wait *add_wait(struct snapshot *snapshot, int64_t pid, int64_t tid, size_t array,
		      const int64_t *holders, size_t count);

struct findings judge(const struct snapshot *snapshot);

void assert_only(const struct findings *findings, enum finding_code code,
		 enum finding_certainty certainty);
bool has_evidence(const struct findings *findings, const char *words);

/* What is judged of the snapshot: only that, for such a reason (NULL: whichever); or nothing. */
void assert_found(const struct snapshot *snapshot, enum finding_code code,
		  enum finding_certainty certainty, const char *evidence);
void assert_nothing(const struct snapshot *snapshot);

#endif
