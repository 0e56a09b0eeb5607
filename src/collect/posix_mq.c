/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * POSIX message queues. The kernel shows those of an IPC namespace as files of a file system
 * (ipc/mqueue.c). It is mounted here for a moment, and nowhere that anybody could see: so it is for
 * sure that of this namespace, and is there also where nobody has mounted it. That takes
 * CAP_SYS_ADMIN over the namespace. Without it there is the file system that everybody sees, if it
 * can be proven to be that one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parse_number.h"
#include "collect/files.h"
#include "collect/inside.h"
#include "collect/posix_mq.h"

/* Where mq_overview(7) has everybody look. It can be the file system of another namespace. */
#define VISIBLE_MOUNT "/dev/mqueue"
/* include/uapi/linux/magic.h has no name for it. */
#define MQUEUE_MAGIC 0x19800202

/* The folder's entries, read from the beginning; NULL on failure. */
static DIR *open_entries(int folder)
{
	int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = copy < 0 ? NULL : fdopendir(copy);

	if (!directory && copy >= 0)
		close(copy);
	return directory;
}

/*
 * Whether the queue that this namespace has under that name is the folder's. It is opened as any
 * client would, which changes nothing; many may not be opened by this viewer.
 */
static bool is_queue_of_namespace(int folder, const char *name)
{
	_cleanup_close_ int queue =
		(int)syscall(SYS_mq_open, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0, NULL);
	struct stat ours, theirs;

	return queue >= 0 && fstat(queue, &ours) == 0 &&
	       fstatat(folder, name, &theirs, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static bool is_proven(int folder)
{
	_cleanup_closedir_ DIR *directory = open_entries(folder);
	const struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.' && is_queue_of_namespace(folder, entry->d_name))
			return true;
	return false;
}

/* The folder that everybody sees; -1 where it is not there, or cannot be proven to be ours. */
static int find_visible_queues(void)
{
	_cleanup_close_ int folder = open(VISIBLE_MOUNT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs file_system;

	if (folder < 0 || fstatfs(folder, &file_system) < 0 || file_system.f_type != MQUEUE_MAGIC ||
	    !is_proven(folder))
		return -1;
	return take_fd(&folder);
}

static int report_no_mount(struct collector *collector, int number, const char *call)
{
	bool is_denied = number == EPERM || number == EACCES;
	const char *reason = strerror(number);

	if (is_denied)
		reason =
			collector->place && !collector->place->record.is_viewers
				? "it takes CAP_SYS_ADMIN to be shown the queues of an IPC namespace"
				: "it takes CAP_SYS_ADMIN to be shown the queues of this IPC "
				  "namespace, and no queue that you may read proves "
				  "that " VISIBLE_MOUNT " has them";
	else if (number == ENODEV)
		reason = "this kernel has no POSIX message queues";
	return collector_add_issue(collector, ISSUE_ABOUT_OBJECTS,
				   is_denied ? OUTCOME_DENIED : OUTCOME_UNSUPPORTED, KIND_MQ, NULL,
				   call, reason);
}

int posix_mq_parse(struct text text, struct posix_mq_contents *ret_contents)
{
	static const char *const names[] = {"QSIZE:", "NOTIFY:", "SIGNO:", "NOTIFY_PID:"};
	uint64_t numbers[4];

	for (size_t i = 0; i < 4; i++) {
		struct text name = text_of(names[i]), digits;

		while (text.length && text.bytes[0] == ' ')
			text = (struct text){text.bytes + 1, text.length - 1};
		if (text.length < name.length || memcmp(text.bytes, name.bytes, name.length) != 0)
			return -EINVAL;
		digits = (struct text){text.bytes + name.length, 0};
		while (name.length + digits.length < text.length &&
		       digits.bytes[digits.length] != ' ' && digits.bytes[digits.length] != '\n')
			digits.length++;
		if (parse_unsigned(digits, 10, UINT64_MAX, &numbers[i]) < 0)
			return -EINVAL;
		text = (struct text){digits.bytes + digits.length,
				     text.length - name.length - digits.length};
	}
	*ret_contents = (struct posix_mq_contents){.bytes = numbers[0], .notify_pid = numbers[3]};
	return 0;
}

/* The file's text, whose reading changes the times of the file: only where that was asked for. */
static void tell_contents(int fd, struct object *queue)
{
	struct posix_mq_contents contents;
	char text[128];
	ssize_t length = pread(fd, text, sizeof(text), 0);

	if (length < 0 || posix_mq_parse((struct text){text, (size_t)length}, &contents) < 0)
		return;
	queue->used_bytes = contents.bytes;
	object_mark(queue, OBJECT_USED_BYTES);
	if (contents.notify_pid) {
		queue->mq.notify_pid = (int64_t)contents.notify_pid;
		object_mark(queue, OBJECT_NOTIFY_PID);
	}
}

int posix_mq_ask(struct collector *collector, int fd, struct object *queue)
{
	struct mq_attr attributes;

	/* The call behind mq_getattr(), which changes nothing. */
	if (syscall(SYS_mq_getsetattr, fd, NULL, &attributes) < 0)
		return 0;
	queue->messages = (uint64_t)attributes.mq_curmsgs;
	queue->mq.max_messages = (uint64_t)attributes.mq_maxmsg;
	queue->mq.max_message_bytes = (uint64_t)attributes.mq_msgsize;
	object_mark(queue, OBJECT_MESSAGES);
	object_mark(queue, OBJECT_MAX_MESSAGES);
	object_mark(queue, OBJECT_MAX_MESSAGE_BYTES);
	if (collector->scope.has_fill)
		tell_contents(fd, queue);
	return 0;
}

static int tell_queue(struct collector *collector, const char *name, struct object *queue)
{
	_cleanup_close_ int fd =
		openat(collector->mq_folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		return posix_mq_ask(collector, fd, queue);
	if (errno == ENOENT)
		return 0;
	return collector_add_issue(collector, ISSUE_ABOUT_CONTENTS, OUTCOME_DENIED, KIND_MQ, queue,
				   "openat", strerror(errno));
}

static int add_queue(struct collector *collector, const char *name)
{
	char shown[NAME_MAX + 2];
	struct object *queue;
	struct stat status;

	if (!strcmp(name, ".") || !strcmp(name, "..") ||
	    fstatat(collector->mq_folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(status.st_mode))
		return 0;
	snprintf(shown, sizeof(shown), "/%s", name);
	queue = file_add(collector, KIND_MQ, text_of(shown), &status);
	if (!queue)
		return -ENOMEM;
	return tell_queue(collector, name, queue);
}

static int add_queues(struct collector *collector)
{
	_cleanup_closedir_ DIR *directory = open_entries(collector->mq_folder);
	const struct dirent *entry;
	int r = directory ? 0 : -errno;

	while (r == 0 && (entry = readdir(directory)))
		r = add_queue(collector, entry->d_name);
	return r;
}

/* Of the viewer's own namespace there is another way. */
static int find_own_queues(struct collector *collector)
{
	return collector->place && !collector->place->record.is_viewers ? -1
									: find_visible_queues();
}

static void know_device(struct collector *collector, uint64_t device)
{
	if (collector->place) {
		collector->place->mq_device = device;
		collector->place->has_mq_device = true;
	}
	if (!collector->place || collector->place->record.is_viewers) {
		collector->mq_device = device;
		collector->has_mq_device = true;
	}
}

int posix_mq_collect(struct collector *collector)
{
	const char *call;
	struct stat status;
	uint64_t device;
	int number, r;

	if (inside_has_no_queues(collector, &device)) {
		know_device(collector, device);
		return 0;
	}
	collector->mq_folder = -1;
	number = inside_open_queues(collector, collector->place, &collector->mq_folder, &call);
	if (number)
		collector->mq_folder = find_own_queues(collector);
	if (collector->mq_folder < 0)
		return report_no_mount(collector, number, call);
	if (fstat(collector->mq_folder, &status) == 0)
		know_device(collector, device_number(major(status.st_dev), minor(status.st_dev)));
	r = add_queues(collector);
	close(collector->mq_folder);
	collector->mq_folder = -1;
	return r;
}
