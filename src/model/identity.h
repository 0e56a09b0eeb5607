/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether two records, of different snapshots, are of one object. Ids and inodes are given out
 * again, so more than the REF has to agree.
 */
#ifndef IPCLENS_MODEL_IDENTITY_H
#define IPCLENS_MODEL_IDENTITY_H

#include "model/object.h"

/*
 * Of System V: namespace, kind, id, key, creator, and of segments the process that created them; of
 * files: device, inode and, where it is known, the time of creation. What one of the records does
 * not have is not compared. A segment loses its key when it is removed, and stays the same.
 */
bool identity_is_same(const struct object *a, const struct object *b);

/* Equal for records of one object; few others have it. To find them by. */
uint64_t identity_hash(const struct object *object);

#endif
