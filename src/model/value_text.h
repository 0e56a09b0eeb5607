/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A value as plain text: exact, without units or colour, the same everywhere.
 */
#ifndef IPCLENS_MODEL_VALUE_TEXT_H
#define IPCLENS_MODEL_VALUE_TEXT_H

#include "model/field.h"

/*
 * Adds a value that is present: decimal numbers, 0x000004d2, 0644, RFC 3339 in UTC, names of flags
 * with commas between them, tenths of a percent as 12.5, thousandths as 2.5, texts as they are.
 * Records inside of a record have no plain text and add nothing.
 */
void value_add_plain(struct buffer *buffer, const struct field *field, const struct value *value);

/* Reads a VALUE_DEVICE, "0:25"; 0 or -EINVAL. */
int value_parse_device(struct text text, uint64_t *ret_device);

/* Less than, equal to or greater than 0. Both of one type; absent comes after all others. */
int value_compare(const struct value *a, const struct value *b);

#endif
