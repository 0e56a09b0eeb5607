/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue that "send" and "receive" are about, and what both of them can be asked.
 */
#ifndef IPCLENS_CLI_QUEUE_TARGET_H
#define IPCLENS_CLI_QUEUE_TARGET_H

#include "base/cleanup.h"
#include "cli/action_list.h"
#include "cli/find.h"
#include "cli/patience.h"

struct queue_target {
	struct found found; /* its snapshot is there for both sorts */
	bool is_over; /* a child in its namespace has done it all: nothing is left to do here */
	bool is_posix;
	int id;			 /* of System V */
	char name[REF_NAME_MAX]; /* of POSIX, with its slash */
	bool waits;		 /* where the queue is full, or empty */
	bool has_timeout;
	uint64_t timeout; /* milliseconds */
};

void queue_target_deinit(struct queue_target *target);
#define _cleanup_queue_target_ __attribute__((cleanup(queue_target_deinit)))

/*
 * Reads the first operand and the options that both have, and finds the queue. A queue of POSIX is
 * found when it is opened. Only_sysv and only_posix are options that the other sort does not have.
 */
enum exit_status queue_target_find(struct invocation *invocation, enum option_id only_sysv,
				   enum option_id only_posix, struct queue_target *ret_target);

/* The time that the call may sleep; NULL: for ever. */
static inline const uint64_t *queue_target_timeout(const struct queue_target *target)
{
	return target->has_timeout && target->waits ? &target->timeout : NULL;
}

#endif
