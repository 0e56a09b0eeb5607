/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text that another process or user chose: it may hold control sequences, or not be UTF-8 at all.
 */
#ifndef IPCLENS_BASE_UTF8_H
#define IPCLENS_BASE_UTF8_H

#include <stdbool.h>

#include "base/text.h"

/*
 * The length of the valid UTF-8 sequence at the start of the text, and its code point; 0 where
 * there is none (overlong forms, surrogates and truncated sequences are none).
 */
size_t utf8_sequence(struct text text, uint32_t *ret_code_point);

bool utf8_is_valid(struct text text);

/*
 * Adds the text made harmless for a terminal: control characters (C0, DEL, C1), the marks that
 * change the direction of writing, line separators and bytes that are not UTF-8 become \xNN, and a
 * backslash is doubled, so that the original can be told. In a locale that is not of UTF-8 so does
 * whatever is not ASCII: such a terminal may take the second byte of a letter for a control
 * character, and nobody could tell its width.
 */
void utf8_add_for_terminal(struct buffer *buffer, struct text text);

/* Adds the text with only the bytes that are not UTF-8 as \xNN and every backslash doubled. */
void utf8_add_escaped(struct buffer *buffer, struct text text);

#endif
