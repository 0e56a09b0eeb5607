/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What only a process that is in an IPC namespace is told, of whichever namespace an object is of:
 * of the viewer's own the kernel is asked at once, of another one through a door (enter/door.h).
 */
#ifndef IPCLENS_COLLECT_INSIDE_H
#define IPCLENS_COLLECT_INSIDE_H

#include <sys/msg.h>

#include "collect/collector.h"

/* Of one semaphore. */
struct semaphore_state {
	int32_t value, ncount, zcount, pid;
};

/* The limit of one queue. */
struct queue_limit {
	uint32_t id;
	uint32_t is_denied;
	uint64_t max_bytes;
};

/* Semaphores that are asked for at once. */
#define INSIDE_SEMAPHORES_MAX 2048

/* The place of the object; NULL: the viewer's own namespace. */
struct place *inside_place_of(const struct collector *collector, const struct object *object);

/*
 * Starts the child, which is to list these kinds where others are entered: while this process still
 * has little that the child would have a copy of. 0 or a negative errno.
 */
int inside_begin(struct collector *collector, unsigned int kinds);
void inside_end(struct collector *collector);

/*
 * Enters a namespace, so that it is known whether that is permitted; one after the other, in the
 * order that they have, and nothing else is asked of any before all were. 0; OUTCOME_GONE where
 * nobody is in it any more; OUTCOME_DENIED; OUTCOME_UNSUPPORTED; -ENOMEM.
 */
int inside_enter(struct collector *collector, struct place *place);

/* From here on files of /proc that tell of a namespace tell of that one; NULL: of the viewer's. */
void inside_go(struct collector *collector, struct place *place);

/*
 * The objects of one mechanism that came when the place was entered, in the shape of lines of its
 * file. 0, what the handler returned, or OUTCOME_GONE where the file is to be read.
 */
int inside_visited_rows(const struct collector *collector, const struct sysv_mechanism *mechanism,
			proc_row_handler *handler, void *context);

/* The limits of queues that were asked for when the place was entered; all, where next is -1. */
struct limits_answer;
const struct limits_answer *inside_visited_limits(const struct collector *collector);

/* Whether it has no queues of POSIX, as was seen when it was entered; and their device. */
bool inside_has_no_queues(const struct collector *collector, uint64_t *ret_device);

/* A folder with the queues of POSIX, owned by the caller. 0 or a positive errno. */
int inside_open_queues(struct collector *collector, struct place *place, int *ret_folder,
		       const char **ret_call);

/* So many semaphores of an array, from first on. 0 or a positive errno. */
int inside_semaphores(const struct collector *collector, const struct object *array, uint64_t first,
		      uint64_t count, struct semaphore_state *states);

/* The value of one; -1 where it may not be read. */
int inside_value(const struct collector *collector, const struct object *array, unsigned int num);

/* Whether a segment is attached as often, and was used last, as we know. */
bool inside_is_unchanged(const struct collector *collector, const struct object *segment);

/* What msgctl(IPC_STAT) tells of a queue; false where it does not. */
bool inside_queue(const struct collector *collector, const struct object *queue,
		  struct msqid_ds *ret_state);

/*
 * Hands out the limit of each queue of a namespace; NULL: the viewer's. 0; or a positive errno
 * where they cannot be asked for; or what the handler returned.
 */
int inside_queue_limits(const struct collector *collector, struct place *place,
			int (*handler)(const struct queue_limit *limit, void *context),
			void *context);

#endif
