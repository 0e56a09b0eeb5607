/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPCLENS_CLI_USER_TABLE_H
#define IPCLENS_CLI_USER_TABLE_H

#include "model/snapshot.h"
#include "render/style.h"

/*
 * Prints who uses the object: those of whom it is proven, what that is of what the kernel counts,
 * and whom the object remembers. Each line stands behind the indent (NULL: none). 0 or -errno.
 */
int user_table_print(const struct snapshot *snapshot, const struct object *object,
		     const char *indent, const struct style *style);

/* The cell of USE_ACCESS as in the maps of a process: "rw-". For table_layout.add_cell. */
bool user_table_add_access(struct buffer *buffer, const void *record, size_t field,
			   const struct style *style, const void *context);

#endif
