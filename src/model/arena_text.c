/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/arena_text.h"

#include <errno.h>

#include "base/text.h"

int arena_format(struct arena *arena, struct text *ret_text, const char *format, va_list arguments)
{
	_cleanup_buffer_ struct buffer buffer = {0};
	char *copy;

	buffer_add_format_list(&buffer, format, arguments);
	if (buffer.error)
		return buffer.error;
	copy = arena_copy(arena, buffer.bytes ? buffer.bytes : "", buffer.length);
	if (!copy)
		return -ENOMEM;
	*ret_text = (struct text){copy, buffer.length};
	return 0;
}

/* The list moves to twice the room whenever its number is a power of two. */
int arena_add_text(struct arena *arena, struct record_list *list, struct text text)
{
	size_t count = list->count;
	struct text *items = list->items;

	if ((count & (count - 1)) == 0) {
		struct text *grown =
			arena_alloc_array(arena, count ? count * 2 : 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		if (count)
			memcpy(grown, items, count * sizeof(*grown));
		list->items = items = grown;
	}
	items[list->count++] = text;
	return 0;
}
