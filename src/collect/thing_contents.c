/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is asked of things through the descriptor of a process: queues without a name; and how full
 * pipes are, which bpf tells, or else takes a copy of one end for a moment, so only where that was
 * asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collect/search.h"

static struct object *object_of(struct collector *collector, const struct thing *thing)
{
	if (thing->object == THING_NO_OBJECT || !thing->pid)
		return NULL;
	return &collector->snapshot->objects.items[thing->object];
}

/* To open a queue's link is to open the queue: a pipe's would make another end. */
static int ask_queue(struct collector *collector, const struct thing *thing)
{
	struct object *queue = object_of(collector, thing);
	_cleanup_close_ int fd = -1;
	char path[80];

	if (!queue || object_has(queue, OBJECT_MESSAGES) || !collector->root.is_live)
		return 0;
	snprintf(path, sizeof(path), "proc/%lld/fd/%llu", (long long)thing->pid,
		 (unsigned long long)thing->fd);
	if (rooted_open(&collector->root, path, &fd) != 0)
		return 0;
	return posix_mq_ask(collector, fd, queue);
}

void pipe_ask(int fd, struct object *pipe)
{
	int bytes, size = fcntl(fd, F_GETPIPE_SZ);

	if (size > 0) {
		pipe->max_bytes = (uint64_t)size;
		object_mark(pipe, OBJECT_MAX_BYTES);
	}
	if (ioctl(fd, FIONREAD, &bytes) == 0 && bytes >= 0) {
		pipe->used_bytes = (uint64_t)bytes;
		object_mark(pipe, OBJECT_USED_BYTES);
	}
}

/* A copy of the process's descriptor; -1 with errno. */
static int copy_descriptor(const struct thing *thing)
{
	_cleanup_close_ int process = (int)syscall(SYS_pidfd_open, (pid_t)thing->pid, 0);

	if (process < 0)
		return -1;
	return (int)syscall(SYS_pidfd_getfd, process, (int)thing->fd, 0);
}

static void set_fill(struct object *pipe, const struct thing *thing)
{
	pipe->used_bytes = thing->used_bytes;
	pipe->max_bytes = thing->max_bytes;
	object_mark(pipe, OBJECT_USED_BYTES);
	object_mark(pipe, OBJECT_MAX_BYTES);
}

static int ask_pipe(struct collector *collector, const struct thing *thing)
{
	struct object *pipe = object_of(collector, thing);
	_cleanup_close_ int fd = -1;
	struct stat status;

	if (!pipe || !collector->root.is_live)
		return 0;
	if (thing->has_fill) {
		set_fill(pipe, thing);
		return 0;
	}
	fd = copy_descriptor(thing);
	/* By now it can be another file's. */
	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISFIFO(status.st_mode) ||
	    status.st_ino != thing->inode)
		return collector_add_issue(collector, ISSUE_ABOUT_CONTENTS,
					   fd < 0 && errno == EPERM ? OUTCOME_DENIED : OUTCOME_GONE,
					   thing->kind, NULL, "pidfd_getfd",
					   "how full some pipes are could not be read");
	pipe_ask(fd, pipe);
	return 0;
}

int things_ask(struct collector *collector, const struct things *things)
{
	int r = 0;

	vector_for_each (&things->items, thing) {
		if (thing->kind == KIND_MQ)
			r = ask_queue(collector, thing);
		else if (collector->scope.has_fill &&
			 (thing->kind == KIND_PIPE || thing->kind == KIND_FIFO))
			r = ask_pipe(collector, thing);
		if (r < 0)
			return r;
	}
	return 0;
}
