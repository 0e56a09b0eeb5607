/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waits on what a thread has open: POSIX queues, pipes and FIFOs.
 */
#include "collect/search_calls.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collect/proc_fd.h"

/* Where the texts of a descriptor are. */
struct opened {
	char name[DIGITS_MAX + 1];
	char link[PROC_FD_LINK_MAX];
	struct descriptor descriptor;
};

/* False where it is closed, or may not be seen. */
static bool find_descriptor(int folder, int64_t fd, struct opened *opened)
{
	ssize_t length;

	if (fd < 0)
		return false;
	snprintf(opened->name, sizeof(opened->name), "%lld", (long long)fd);
	length = readlinkat(folder, opened->name, opened->link, sizeof(opened->link));
	if (length < 0)
		return false;
	opened->descriptor = (struct descriptor){.fd = (uint64_t)fd,
						 .name = opened->name,
						 .link = {opened->link, (size_t)length},
						 .folder = folder};
	return true;
}

int call_file_add(struct blocked_thread *thread, struct blocked_waits *waits, int64_t fd,
		  bool wants_to_write)
{
	_cleanup_close_ int folder = -1;
	char path[96], room[256];
	struct opened opened;
	struct thing thing = {.pid = thread->finder->pid, .fd = (uint64_t)fd};
	bool is_queue;

	snprintf(path, sizeof(path), "%sfd", thread->prefix);
	if (rooted_open_directory(thread->root, path, &folder) != 0 ||
	    !find_descriptor(folder, fd, &opened) ||
	    !search_identify(thread->finder, &opened.descriptor, &thing, room) ||
	    !(KIND_BIT(thing.kind) &
	      (KIND_BIT(KIND_PIPE) | KIND_BIT(KIND_FIFO) | KIND_BIT(KIND_MQ)))) {
		waits->has_others = true;
		return 0;
	}
	is_queue = thing.kind == KIND_MQ;
	return blocked_waits_add_thing(waits, thread, &thing,
				       wants_to_write ? (is_queue ? WAIT_SEND : WAIT_WRITE)
						      : (is_queue ? WAIT_RECEIVE : WAIT_READ));
}

static bool is_regular(const struct blocked_thread *thread, int64_t fd)
{
	struct stat status;
	char path[96];

	snprintf(path, sizeof(path), "%sfd/%lld", thread->prefix, (long long)fd);
	return rooted_stat(thread->root, path, 0, &status) == 0 && S_ISREG(status.st_mode);
}

/* One end can be a file, at which nobody sleeps for long. */
static int add_end(struct blocked_thread *thread, struct blocked_waits *waits, int64_t fd,
		   bool wants_to_write)
{
	return is_regular(thread, fd) ? 0 : call_file_add(thread, waits, fd, wants_to_write);
}

/*
 * The direction of vmsplice() is that of the end: an end to write is written to, also where it
 * could be read as well (fs/splice.c: vmsplice_type()).
 */
static int decode_vmsplice(struct blocked_thread *thread, struct blocked_waits *waits, int64_t fd)
{
	struct stat link;
	char path[96];

	snprintf(path, sizeof(path), "%sfd/%lld", thread->prefix, (long long)fd);
	if (rooted_stat(thread->root, path, AT_SYMLINK_NOFOLLOW, &link) != 0)
		return 0;
	return call_file_add(thread, waits, fd, link.st_mode & S_IWUSR);
}

/* What it reads from can keep it waiting as well, if it is no file. */
static int decode_sendfile(struct blocked_thread *thread, struct blocked_waits *waits)
{
	waits->has_others |= !is_regular(thread, (int32_t)thread->call.arguments[1]);
	return call_file_add(thread, waits, (int32_t)thread->call.arguments[0], true);
}

/*
 * splice() and tee() sleep at either end: at the one that cannot go on, which the arguments do not
 * tell.
 */
static int decode_splice(struct blocked_thread *thread, struct blocked_waits *waits,
			 uint64_t fd_to_write)
{
	int r = add_end(thread, waits, (int32_t)thread->call.arguments[0], false);

	if (r == 0 && !waits->has_others)
		r = add_end(thread, waits, (int32_t)fd_to_write, true);
	blocked_waits_mark_alternatives(waits);
	return r;
}

static void set_amount(struct blocked_waits *waits, uint64_t bytes)
{
	for (size_t i = 0; i < waits->count; i++)
		seen_wait_set(&waits->items[i], WAIT_AMOUNT, &waits->items[i].wait.amount, bytes);
}

int call_file_decode(struct blocked_thread *thread, struct blocked_waits *waits)
{
	const uint64_t *arguments = thread->call.arguments;
	int64_t fd = (int32_t)arguments[0];
	bool sends = thread->blocked->class == BLOCKED_MQ_SEND;
	int r = 0;

	switch (thread->blocked->class) {
	case BLOCKED_READ:
		return call_file_add(thread, waits, fd, false);
	case BLOCKED_WRITE:
		return call_file_add(thread, waits, fd, true);
	case BLOCKED_VMSPLICE:
		return decode_vmsplice(thread, waits, fd);
	case BLOCKED_SENDFILE:
		return decode_sendfile(thread, waits);
	case BLOCKED_SPLICE:
		return decode_splice(thread, waits, arguments[2]);
	case BLOCKED_TEE:
		return decode_splice(thread, waits, arguments[1]);
	case BLOCKED_MQ_SEND:
	case BLOCKED_MQ_RECEIVE:
		r = call_file_add(thread, waits, fd, sends);
		if (sends)
			set_amount(waits, arguments[2]);
		blocked_waits_set_timeout(waits, thread, arguments[4], BLOCKED_REALTIME);
		return r;
	default:
		return 0;
	}
}
