/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a queue's file. */
#include "fuzz.h"

#include <errno.h>

#include "collect/posix_mq.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_buffer_ struct buffer text = {0};
	struct posix_mq_contents contents = {.bytes = 77, .notify_pid = 78}, again;
	int r = posix_mq_parse(fuzz_input(data, size), &contents);

	REQUIRE(r == 0 || r == -EINVAL);
	if (r < 0) {
		REQUIRE(contents.bytes == 77 && contents.notify_pid == 78);
		return 0;
	}
	/* Written as the kernel does, it is read again as the same. */
	buffer_add_format(&text, "QSIZE:%-10llu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6llu\n",
			  (unsigned long long)contents.bytes, 0, 0,
			  (unsigned long long)contents.notify_pid);
	REQUIRE(posix_mq_parse(buffer_text(&text), &again) == 0);
	REQUIRE(again.bytes == contents.bytes && again.notify_pid == contents.notify_pid);
	return 0;
}
