/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef IPCLENS_COLLECT_PROC_PIDS_H
#define IPCLENS_COLLECT_PROC_PIDS_H

#include "base/rooted.h"
#include "base/vector.h"

struct pid_list {
	VECTOR(int64_t) pids; /* in the order of the directory */
};

/*
 * Adds the numbers that name entries of a directory: processes of "proc", threads of a "task". 0,
 * -ENOMEM, or another result of rooted_open().
 */
int proc_list_pids(const struct rooted *root, const char *path, struct pid_list *list);

#endif
