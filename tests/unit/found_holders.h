/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The holders of semaphores of this IPC namespace, as the bpf source tells them, and arrays to
 * hold.
 */
#ifndef IPCLENS_TESTS_FOUND_HOLDERS_H
#define IPCLENS_TESTS_FOUND_HOLDERS_H

#include <stddef.h>

#include "base/vector.h"
#include "collect/bpf/bpf_source.h"

/* What the last look_for_holders() found. */
extern struct holders {
	struct bpf_holder *items;
	size_t count, capacity;
} holders;

void look_for_holders(void);
void forget_holders(void);

/* How many entries there are of that semaphore; the last of them. */
size_t find_holder(int semid, uint32_t num, struct bpf_holder *ret_holder);

/* That there is one, which is this. */
void assert_held(int semid, uint32_t num, int64_t pid, int64_t tid, int32_t amount);

/* An array of which the first ten semaphores are 10. */
int make_array(int nsems);
void remove_array(int semid);

/* One operation with SEM_UNDO; take_two() is by -2 on the first. As of semop(). */
int64_t operate(int semid, unsigned short num, short amount);
int64_t take_two(int semid);

#endif
