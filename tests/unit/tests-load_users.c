/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lists "processes", "links" and "accounting" of a file. */
#include "unit.h"

#include <errno.h>

#include "store/store.h"
#include "tree.h"

#define HEAD                                                                                    \
	"{\"schema\":\"ipclens/1\",\"command\":\"save\",\"taken_at\":\"2026-11-23T09:12:48Z\"," \
	"\"host\":{},\"sight\":{},\"limits\":[],\"issues\":[],\"objects\":["
#define OBJECTS \
	"{\"kind\":\"shm\",\"id\":7},{\"kind\":\"sem\",\"id\":7},{\"kind\":\"msg\",\"id\":0}"
#define LISTS(processes, links, accounting)                      \
	"],\"processes\":[" processes "],\"links\":[" links "]," \
	"\"accounting\":[" accounting "]}"
#define DOCUMENT(processes, links, accounting) HEAD OBJECTS LISTS(processes, links, accounting)
#define PROCESS(members) DOCUMENT("{" members "}", "", "")
#define LINK(members) DOCUMENT("", "{" members "}", "")
#define USED "\"object\":\"shm:7\",\"pid\":5,\"how\":\"mapped\""
#define ACCOUNTING(members) DOCUMENT("", "", "{" members "}")
#define COUNTED "\"object\":\"shm:7\",\"found\":1,\"expected\":2,\"complete\":false"

static struct snapshot *parse(const char *string)
{
	struct snapshot *snapshot = NULL;
	struct ipclens_error error;

	if (store_parse(text_of(string), &snapshot, &error) != 0)
		fail_msg("%s", error.text);
	return snapshot;
}

TEST(a_file_of_a_version_without_users_has_none)
{
	_cleanup_snapshot_ struct snapshot *snapshot = parse(HEAD OBJECTS "]}");

	assert_false(snapshot->has_users);
	assert_int_equal(snapshot->objects.count, 3);
	assert_int_equal(
		snapshot->processes.count + snapshot->links.count + snapshot->accountings.count, 0);
}

TEST(empty_lists_mean_that_nobody_was_found)
{
	_cleanup_snapshot_ struct snapshot *snapshot = parse(DOCUMENT("", "", ""));

	assert_true(snapshot->has_users);
	assert_int_equal(snapshot->links.count, 0);
}

TEST(links_find_their_objects)
{
	_cleanup_snapshot_ struct snapshot *snapshot = parse(DOCUMENT(
		"{\"pid\":1},{\"pid\":5,\"command\":\"a\\\\xff\",\"command_hex\":\"61ff\"}",
		"{\"object\":\"msg:0\",\"pid\":5,\"how\":\"last-op\",\"state\":\"reused\","
		"\"operation\":\"send\",\"at\":\"2026-11-23T09:12:48Z\"},"
		"{" USED ",\"access\":[\"read\",\"execute\"],\"address\":4096,"
		"\"length\":18446744073709551615,\"shared_by\":[1,2147483647]}",
		"{" COUNTED ",\"doubts\":[\"unreadable-processes\",\"more-found\"]}"));
	const struct link *link = &snapshot->links.items[0];

	assert_int_equal(link->object, 2);
	assert_int_equal(link->how, LINK_LAST_OP);
	assert_int_equal(link->state, LINK_REUSED);
	assert_int_equal(link->operation, LINK_SEND);
	assert_int_equal(link->at, 1795425168);
	link++;
	assert_int_equal(link->object, 0);
	assert_int_equal(link->access, LINK_READ | LINK_EXECUTE);
	assert_true(link->length == UINT64_MAX);
	assert_true(link_names(link, INT32_MAX) && link_names(link, 1) && link_names(link, 5));
	assert_false(link_names(link, 2));
	assert_false(record_has(&link->record, LINK_STATE));
	assert_text(snapshot_process(snapshot, 5)->command, "a\xff");
	assert_int_equal(snapshot->accountings.items[0].doubts, DOUBT_UNREADABLE | DOUBT_MORE);
	assert_ptr_equal(snapshot_accounting(snapshot, &snapshot->objects.items[0]),
			 snapshot->accountings.items);
}

/* What is absent in the file is absent, not 0. */
TEST(null_is_absent)
{
	_cleanup_snapshot_ struct snapshot *snapshot =
		parse(DOCUMENT("{\"pid\":1,\"command\":null,\"started_at\":null}",
			       "{" USED ",\"address\":null,\"shared_by\":null}", ""));

	assert_int_equal(snapshot->processes.items[0].record.present, 1 << PROCESS_PID);
	assert_int_equal(snapshot->links.items[0].record.present,
			 1 << LINK_OBJECT | 1 << LINK_PID | 1 << LINK_HOW);
}

/* What belongs to an object that a later version knows goes with it. */
TEST(users_of_later_kinds_are_left_out)
{
	_cleanup_snapshot_ struct snapshot *snapshot =
		parse(HEAD "{\"kind\":\"later\",\"id\":1}," OBJECTS LISTS(
			"", "{\"object\":\"later:1\",\"pid\":1,\"how\":\"mapped\"},{" USED "}",
			"{\"object\":\"later:1\",\"found\":1,\"expected\":1,\"complete\":true},"
			"{" COUNTED "}"));

	assert_int_equal(snapshot->links.count, 1);
	assert_int_equal(snapshot->links.items[0].object, 0);
	assert_int_equal(snapshot->accountings.count, 1);
	assert_int_equal(snapshot->accountings.items[0].expected, 2);
}

static const struct {
	const char *text, *words;
} refused[] = {
	{PROCESS(""), "processes[0].pid: missing"},
	{PROCESS("\"pid\":null"), "processes[0].pid: missing"},
	{PROCESS("\"pid\":\"1\""), "processes[0].pid"},
	{PROCESS("\"pid\":-1"), "processes[0].pid"},
	{PROCESS("\"pid\":2147483648"), "processes[0].pid"},
	{PROCESS("\"pid\":1,\"command\":5"), "processes[0].command"},
	{PROCESS("\"pid\":1,\"command\":\"a\",\"command_hex\":\"zz\""), "processes[0].command"},
	{PROCESS("\"pid\":1,\"uid\":-1"), "processes[0].uid"},
	{PROCESS("\"pid\":1,\"started_at\":5"), "processes[0].started_at"},
	{PROCESS("\"pid\":1,\"start_ticks\":18446744073709551616"), "64 bits"},
	{DOCUMENT("5", "", ""), "processes[0]: not an object"},
	{DOCUMENT("{\"pid\":2},{\"pid\":1}", "", ""), "processes[1].pid: not greater"},
	{DOCUMENT("{\"pid\":2},{\"pid\":2}", "", ""), "processes[1].pid: not greater"},
	{LINK(""), "links[0]: object, pid or how is missing"},
	{LINK("\"object\":\"shm:7\",\"pid\":5"), "links[0]: object, pid or how is missing"},
	{LINK("\"object\":\"shm:7\",\"how\":\"mapped\""), "is missing"},
	{LINK("\"pid\":5,\"how\":\"mapped\""), "is missing"},
	{LINK("\"object\":\"shm:8\",\"pid\":5,\"how\":\"mapped\""), "no such object"},
	{LINK("\"object\":\"msg:7\",\"pid\":5,\"how\":\"mapped\""), "no such object"},
	{LINK("\"object\":\"7\",\"pid\":5,\"how\":\"mapped\""), "links[0].object"},
	{LINK("\"object\":\"shm:0x7\",\"pid\":5,\"how\":\"mapped\""),
	 "links[0].object: the file has no such object"},
	{LINK("\"object\":\"odd\",\"pid\":5,\"how\":\"mapped\""),
	 "links[0].object: the file has no such object"},
	{LINK("\"object\":\"\",\"pid\":5,\"how\":\"mapped\""),
	 "links[0].object: the file has no such object"},
	{LINK("\"object\":7,\"pid\":5,\"how\":\"mapped\""), "links[0].object"},
	{LINK("\"object\":\"shm:7\",\"pid\":5,\"how\":\"odd\""), "links[0].how"},
	{LINK("\"object\":\"shm:7\",\"pid\":5,\"how\":0"), "links[0].how"},
	{LINK("\"object\":\"shm:7\",\"pid\":-5,\"how\":\"mapped\""), "links[0].pid"},
	{LINK(USED ",\"state\":\"odd\""), "links[0].state"},
	{LINK(USED ",\"operation\":3"), "links[0].operation"},
	{LINK(USED ",\"access\":\"read\""), "links[0].access"},
	{LINK(USED ",\"access\":[\"odd\"]"), "links[0].access"},
	{LINK(USED ",\"address\":\"0x1000\""), "links[0].address"},
	{LINK(USED ",\"address\":-1"), "links[0].address"},
	{LINK(USED ",\"length\":1.5"), "links[0].length"},
	{LINK(USED ",\"at\":\"yesterday\""), "links[0].at"},
	{LINK(USED ",\"shared_by\":5"), "links[0].shared_by"},
	{LINK(USED ",\"shared_by\":{}"), "links[0].shared_by"},
	{LINK(USED ",\"shared_by\":[\"5\"]"), "links[0].shared_by"},
	{LINK(USED ",\"shared_by\":[-5]"), "links[0].shared_by"},
	{LINK(USED ",\"shared_by\":[2147483648]"), "links[0].shared_by"},
	{LINK(USED ",\"shared_by\":[null]"), "links[0].shared_by"},
	{DOCUMENT("", "[]", ""), "links[0]: not an object"},
	{ACCOUNTING(""), "accounting[0]: object, found, expected or complete is missing"},
	{ACCOUNTING("\"object\":\"shm:7\",\"found\":1,\"expected\":1"), "is missing"},
	{ACCOUNTING("\"object\":\"shm:7\",\"found\":1,\"expected\":1,\"complete\":1"),
	 "accounting[0].complete"},
	{ACCOUNTING("\"object\":\"shm:9\",\"found\":1,\"expected\":1,\"complete\":true"),
	 "accounting[0].object"},
	{ACCOUNTING("\"object\":\"shm:7\",\"found\":-1,\"expected\":1,\"complete\":true"),
	 "accounting[0].found"},
	{ACCOUNTING(COUNTED ",\"doubts\":[\"odd\"]"), "accounting[0].doubts"},
	{HEAD OBJECTS "],\"links\":[]}", "processes: missing"},
	{HEAD OBJECTS "],\"links\":[],\"processes\":[]}", "accounting: missing"},
	{HEAD OBJECTS "],\"links\":{},\"processes\":[],\"accounting\":[]}", "links: missing"},
	{HEAD OBJECTS "],\"links\":[],\"processes\":null,\"accounting\":[]}", "processes: missing"},
	/* An id that no kernel has must not stand for an object of another kind. */
	{HEAD "{\"kind\":\"shm\",\"id\":4294967303}" LISTS(
		 "", "{\"object\":\"sem:7\",\"pid\":5,\"how\":\"created\"}", ""),
	 "no such object"},
};

TEST(hostile_lists_are_refused_with_the_place)
{
	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
		struct snapshot *snapshot = NULL;
		struct ipclens_error error = {0};
		int r = store_parse(text_of(refused[i].text), &snapshot, &error);

		if (r != -EINVAL || !strstr(error.text, refused[i].words))
			fail_msg("%s: %d, \"%s\" and not \"%s\"", refused[i].text, r, error.text,
				 refused[i].words);
		assert_null(snapshot);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_of_a_version_without_users_has_none),
		cmocka_unit_test(empty_lists_mean_that_nobody_was_found),
		cmocka_unit_test(links_find_their_objects),
		cmocka_unit_test(null_is_absent),
		cmocka_unit_test(users_of_later_kinds_are_left_out),
		cmocka_unit_test(hostile_lists_are_refused_with_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
