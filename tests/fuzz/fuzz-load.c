/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file as a snapshot: refused with a reason, or loaded, and then saving and loading are stable.
 */
#include "fuzz.h"

#include <errno.h>

#include "base/cleanup.h"
#include "store/store.h"

/* Writes the snapshot; the caller frees *ret_bytes. */
static struct text save(const struct snapshot *snapshot, char **ret_bytes)
{
	size_t length = 0;
	FILE *stream = open_memstream(ret_bytes, &length);

	REQUIRE(stream && store_write(snapshot, stream) == 0 && fclose(stream) == 0);
	return (struct text){*ret_bytes, length};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_snapshot_ struct snapshot *first = NULL, *second = NULL;
	_cleanup_free_ char *once = NULL, *twice = NULL;
	struct ipclens_error error = {0};
	struct text text;
	int r = store_parse(fuzz_input(data, size), &first, &error);

	if (r < 0) {
		REQUIRE(!first && error.number == r && error.text[0]);
		return 0;
	}
	text = save(first, &once);
	r = store_parse(text, &second, &error);
	if (r < 0)
		fprintf(stderr, "%s\n%s\n", error.text, once);
	REQUIRE(r == 0);
	REQUIRE(text_equals(save(second, &twice), text));
	return 0;
}
