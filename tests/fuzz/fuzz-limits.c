/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of /proc/self/limits. */
#include "fuzz.h"

#include <errno.h>

#include "collect/collector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_buffer_ struct buffer text = {0};
	uint64_t bytes = 77;
	int r = limits_parse_msgqueue(fuzz_input(data, size), &bytes);

	REQUIRE(r == 0 || r == -EINVAL);
	REQUIRE(r == 0 || bytes == 77);
	/* The first one counts, whatever follows. */
	buffer_add_string(&text,
			  "Limit Soft Hard Units\n"
			  "Max msgqueue size         4711                 4712      bytes\n");
	buffer_add(&text, (const char *)data, size);
	REQUIRE(limits_parse_msgqueue(buffer_text(&text), &bytes) == 0 && bytes == 4711);
	return 0;
}
