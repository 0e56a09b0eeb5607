/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Texts, and lists of texts, that live as long as an arena.
 */
#ifndef IPCLENS_MODEL_ARENA_TEXT_H
#define IPCLENS_MODEL_ARENA_TEXT_H

#include <stdarg.h>

#include "base/arena.h"
#include "model/field.h"

/* What the format makes; 0 or a negative errno. */
__attribute__((format(printf, 3, 0))) int arena_format(struct arena *arena, struct text *ret_text,
						       const char *format, va_list arguments);

/* Adds the text to a list of struct text, to which nobody else adds. 0 or -ENOMEM. */
int arena_add_text(struct arena *arena, struct record_list *list, struct text text);

#endif
