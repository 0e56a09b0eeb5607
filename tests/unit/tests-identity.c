/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "model/identity.h"

static struct object segment(void)
{
	struct object object = {.kind = KIND_SHM, .namespace = 7, .id = 3, .key = 0x4d2, .cuid = 5};

	object.shm.creator_pid = 100;
	for (enum object_field field = 0; field < OBJECT_FIELD_COUNT; field++)
		object_mark(&object, field);
	return object;
}

static struct object file(enum kind kind)
{
	struct object object = {.kind = kind, .inode = 9, .device = 2};

	object.file.created_at = 1000;
	object_mark(&object, OBJECT_INODE);
	object_mark(&object, OBJECT_DEVICE);
	object_mark(&object, OBJECT_CREATED_AT);
	return object;
}

static bool have_one_hash(const struct object *a, const struct object *b)
{
	struct identity_gaps gaps = {0};

	identity_note_gaps(&gaps, a);
	identity_note_gaps(&gaps, b);
	return identity_hash(a, &gaps) == identity_hash(b, &gaps);
}

static void assert_same(const struct object *a, const struct object *b)
{
	assert_true(identity_is_same(a, b));
	assert_true(identity_is_same(b, a));
	assert_true(have_one_hash(a, b));
}

static void assert_other(const struct object *a, const struct object *b)
{
	assert_false(identity_is_same(a, b));
	assert_false(identity_is_same(b, a));
	assert_false(have_one_hash(a, b));
}

TEST(what_an_object_does_and_contains_is_no_part_of_it)
{
	struct object a = segment(), b = segment();

	b.uid = 1000;
	b.mode = 0600;
	b.shm.nattch = 12;
	b.changed_at = 5;
	assert_same(&a, &b);
}

TEST(an_id_that_was_given_out_again_is_another_object)
{
	struct object a = segment(), b = segment();

	b.shm.creator_pid = 101;
	assert_other(&a, &b);
	b = segment();
	b.key = 0x4d3;
	assert_other(&a, &b);
	b = segment();
	b.cuid = 6;
	assert_other(&a, &b);
	b = segment();
	b.namespace = 8;
	assert_other(&a, &b);
	b = segment();
	b.kind = KIND_SEM;
	assert_other(&a, &b);
}

TEST(a_segment_that_was_removed_is_the_same_without_its_key)
{
	struct object a = segment(), b = segment();

	b.key = 0;
	assert_other(&a, &b);
	b.status = SHM_STATUS_DEST;
	assert_same(&a, &b);
}

TEST(what_one_record_does_not_have_parts_nothing)
{
	struct object a = segment(), b = segment();

	record_unmark(&b.record, OBJECT_CREATOR_PID);
	b.shm.creator_pid = 0;
	record_unmark(&b.record, OBJECT_NAMESPACE);
	b.namespace = 0;
	assert_same(&a, &b);
}

TEST(files_are_told_apart_by_device_inode_and_creation)
{
	struct object a = file(KIND_PSHM), b = file(KIND_PSHM);

	assert_same(&a, &b);
	b.device = 3;
	assert_other(&a, &b);
	b = file(KIND_PSHM);
	b.file.created_at = 2000;
	assert_other(&a, &b);
	b = file(KIND_PSHM);
	b.inode = 10;
	assert_other(&a, &b);
}

TEST(what_other_kinds_have_in_the_place_of_a_creation_time_is_not_compared)
{
	struct object a = file(KIND_PIPE), b = file(KIND_PIPE);

	b.file.created_at = 2000;
	assert_same(&a, &b);
}

/* One of each namespace has the same id. */
TEST(those_of_one_id_are_found_by_their_namespace)
{
	struct object a = segment(), b = segment();
	struct identity_gaps gaps = {0};

	b.namespace = 8;
	assert_int_not_equal(identity_hash_id(&a, &gaps), identity_hash_id(&b, &gaps));
	b.namespace = 7;
	b.cuid = 6;
	assert_int_equal(identity_hash_id(&a, &gaps), identity_hash_id(&b, &gaps));
	record_unmark(&b.record, OBJECT_NAMESPACE);
	b.namespace = 0;
	identity_note_gaps(&gaps, &b);
	assert_int_equal(identity_hash_id(&a, &gaps), identity_hash_id(&b, &gaps));
}

static struct host host(const char *name, const char *boot_id)
{
	struct host host = {.name = text_of(name), .boot_id = text_of(boot_id)};

	if (name)
		record_mark(&host.record, HOST_NAME);
	if (boot_id)
		record_mark(&host.record, HOST_BOOT_ID);
	return host;
}

TEST(a_machine_is_another_one_by_its_name_unless_its_start_is_the_same)
{
	static const struct {
		const char *name, *boot_id;
		bool is_same_start, is_other_machine;
	} cases[] = {
		{"box", "1", true, false},   {"other", "1", true, false},
		{"box", "2", false, false},  {"other", "2", false, true},
		{"box", NULL, false, false}, {"other", NULL, false, true},
		{NULL, "2", false, false},   {NULL, NULL, false, false},
	};
	const struct host box = host("box", "1");

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct host other = host(cases[i].name, cases[i].boot_id);

		assert_int_equal(identity_is_same_start(&box, &other), cases[i].is_same_start);
		assert_int_equal(identity_is_other_machine(&box, &other),
				 cases[i].is_other_machine);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_object_does_and_contains_is_no_part_of_it),
		cmocka_unit_test(an_id_that_was_given_out_again_is_another_object),
		cmocka_unit_test(a_segment_that_was_removed_is_the_same_without_its_key),
		cmocka_unit_test(what_one_record_does_not_have_parts_nothing),
		cmocka_unit_test(files_are_told_apart_by_device_inode_and_creation),
		cmocka_unit_test(those_of_one_id_are_found_by_their_namespace),
		cmocka_unit_test(
			what_other_kinds_have_in_the_place_of_a_creation_time_is_not_compared),
		cmocka_unit_test(a_machine_is_another_one_by_its_name_unless_its_start_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
