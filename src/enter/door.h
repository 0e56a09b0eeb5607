/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A door into other IPC namespaces: a child process that goes there and serves small requests, each
 * with one answer. This process stays where it is: to change its namespace would drop its undo
 * records and release what it holds with them (ipc/sem.c: exit_sem, from setns).
 *
 * The child is started with door_open(), before there are any threads, and ends with the door, or
 * with this process. A namespace that only its user namespace may be entered for is left to a child
 * of the child, which ends when the next one is entered: from a user namespace there is no way
 * back.
 */
#ifndef IPCLENS_ENTER_DOOR_H
#define IPCLENS_ENTER_DOOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"

/* What is asked, and what is answered, beside a descriptor: bytes. */
#define DOOR_MESSAGE_MAX 65536

/* Descriptors that come with a message. */
#define DOOR_FDS_MAX 4

/* Where a request is to be served. */
struct door_place {
	uint64_t number; /* of the IPC namespace: asked for the same again, nothing is entered */
	int ipc;	 /* descriptors of the namespaces, borrowed */
	int user;	 /* that owns it, for enter_place(): the door looks for it itself; or -1 */
};

struct door_answer {
	int result;	       /* of the service: 0 or a positive errno */
	bool through_user;     /* its ids of users are those of the user namespace */
	size_t size;	       /* of what it wrote */
	int fds[DOOR_FDS_MAX]; /* that it hands over, owned by the caller; -1: none */
};

#define DOOR_ANSWER_NONE ((struct door_answer){.fds = {-1, -1, -1, -1}})

/* They are -1 afterwards. */
void door_close_fds(int fds[static DOOR_FDS_MAX]);

/*
 * One service, which runs in the child and inside of the namespace. It is given the bytes of the
 * request, writes up to DOOR_MESSAGE_MAX bytes of answer, and may hand over descriptors, all -1
 * before, which are closed in the child. 0 or a positive errno.
 */
typedef int door_service(void *context, const void *request, size_t size, void *answer,
			 size_t *ret_size, int ret_fds[static DOOR_FDS_MAX]);

struct door;

/*
 * Starts the child, which serves these and nothing else; the table and what is for the services are
 * borrowed, for the child has a copy of all that this process has. 0 or a negative errno.
 */
int door_open(door_service *const *services, size_t count, void *context, struct door **ret_door);

/* Ends the child. Accepts NULL; returns NULL. */
struct door *door_close(struct door *door);
DEFINE_CLEANUP(door, struct door *, door_close);

/* Whether the child is in that namespace now: then its descriptors are not needed. */
bool door_is_in(const struct door *door, uint64_t number);

/*
 * Has a service answer there, into room for DOOR_MESSAGE_MAX bytes. 0; or a negative errno where
 * the namespace cannot be entered (-EPERM), or the child is no longer there (-ECHILD). For one
 * thread at a time.
 */
int door_ask(struct door *door, const struct door_place *place, unsigned int service,
	     const void *request, size_t size, void *room, struct door_answer *ret_answer);

/*
 * The same in two steps, so that the child can be ahead: up to DOOR_AHEAD_MAX requests are sent,
 * and their answers received in the same order. Nothing else may be asked until none is left.
 */
#define DOOR_AHEAD_MAX 16
int door_begin(struct door *door, const struct door_place *place, unsigned int service,
	       const void *request, size_t size);
int door_end(struct door *door, void *room, struct door_answer *ret_answer);

#endif
