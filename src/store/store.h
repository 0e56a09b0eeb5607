/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Snapshots as files: JSON of the schema ipclens/1, with everything that a snapshot has.
 */
#ifndef IPCLENS_STORE_STORE_H
#define IPCLENS_STORE_STORE_H

#include <stdio.h>

#include "base/error.h"
#include "model/snapshot.h"

/* The name of the command whose documents can be loaded again. */
#define STORE_COMMAND "save"

/* Writes the snapshot and flushes; 0 or a negative errno. */
int store_write(const struct snapshot *snapshot, FILE *stream);

/*
 * Writes the snapshot to the file, mode 0600. What is absent or a regular file is replaced as a
 * whole, by a file written beside it and renamed, so that a failure loses nothing; anything else
 * (a pipe, a device) is written to directly. 0, or a negative errno with ret_error set.
 */
int store_save(const struct snapshot *snapshot, const char *path, struct ipclens_error *ret_error);

/*
 * Loads what store_save() wrote; "-" is standard input. The caller owns the snapshot. A file that
 * is truncated, foreign, of a newer schema or not well formed is -EINVAL, with ret_error saying
 * where.
 */
int store_load(const char *path, struct snapshot **ret_snapshot, struct ipclens_error *ret_error);

/* The same for text in memory. */
int store_parse(struct text text, struct snapshot **ret_snapshot, struct ipclens_error *ret_error);

#endif
