/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether two records, of different snapshots, are of one object, or of one machine. Ids and inodes
 * are given out again, so more than the REF has to agree.
 */
#ifndef IPCLENS_MODEL_IDENTITY_H
#define IPCLENS_MODEL_IDENTITY_H

#include "model/kind.h"
#include "model/machine.h"
#include "model/object.h"

/*
 * Of System V: namespace, kind, id, key, creator, and of segments the process that created them; of
 * files: device, inode and, where it is known, the time of creation. What one of the records does
 * not have is not compared. A segment loses its key when it is removed, and stays the same.
 */
bool identity_is_same(const struct object *a, const struct object *b);

/*
 * What a hash must leave out, as some record does not have it: of each kind bits of object_field.
 * All zero is a valid beginning; every record that is hashed is noted before.
 */
struct identity_gaps {
	uint64_t fields[KIND_COUNT];
};

void identity_note_gaps(struct identity_gaps *gaps, const struct object *object);

/*
 * Equal for records of one object; as few others have it as the gaps allow. Ids are the same in all
 * namespaces, so they alone would not do.
 */
uint64_t identity_hash(const struct object *object, const struct identity_gaps *gaps);

/* The same for those that have the id or inode in common. */
uint64_t identity_hash_id(const struct object *object, const struct identity_gaps *gaps);

/* Adds a number to a hash. */
uint64_t identity_mix(uint64_t hash, uint64_t number);

/* Whether it is proven that both are of one machine, which was not started anew between them. */
bool identity_is_same_start(const struct host *a, const struct host *b);

/*
 * Whether their names tell them apart. They do not where the start is proven to be the same: a name
 * can change, and is another one in each container.
 */
bool identity_is_other_machine(const struct host *a, const struct host *b);

#endif
