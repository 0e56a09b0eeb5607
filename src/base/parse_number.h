/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Strict numbers: the whole text must be the number. No sign unless asked for, no white space, no
 * trailing bytes, nothing out of range; nothing is ever truncated.
 */
#ifndef IPCLENS_BASE_PARSE_NUMBER_H
#define IPCLENS_BASE_PARSE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* Digits of base 8, 10 or 16 without prefix: 0, -EINVAL (not a number), -ERANGE (over maximum). */
int parse_unsigned(struct text text, unsigned int base, uint64_t maximum, uint64_t *ret_number);

/* The same, decimal or with the prefix 0x (hexadecimal). */
int parse_unsigned_prefixed(struct text text, uint64_t maximum, uint64_t *ret_number);

/* Decimal with an optional '-'; 0, -EINVAL or -ERANGE. */
int parse_signed(struct text text, int64_t *ret_number);

/* An age with an optional suffix s m h d, in seconds; 0, -EINVAL or -ERANGE. */
int parse_age(struct text text, uint64_t *ret_seconds);

/*
 * An amount with an optional suffix K M G T (powers of 1024; "KiB" and "k" too), in ones, and
 * before the suffix up to six digits behind a point: "1.5K". What is no whole number, as 1.1K, is
 * refused.
 */
int parse_amount(struct text text, uint64_t *ret_number);

/* The same, but what is no whole number is the one below it, and more. */
int parse_amount_between(struct text text, uint64_t *ret_number, bool *ret_is_more);

#endif
