/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Conditions on a record's fields: "size>=1M", "user=oracle", "status=dest", "key~^0x41".
 */
#ifndef IPCLENS_QUERY_FILTER_H
#define IPCLENS_QUERY_FILTER_H

#include <regex.h>

#include "base/error.h"
#include "model/field.h"

enum filter_operator {
	FILTER_EQUAL,
	FILTER_NOT_EQUAL,
	FILTER_LESS,
	FILTER_AT_MOST,
	FILTER_GREATER,
	FILTER_AT_LEAST,
	FILTER_MATCHES, /* a regular expression on the plain text */
};

struct filter {
	size_t field; /* index in the table that it was parsed for */
	enum filter_operator comparison;
	struct value operand; /* its text is borrowed from what was parsed */
	regex_t expression;   /* FILTER_MATCHES */
	bool has_expression;
};

/*
 * Reads FIELD OPERATOR VALUE. Amounts take K M G T (powers of 1024), times RFC 3339 or seconds
 * since 1970, modes octal digits, keys 0x or decimal, percentages an optional sign. The text must
 * outlive the filter. 0, or -EINVAL with ret_error set; after success filter_deinit() is due.
 */
int filter_parse(const struct field_table *table, struct text text, struct filter *ret_filter,
		 struct ipclens_error *ret_error);
void filter_deinit(struct filter *filter);

/*
 * Whether the record fulfils the condition; where the field is absent it never does. Flags are
 * equal to a name when they have it. 1, 0 or -ENOMEM.
 */
int filter_matches(const struct filter *filter, const struct field_table *table,
		   const void *record);

#endif
