/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file as a snapshot: refused with a reason, or loaded, and then saving and loading are stable,
 * and each question that is asked of saved files has an answer.
 */
#include "fuzz.h"

#include <errno.h>

#include "base/cleanup.h"
#include "query/blocked.h"
#include "query/check.h"
#include "query/diff.h"
#include "query/graph.h"
#include "query/leaks.h"
#include "store/store.h"

/* Writes the snapshot; the caller frees *ret_bytes. */
static struct text save(const struct snapshot *snapshot, char **ret_bytes)
{
	size_t length = 0;
	FILE *stream = open_memstream(ret_bytes, &length);

	REQUIRE(stream && store_write(snapshot, stream) == 0 && fclose(stream) == 0);
	return (struct text){*ret_bytes, length};
}

/* It is the same file: nothing can have changed. */
static void compare(const struct snapshot *first, const struct snapshot *second)
{
	const struct selection_options options = {.kinds = KINDS_ALL, .nameless_kinds = KINDS_ALL};
	_cleanup_diff_ struct diff diff = {0};
	struct ipclens_error error = {0};

	REQUIRE(pairs_check(first, second, &error) == 0);
	REQUIRE(diff_make(first, second, &options, &diff) == 0);
}

/* The second one is taken for a later one, as far as that can be. */
static void find_leaks(const struct snapshot *first, struct snapshot *second)
{
	const struct leaks_options options = {.kinds = KINDS_ALL,
					      .nameless_kinds = KINDS_ALL,
					      .min_growth = 1,
					      .by = LEAK_BY_COUNT};
	_cleanup_leaks_ struct leaks *leaks = leaks_new(&options);
	_cleanup_leak_list_ struct leak_list list = {0};

	second->taken_at += 3600;
	REQUIRE(leaks && leaks_add(leaks, first) == 0 && leaks_add(leaks, second) == 0);
	REQUIRE(leaks_judge(leaks, &list) == 0);
}

static void draw(const struct snapshot *snapshot)
{
	const struct graph_options options = {.has_history = true};
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};
	_cleanup_blocked_graph_ struct blocked_graph blocked = {0};

	REQUIRE(blocked_graph_make(snapshot, &blocked) == 0);
	REQUIRE(blocked_judge(&blocked, &findings) == 0);
	REQUIRE(graph_make(snapshot, &findings, &options, &graph) == 0);
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
	compare(first, second);
	draw(first);
	find_leaks(first, second);
	return 0;
}
