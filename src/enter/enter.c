/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "enter/enter.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "enter/door_message.h"

int enter_place(const struct door_place *place)
{
	if (setns(place->ipc, CLONE_NEWIPC) == 0)
		return 0;
	if (errno != EPERM || place->user < 0)
		return errno;
	if (setns(place->user, CLONE_NEWUSER) < 0 || setns(place->ipc, CLONE_NEWIPC) < 0)
		return errno;
	/* To change credentials clears it: see start(). */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return 0;
}

/* What the child says at its end, or when it is there. */
struct outcome_message {
	int32_t entered; /* 0 or a positive errno */
	int32_t result;
	struct ipclens_error error;
};

/* The child, and this process's end of a socket to it. */
struct helper {
	pid_t pid;
	int socket;
};

/* ret_helper->pid is 0 in the child, where ret_helper->socket is its end. 0 or a negative errno. */
static int start(struct helper *ret_helper)
{
	pid_t parent = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	ret_helper->pid = fork();
	if (ret_helper->pid < 0) {
		int number = errno;

		close(ends[0]);
		close(ends[1]);
		return -number;
	}
	ret_helper->socket = ends[ret_helper->pid ? 0 : 1];
	close(ends[ret_helper->pid ? 1 : 0]);
	if (ret_helper->pid)
		return 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	return 0;
}

static void wait_for(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int fail(const struct door_place *place, int number, struct ipclens_error *ret_error)
{
	int outcome = outcome_from_errno(number);

	error_set(ret_error, -number, "IPC namespace %llu cannot be entered: %s",
		  (unsigned long long)place->number,
		  number == ECHILD ? "the process that was to do it has ended" : strerror(number));
	return outcome ? outcome : -number;
}

__attribute__((noreturn)) static void be_helper(int socket, const struct door_place *place,
						enter_act *act, void *context)
{
	struct outcome_message message = {.entered = enter_place(place)};
	_Alignas(16) char reply[ENTER_REPLY_MAX] = {0};

	if (!message.entered)
		message.result = act(context, reply, &message.error);
	door_send(socket, &message, sizeof(message), reply, sizeof(reply), NULL, 0);
	_exit(0);
}

int enter_do(const struct door_place *place, enter_act *act, void *context, void *reply,
	     size_t reply_size, struct ipclens_error *ret_error)
{
	_Alignas(16) char room[ENTER_REPLY_MAX];
	struct outcome_message message;
	struct helper helper;
	int fds[DOOR_FDS_MAX];
	ssize_t length;
	int r = start(&helper);

	if (r < 0)
		return fail(place, -r, ret_error);
	if (!helper.pid)
		be_helper(helper.socket, place, act, context);
	length = door_receive(helper.socket, &message, sizeof(message), room, sizeof(room), fds);
	close(helper.socket);
	wait_for(helper.pid);
	if (length != (ssize_t)sizeof(room))
		return fail(place, ECHILD, ret_error);
	if (message.entered)
		return fail(place, message.entered, ret_error);
	if (message.result != 0 && ret_error)
		*ret_error = message.error;
	if (reply_size)
		memcpy(reply, room, reply_size);
	return message.result;
}

pid_t enter_fork(const struct door_place *place, struct ipclens_error *ret_error)
{
	int32_t entered = ECHILD;
	struct helper helper;
	int fds[DOOR_FDS_MAX];
	int r = start(&helper);

	if (r < 0)
		return fail(place, -r, ret_error) > 0 ? -EPERM : r;
	if (!helper.pid) {
		entered = enter_place(place);
		door_send(helper.socket, &entered, sizeof(entered), NULL, 0, NULL, 0);
		close(helper.socket);
		if (entered)
			_exit(0);
		return 0;
	}
	if (door_receive(helper.socket, &entered, sizeof(entered), NULL, 0, fds) < 0)
		entered = ECHILD;
	close(helper.socket);
	if (!entered)
		return helper.pid;
	wait_for(helper.pid);
	fail(place, entered, ret_error);
	return -entered;
}
