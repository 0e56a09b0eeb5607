/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The other side of the door. The only place of ipclens that changes a namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "enter/door_message.h"

/* A request as it came in. */
struct incoming {
	struct door_request head;
	int fds[DOOR_FDS_MAX];
	char body[DOOR_MESSAGE_MAX];
	char reply[DOOR_MESSAGE_MAX]; /* to it */
};

/* From first on; kernels before 5.9 cannot do it at once. */
static void close_range_of(unsigned int first, unsigned int last)
{
	long most = sysconf(_SC_OPEN_MAX);

	if (first > last || syscall(SYS_close_range, first, last, 0U) == 0)
		return;
	for (unsigned int fd = first; fd <= last && (most < 0 || fd < (unsigned int)most); fd++)
		close((int)fd);
}

/*
 * Nothing of what this process has open may be kept from its readers and writers: whoever waits for
 * the end of a pipe would wait for this child, too.
 */
static void close_all_but(int socket)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= 2 && null >= 0; fd++)
		if (fd != socket)
			dup2(null, fd);
	close_range_of(3, socket > 3 ? (unsigned int)socket - 1 : 0);
	close_range_of(socket < 3 ? 3 : (unsigned int)socket + 1, ~0U);
}

static bool has_place_next(int socket)
{
	struct door_request head;
	ssize_t length;

	do {
		length = recv(socket, &head, sizeof(head), MSG_PEEK);
	} while (length < 0 && errno == EINTR);
	return length >= (ssize_t)sizeof(head) ? head.has_place : length <= 0;
}

/* 0, or -1 where there is no more to come. */
static int receive(const struct door_server *server, struct incoming *incoming)
{
	ssize_t length = door_receive(server->socket, &incoming->head, sizeof(incoming->head),
				      incoming->body, sizeof(incoming->body), incoming->fds);

	if (length < 0)
		return -1;
	return (size_t)length == incoming->head.size && incoming->head.service < server->count ? 0
											       : -1;
}

static void refuse(const struct door_server *server, int number)
{
	const struct door_reply reply = {.entered = -number};

	door_send(server->socket, &reply, sizeof(reply), NULL, 0, NULL, 0);
}

/* False where the other side is gone. */
static bool answer(const struct door_server *server, struct incoming *incoming)
{
	size_t size = 0;
	int fd = -1;
	int result = server->services[incoming->head.service](incoming->body, incoming->head.size,
							      incoming->reply, &size, &fd);
	const struct door_reply reply = {.result = result,
					 .through_user = server->is_inner,
					 .has_fd = fd >= 0,
					 .size = (uint32_t)size};
	int r = door_send(server->socket, &reply, sizeof(reply), incoming->reply, size, &fd,
			  fd >= 0);

	cleanup_close(&fd);
	return r == 0;
}

/* Serves one namespace, from within its user namespace, until another one is asked for. */
static void serve_inside(const struct door_server *outer, struct incoming *incoming)
{
	struct door_server inner = *outer;

	inner.is_inner = true;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setns(incoming->fds[1], CLONE_NEWUSER) < 0 ||
	    setns(incoming->fds[0], CLONE_NEWIPC) < 0) {
		refuse(outer, errno);
		return;
	}
	/* To change credentials clears it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!answer(&inner, incoming))
		return;
	while (!has_place_next(inner.socket) && receive(&inner, incoming) == 0 &&
	       answer(&inner, incoming))
		;
}

static void serve_by_child(const struct door_server *server, struct incoming *incoming)
{
	pid_t child = fork();

	if (child == 0) {
		serve_inside(server, incoming);
		_exit(0);
	}
	if (child < 0)
		refuse(server, errno);
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

static bool serve(const struct door_server *server, struct incoming *incoming)
{
	if (!incoming->head.has_place || setns(incoming->fds[0], CLONE_NEWIPC) == 0)
		return answer(server, incoming);
	if (errno == EPERM && incoming->fds[1] >= 0)
		serve_by_child(server, incoming);
	else
		refuse(server, errno);
	return true;
}

void door_serve(const struct door_server *server)
{
	_cleanup_free_ struct incoming *incoming = malloc(sizeof(*incoming));
	bool goes_on = incoming;

	close_all_but(server->socket);
	/* It ends with the one whom it serves, who is the one to be interrupted. */
	signal(SIGINT, SIG_IGN);
	while (goes_on && receive(server, incoming) == 0) {
		goes_on = serve(server, incoming);
		cleanup_close(&incoming->fds[0]);
		cleanup_close(&incoming->fds[1]);
	}
}
