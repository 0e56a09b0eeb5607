/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the child behind the door does for a collection. Each is a plain call, too, for the viewer's
 * own namespace.
 */
#ifndef IPCLENS_COLLECT_INSIDE_SERVICES_H
#define IPCLENS_COLLECT_INSIDE_SERVICES_H

#include "collect/collector.h"
#include "collect/inside.h"
#include "enter/door.h"

enum inside_service {
	INSIDE_VISIT,	     /* struct visit_request, struct visit_head and what follows it */
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

/*
 * What is asked for at once, as entering and asking take longer: the objects of each mechanism of
 * System V, then the queues of POSIX. Objects come as rows where they are few, by calls where these
 * tell enough, and otherwise as a descriptor of the file.
 */
enum { VISIT_SHM, VISIT_SEM, VISIT_MSG, VISIT_TABLES, VISIT_QUEUES = VISIT_TABLES };
#define VISIT_ROWS_MAX 80

extern const struct sysv_mechanism *const visit_tables[VISIT_TABLES];

struct visit_request {
	uint32_t tables; /* a bit for each */
	uint32_t called; /* those of them that calls tell enough of */
	uint32_t has_queues;
	uint32_t has_limits; /* of the queues of System V */
};

/* A struct proc_row without a name. */
struct visit_row {
	uint64_t count;
	uint64_t values[PROC_TABLE_COLUMNS_MAX];
};

/* Then come so many rows, and a struct limits_answer. */
struct visit_head {
	int32_t numbers[VISIT_TABLES + 1]; /* why one could not be opened: a positive errno */
	uint32_t row_counts[VISIT_TABLES];
	uint32_t in_rows;	/* tables whose objects are all in rows */
	uint32_t has_no_queues; /* of POSIX: then there is no folder of them, either */
	uint64_t queue_device;
};

/* 0 or a positive errno each. */
int inside_ask_semaphores(const struct semaphores_request *request, struct semaphore_state *states);
int inside_ask_limits(int first, struct limits_answer *ret_answer);
/* *ret_call is which call failed. */
int inside_mount_queues(int *ret_folder, const char **ret_call);

#endif
