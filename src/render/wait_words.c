/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "render/wait_words.h"

static void add_type(struct buffer *buffer, const struct wait *wait)
{
	if (!wait_has(wait, WAIT_TYPE))
		return;
	if (!wait->type)
		buffer_add_string(buffer, " any");
	else if (wait->type < 0)
		buffer_add_format(buffer, " type up to %llu",
				  (unsigned long long)-(uint64_t)wait->type);
	else
		buffer_add_format(
			buffer, wait->flags & WAIT_IS_EXCEPT ? " any but type %lld" : " type %lld",
			(long long)wait->type);
}

static void add_futex(struct buffer *buffer, const struct wait *wait)
{
	buffer_add_string(buffer, wait->flags & WAIT_IS_MUTEX	    ? "lock"
				  : wait->flags & WAIT_IS_SEMAPHORE ? "take"
								    : "be woken");
	if (wait_has(wait, WAIT_OFFSET) && wait->offset)
		buffer_add_format(buffer, " at 0x%llx", (unsigned long long)wait->offset);
}

void wait_add_wish(struct buffer *buffer, const struct wait *wait)
{
	if (wait->operation == WAIT_FUTEX) {
		add_futex(buffer, wait);
	} else if (wait->operation == WAIT_AWAIT_ZERO) {
		buffer_add_string(buffer, "see zero");
	} else {
		buffer_add_string(buffer, wait_operation_names[wait->operation]);
		if (wait_has(wait, WAIT_AMOUNT))
			buffer_add_format(buffer,
					  wait->operation == WAIT_TAKE ? " %llu" : " %llu bytes",
					  (unsigned long long)wait->amount);
	}
	add_type(buffer, wait);
	if (wait->flags & WAIT_IS_FULL_BY_COUNT)
		buffer_add_string(buffer, " (full by count)");
	if (wait->flags & WAIT_IS_ALTERNATIVE)
		buffer_add_string(buffer, " (or others)");
}
