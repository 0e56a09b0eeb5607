/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * REF: how a person names an object. "shm:32768", by key "shm:0x4d2", with a namespace
 * "shm:0@4026532281"; a bare number or 0x key is looked for in all kinds.
 */
#ifndef IPCLENS_MODEL_REF_H
#define IPCLENS_MODEL_REF_H

#include "base/error.h"
#include "model/object.h"

struct ref {
	unsigned int kinds; /* KIND_BIT()s: one kind, or all where none was named */
	bool is_key;
	uint64_t number; /* id or key */
	bool has_namespace;
	uint64_t namespace;
};

/*
 * Reads a REF strictly: 0, or -EINVAL with ret_error saying what is wrong and what would be right.
 * Key 0 names nothing and is refused.
 */
int ref_parse(struct text text, struct ref *ret_ref, struct ipclens_error *ret_error);

/* Whether the REF names the object. */
bool ref_matches(const struct ref *ref, const struct object *object);

/* Writes the object's REF; bytes has room for REF_MAX. The text is borrowed from bytes. */
#define REF_MAX 64
struct text ref_of_object(const struct object *object, char *bytes);

#endif
