/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading of files below a directory: "/" for the running machine, or a recorded tree. Every read
 * of /proc goes through here, so that a recorded tree, and a test that injects a denial, are seen
 * by all collectors alike.
 */
#ifndef IPCLENS_BASE_ROOTED_H
#define IPCLENS_BASE_ROOTED_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"

struct rooted {
	int fd;	      /* of the directory; -1 where is_live: the root of the machine itself */
	bool is_live; /* the running machine, not a recorded tree */
	/* For tests: a positive errno to fail with for this path, or 0. NULL: nothing injected. */
	int (*inject)(const char *path);
	/*
	 * Files that come from elsewhere, opened for reading: as rooted_open(); ROOTED_HERE where
	 * the path is to be opened as usual. NULL: all are here.
	 */
	int (*elsewhere)(void *context, const char *path, int *ret_fd);
	void *context;
};

#define ROOTED_HERE INT_MIN

#define ROOTED_NONE ((struct rooted){.fd = -1})

/*
 * Opens the directory; NULL means the running machine. 0, or a negative errno with ret_error set.
 */
int rooted_init(struct rooted *rooted, const char *directory, struct ipclens_error *ret_error);
void rooted_deinit(struct rooted *rooted);

/*
 * Paths are relative to the root and have no leading slash ("proc/sysvipc/shm"). What does not
 * exist is OUTCOME_GONE, what may not be read OUTCOME_DENIED, what the kernel does not have
 * OUTCOME_UNSUPPORTED; other failures are a negative errno.
 */

/* Why such a result is no file, as the end of a sentence about it. */
const char *rooted_reason(int result);

/*
 * A descriptor for reading (close-on-exec) in *ret_fd, owned by the caller. -ENXIO: what stands
 * there in a recorded tree is neither a file nor a folder.
 */
int rooted_open(const struct rooted *rooted, const char *path, int *ret_fd);

/* A descriptor of a directory to open files below with, not for reading; owned by the caller. */
int rooted_open_directory(const struct rooted *rooted, const char *path, int *ret_fd);

/* What the path leads to, for looking (O_PATH): nothing is opened by it; owned by the caller. */
int rooted_find(const struct rooted *rooted, const char *path, int *ret_fd);

/*
 * A path as the processes see it whose root that is ("proc/4711/root"): links in it lead to nowhere
 * else, whoever made them. The descriptor is for looking (O_PATH), and nothing is opened by it;
 * owned by the caller.
 */
int rooted_find_in(const struct rooted *rooted, const char *root, const char *path, int *ret_fd);

/*
 * Adds the whole file to the buffer; a file of more than limit bytes is -EFBIG, and what was added
 * until then stays in the buffer.
 */
int rooted_read(const struct rooted *rooted, const char *path, size_t limit, struct buffer *buffer);

/*
 * The beginning of a file that the kernel hands out in one piece, or of any file: what one read
 * gives of at most size bytes.
 */
int rooted_read_once(const struct rooted *rooted, const char *path, char *room, size_t size,
		     size_t *ret_length);

/* The target of a symbolic link, NUL-terminated; one that does not fit is -ENAMETOOLONG. */
int rooted_readlink(const struct rooted *rooted, const char *path, char *target, size_t size);

/* As fstatat(), with its flags. */
int rooted_stat(const struct rooted *rooted, const char *path, int flags, struct stat *ret_status);

#define _cleanup_rooted_ __attribute__((cleanup(rooted_deinit)))

#endif
