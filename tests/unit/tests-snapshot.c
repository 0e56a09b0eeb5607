/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "model/snapshot.h"

TEST(objects_are_added_at_the_end)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();

	assert_int_equal(snapshot->objects.count, 0);
	for (uint64_t id = 0; id < 100; id++) {
		struct object *object = snapshot_add_object(snapshot, id % 2 ? KIND_MSG : KIND_SEM);

		assert_int_equal(object->record.present, 0);
		object->id = id;
	}
	for (uint64_t id = 0; id < 100; id++) {
		assert_int_equal(snapshot->objects.items[id].id, id);
		assert_int_equal(snapshot->objects.items[id].kind, id % 2 ? KIND_MSG : KIND_SEM);
	}
}

TEST(texts_are_copied)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	char bytes[] = "before";
	struct text copy = TEXT_NONE;

	assert_int_equal(snapshot_copy_text(snapshot, text_of(bytes), &copy), 0);
	strcpy(bytes, "after");
	assert_text(copy, "before");
	assert_int_equal(snapshot_copy_text(snapshot, TEXT_LITERAL("a\0b"), &copy), 0);
	assert_int_equal(copy.length, 3);
	assert_memory_equal(copy.bytes, "a\0b", 4);
	assert_int_equal(snapshot_copy_text(snapshot, TEXT_NONE, &copy), 0);
	assert_int_equal(copy.length, 0);
}

TEST(an_issue_says_what_it_is_about)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	const struct object object = {.kind = KIND_SEM, .id = 7};
	char subject[] = "semctl(GETVAL)", reason[] = "denied";
	const struct issue *issue;

	assert_int_equal(snapshot_add_issue(snapshot, ISSUE_ABOUT_SEMAPHORES, OUTCOME_DENIED,
					    KIND_SEM, &object, subject, reason),
			 0);
	memset(subject, 'x', sizeof(subject) - 1);
	memset(reason, 'x', sizeof(reason) - 1);
	issue = &snapshot->issues.items[0];
	assert_int_equal(issue->code, OUTCOME_DENIED);
	assert_int_equal(issue->aspect, ISSUE_ABOUT_SEMAPHORES);
	assert_int_equal(issue->kind, KIND_SEM);
	assert_text(issue->object, "sem:7");
	assert_text(issue->subject, "semctl(GETVAL)");
	assert_text(issue->reason, "denied");
	for (unsigned int field = 0; field < ISSUE_FIELD_COUNT; field++)
		assert_true(record_has(&issue->record, field));
}

TEST(an_issue_can_be_about_no_kind_and_no_object)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();

	assert_int_equal(snapshot_add_issue(snapshot, ISSUE_ABOUT_NAMES, OUTCOME_UNSUPPORTED,
					    KIND_COUNT, NULL, "user database", "why"),
			 0);
	assert_false(record_has(&snapshot->issues.items[0].record, ISSUE_KIND));
	assert_false(record_has(&snapshot->issues.items[0].record, ISSUE_OBJECT));
	assert_true(record_has(&snapshot->issues.items[0].record, ISSUE_REASON));
}

TEST(a_limit_is_found_by_its_id)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct limit *limit = vector_add(&snapshot->limits);

	limit->id = LIMIT_MSGMNB;
	limit->value = 16384;
	assert_ptr_equal(snapshot_limit(snapshot, LIMIT_MSGMNB), limit);
	assert_null(snapshot_limit(snapshot, LIMIT_SHMMNI));
}

static struct issue issue_about(enum issue_aspect aspect, enum kind kind)
{
	struct issue issue = {.aspect = aspect, .kind = kind};

	if (kind != KIND_COUNT)
		record_mark(&issue.record, ISSUE_KIND);
	return issue;
}

static bool covers(struct scope scope, enum issue_aspect aspect, enum kind kind)
{
	const struct issue issue = issue_about(aspect, kind);
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();

	return scope_covers_issue(&scope, snapshot, &issue);
}

/* Of two arrays that were both denied, the answer is about the second alone. */
TEST(a_scope_covers_the_details_of_its_objects_alone)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	const struct ref second = {
		.kinds = KIND_BIT(KIND_SEM), .form = REF_BY_KEY, .number = 0x4d2};
	struct scope scope = {.kinds = KINDS_ALL, .has_semaphores = true};

	for (size_t i = 0; i < 2; i++) {
		struct object *object = snapshot_add_object(snapshot, KIND_SEM);

		object->id = i;
		object->key = i ? 0x4d2 : 0;
		object_mark(object, OBJECT_ID);
		object_mark(object, OBJECT_KEY);
		snapshot_add_issue(snapshot, ISSUE_ABOUT_SEMAPHORES, OUTCOME_DENIED, KIND_SEM,
				   object, "semctl", "why");
	}
	assert_true(scope_covers_issue(&scope, snapshot, &snapshot->issues.items[0]));
	assert_true(scope_covers_issue(&scope, snapshot, &snapshot->issues.items[1]));
	scope.details = &second;
	scope.detail_count = 1;
	assert_false(scope_covers_issue(&scope, snapshot, &snapshot->issues.items[0]));
	assert_true(scope_covers_issue(&scope, snapshot, &snapshot->issues.items[1]));
	assert_true(covers(scope, ISSUE_ABOUT_SEMAPHORES, KIND_SEM));
}

TEST(a_scope_covers_the_objects_that_it_lists_or_counts)
{
	const struct scope list = {.kinds = KIND_BIT(KIND_SHM)};
	const struct scope use = {.limit_kinds = KIND_BIT(KIND_SHM), .has_limit_use = true};
	const struct scope values = {.limit_kinds = KIND_BIT(KIND_SHM)};

	assert_true(covers(list, ISSUE_ABOUT_OBJECTS, KIND_SHM));
	assert_false(covers(list, ISSUE_ABOUT_OBJECTS, KIND_SEM));
	assert_true(covers(list, ISSUE_ABOUT_OBJECTS, KIND_COUNT));
	assert_true(covers(use, ISSUE_ABOUT_OBJECTS, KIND_SHM));
	assert_false(covers(use, ISSUE_ABOUT_OBJECTS, KIND_MSG));
	assert_false(covers(values, ISSUE_ABOUT_OBJECTS, KIND_SHM));
}

TEST(a_scope_covers_details_that_it_asks_for)
{
	struct scope scope = {.kinds = KIND_BIT(KIND_SEM) | KIND_BIT(KIND_MSG)};

	assert_false(covers(scope, ISSUE_ABOUT_SEMAPHORES, KIND_SEM));
	assert_false(covers(scope, ISSUE_ABOUT_QUEUE_LIMITS, KIND_MSG));
	scope.has_semaphores = true;
	assert_true(covers(scope, ISSUE_ABOUT_SEMAPHORES, KIND_SEM));
	assert_false(covers(scope, ISSUE_ABOUT_QUEUE_LIMITS, KIND_MSG));
	scope.has_queue_limits = true;
	assert_true(covers(scope, ISSUE_ABOUT_QUEUE_LIMITS, KIND_MSG));
	scope.kinds = KIND_BIT(KIND_SHM);
	assert_false(covers(scope, ISSUE_ABOUT_SEMAPHORES, KIND_SEM));
	assert_false(covers(scope, ISSUE_ABOUT_QUEUE_LIMITS, KIND_MSG));
}

TEST(a_scope_covers_limits_names_and_sight_where_it_has_them)
{
	const struct scope none = {.kinds = KINDS_ALL};
	const struct scope limits = {.limit_kinds = KIND_BIT(KIND_MSG)};

	assert_false(covers(none, ISSUE_ABOUT_LIMITS, KIND_MSG));
	assert_false(covers(none, ISSUE_ABOUT_NAMES, KIND_COUNT));
	assert_false(covers(none, ISSUE_ABOUT_SIGHT, KIND_COUNT));
	assert_true(covers(limits, ISSUE_ABOUT_LIMITS, KIND_MSG));
	assert_false(covers(limits, ISSUE_ABOUT_LIMITS, KIND_SHM));
	assert_true(covers((struct scope){.names = SCOPE_GROUP}, ISSUE_ABOUT_NAMES, KIND_COUNT));
	assert_true(covers((struct scope){.has_sight = true}, ISSUE_ABOUT_SIGHT, KIND_COUNT));
}

TEST(everything_covers_every_issue)
{
	for (enum issue_aspect aspect = ISSUE_ABOUT_OBJECTS; aspect <= ISSUE_ABOUT_CONTENTS;
	     aspect++)
		for (enum kind kind = 0; kind <= KIND_COUNT; kind++)
			assert_true(covers(scope_everything, aspect, kind));
}

TEST(a_field_brings_what_it_needs)
{
	struct scope scope = {0};

	scope_add_field(&scope, OBJECT_SIZE);
	assert_false(scope.has_pipe_owners);
	scope_add_field(&scope, OBJECT_UID);
	assert_true(scope.has_pipe_owners);
	assert_false(scope.has_semaphores || scope.has_queue_limits || scope.names ||
		     scope.has_namespaces);
	scope_add_field(&scope, OBJECT_NAMESPACE);
	assert_true(scope.has_namespaces);
	scope_add_field(&scope, OBJECT_USER);
	scope_add_field(&scope, OBJECT_CGROUP);
	assert_int_equal(scope.names, SCOPE_USER | SCOPE_CGROUP);
	scope_add_field(&scope, OBJECT_GROUP);
	scope_add_field(&scope, OBJECT_CUSER);
	assert_int_equal(scope.names, SCOPE_USER | SCOPE_GROUP | SCOPE_CUSER | SCOPE_CGROUP);
	assert_int_equal(scope.link_kinds, 0);
	scope_add_field(&scope, OBJECT_PROCESSES);
	assert_int_equal(scope.link_kinds, KINDS_ALL);
	assert_int_equal(scope.nameless_kinds, KINDS_IN_PROCESSES);
	assert_int_equal(scope_process_kinds(&scope), 0);
	scope.kinds = KIND_BIT(KIND_SHM) | KIND_BIT(KIND_FIFO);
	assert_int_equal(scope_process_kinds(&scope), scope.kinds);
	assert_false(scope.has_history);
	scope_add_field(&scope, OBJECT_SEMAPHORES);
	assert_true(scope.has_semaphores && !scope.has_queue_limits);
	scope_add_field(&scope, OBJECT_USED_PERCENT);
	assert_true(scope.has_queue_limits);
	scope = (struct scope){0};
	scope_add_field(&scope, OBJECT_MAX_BYTES);
	assert_true(scope.has_queue_limits);
}

static size_t add_file(struct snapshot *snapshot, enum kind kind, uint64_t inode, uint64_t device,
		       const char *name)
{
	struct object *object = snapshot_add_object(snapshot, kind);

	object->inode = inode;
	object->device = device;
	object_mark(object, OBJECT_INODE);
	object_mark(object, OBJECT_DEVICE);
	if (name) {
		object->name = text_of(name);
		object_mark(object, OBJECT_NAME);
	}
	return snapshot->objects.count - 1;
}

static void add_link(struct snapshot *snapshot, size_t object)
{
	struct link *link = vector_add(&snapshot->links);

	link->object = object;
}

TEST(twins_have_their_device_in_the_ref)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	const struct object *objects;

	add_file(snapshot, KIND_FIFO, 5, device_number(8, 1), NULL);
	add_file(snapshot, KIND_FIFO, 5, device_number(8, 2), NULL);
	add_file(snapshot, KIND_FIFO, 6, device_number(8, 2), NULL);
	add_file(snapshot, KIND_FIFO, 6, device_number(8, 3), "/named");
	add_file(snapshot, KIND_MAP, 5, device_number(0, 1), NULL);
	assert_int_equal(snapshot_settle(snapshot), 0);
	objects = snapshot->objects.items;
	assert_text(objects[0].ref, "fifo:#8:1/5");
	assert_text(objects[1].ref, "fifo:#8:2/5");
	assert_text(objects[2].ref, "fifo:#8:2/6");
	assert_text(objects[3].ref, "fifo:/named");
	assert_text(objects[4].ref, "map:#5");
}

TEST(what_points_to_objects_follows_them_when_they_are_sorted)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct accounting *accounting = vector_add(&snapshot->accountings);

	add_link(snapshot, add_file(snapshot, KIND_PIPE, 9, 14, NULL));
	add_link(snapshot, add_file(snapshot, KIND_PSHM, 1, 25, "/b"));
	add_link(snapshot, add_file(snapshot, KIND_PIPE, 3, 14, NULL));
	add_link(snapshot, add_file(snapshot, KIND_PSHM, 2, 25, "/a"));
	snapshot_add_object(snapshot, KIND_SHM)->id = 7;
	accounting->object = 4;
	assert_int_equal(snapshot_settle(snapshot), 0);
	/* By kind, then by inode. */
	assert_int_equal(snapshot->objects.items[0].id, 7);
	assert_int_equal(snapshot->objects.items[0].ref.length, 0);
	for (size_t i = 0; i < 4; i++) {
		static const char *const refs[] = {"pshm:/b", "pshm:/a", "pipe:3", "pipe:9"};

		assert_text(snapshot->objects.items[i + 1].ref, refs[i]);
		assert_int_equal(snapshot->links.items[i].object, i + 1);
		assert_text(snapshot->links.items[i].object_ref, refs[i]);
	}
	assert_int_equal(accounting->object, 0);
}

TEST(any_order_is_sorted)
{
	enum { COUNT = 101 };
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();

	/* A permutation with rings of several lengths, for 101 is a prime and 0 stays where it is.
	 */
	for (uint64_t i = 0; i < COUNT; i++)
		add_link(snapshot, add_file(snapshot, KIND_PIPE,
					    i * i % COUNT * i % COUNT * 7 % COUNT, 14, NULL));
	assert_int_equal(snapshot_settle(snapshot), 0);
	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(snapshot->objects.items[i].inode, i);
		assert_int_equal(snapshot->links.items[i].object, i);
		assert_text(snapshot->links.items[i].object_ref,
			    snapshot->objects.items[i].ref.bytes);
	}
}

/* History is not mixed with proof, and stays as it was. */
TEST(links_are_put_in_order)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	static const struct link links[] = {
		{.object = 0, .pid = 20, .how = LINK_MAPPED, .address = 4096},
		{.object = 0, .pid = 10, .how = LINK_OPEN, .fd = 7},
		{.object = 0, .pid = 10, .how = LINK_OPEN, .fd = 5},
		{.object = 0, .pid = 10, .how = LINK_MAPPED, .address = 8192},
		{.object = 0, .pid = 10, .how = LINK_MAPPED, .address = 4096},
		{.object = 0, .pid = 30, .how = LINK_CREATED},
		{.object = 0, .pid = 1, .how = LINK_LAST_OP}};
	static const size_t order[] = {4, 3, 2, 1, 0, 5, 6};

	add_file(snapshot, KIND_MAP, 5, 1, NULL);
	for (size_t i = 0; i < ARRAY_LENGTH(links); i++)
		*(struct link *)vector_add(&snapshot->links) = links[i];
	assert_int_equal(snapshot_settle(snapshot), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(links); i++) {
		const struct link *expected = &links[order[i]], *link = &snapshot->links.items[i];

		assert_int_equal(link->pid, expected->pid);
		assert_int_equal(link->how, expected->how);
		assert_int_equal(link->address, expected->address);
		assert_int_equal(link->fd, expected->fd);
	}
}

TEST(nothing_is_settled_at_once)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();

	assert_int_equal(snapshot_settle(snapshot), 0);
}

TEST(freeing_leaves_null_behind)
{
	assert_null(snapshot_free(NULL));
	assert_null(snapshot_free(snapshot_new()));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_added_at_the_end),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(an_issue_says_what_it_is_about),
		cmocka_unit_test(an_issue_can_be_about_no_kind_and_no_object),
		cmocka_unit_test(a_limit_is_found_by_its_id),
		cmocka_unit_test(a_scope_covers_the_objects_that_it_lists_or_counts),
		cmocka_unit_test(a_scope_covers_details_that_it_asks_for),
		cmocka_unit_test(a_scope_covers_the_details_of_its_objects_alone),
		cmocka_unit_test(a_scope_covers_limits_names_and_sight_where_it_has_them),
		cmocka_unit_test(everything_covers_every_issue),
		cmocka_unit_test(a_field_brings_what_it_needs),
		cmocka_unit_test(twins_have_their_device_in_the_ref),
		cmocka_unit_test(what_points_to_objects_follows_them_when_they_are_sorted),
		cmocka_unit_test(any_order_is_sorted),
		cmocka_unit_test(links_are_put_in_order),
		cmocka_unit_test(nothing_is_settled_at_once),
		cmocka_unit_test(freeing_leaves_null_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
