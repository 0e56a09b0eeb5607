/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any text as a time, and any eight bytes as seconds: both survive the round trip. */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "base/time_text.h"

static void check_seconds(int64_t seconds, struct buffer *text)
{
	int64_t again;

	time_add_rfc3339(text, seconds);
	REQUIRE(time_parse_rfc3339(buffer_text(text), &again) == 0 && again == seconds);
}

static void check_for_people(int64_t seconds, int64_t now)
{
	for (enum time_format format = TIME_FORMAT_SHORT; format <= TIME_FORMAT_EPOCH; format++) {
		_cleanup_buffer_ struct buffer text = {0};

		time_add_formatted(&text, format, seconds, now);
		REQUIRE(!text.error && text.length && text.length < 64);
	}
}

/* Written again, the text is the same but for zeros in front of the year and a leap second. */
static void check_text(struct text text)
{
	_cleanup_buffer_ struct buffer again = {0};
	int64_t seconds;
	int r = time_parse_rfc3339(text, &seconds);

	REQUIRE(r == 0 || r == -EINVAL);
	if (r < 0)
		return;
	check_seconds(seconds, &again);
	REQUIRE(again.length <= text.length + 1);
	if (again.length == text.length && memcmp(text.bytes + text.length - 3, "60Z", 3) != 0)
		REQUIRE(text_equals(buffer_text(&again), text) || text.bytes[0] == '-');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_buffer_ struct buffer text = {0};
	int64_t seconds[2] = {0};

	check_text(fuzz_input(data, size));
	memcpy(seconds, data, size < sizeof(seconds) ? size : sizeof(seconds));
	check_seconds(seconds[0], &text);
	check_for_people(seconds[0], seconds[1]);
	return 0;
}
