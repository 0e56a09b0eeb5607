/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPCLENS_CLI_WAIT_TABLE_H
#define IPCLENS_CLI_WAIT_TABLE_H

#include "model/snapshot.h"
#include "render/style.h"

/*
 * Prints a table of these waits, without objects where they are all on one. Threads of a process
 * that wait for the same are one row, at the place of the first. 0 or -errno.
 */
int wait_table_print(const struct snapshot *snapshot, const struct wait *const *waits, size_t count,
		     bool has_objects, const char *indent, const struct style *style);

/*
 * Prints who sleeps on the object, and whether these are all whom the kernel counts. Nothing, where
 * nobody does and nobody is missing. 0 or -errno.
 */
int wait_table_print_object(const struct snapshot *snapshot, const struct object *object,
			    const char *indent, const struct style *style);

/* Why it is not known who holds semaphores; NULL where it is known. */
const struct issue *wait_why_holders_unknown(const struct snapshot *snapshot);

#endif
