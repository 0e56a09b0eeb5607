/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IPCLENS_CLI_PROCESS_NAMES_H
#define IPCLENS_CLI_PROCESS_NAMES_H

#include "model/snapshot.h"

/*
 * Adds the processes in a field of the object by their commands, made harmless for a terminal:
 * "postgres 312 313, psql 400". A question mark stands for those that were not found, or may not
 * have been; "-" for nobody.
 */
void process_names_add(struct buffer *buffer, const struct snapshot *snapshot,
		       const struct object *object, enum object_field field);

/* Adds these processes, and nothing else. */
void process_names_add_list(struct buffer *buffer, const struct snapshot *snapshot,
			    struct record_list pids);

#endif
