/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPCLENS_CLI_LIMIT_TABLE_H
#define IPCLENS_CLI_LIMIT_TABLE_H

#include "model/snapshot.h"
#include "render/style.h"

/* Prints the limits of these kinds, each line behind the indent (NULL: none). 0 or -errno. */
int limit_table_print(const struct snapshot *snapshot, unsigned int kinds, uint64_t namespace,
		      const char *indent, const struct style *style);

#endif
