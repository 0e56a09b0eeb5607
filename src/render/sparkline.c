/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "render/sparkline.h"

#include <langinfo.h>

#define LEVELS 8

static const char *const blocks[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const marks[LEVELS] = {".", ":", "-", "=", "+", "*", "%", "#"};

static size_t level_of(uint64_t number, uint64_t least, uint64_t most)
{
	uint64_t range = most - least;

	if (!range)
		return 0;
	return (size_t)((__extension__(unsigned __int128)(number - least)) * (LEVELS - 1) / range);
}

void sparkline_add(struct buffer *buffer, const uint64_t *numbers, size_t count, size_t width)
{
	const char *const *levels = strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? blocks : marks;
	size_t bars = count < width ? count : width;
	uint64_t least = UINT64_MAX, most = 0;

	for (size_t i = 0; i < count; i++) {
		least = numbers[i] < least ? numbers[i] : least;
		most = numbers[i] > most ? numbers[i] : most;
	}
	for (size_t i = 0; i < bars; i++)
		buffer_add_string(
			buffer, levels[level_of(numbers[(i + 1) * count / bars - 1], least, most)]);
}
