/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * FIFOs that threads wait to open: open() sleeps until somebody opens the other end, so that no
 * descriptor shows it yet. The path that the call was given is read from the process's memory.
 */
#include "collect/search_calls.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collect/remote_memory.h"

/* The arguments of an open() that sleeps. */
struct opening {
	int folder; /* AT_FDCWD, or a descriptor of the process */
	uint64_t path;
	uint64_t flags;
};

/* False where the flags cannot be read. */
static bool opening_of(const struct blocked_thread *thread, struct opening *ret_opening)
{
	const uint64_t *arguments = thread->call.arguments;
	struct open_how how = {0};

	switch (thread->blocked->class) {
	case BLOCKED_OPEN:
		*ret_opening = (struct opening){AT_FDCWD, arguments[0], arguments[1]};
		return true;
	case BLOCKED_CREAT:
		*ret_opening = (struct opening){AT_FDCWD, arguments[0], O_WRONLY};
		return true;
	case BLOCKED_OPENAT2:
		*ret_opening = (struct opening){(int)(uint32_t)arguments[0], arguments[1], 0};
		if (!remote_read(thread->tid, arguments[2], &how, sizeof(how)))
			return false;
		ret_opening->flags = how.flags;
		return true;
	default:
		*ret_opening =
			(struct opening){(int)(uint32_t)arguments[0], arguments[1], arguments[2]};
		return true;
	}
}

/* Opens a folder of the process, "root", "cwd" or "fd/3", by which its paths are to be read. */
static int open_folder(const struct rooted *root, const char *prefix, const char *name)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s%s", prefix, name);
	return rooted_open_directory(root, path, &fd) == 0 ? fd : -1;
}

/* An absolute path begins at the process's root, and links in it do, too. */
static bool stat_absolute(const struct rooted *root, const char *prefix, const char *path,
			  struct stat *ret_status)
{
	const struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
	_cleanup_close_ int folder = open_folder(root, prefix, "root");
	_cleanup_close_ int fd = -1;

	if (folder < 0)
		return false;
	fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));
	return fd >= 0 && fstat(fd, ret_status) == 0;
}

static bool stat_path(const struct rooted *root, const char *prefix, const struct opening *opening,
		      const char *path, struct stat *ret_status)
{
	_cleanup_close_ int folder = -1;
	char name[32] = "cwd";

	if (path[0] == '/')
		return stat_absolute(root, prefix, path, ret_status);
	if (opening->folder != AT_FDCWD)
		snprintf(name, sizeof(name), "fd/%d", opening->folder);
	folder = open_folder(root, prefix, name);
	return folder >= 0 && fstatat(folder, path, ret_status, 0) == 0;
}

bool call_open_decode(const struct blocked_thread *thread, struct thing *ret_fifo,
		      char name[static REF_NAME_MAX], uint64_t *ret_access)
{
	struct opening opening;
	struct stat status;

	if (!opening_of(thread, &opening) ||
	    !remote_read_string(thread->tid, opening.path, name, REF_NAME_MAX) ||
	    !stat_path(thread->root, thread->prefix, &opening, name, &status) ||
	    !S_ISFIFO(status.st_mode))
		return false;
	*ret_fifo =
		(struct thing){.kind = KIND_FIFO,
			       .device = device_number(major(status.st_dev), minor(status.st_dev)),
			       .inode = status.st_ino,
			       .name = name[0] == '/' ? text_of(name) : TEXT_NONE,
			       .has_state = true,
			       .state = {.uid = status.st_uid,
					 .gid = status.st_gid,
					 .mode = status.st_mode & 0777,
					 .changed_at = status.st_ctime}};
	*ret_access = (opening.flags & O_ACCMODE) == O_WRONLY ? LINK_WRITE : LINK_READ;
	return true;
}
