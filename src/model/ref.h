/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * REF: how a person names an object. By id or by key, which without a kind is looked for in all
 * three of System V:
 *
 *     shm:32768  shm:0x4d2  0x4d2
 *
 * By name, or where it has none (any more) by the inode of its file:
 *
 *     pshm:/name  psem:/name  mq:/name  fifo:/path
 *     pipe:INODE  KIND:#INODE  KIND:#MAJOR:MINOR/INODE
 *
 * And behind those of System V and of POSIX @N, the number of an IPC namespace. In a name, \xNN
 * and a doubled backslash stand for what they stand for in tables, so that what was printed can be
 * given back.
 */
#ifndef IPCLENS_MODEL_REF_H
#define IPCLENS_MODEL_REF_H

#include "base/error.h"
#include "model/object.h"

/* The longest name: that of a file, as a path. */
#define REF_NAME_MAX 4096

enum ref_form {
	REF_BY_ID,
	REF_BY_KEY,
	REF_BY_NAME,
	REF_BY_INODE,
};

struct ref {
	unsigned int kinds; /* KIND_BIT()s: one kind, or those of System V where none was named */
	enum ref_form form;
	uint64_t number; /* id, key or inode */
	bool has_device;
	uint64_t device;  /* with an inode */
	struct text name; /* as it was written: see ref_name_equals() */
	bool has_namespace;
	uint64_t namespace;
};

/*
 * Reads a REF strictly: 0, or -EINVAL with ret_error saying what is wrong and what would be right.
 * Key 0 names nothing and is refused. The name is borrowed from the text.
 */
int ref_parse(struct text text, struct ref *ret_ref, struct ipclens_error *ret_error);

/* Whether the name in the REF is written for this one. */
bool ref_name_equals(const struct ref *ref, struct text name);

/* The name itself, its escapes undone; 0 or -EINVAL where it does not fit. */
int ref_name(const struct ref *ref, char *room, size_t size, struct text *ret_name);

/* Whether the REF names the object. */
bool ref_matches(const struct ref *ref, const struct object *object);

/* The object's REF. The text is borrowed from bytes, which have room for REF_MAX, or the object. */
#define REF_MAX 64
struct text ref_of_object(const struct object *object, char *bytes);

/*
 * Adds the REF of an object that has more than kind and id. has_twin: another one has the same kind
 * and inode, so that the device has to be told. has_namespace: it is told, too, where there is one.
 */
void ref_add_long(struct buffer *buffer, const struct object *object, bool has_twin,
		  bool has_namespace);

#endif
