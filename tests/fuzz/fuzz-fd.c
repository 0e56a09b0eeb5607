/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A link of /proc/PID/fd, and the text of /proc/PID/fdinfo. */
#include "fuzz.h"

#include "collect/proc_fd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_buffer_ struct buffer link = {0};
	struct text text = fuzz_input(data, size);
	uint64_t inode = 77, access = 77, again;

	if (proc_fd_parse_info(text, &inode, &access) == 0)
		REQUIRE(access <= 3);
	else
		REQUIRE(inode == 77 && access == 77);
	inode = 77;
	if (!proc_fd_parse_pipe(text, &inode)) {
		REQUIRE(inode == 77);
		return 0;
	}
	/* Leading zeros aside, there is one way to write it. */
	buffer_add_format(&link, "pipe:[%llu]", (unsigned long long)inode);
	REQUIRE(buffer_text(&link).length <= text.length);
	REQUIRE(proc_fd_parse_pipe(buffer_text(&link), &again) && again == inode);
	return 0;
}
