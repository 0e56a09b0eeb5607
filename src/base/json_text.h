/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON as text (RFC 8259), added to a buffer piece by piece. The caller writes brackets and commas.
 */
#ifndef IPCLENS_BASE_JSON_TEXT_H
#define IPCLENS_BASE_JSON_TEXT_H

#include "base/text.h"

/* Adds a string with its quotes. The text must be valid UTF-8 (see utf8_is_valid()). */
void json_add_string(struct buffer *buffer, struct text text);

/*
 * Adds text of unknown origin as a string: what is not UTF-8 is escaped as utf8_add_escaped() does.
 * False if it had to be: then the bytes themselves need json_add_hex() beside it.
 */
bool json_add_foreign_string(struct buffer *buffer, struct text text);

/* Adds the bytes as a string of hexadecimal digits, two for each. */
void json_add_hex(struct buffer *buffer, struct text text);

/* Reads what json_add_hex() wrote; 0, -EINVAL, -ENOMEM. */
int json_parse_hex(struct text text, struct buffer *buffer);

#endif
