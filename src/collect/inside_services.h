/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the child behind the door does for a collection. Each is a plain call, too, for the viewer's
 * own namespace.
 */
#ifndef IPCLENS_COLLECT_INSIDE_SERVICES_H
#define IPCLENS_COLLECT_INSIDE_SERVICES_H

#include "collect/inside.h"
#include "enter/door.h"

enum inside_service {
	INSIDE_NOTHING,	     /* only to be there */
	INSIDE_FILE,	     /* a path of those below, and a descriptor of what is in the file */
	INSIDE_QUEUES,	     /* a descriptor of the folder with the queues of POSIX */
	INSIDE_SEMAPHORES,   /* struct semaphores_request, and an array of struct semaphore_state */
	INSIDE_SEGMENT,	     /* the id, and a struct proc_row */
	INSIDE_QUEUE,	     /* the id, and a struct msqid_ds */
	INSIDE_QUEUE_LIMITS, /* the first index, and a struct limits_answer */
	INSIDE_SERVICES,
};

extern door_service *const inside_services[INSIDE_SERVICES];

struct semaphores_request {
	int32_t id;
	uint32_t first, count;
};

#define LIMITS_AT_ONCE 2048

struct limits_answer {
	int32_t next; /* index to go on with; -1: that was all */
	uint32_t count;
	struct queue_limit limits[LIMITS_AT_ONCE];
};

/* 0 or a positive errno each. */
int inside_ask_semaphores(const struct semaphores_request *request, struct semaphore_state *states);
int inside_ask_limits(int first, struct limits_answer *ret_answer);
/* *ret_call is which call failed. */
int inside_mount_queues(int *ret_folder, const char **ret_call);

#endif
