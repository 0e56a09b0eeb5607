/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table that ends in names, as ipclens/files of a recorded tree: the size of the pieces, the
 * text.
 */
#include "fuzz.h"

#include "collect/proc_table.h"

static const struct proc_column columns[] = {
	{"kind", false, 0, 8},
	{"mode", true, 0, 07777},
	{"value", false, -1, INT64_MAX},
};
static const struct proc_table_layout layout = {columns, 3, 3, "name"};

/* What was handed over, boiled down. */
struct summary {
	uint64_t rows, digest;
};

static int handle_row(const struct proc_row *row, void *context)
{
	struct summary *summary = context;

	REQUIRE(row->count == layout.known);
	REQUIRE(row->values[0] <= 8 && row->values[1] <= 07777);
	REQUIRE((int64_t)row->values[2] >= -1);
	REQUIRE(row->name.length <= PROC_TABLE_LINE_MAX);
	REQUIRE(!row->name.length ||
		(row->name.bytes[0] != ' ' && !memchr(row->name.bytes, '\n', row->name.length)));
	summary->rows++;
	for (size_t i = 0; i < row->count; i++)
		summary->digest = summary->digest * 31 + row->values[i];
	for (size_t i = 0; i < row->name.length; i++)
		summary->digest = summary->digest * 31 + (unsigned char)row->name.bytes[i];
	return 0;
}

/* Carries an unfinished line over to the next piece, as a reader does. */
static struct summary parse(struct text text, size_t piece)
{
	struct summary summary = {0};
	struct proc_table_parser parser = {
		.layout = &layout, .handler = handle_row, .context = &summary};
	size_t start = 0, end = 0, used;

	while (end < text.length) {
		end = text.length - end < piece ? text.length : end + piece;
		REQUIRE(proc_table_parse(&parser, (struct text){text.bytes + start, end - start},
					 &used) == 0);
		REQUIRE(used <= end - start);
		start += used;
	}
	proc_table_finish(&parser, end - start);
	REQUIRE(summary.rows + parser.malformed <= parser.lines);
	return summary;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = fuzz_input(data, size);
	size_t piece = fuzz_choose(&text, 255) + 1;
	struct summary whole = parse(text, SIZE_MAX), pieces = parse(text, piece);

	REQUIRE(whole.rows == pieces.rows && whole.digest == pieces.digest);
	return 0;
}
