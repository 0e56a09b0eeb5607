/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A byte that chooses a file of /proc/self, then its content. */
#include "fuzz.h"

#include <errno.h>

#include "collect/collector.h"

static void check_namespace(struct text text)
{
	_cleanup_buffer_ struct buffer link = {0};
	uint64_t number, again;

	if (sight_parse_namespace(text, &number) < 0)
		return;
	REQUIRE(number <= UINT32_MAX);
	buffer_add_format(&link, "ipc:[%llu]", (unsigned long long)number);
	REQUIRE(sight_parse_namespace(buffer_text(&link), &again) == 0 && again == number);
}

/* A mount on top hides whatever was told before. */
static void check_hidepid(struct text text)
{
	_cleanup_buffer_ struct buffer mounts = {0};
	uint64_t hidepid = 0;
	int r = sight_parse_hidepid(text, &hidepid);

	REQUIRE(r == 0 || r == -EINVAL);
	REQUIRE(hidepid == 0 || hidepid == 1 || hidepid == 2 || hidepid == 4);
	buffer_add_text(&mounts, text);
	buffer_add_string(&mounts, "\n9 9 0:9 / /proc rw - proc proc rw,hidepid=invisible\n");
	REQUIRE(sight_parse_hidepid(buffer_text(&mounts), &hidepid) == 0 && hidepid == 2);
}

static void check_capabilities(struct text text)
{
	uint64_t capabilities;

	if (sight_parse_capabilities(text, &capabilities) == 0)
		REQUIRE(capabilities < 64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = fuzz_input(data, size);

	switch (fuzz_choose(&text, 3)) {
	case 0:
		check_namespace(text);
		break;
	case 1:
		check_hidepid(text);
		break;
	default:
		check_capabilities(text);
		break;
	}
	return 0;
}
