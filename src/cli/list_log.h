/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What "ipclens list --every" prints: one look below the other, each row with the time of its look;
 * or one line of JSON for each.
 */
#ifndef IPCLENS_CLI_LIST_LOG_H
#define IPCLENS_CLI_LIST_LOG_H

#include "model/snapshot.h"
#include "render/table.h"

/* So many sorts of what could not be seen are remembered as told. */
#define LIST_LOG_TOLD 64

struct list_log {
	/* The fields of objects, and behind them the time of the look. */
	struct field fields[OBJECT_FIELD_COUNT + 1];
	struct field_table table;
	size_t widths[KIND_COUNT][OBJECT_FIELD_COUNT + 1];
	bool has_heading[KIND_COUNT]; /* it was printed */
	bool is_empty[KIND_COUNT];    /* the last look found none */
	uint64_t told[LIST_LOG_TOLD]; /* hashes; a ring */
	size_t told_count;
};

void list_log_init(struct list_log *log);

/* Adds the cells of an object that are not just its fields; the context is the snapshot. */
bool list_add_cell(struct buffer *buffer, const void *record, size_t field,
		   const struct style *style, const void *context);

/* The rows of one kind, below a heading where there was none yet. 0 or a negative errno. */
int list_log_print(struct list_log *log, const struct snapshot *snapshot, const struct style *style,
		   const size_t *columns, size_t count, const struct object *const *objects,
		   size_t object_count);

/*
 * Whether it has to be said that there are none of the kind, which were there in the look before;
 * then the time stands in front already. 0, 1 or a negative errno.
 */
int list_log_begin_none(struct list_log *log, const struct snapshot *snapshot,
			const struct style *style, enum kind kind);

/* The document on a line of its own. 0 or a negative errno. */
int list_log_print_json(const struct buffer *document);

/* Says what could not be seen, unless all of it was said of an earlier look. */
void list_log_complain(struct list_log *log, const struct snapshot *snapshot,
		       const struct scope *scope);

#endif
