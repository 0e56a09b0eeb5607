/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The other side of the door. The only place of ipclens that changes a namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "enter/door_message.h"

/* A request as it came in. */
struct incoming {
	struct door_request head;
	int fds[DOOR_FDS_MAX];
	_Alignas(16) char body[DOOR_MESSAGE_MAX];
	_Alignas(16) char reply[DOOR_MESSAGE_MAX]; /* to it, whatever that is made of */
};

/* One after the other as the folder lists them: there can be more than the limit allows by now. */
static void close_listed(unsigned int first, unsigned int last)
{
	_cleanup_closedir_ DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		unsigned long fd = strtoul(entry->d_name, NULL, 10);

		if (fd >= first && fd <= last && fd != (unsigned long)dirfd(folder))
			close((int)fd);
	}
}

/* From first on; kernels before 5.9 cannot do it at once. */
static void close_range_of(unsigned int first, unsigned int last)
{
	if (first <= last && syscall(SYS_close_range, first, last, 0U) < 0)
		close_listed(first, last);
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
	int fds[DOOR_FDS_MAX] = {-1, -1, -1, -1}, sent[DOOR_FDS_MAX];
	struct door_reply reply = {.through_user = server->is_inner};
	size_t size = 0, count = 0;
	int r;

	reply.result = server->services[incoming->head.service](
		server->context, incoming->body, incoming->head.size, incoming->reply, &size, fds);
	reply.size = (uint32_t)size;
	for (size_t i = 0; i < DOOR_FDS_MAX; i++) {
		if (fds[i] < 0)
			continue;
		reply.fds |= UINT32_C(1) << i;
		sent[count++] = fds[i];
	}
	r = door_send(server->socket, &reply, sizeof(reply), incoming->reply, size, sent, count);
	door_close_fds(fds);
	return r == 0;
}

/* Serves one namespace, from within its user namespace, until another one is asked for. */
static void serve_inside(const struct door_server *outer, struct incoming *incoming, int user)
{
	struct door_server inner = *outer;

	inner.is_inner = true;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setns(user, CLONE_NEWUSER) < 0 || setns(incoming->fds[0], CLONE_NEWIPC) < 0) {
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

/* False where the child was killed: then somebody may wait for an answer that nobody gives. */
static bool serve_by_child(const struct door_server *server, struct incoming *incoming, int user)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		serve_inside(server, incoming, user);
		_exit(0);
	}
	if (child < 0)
		refuse(server, errno);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status);
}

static bool serve(const struct door_server *server, struct incoming *incoming)
{
	_cleanup_close_ int user = -1;
	int number;

	if (!incoming->head.has_place || setns(incoming->fds[0], CLONE_NEWIPC) == 0)
		return answer(server, incoming);
	number = errno;
	if (number == EPERM)
		user = ioctl(incoming->fds[0], NS_GET_USERNS);
	if (user >= 0)
		return serve_by_child(server, incoming, user);
	refuse(server, number);
	return true;
}

void door_serve(const struct door_server *server)
{
	_cleanup_free_ struct incoming *incoming = malloc(sizeof(*incoming));
	bool goes_on = incoming;

	close_all_but(server->socket);
	/* Otherwise it would not be told how its own child ended. */
	signal(SIGCHLD, SIG_DFL);
	while (goes_on && receive(server, incoming) == 0) {
		goes_on = serve(server, incoming);
		door_close_fds(incoming->fds);
	}
}
