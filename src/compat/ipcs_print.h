/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ipcs prints of a snapshot, each part of it for one kind.
 */
#ifndef IPCLENS_COMPAT_IPCS_PRINT_H
#define IPCLENS_COMPAT_IPCS_PRINT_H

#include "model/snapshot.h"

enum ipcs_view {
	IPCS_LIST,
	IPCS_TIMES,
	IPCS_CREATORS,
	IPCS_PIDS,
	IPCS_LIMITS,
	IPCS_SUMMARY,
};

enum ipcs_unit {
	IPCS_UNIT_USUAL, /* bytes, but kilobytes for some limits */
	IPCS_UNIT_BYTES,
	IPCS_UNIT_HUMAN,
};

/* The table of the kind's objects. Not for limits and summary. */
void ipcs_add_table(struct buffer *out, const struct snapshot *snapshot, enum kind kind,
		    enum ipcs_view view, enum ipcs_unit unit);

/* Everything about one object. */
void ipcs_add_details(struct buffer *out, const struct object *object, enum ipcs_unit unit);

void ipcs_add_limits(struct buffer *out, const struct snapshot *snapshot, enum kind kind,
		     enum ipcs_unit unit);

/* Totals of the kind's objects. */
void ipcs_add_summary(struct buffer *out, const struct snapshot *snapshot, enum kind kind,
		      enum ipcs_unit unit);

/* As ctime(), without its newline. The text is borrowed from bytes. */
#define IPCS_TIME_MAX 48
struct text ipcs_time(char bytes[static IPCS_TIME_MAX], int64_t seconds);

#endif
