/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "enter/door.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "enter/door_message.h"

/* Milliseconds that the child has to end by itself, which it does at once unless it is stopped. */
#define END_PATIENCE 2000

struct door {
	pid_t child;
	int process; /* its descriptor (pidfd); -1 before Linux 5.3 */
	int socket;
	uint64_t place; /* that the child is in, or that was asked for last */
	bool has_place; /* it is there for sure */
	size_t ahead;	/* requests whose answers have not been received */
};

int door_send(int socket, const void *head, size_t head_size, const void *body, size_t body_size,
	      const int *fds, size_t fd_count)
{
	struct iovec parts[2] = {{(void *)head, head_size}, {(void *)body, body_size}};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(DOOR_FDS_MAX * sizeof(int))];
	} control = {0};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = body_size ? 2 : 1};
	ssize_t sent;

	if (fd_count) {
		struct cmsghdr *header = &control.header;

		message.msg_control = control.bytes;
		message.msg_controllen =
			(__typeof__(message.msg_controllen))CMSG_SPACE(fd_count * sizeof(int));
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = (__typeof__(header->cmsg_len))CMSG_LEN(fd_count * sizeof(int));
		memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
	}
	do {
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return errno == EPIPE || errno == ECONNRESET ? -ECHILD : -errno;
	return 0;
}

void door_close_fds(int fds[static DOOR_FDS_MAX])
{
	for (size_t i = 0; i < DOOR_FDS_MAX; i++) {
		cleanup_close(&fds[i]);
		fds[i] = -1;
	}
}

/*
 * Takes what came into ret_fds, as far as there is room; what is more is closed. The kernel hands
 * out all descriptors of a message under one header, and there is room for no other.
 */
static void take_fds(struct msghdr *message, int ret_fds[static DOOR_FDS_MAX])
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);
	size_t count;
	int fd;

	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
		return;
	count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(fd);
	for (size_t i = 0; i < count; i++) {
		memcpy(&fd, CMSG_DATA(header) + i * sizeof(fd), sizeof(fd));
		if (i < DOOR_FDS_MAX)
			ret_fds[i] = fd;
		else
			close(fd);
	}
}

ssize_t door_receive(int socket, void *head, size_t head_size, void *body, size_t room,
		     int ret_fds[static DOOR_FDS_MAX])
{
	struct iovec parts[2] = {{head, head_size}, {body, room}};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(DOOR_FDS_MAX * sizeof(int))];
	} control = {0};
	struct msghdr message = {.msg_iov = parts,
				 .msg_iovlen = 2,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	ssize_t length;

	do {
		length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	} while (length < 0 && errno == EINTR);
	for (size_t i = 0; i < DOOR_FDS_MAX; i++)
		ret_fds[i] = -1;
	if (length <= 0)
		return length < 0 && errno != ECONNRESET ? -errno : -ECHILD;
	take_fds(&message, ret_fds);
	if ((size_t)length < head_size || message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		door_close_fds(ret_fds);
		return -EBADMSG;
	}
	return length - (ssize_t)head_size;
}

/* The child: nothing of its parent's is left open, so that nobody waits for it. */
__attribute__((noreturn)) static void
live_as_child(pid_t parent, int socket, door_service *const *services, size_t count, void *context)
{
	const struct door_server server = {
		.socket = socket, .services = services, .count = count, .context = context};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent)
		door_serve(&server);
	_exit(0);
}

/*
 * All signals stay blocked in the child: its parent is the one to be interrupted, and what that
 * does about it is not to be done twice.
 */
static pid_t fork_deaf(void)
{
	sigset_t all, before;
	pid_t child;
	int number;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	child = fork();
	number = errno;
	if (child)
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = number;
	return child;
}

int door_open(door_service *const *services, size_t count, void *context, struct door **ret_door)
{
	struct door *door = calloc(1, sizeof(*door));
	pid_t parent = getpid();
	int ends[2], r;

	if (!door)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		r = -errno;
		free(door);
		return r;
	}
	door->socket = ends[0];
	door->process = -1;
	door->child = fork_deaf();
	if (door->child == 0)
		live_as_child(parent, ends[1], services, count, context);
	r = door->child < 0 ? -errno : 0;
	close(ends[1]);
	if (r < 0) {
		door_close(door);
		return r;
	}
	door->process = (int)syscall(SYS_pidfd_open, door->child, 0);
	*ret_door = door;
	return 0;
}

/*
 * Its number alone could be another process's by now, where a program waits for all children that
 * it has, as this one.
 */
static void kill_child(const struct door *door)
{
	siginfo_t info;

	if (door->process >= 0)
		syscall(SYS_pidfd_send_signal, door->process, SIGKILL, NULL, 0);
	else if (waitid(P_PID, (id_t)door->child, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
		kill(door->child, SIGKILL);
}

/* It has a child of its own to wait for, which is nobody else's. */
static bool ends_by_itself(const struct door *door)
{
	struct pollfd process = {.fd = door->process, .events = POLLIN};
	int count;

	if (door->process < 0)
		return false;
	do {
		count = poll(&process, 1, END_PATIENCE);
	} while (count < 0 && errno == EINTR);
	return count > 0;
}

struct door *door_close(struct door *door)
{
	if (!door)
		return NULL;
	close(door->socket);
	if (door->child > 0) {
		if (!ends_by_itself(door))
			kill_child(door);
		while (waitpid(door->child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	cleanup_close(&door->process);
	free(door);
	return NULL;
}

bool door_is_in(const struct door *door, uint64_t number)
{
	return door->has_place && door->place == number;
}

int door_begin(struct door *door, const struct door_place *place, unsigned int service,
	       const void *request, size_t size)
{
	struct door_request head = {.service = service,
				    .has_place = !door_is_in(door, place->number),
				    .size = (uint32_t)size};
	int r;

	if (size > DOOR_MESSAGE_MAX)
		return -E2BIG;
	if (door->ahead == DOOR_AHEAD_MAX)
		return -EBUSY;
	/* Until it has answered it is not known where it is. */
	door->has_place = false;
	door->place = place->number;
	r = door_send(door->socket, &head, sizeof(head), request, size, &place->ipc,
		      head.has_place);
	door->ahead += r == 0;
	return r;
}

/* Puts them where the service had them; false where they are not those that the mask tells of. */
static bool spread_fds(uint32_t mask, const int fds[static DOOR_FDS_MAX],
		       int ret_fds[static DOOR_FDS_MAX])
{
	size_t next = 0;

	for (size_t i = 0; i < DOOR_FDS_MAX; i++) {
		bool is_there = mask >> i & 1;

		if (is_there && fds[next] < 0)
			return false;
		ret_fds[i] = is_there ? fds[next++] : -1;
	}
	return !(mask >> DOOR_FDS_MAX) && (next == DOOR_FDS_MAX || fds[next] < 0);
}

int door_end(struct door *door, void *room, struct door_answer *ret_answer)
{
	struct door_reply head;
	int fds[DOOR_FDS_MAX], spread[DOOR_FDS_MAX];
	ssize_t length =
		door_receive(door->socket, &head, sizeof(head), room, DOOR_MESSAGE_MAX, fds);

	door->ahead -= door->ahead > 0;
	if (length < 0)
		return (int)length;
	if (head.entered < 0 || (size_t)length != head.size || !spread_fds(head.fds, fds, spread)) {
		door_close_fds(fds);
		return head.entered < 0 ? head.entered : -EBADMSG;
	}
	door->has_place = !door->ahead;
	*ret_answer = (struct door_answer){
		.result = head.result, .through_user = head.through_user, .size = (size_t)length};
	memcpy(ret_answer->fds, spread, sizeof(spread));
	return 0;
}

int door_ask(struct door *door, const struct door_place *place, unsigned int service,
	     const void *request, size_t size, void *room, struct door_answer *ret_answer)
{
	int r = door->ahead ? -EBUSY : door_begin(door, place, service, request, size);

	return r < 0 ? r : door_end(door, room, ret_answer);
}
