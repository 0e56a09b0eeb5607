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
	INSIDE_VISIT,	     /* struct visit_request, struct visit_answer, and what it opened */
	INSIDE_FILE,	     /* the path of a limit, and a descriptor of what is in the file */
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

/* The services' context: the first and the last of a tree of mounts of queues. */
struct queue_mounts {
	int root, last;
};

#define LIMITS_AT_ONCE 2048

struct limits_answer {
	int32_t next; /* index to go on with; -1: that was all */
	uint32_t count;
	struct queue_limit limits[LIMITS_AT_ONCE];
};

/* What is opened at once, as entering and asking take longer: the lists, then the queues of POSIX.
 */
#define VISIT_TABLES 3
#define VISIT_QUEUES VISIT_TABLES

extern const char *const visit_paths[VISIT_TABLES];

struct visit_request {
	uint32_t tables; /* a bit for each */
	uint32_t has_queues;
	uint32_t has_limits; /* of the queues of System V */
};

struct visit_answer {
	int32_t numbers[VISIT_TABLES + 1]; /* why one could not be opened: a positive errno */
	uint32_t has_no_queues;		   /* of POSIX: then there is no folder of them, either */
	uint64_t queue_device;
	struct limits_answer limits;
};

/* 0 or a positive errno each. */
int inside_ask_semaphores(const struct semaphores_request *request, struct semaphore_state *states);
int inside_ask_limits(int first, struct limits_answer *ret_answer);
/* *ret_call is which call failed. */
int inside_mount_queues(int *ret_folder, const char **ret_call);

#endif
