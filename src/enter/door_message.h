/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What goes through the door: one message of a socket that keeps their bounds for each request and
 * each answer. Both ends are this program, and each checks what the other one sent.
 */
#ifndef IPCLENS_ENTER_DOOR_MESSAGE_H
#define IPCLENS_ENTER_DOOR_MESSAGE_H

#include "enter/door.h"

/* With a namespace to be entered comes its descriptor. */
struct door_request {
	uint32_t service;
	uint32_t has_place;
	uint32_t size; /* of the bytes that follow */
};

struct door_reply {
	int32_t entered; /* 0 or a negative errno */
	int32_t result;
	uint32_t through_user;
	uint32_t fds; /* a bit for each that comes with it, in this order */
	uint32_t size;
};

/* What the child does until the other end is closed. */
struct door_server {
	int socket;
	door_service *const *services;
	size_t count;
	void *context; /* of the services */
	bool is_inner; /* in a user namespace: it serves one namespace alone */
};

void door_serve(const struct door_server *server);

/*
 * Sends head and body as one message. 0 or a negative errno; that of a signal is not among them.
 */
int door_send(int socket, const void *head, size_t head_size, const void *body, size_t body_size,
	      const int *fds, size_t fd_count);

/*
 * Receives one; ret_fds has room for DOOR_FDS_MAX, -1 where there is none, and they are the
 * caller's. The number of bytes behind the head, or a negative errno: -ECHILD at the end of the
 * other side, -EBADMSG for a message that is shorter than its head or longer than the room.
 */
ssize_t door_receive(int socket, void *head, size_t head_size, void *body, size_t room,
		     int ret_fds[static DOOR_FDS_MAX]);

#endif
