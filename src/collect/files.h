/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the collectors of objects that are files share.
 */
#ifndef IPCLENS_COLLECT_FILES_H
#define IPCLENS_COLLECT_FILES_H

#include <sys/stat.h>

#include "collect/collector.h"

/* A new object of that name, with what stat() tells of every kind; NULL when there is no memory. */
struct object *file_add(struct collector *collector, enum kind kind, struct text name,
			const struct stat *status);

#endif
