/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPCLENS_CLI_PROCESS_NAMES_H
#define IPCLENS_CLI_PROCESS_NAMES_H

#include "model/snapshot.h"

/*
 * Adds the processes (int64_t PIDs, ascending) by their commands, made harmless for a terminal:
 * "postgres 312 313, psql 400"; "-" where there is none.
 */
void process_names_add(struct buffer *buffer, const struct snapshot *snapshot,
		       struct record_list pids);

#endif
