/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/proc_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parse_number.h"
#include "model/process.h"

/* As the kernel writes them: man 2 getdents64. */
struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

#define ENTRIES_SIZE ((size_t)8192)

/* Names that are no numbers, "." and "..", are no descriptors. */
static bool parse_name(const char *name, uint64_t *ret_fd)
{
	return parse_unsigned(text_of(name), 10, INT32_MAX, ret_fd) == 0;
}

/* 0; OUTCOME_DENIED; or what the handler returned. *has_some is set where it is a descriptor. */
static int handle(int folder, const char *name, bool *has_some, descriptor_handler *handler,
		  void *context)
{
	char link[PROC_FD_LINK_MAX];
	struct descriptor descriptor = {.name = name, .folder = folder};
	ssize_t length;

	if (!parse_name(name, &descriptor.fd))
		return 0;
	*has_some = true;
	for (;; descriptor.changes++) {
		int r;

		length = readlinkat(folder, name, link, sizeof(link));
		/* The folder may be listed although the links may not be read. */
		if (length < 0)
			return errno == EACCES || errno == EPERM ? OUTCOME_DENIED : 0;
		descriptor.link = (struct text){link, (size_t)length};
		r = handler(&descriptor, context);
		if (r != PROC_FD_CHANGED)
			return r;
		if (descriptor.changes >= PROC_FD_MOST_CHANGES)
			return 0;
	}
}

static int handle_entries(int folder, const char *entries, size_t length, bool *has_some,
			  descriptor_handler *handler, void *context)
{
	size_t at = 0;

	/* The shortest entries end before the size of the struct, which has padding. */
	while (at + offsetof(struct entry, name) < length) {
		const struct entry *entry = (const struct entry *)(const void *)(entries + at);
		int r = handle(folder, entry->name, has_some, handler, context);

		if (r != 0)
			return r;
		if (!entry->length)
			break;
		at += entry->length;
	}
	return 0;
}

int proc_fd_read(const struct rooted *root, const char *path, descriptor_handler *handler,
		 void *context)
{
	char entries[ENTRIES_SIZE] __attribute__((aligned(8)));
	_cleanup_close_ int folder = -1;
	bool has_some = false;
	int r = rooted_open(root, path, &folder);

	while (r == 0) {
		long length = syscall(SYS_getdents64, folder, entries, sizeof(entries));

		if (length == 0)
			return has_some ? 0 : OUTCOME_GONE;
		if (length < 0)
			return errno == ENOENT || errno == ESRCH   ? OUTCOME_GONE
			       : errno == EACCES || errno == EPERM ? OUTCOME_DENIED
								   : -errno;
		r = handle_entries(folder, entries, (size_t)length, &has_some, handler, context);
	}
	return r;
}

int proc_fd_read_one(const struct rooted *root, const char *path, uint64_t fd,
		     descriptor_handler *handler, void *context)
{
	_cleanup_close_ int folder = -1;
	bool has_some = false;
	char name[24];
	int r = rooted_open(root, path, &folder);

	snprintf(name, sizeof(name), "%llu", (unsigned long long)fd);
	return r ? r : handle(folder, name, &has_some, handler, context);
}

bool proc_fd_parse_pipe(struct text link, uint64_t *ret_inode)
{
	static const char start[] = "pipe:[";
	const size_t length = sizeof(start) - 1;

	return link.length > length + 1 && memcmp(link.bytes, start, length) == 0 &&
	       link.bytes[link.length - 1] == ']' &&
	       parse_unsigned((struct text){link.bytes + length, link.length - length - 1}, 10,
			      UINT64_MAX, ret_inode) == 0;
}

/* 0; OUTCOME_GONE; PROC_FD_CHANGED. */
static int compare_link(const struct descriptor *descriptor)
{
	char link[PROC_FD_LINK_MAX];
	ssize_t length = readlinkat(descriptor->folder, descriptor->name, link, sizeof(link));

	if (length < 0)
		return OUTCOME_GONE;
	return text_equals(descriptor->link, (struct text){link, (size_t)length}) ? 0
										  : PROC_FD_CHANGED;
}

int proc_fd_access(const struct descriptor *descriptor, uint64_t *ret_access)
{
	struct stat status;
	int r;

	if (fstatat(descriptor->folder, descriptor->name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return OUTCOME_GONE;
	r = compare_link(descriptor);
	if (r == 0)
		*ret_access = (status.st_mode & S_IRUSR ? LINK_READ : 0U) |
			      (status.st_mode & S_IWUSR ? LINK_WRITE : 0U);
	return r;
}

/* The number behind the name, at the beginning of a line; false where there is none. */
static bool find_number(struct text info, struct text name, unsigned int base, uint64_t *ret_number)
{
	while (info.length) {
		struct text line = text_take_part(&info, '\n');

		if (line.length > name.length && memcmp(line.bytes, name.bytes, name.length) == 0)
			return parse_unsigned((struct text){line.bytes + name.length,
							    line.length - name.length},
					      base, UINT64_MAX, ret_number) == 0;
	}
	return false;
}

int proc_fd_parse_info(struct text info, uint64_t *ret_inode, uint64_t *ret_access)
{
	uint64_t inode, flags;

	if (!find_number(info, TEXT_LITERAL("ino:\t"), 10, &inode) ||
	    !find_number(info, TEXT_LITERAL("flags:\t"), 8, &flags))
		return OUTCOME_UNSUPPORTED;
	*ret_inode = inode;
	if (flags & O_PATH)
		*ret_access = 0;
	else
		*ret_access = ((flags & O_ACCMODE) != O_WRONLY ? LINK_READ : 0U) |
			      ((flags & O_ACCMODE) != O_RDONLY ? LINK_WRITE : 0U);
	return 0;
}

/* 0; OUTCOME_GONE; OUTCOME_UNSUPPORTED: before Linux 5.14 it does not tell the inode. */
static int read_info(const struct descriptor *descriptor, uint64_t *ret_inode, uint64_t *ret_access)
{
	char path[40], info[1024];
	_cleanup_close_ int file = -1;
	ssize_t length;

	snprintf(path, sizeof(path), "../fdinfo/%s", descriptor->name);
	file = openat(descriptor->folder, path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return errno == ENOENT || errno == ESRCH ? OUTCOME_GONE : OUTCOME_UNSUPPORTED;
	length = read(file, info, sizeof(info));
	if (length <= 0)
		return OUTCOME_GONE;
	return proc_fd_parse_info((struct text){info, (size_t)length}, ret_inode, ret_access);
}

int proc_fd_pipe_access(const struct descriptor *descriptor, uint64_t inode, uint64_t *ret_access)
{
	uint64_t current, access;
	int r = read_info(descriptor, &current, &access);

	if (r == OUTCOME_UNSUPPORTED)
		return proc_fd_access(descriptor, ret_access);
	if (r == 0 && current != inode)
		return PROC_FD_CHANGED;
	if (r == 0)
		*ret_access = access;
	return r;
}

bool proc_fd_stat(const struct descriptor *descriptor, struct stat *ret_status)
{
	return fstatat(descriptor->folder, descriptor->name, ret_status, 0) == 0;
}
