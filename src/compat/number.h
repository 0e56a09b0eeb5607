/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers on the command lines of the drop-ins, which are taken as leniently as util-linux takes
 * them (white space and '+' in front) but never truncated.
 */
#ifndef IPCLENS_COMPAT_NUMBER_H
#define IPCLENS_COMPAT_NUMBER_H

#include <stdint.h>

#include "base/text.h"

/*
 * A whole number; base as strtol()'s. 0, -EINVAL (not a number), or -ERANGE (below least, above
 * greatest).
 */
int number_parse(const char *string, int base, int64_t least, int64_t greatest,
		 int64_t *ret_number);

/*
 * An amount of bytes: "10", "0x10", "1.5K", "2MiB" (powers of 1024), "2MB" (of 1000). 0, -EINVAL
 * or -ERANGE.
 */
int number_parse_size(const char *string, uint64_t *ret_size);

/* Adds a size with one letter and at most one decimal: "512B", "1.5K", "16E". */
void number_add_human(struct buffer *buffer, uint64_t bytes);

#endif
