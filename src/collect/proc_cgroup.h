/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whose a process is: the container, pod or unit that its control group is named for. Who manages
 * containers names their groups in ways of their own; nobody is asked.
 */
#ifndef IPCLENS_COLLECT_PROC_CGROUP_H
#define IPCLENS_COLLECT_PROC_CGROUP_H

#include "base/rooted.h"
#include "base/text.h"

/* The longest name that is made. */
#define PROC_CGROUP_NAME_MAX 192

/*
 * The name in the text of /proc/PID/cgroup, such as "docker:3f2a91c0ffee" or "nginx.service";
 * the text is borrowed from room. Empty where the process is in no group that has one.
 */
struct text proc_cgroup_parse(struct text text, char room[static PROC_CGROUP_NAME_MAX]);

/* The same of a process, whose file that is. Empty where it cannot be read, too. */
struct text proc_cgroup_read(const struct rooted *root, const char *path,
			     char room[static PROC_CGROUP_NAME_MAX]);

#endif
