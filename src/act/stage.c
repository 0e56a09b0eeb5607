/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act/stage_cast.h"
#include "base/cleanup.h"

/* Between the caller and the first process of the stage. */
struct pipes {
	int alive[2];  /* its end: the caller has died */
	int failed[2]; /* an errno, where the stage could not be set */
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
static bool die_with_parent(const int *alive)
{
	struct pollfd end = {.fd = alive[0]};

	close(alive[1]);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || poll(&end, 1, 0) != 0)
		return false;
	close(alive[0]);
	return true;
}

static int set(const struct pipes *pipes)
{
	int r = die_with_parent(pipes->alive) ? mount_own() : -ECANCELED;

	return r ? r : stage_cast_start();
}

/* The first process of the PID namespace: with it everybody ends. */
static _Noreturn void be_first(const struct pipes *pipes, stage_visit *visit, void *context)
{
	int r = set(pipes);

	if (r < 0) {
		(void)!write(pipes->failed[1], &r, sizeof(r));
		_exit(1);
	}
	r = visit(context);
	_exit(r);
}

/* 0, or why the stage could not be set. Everybody has ended, so that nobody can write any more. */
static int read_failure(int failed)
{
	int r;

	return read(failed, &r, sizeof(r)) == sizeof(r) ? r : 0;
}

static int await(pid_t first, const struct pipes *pipes, int *ret_result,
		 struct ipclens_error *ret_error)
{
	int status, r;

	while (waitpid(first, &status, 0) < 0)
		if (errno != EINTR)
			return error_set(ret_error, -errno, "%s", strerror(errno));
	r = read_failure(pipes->failed[0]);
	if (r < 0)
		return error_set(ret_error, r, "the stage could not be set: %s", strerror(-r));
	if (!WIFEXITED(status))
		return error_set(ret_error, -ECANCELED, "the stage was ended from outside");
	*ret_result = WEXITSTATUS(status);
	return 0;
}

int act_stage_run(stage_visit *visit, void *context, int *ret_result,
		  struct ipclens_error *ret_error)
{
	struct pipes pipes;
	pid_t first;
	int r = enter_namespaces(ret_error);

	if (r < 0)
		return r;
	if (pipe2(pipes.alive, O_CLOEXEC) < 0 || pipe2(pipes.failed, O_CLOEXEC) < 0)
		return error_set(ret_error, -errno, "%s", strerror(errno));
	first = fork();
	if (first == 0)
		be_first(&pipes, visit, context);
	close(pipes.alive[0]);
	close(pipes.failed[1]);
	r = first < 0 ? error_set(ret_error, -errno, "%s", strerror(errno))
		      : await(first, &pipes, ret_result, ret_error);
	close(pipes.alive[1]);
	close(pipes.failed[0]);
	return r;
}
