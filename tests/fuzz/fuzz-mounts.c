/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of /proc/PID/mountinfo, of which mounted IPC namespaces are of interest. */
#include "fuzz.h"

#include "collect/places_find.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text line = fuzz_input(data, size), path = TEXT_NONE;
	uint64_t number = 0;
	char room[256];

	if (!places_parse_mount(line, room, sizeof(room), &number, &path))
		return 0;
	REQUIRE(path.bytes == room && path.length < sizeof(room));
	REQUIRE(room[path.length] == '\0');
	REQUIRE(number <= UINT32_MAX);
	return 0;
}
