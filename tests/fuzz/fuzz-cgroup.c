/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The content of /proc/PID/cgroup. */
#include "fuzz.h"

#include "collect/proc_cgroup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char room[PROC_CGROUP_NAME_MAX], again_room[PROC_CGROUP_NAME_MAX];
	struct text text = fuzz_input(data, size), name, again;
	_cleanup_buffer_ struct buffer lines = {0};

	name = proc_cgroup_parse(text, room);
	REQUIRE(name.length <= sizeof(room) && name.bytes == room);
	/* A group without a name in front of it does not change it. */
	buffer_add_string(&lines, "9:memory:/\n");
	buffer_add_text(&lines, text);
	again = proc_cgroup_parse(buffer_text(&lines), again_room);
	REQUIRE(text_equals(name, again));
	return 0;
}
