/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How values look to a person.
 */
#ifndef IPCLENS_RENDER_STYLE_H
#define IPCLENS_RENDER_STYLE_H

#include "base/time_text.h"
#include "model/field.h"

struct style {
	bool is_exact; /* sizes in bytes instead of K M G */
	enum time_format time_format;
	int64_t now; /* what relative times count from */
	bool has_color;
	bool is_terminal; /* tables may be cut to its width */
	size_t columns;	  /* of the terminal; 0: there is none, or it has no width */
	bool has_heading;
};

/* Absent and hidden values. */
#define STYLE_ABSENT "-"
#define STYLE_HIDDEN "?"

/* Adds bytes with a unit of 1024: "280", "16K", "1.5G". */
void style_add_size(struct buffer *buffer, uint64_t bytes, const struct style *style);

/* Adds a time span in the unit that fits: "0.4s", "90s", "5m", "3h", "12d". */
void style_add_duration(struct buffer *buffer, uint64_t milliseconds);

/*
 * Adds the value of a field of the record, escaped for a terminal; where it is absent, that of the
 * field's fallback.
 */
void style_add_field(struct buffer *buffer, const struct field_table *table, size_t field,
		     const void *record, const struct style *style);

#endif
