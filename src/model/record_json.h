/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records as JSON text, from their field table.
 *
 * Numbers are numbers, absent is null, times are RFC 3339 in UTC, keys "0x000004d2", modes "0644",
 * flags an array of names. A record that hides fields names them in the array "hidden". Text that
 * is not UTF-8 is escaped, and its bytes stand in hexadecimal in a member NAME_hex.
 */
#ifndef IPCLENS_MODEL_RECORD_JSON_H
#define IPCLENS_MODEL_RECORD_JSON_H

#include "model/field.h"
#include "model/snapshot.h"

/* Adds the record as an object on one line; kinds says which of the fields it has (0: all). */
void record_add_json(struct buffer *buffer, const struct field_table *table, const void *record,
		     unsigned int kinds);

/*
 * Adds one field of the record as a member of that name. Text that is not UTF-8 has its bytes in a
 * second one.
 */
void record_add_json_member(struct buffer *buffer, const struct field_table *table, size_t index,
			    const void *record, const char *name);

/* The same for an object, whose kind is known. */
void object_add_json(struct buffer *buffer, const struct object *object);

/*
 * A document: begin, any lists of records, end. Its first members are schema, command (whose answer
 * it is), taken_at, host and sight, and where several were looked at, namespaces.
 */
void document_begin(struct buffer *buffer, const struct snapshot *snapshot, const char *command);

/* A member that is a record. */
void document_add_record(struct buffer *buffer, const struct field_table *table,
			 const void *record);

/* A member that is an array of records, one on each line: begin, then each record, then end. */
void document_begin_list(struct buffer *buffer, const char *name);
/* Adds what separates this record from the one before; is_first: there is none. */
void document_next(struct buffer *buffer, bool is_first);
void document_end_list(struct buffer *buffer);

/* A member that is an array of these records, none of which tells its kind. */
void document_add_records(struct buffer *buffer, const struct field_table *table,
			  const void *records, size_t count);

/* Processes, links, accountings, and waits if they were looked for: all that the snapshot has. */
void document_add_users(struct buffer *buffer, const struct snapshot *snapshot);

/* The whole list of the snapshot's limits; its issues that concern the scope. */
void document_add_limits(struct buffer *buffer, const struct snapshot *snapshot,
			 unsigned int kinds);
void document_add_issues(struct buffer *buffer, const struct snapshot *snapshot,
			 const struct scope *scope);
void document_end(struct buffer *buffer);

#endif
