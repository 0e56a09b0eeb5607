/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which snapshots can have objects in common. Which are the same: tests-diff.c, too. */
#include "unit.h"

#include <errno.h>

#include "query/pairs.h"

static struct host host(const char *name, const char *boot_id)
{
	struct host host = {.name = text_of(name), .boot_id = text_of(boot_id)};

	record_mark(&host.record, HOST_NAME);
	if (boot_id)
		record_mark(&host.record, HOST_BOOT_ID);
	record_mark(&host.record, HOST_IPC_NAMESPACE);
	return host;
}

static void assert_check(struct host before, struct host after, const char *expected)
{
	_cleanup_snapshot_ struct snapshot *a = snapshot_new(), *b = snapshot_new();
	struct ipclens_error error = {.text = ""};

	assert_non_null(a);
	assert_non_null(b);
	a->host = before;
	b->host = after;
	assert_int_equal(pairs_check(a, b, &error), *expected ? -EINVAL : 0);
	assert_string_equal(error.text, expected);
}

TEST(only_what_can_have_objects_in_common_is_compared)
{
	struct host elsewhere = host("box", "a");

	elsewhere.ipc_namespace = 7;
	assert_check(host("box", "a"), host("box", "a"), "");
	assert_check(host("box", NULL), host("box", "a"), "");
	/* In a container, or renamed. */
	assert_check(host("box", "a"), host("other", "a"), "");
	assert_check(host("box", "a"), host("other", "b"),
		     "they are of different machines (box, other)");
	assert_check(host("box", NULL), host("other", "b"),
		     "they are of different machines (box, other)");
	assert_check(host("box", "a"), host("box", "b"),
		     "the machine was started anew between them, which no object survives");
	assert_check(host("box", "a"), elsewhere, "they are of different IPC namespaces (0, 7)");
	assert_check((struct host){0}, elsewhere, "");
}

static void add_in_namespace(struct snapshot *snapshot, uint64_t number)
{
	struct object *queue = snapshot_add_object(snapshot, KIND_MSG);

	assert_non_null(queue);
	queue->key = 0x4d2;
	queue->namespace = number;
	object_mark(queue, OBJECT_ID);
	object_mark(queue, OBJECT_KEY);
	object_mark(queue, OBJECT_NAMESPACE);
}

/* All with the same id. It takes no look at all of them for each: that would last for minutes. */
TEST(there_can_be_many_namespaces)
{
	enum { NAMESPACES = 60000, GONE = NAMESPACES / 2 };
	_cleanup_snapshot_ struct snapshot *before = snapshot_new(), *after = snapshot_new();
	_cleanup_pairs_ struct pairs pairs = {0};

	assert_non_null(before);
	assert_non_null(after);
	for (uint64_t number = 1; number <= NAMESPACES; number++) {
		add_in_namespace(before, number);
		add_in_namespace(after, number + GONE);
	}
	assert_int_equal(pairs_make(before, after, &pairs), 0);
	for (size_t i = 0; i < NAMESPACES; i++) {
		assert_ptr_equal(pairs.of_before[i].same,
				 i < GONE ? NULL : &after->objects.items[i - GONE]);
		assert_null(pairs.of_before[i].heir);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_can_have_objects_in_common_is_compared),
		cmocka_unit_test(there_can_be_many_namespaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
