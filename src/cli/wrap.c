/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/wrap.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS 78

static size_t columns_of(const char *word, size_t length)
{
	size_t columns = 0;

	for (size_t i = 0; i < length; i++)
		columns += ((unsigned char)word[i] & 0xc0) != 0x80;
	return columns;
}

void wrap_print(const char *text, const char *indent)
{
	size_t column = 0;

	while (*text) {
		size_t length = strcspn(text, " ");
		size_t columns = columns_of(text, length);

		if (column && column + 1 + columns > COLUMNS) {
			putchar('\n');
			column = 0;
		}
		column += (size_t)printf("%s", column ? " " : indent);
		fwrite(text, 1, length, stdout);
		column += columns;
		text += length;
		text += strspn(text, " ");
	}
	putchar('\n');
}
