/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of /proc/sysvipc: a byte that chooses one, the size of the pieces, the text. */
#include "fuzz.h"

#include "collect/collector.h"

/* Everything that a parse tells, boiled down. */
struct outcome_of_parse {
	const struct sysv_mechanism *mechanism;
	uint64_t rows, digest;
	size_t lines, malformed, first_malformed, columns;
};

static void check_row(const struct proc_table_layout *layout, const struct proc_row *row)
{
	REQUIRE(row->count >= layout->required && row->count <= layout->known);
	for (size_t i = 0; i < row->count; i++) {
		const struct proc_column *column = &layout->columns[i];
		bool is_negative = column->least < 0 && (int64_t)row->values[i] < 0;

		if (is_negative)
			REQUIRE((int64_t)row->values[i] >= column->least);
		else
			REQUIRE(row->values[i] <= column->greatest);
	}
}

static int handle_row(const struct proc_row *row, void *context)
{
	struct outcome_of_parse *outcome = context;
	struct object object = {.kind = outcome->mechanism->kind};

	check_row(outcome->mechanism->layout, row);
	outcome->mechanism->fill_from_row(row, &object);
	REQUIRE(object_has(&object, OBJECT_ID) && object.id <= INT32_MAX);
	REQUIRE(object.key <= UINT32_MAX && object.mode <= 0777);
	outcome->rows++;
	for (size_t i = 0; i < row->count; i++)
		outcome->digest = outcome->digest * 31 + row->values[i];
	return 0;
}

/* Carries an unfinished line over to the next piece, as a reader does. */
static struct outcome_of_parse parse(const struct sysv_mechanism *mechanism, struct text text,
				     size_t piece)
{
	struct outcome_of_parse outcome = {.mechanism = mechanism};
	struct proc_table_parser parser = {
		.layout = mechanism->layout, .handler = handle_row, .context = &outcome};
	size_t start = 0, end = 0, used;

	while (end < text.length) {
		struct text part;

		end = text.length - end < piece ? text.length : end + piece;
		part = (struct text){text.bytes + start, end - start};
		REQUIRE(proc_table_parse(&parser, part, &used) == 0);
		REQUIRE(used <= part.length && (!used || part.bytes[used - 1] == '\n'));
		start += used;
	}
	proc_table_finish(&parser, end - start);
	outcome.lines = parser.lines;
	outcome.malformed = parser.malformed;
	outcome.first_malformed = parser.first_malformed;
	outcome.columns = parser.columns;
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sysv_mechanism *const mechanisms[] = {&sysv_shm, &sysv_sem, &sysv_msg};
	struct text text = fuzz_input(data, size);
	const struct sysv_mechanism *mechanism = mechanisms[fuzz_choose(&text, 3)];
	size_t piece = fuzz_choose(&text, 255) + 1;
	struct outcome_of_parse whole = parse(mechanism, text, SIZE_MAX);
	struct outcome_of_parse pieces = parse(mechanism, text, piece);

	REQUIRE(whole.rows == pieces.rows && whole.digest == pieces.digest);
	REQUIRE(whole.lines == pieces.lines && whole.malformed == pieces.malformed);
	REQUIRE(whole.first_malformed == pieces.first_malformed);
	REQUIRE(whole.columns == pieces.columns);
	REQUIRE(whole.rows + whole.malformed <= whole.lines);
	REQUIRE(!whole.malformed == !whole.first_malformed);
	REQUIRE(whole.first_malformed <= whole.lines);
	return 0;
}
