/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A byte for the size of the pieces, then the text of /proc/PID/maps. */
#include "fuzz.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "collect/proc_maps.h"
#include "model/process.h"

static const struct mapping_filter all_shared = {.has_private = false};

/* What the reader may hand out, boiled down. */
struct summary {
	uint64_t digest;
	size_t count;
};

static void add_mapping(struct summary *summary, const struct mapping *mapping)
{
	REQUIRE(mapping->end > mapping->start);
	REQUIRE(mapping->access <= (LINK_READ | LINK_WRITE | LINK_EXECUTE));
	REQUIRE(mapping->name.length <= PROC_MAPS_NAME_MAX);
	summary->count++;
	summary->digest = summary->digest * 31 + mapping->start;
	summary->digest = summary->digest * 31 + mapping->end;
	summary->digest = summary->digest * 31 + mapping->access;
	summary->digest = summary->digest * 31 + mapping->device;
	summary->digest = summary->digest * 31 + mapping->inode;
	for (size_t i = 0; i < mapping->name.length; i++)
		summary->digest = summary->digest * 31 + (unsigned char)mapping->name.bytes[i];
}

static int handle(const struct mapping *mapping, void *context)
{
	REQUIRE(mapping->is_shared && (mapping->device || mapping->inode));
	add_mapping(context, mapping);
	return 0;
}

/* The same line by line, from memory. Whether all lines could be read is what it returns. */
static bool parse_lines(struct text text, struct summary *summary)
{
	bool is_well = true;

	while (text.length) {
		const char *newline = memchr(text.bytes, '\n', text.length);
		size_t length = newline ? (size_t)(newline - text.bytes) : text.length;
		char room[PROC_MAPS_NAME_MAX];
		struct mapping mapping;
		bool is_line = proc_maps_parse_line((struct text){text.bytes, length}, room,
						    &mapping) == 0;

		is_well = is_well && is_line && newline;
		if (is_line && newline && mapping.is_shared && (mapping.device || mapping.inode))
			add_mapping(summary, &mapping);
		length += newline != NULL;
		text = (struct text){text.bytes + length, text.length - length};
	}
	return is_well;
}

/* Each read of a packet gets one piece, so that lines are cut anywhere. */
static int read_pieces(struct text text, size_t piece, struct summary *summary)
{
	int ends[2], r;

	REQUIRE(pipe2(ends, O_CLOEXEC | O_DIRECT | O_NONBLOCK) == 0);
	while (text.length) {
		size_t length = text.length < piece ? text.length : piece;

		REQUIRE(write(ends[1], text.bytes, length) == (ssize_t)length);
		text = (struct text){text.bytes + length, text.length - length};
	}
	close(ends[1]);
	r = proc_maps_read(ends[0], &all_shared, handle, summary);
	close(ends[0]);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = fuzz_input(data, size);
	struct summary lines = {0}, pieces = {0};
	size_t piece = fuzz_choose(&text, 255) + 1;
	bool is_well;
	int r;

	/* A pipe holds so many packets: no longer a text, or larger pieces. */
	if (text.length > PROC_MAPS_LINE_MAX)
		text.length = PROC_MAPS_LINE_MAX;
	while (text.length / piece >= 15)
		piece *= 2;
	if (piece > 4096)
		piece = 4096;
	is_well = parse_lines(text, &lines);
	r = read_pieces(text, piece, &pieces);
	REQUIRE(r == (!text.length ? OUTCOME_GONE : is_well ? 0 : OUTCOME_MALFORMED));
	REQUIRE(lines.count == pieces.count && lines.digest == pieces.digest);
	return 0;
}
