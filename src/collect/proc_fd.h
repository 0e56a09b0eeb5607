/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The descriptors of a process, from the links in /proc/PID/fd. None is opened: to open such a link
 * opens the file anew, which makes another end of a pipe.
 */
#ifndef IPCLENS_COLLECT_PROC_FD_H
#define IPCLENS_COLLECT_PROC_FD_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/rooted.h"
#include "base/text.h"

/* The longest link: a path of PATH_MAX, and " (deleted)". */
#define PROC_FD_LINK_MAX (4096 + 64)

struct descriptor {
	uint64_t fd;
	const char *name;     /* the same in digits, NUL-terminated; borrowed */
	struct text link;     /* borrowed */
	int folder;	      /* the opened directory, to ask further in */
	unsigned int changes; /* how often it changed while it was looked at */
};

/* The outcome of a look at a descriptor that is another file's by now; next to enum outcome. */
#define PROC_FD_CHANGED 100

/* One that has changed so often is not looked at once more. */
#define PROC_FD_MOST_CHANGES 8

/*
 * What is done with each descriptor. 0; PROC_FD_CHANGED, to be called again with what it is now; or
 * a negative errno that ends the reading.
 */
typedef int descriptor_handler(const struct descriptor *descriptor, void *context);

/*
 * Calls the handler for each descriptor; the path is that of a directory fd below the root. 0;
 * OUTCOME_GONE, also where there is not one: a thread that has exited is shown without any;
 * OUTCOME_DENIED; a negative errno. One that is closed meanwhile is passed over.
 */
int proc_fd_read(const struct rooted *root, const char *path, descriptor_handler *handler,
		 void *context);

/* The same of one descriptor. */
int proc_fd_read_one(const struct rooted *root, const char *path, uint64_t fd,
		     descriptor_handler *handler, void *context);

/* The inode in a link to a pipe, "pipe:[4711]"; false for any other link. */
bool proc_fd_parse_pipe(struct text link, uint64_t *ret_inode);

/*
 * What a descriptor permits: bits of enum link_access, from the mode of its link (fs/proc/fd.c:
 * tid_fd_update_inode). As the number can be another file's from one call to the next, the link is
 * read again. 0; OUTCOME_GONE: it was closed; PROC_FD_CHANGED.
 */
int proc_fd_access(const struct descriptor *descriptor, uint64_t *ret_access);

/*
 * The same of one that has the pipe of this inode, from fdinfo, where one call tells both: also if
 * it is another file's for a moment, again and again. It takes three times as long.
 */
int proc_fd_pipe_access(const struct descriptor *descriptor, uint64_t inode, uint64_t *ret_access);

/* What the text of fdinfo tells; OUTCOME_UNSUPPORTED where it does not. */
int proc_fd_parse_info(struct text info, uint64_t *ret_inode, uint64_t *ret_access);

/* The file itself; false where it was closed, or may not be looked at. */
bool proc_fd_stat(const struct descriptor *descriptor, struct stat *ret_status);

#endif
