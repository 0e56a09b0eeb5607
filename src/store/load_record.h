/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One record from its JSON object, by its field table. What a record does not have is passed over;
 * what it has must be of the right type and range, or the whole file is refused.
 */
#ifndef IPCLENS_STORE_LOAD_RECORD_H
#define IPCLENS_STORE_LOAD_RECORD_H

#include <json-c/json.h>

#include "base/error.h"
#include "base/id_map.h"
#include "model/snapshot.h"

struct loader {
	struct snapshot *snapshot; /* being filled; borrowed */
	struct ipclens_error *ret_error;
	/* Where in the document it is, for messages: "objects[3]". */
	const char *list;
	bool has_index;
	size_t index;
	struct id_map objects;	/* REFs to struct object, see load_users.c */
	bool has_later_objects; /* of kinds that this version does not know: left out */
};

/* The elements of "processes", "links", "accounting" and "waits". 0, -EINVAL or -ENOMEM. */
int load_process(struct loader *loader, struct json_object *element);
int load_link(struct loader *loader, struct json_object *element);
int load_accounting(struct loader *loader, struct json_object *element);
int load_wait(struct loader *loader, struct json_object *element);

/* Fails with the place in the document; field may be NULL. -EINVAL. */
int load_error(struct loader *loader, const char *field, const char *why);
int load_error_memory(struct loader *loader);

/* The bytes of a string, borrowed from it. */
struct text load_text(struct json_object *string);

/*
 * Fills in the record; kinds as of record_add_json(). 0, -EINVAL or -ENOMEM with the loader's error
 * set.
 */
int load_record(struct loader *loader, struct json_object *json, const struct field_table *table,
		void *record, unsigned int kinds);

#endif
