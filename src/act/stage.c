/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act/stage_cast.h"
#include "base/cleanup.h"

/* Between a process and the one that it starts, which must not outlive it. */
struct pipes {
	int alive[2];  /* its end: the one who started it has died */
	int failed[2]; /* an error, where the stage could not be set */
};

static int write_file(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -errno;
}

/* The caller is root in there, and nobody else is anybody. */
static int map_user(uid_t uid, gid_t gid)
{
	char line[64];
	int r;

	snprintf(line, sizeof(line), "0 %u 1", (unsigned int)uid);
	r = write_file("/proc/self/uid_map", line);
	if (r == 0)
		r = write_file("/proc/self/setgroups", "deny");
	snprintf(line, sizeof(line), "0 %u 1", (unsigned int)gid);
	return r ? r : write_file("/proc/self/gid_map", line);
}

static int enter_namespaces(struct ipclens_error *ret_error)
{
	const int flags = CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNS;
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int r;

	if (unshare(uid ? flags | CLONE_NEWUSER : flags) < 0)
		return error_set(ret_error, -errno, "no namespaces of our own: %s",
				 strerror(errno));
	r = uid ? map_user(uid, gid) : 0;
	return r ? error_set(ret_error, r, "no user of our own: %s", strerror(-r)) : 0;
}

static int mount_own(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0 ||
	    mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, NULL) < 0)
		return -errno;
	return 0;
}

/* A parent that died before the call is recognised by its end of the pipe, which nobody else has.
 */
static int die_with_parent(const int *alive, struct ipclens_error *ret_error)
{
	struct pollfd end = {.fd = alive[0]};

	close(alive[1]);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || poll(&end, 1, 0) != 0)
		return error_set(ret_error, -ECANCELED, "the stage was ended from outside");
	close(alive[0]);
	return 0;
}

static _Noreturn void fail(const struct pipes *pipes, const struct ipclens_error *error)
{
	(void)!write(pipes->failed[1], error, sizeof(*error));
	_exit(1);
}

/* The first process of the PID namespace: with it everybody ends. */
static _Noreturn void be_first(const struct pipes *pipes, stage_visit *visit, void *context)
{
	struct ipclens_error error = {0};
	int r = die_with_parent(pipes->alive, &error);

	if (r == 0) {
		r = mount_own();
		if (r == 0)
			r = stage_cast_start();
		if (r < 0)
			error_set(&error, r, "the stage could not be set: %s", strerror(-r));
	}
	if (r < 0)
		fail(pipes, &error);
	_exit(visit(context));
}

/* What the process ended with; or a negative errno. */
static int await(pid_t pid, struct ipclens_error *ret_error)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_set(ret_error, -errno, "%s", strerror(errno));
	if (!WIFEXITED(status))
		return error_set(ret_error, -ECANCELED, "the stage was ended from outside");
	return WEXITSTATUS(status);
}

/* Has the namespaces made, so that the caller keeps its own; then waits for the first process. */
static _Noreturn void be_keeper(const struct pipes *pipes, stage_visit *visit, void *context)
{
	struct pipes inner = {.failed = {pipes->failed[0], pipes->failed[1]}};
	struct ipclens_error error = {0};
	pid_t first;
	int r = die_with_parent(pipes->alive, &error);

	if (r == 0)
		r = enter_namespaces(&error);
	if (r == 0 && pipe2(inner.alive, O_CLOEXEC) < 0)
		r = error_set(&error, -errno, "%s", strerror(errno));
	if (r < 0)
		fail(pipes, &error);
	first = fork();
	if (first == 0)
		be_first(&inner, visit, context);
	close(inner.alive[0]);
	r = first < 0 ? error_set(&error, -errno, "%s", strerror(errno)) : await(first, &error);
	if (r < 0)
		fail(pipes, &error);
	_exit(r);
}

/* Everybody has ended, so that nobody can write any more. */
static int read_failure(int failed, struct ipclens_error *ret_error)
{
	struct ipclens_error error = {0};

	if (read(failed, &error, sizeof(error)) != sizeof(error))
		return 0;
	return error_set(ret_error, error.number, "%s", error.text);
}

int act_stage_run(stage_visit *visit, void *context, int *ret_result,
		  struct ipclens_error *ret_error)
{
	struct pipes pipes;
	pid_t keeper;
	int r, result;

	if (pipe2(pipes.alive, O_CLOEXEC) < 0 || pipe2(pipes.failed, O_CLOEXEC) < 0)
		return error_set(ret_error, -errno, "%s", strerror(errno));
	keeper = fork();
	if (keeper == 0)
		be_keeper(&pipes, visit, context);
	close(pipes.alive[0]);
	close(pipes.failed[1]);
	result = keeper < 0 ? error_set(ret_error, -errno, "%s", strerror(errno))
			    : await(keeper, ret_error);
	r = result < 0 ? result : read_failure(pipes.failed[0], ret_error);
	close(pipes.alive[1]);
	close(pipes.failed[0]);
	if (r == 0)
		*ret_result = result;
	return r;
}
