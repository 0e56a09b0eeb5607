/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/rooted.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

#define READ_SIZE ((size_t)16 * 1024)

int rooted_init(struct rooted *rooted, const char *directory, struct ipclens_error *ret_error)
{
	int fd = -1;

	if (directory)
		fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory && fd < 0)
		return error_set(ret_error, -errno, "%s: %s", directory,
				 errno == ENOTDIR ? "it is no folder, as a recorded tree is"
						  : strerror(errno));
	*rooted = (struct rooted){.fd = fd, .is_live = !directory};
	return 0;
}

void rooted_deinit(struct rooted *rooted)
{
	if (rooted->fd >= 0)
		close(rooted->fd);
	*rooted = ROOTED_NONE;
}

static int result_of_errno(int number)
{
	int outcome = outcome_from_errno(number);

	return outcome ? outcome : -number;
}

static int injected(const struct rooted *rooted, const char *path)
{
	return rooted->inject ? rooted->inject(path) : 0;
}

/* A path to be opened, and the directory that it is relative to. */
struct place {
	int directory;
	const char *path;
	char room[PATH_MAX];
};

/*
 * On the running machine a path begins with the root. Where several threads look at once, each use
 * of a descriptor writes to what they share, and they wait for each other: looking at the links of
 * 2000 processes takes two threads half as long without.
 */
static int find_place(const struct rooted *rooted, const char *path, struct place *place)
{
	bool is_top = rooted->is_live && rooted->fd < 0;
	size_t length = strlen(path);

	place->directory = is_top ? AT_FDCWD : rooted->fd;
	place->path = is_top ? place->room : path;
	if (!is_top)
		return 0;
	if (length + 2 > sizeof(place->room))
		return ENAMETOOLONG;
	place->room[0] = '/';
	memcpy(place->room + 1, path, length + 1);
	return 0;
}

static int open_below(const struct rooted *rooted, const char *path, int flags, int *ret_fd)
{
	int number = injected(rooted, path);
	struct place place;
	int fd;

	if (!number)
		number = find_place(rooted, path, &place);
	if (number)
		return result_of_errno(number);
	fd = openat(place.directory, place.path, flags | O_CLOEXEC);
	if (fd < 0)
		return result_of_errno(errno);
	*ret_fd = fd;
	return 0;
}

/* A recorded tree is anyone's: a link in it may lead to a device that never ends. */
static bool is_file_or_directory(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

int rooted_open(const struct rooted *rooted, const char *path, int *ret_fd)
{
	/* Nor must a FIFO in it block, or a terminal become ours. */
	int fd = -1;
	int r = rooted->elsewhere ? rooted->elsewhere(rooted->context, path, ret_fd) : ROOTED_HERE;

	if (r != ROOTED_HERE)
		return r;
	r = open_below(rooted, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, &fd);

	if (r != 0)
		return r;
	if (!rooted->is_live && !is_file_or_directory(fd)) {
		close(fd);
		return -ENXIO;
	}
	*ret_fd = fd;
	return 0;
}

const char *rooted_reason(int result)
{
	switch (result) {
	case OUTCOME_DENIED:
		return "permission denied";
	case -ENXIO:
		return "it is a FIFO, a device or a socket, and was not opened: put the file that was "
		       "recorded in its place";
	case -EISDIR:
		return "it is a folder: put the file that was recorded in its place";
	default:
		return result < 0 ? strerror(-result) : "no such file";
	}
}

int rooted_open_directory(const struct rooted *rooted, const char *path, int *ret_fd)
{
	return open_below(rooted, path, O_PATH | O_DIRECTORY, ret_fd);
}

int rooted_find(const struct rooted *rooted, const char *path, int *ret_fd)
{
	return open_below(rooted, path, O_PATH, ret_fd);
}

int rooted_find_in(const struct rooted *rooted, const char *root, const char *path, int *ret_fd)
{
	/* Links of /proc are not for containers to set up, and a device is not opened by O_PATH. */
	struct open_how how = {.flags = O_PATH | O_CLOEXEC,
			       .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	_cleanup_close_ int folder = -1;
	int fd, r = rooted_open_directory(rooted, root, &folder);

	if (r != 0)
		return r;
	fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));
	if (fd < 0)
		return result_of_errno(errno);
	*ret_fd = fd;
	return 0;
}

int rooted_read(const struct rooted *rooted, const char *path, size_t limit, struct buffer *buffer)
{
	_cleanup_close_ int fd = -1;
	size_t total = 0;
	int r = rooted_open(rooted, path, &fd);

	if (r != 0)
		return r;
	for (;;) {
		char *room = buffer_reserve(buffer, READ_SIZE);
		ssize_t length;

		if (!room)
			return buffer->error;
		length = read(fd, room, READ_SIZE);
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return result_of_errno(errno);
		if (length == 0)
			return 0;
		buffer_advance(buffer, (size_t)length);
		total += (size_t)length;
		if (total > limit)
			return -EFBIG;
	}
}

int rooted_read_once(const struct rooted *rooted, const char *path, char *room, size_t size,
		     size_t *ret_length)
{
	_cleanup_close_ int fd = -1;
	ssize_t length;
	int r = rooted_open(rooted, path, &fd);

	if (r != 0)
		return r;
	do {
		length = read(fd, room, size);
	} while (length < 0 && errno == EINTR);
	if (length < 0)
		return result_of_errno(errno);
	*ret_length = (size_t)length;
	return 0;
}

int rooted_readlink(const struct rooted *rooted, const char *path, char *target, size_t size)
{
	int number = injected(rooted, path);
	struct place place;
	ssize_t length;

	if (!number)
		number = find_place(rooted, path, &place);
	if (number)
		return result_of_errno(number);
	length = readlinkat(place.directory, place.path, target, size);
	if (length < 0)
		return result_of_errno(errno);
	if ((size_t)length >= size)
		return -ENAMETOOLONG;
	target[length] = '\0';
	return 0;
}

int rooted_stat(const struct rooted *rooted, const char *path, int flags, struct stat *ret_status)
{
	int number = injected(rooted, path);
	struct place place;

	if (!number)
		number = find_place(rooted, path, &place);
	if (!number && fstatat(place.directory, place.path, ret_status, flags) < 0)
		number = errno;
	return number ? result_of_errno(number) : 0;
}
