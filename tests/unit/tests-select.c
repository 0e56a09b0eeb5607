/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "query/select.h"

static void add(struct snapshot *snapshot, enum kind kind, uint64_t id, uint64_t size,
		const char *user)
{
	struct object *object = snapshot_add_object(snapshot, kind);

	object->id = id;
	object->key = 0x4d2;
	object->uid = id % 10;
	object_mark(object, OBJECT_ID);
	object_mark(object, OBJECT_KEY);
	object_mark(object, OBJECT_UID);
	if (user) {
		object->user = text_of(user);
		object_mark(object, OBJECT_USER);
	}
	if (kind == KIND_SHM && size) {
		object->size = size;
		object_mark(object, OBJECT_SIZE);
	}
}

static int set_up(void **state)
{
	struct snapshot *snapshot = snapshot_new();

	add(snapshot, KIND_MSG, 4, 0, "root");
	add(snapshot, KIND_SHM, 10, 300, "oracle");
	add(snapshot, KIND_SHM, 9, 0, "root");
	add(snapshot, KIND_SHM, 100, 100, "oracle");
	add(snapshot, KIND_SHM, 3, 300, "7");
	add(snapshot, KIND_SEM, 17, 0, NULL);
	*state = snapshot;
	return 0;
}

static int tear_down(void **state)
{
	*state = snapshot_free(*state);
	return 0;
}

/* The selected ids as a text, "3 9 10". */
static void assert_ids(const struct selection *selection, const char *expected)
{
	_cleanup_buffer_ struct buffer ids = {0};

	for (size_t i = 0; i < selection->objects.count; i++)
		buffer_add_format(&ids, "%s%ju", i ? " " : "",
				  (uintmax_t)selection->objects.items[i]->id);
	assert_buffer(&ids, expected);
}

static void assert_sorted(const struct snapshot *snapshot, const char *sort, const char *expected)
{
	struct sort_keys keys = {0};
	struct selection_options options = {.kinds = KIND_BIT(KIND_SHM), .sort = &keys};
	_cleanup_selection_ struct selection selection = {0};

	assert_int_equal(sort_parse(text_of(sort), &keys, NULL), 0);
	assert_int_equal(select_objects(snapshot, &options, &selection), 0);
	assert_ids(&selection, expected);
	vector_deinit(&keys.keys);
}

static void objects_come_by_kind_and_id(void **state)
{
	const struct selection_options options = {.kinds = KINDS_ALL};
	_cleanup_selection_ struct selection selection = {0};

	assert_int_equal(select_objects(*state, &options, &selection), 0);
	assert_ids(&selection, "3 9 10 100 17 4");
}

static void only_the_kinds_that_are_wanted_come(void **state)
{
	const struct selection_options options = {.kinds = KIND_BIT(KIND_SEM) | KIND_BIT(KIND_MSG)};
	_cleanup_selection_ struct selection selection = {0};

	assert_int_equal(select_objects(*state, &options, &selection), 0);
	assert_ids(&selection, "17 4");
}

static void keys_sort_and_ties_are_by_id(void **state)
{
	assert_sorted(*state, "id", "3 9 10 100");
	assert_sorted(*state, "id:desc", "100 10 9 3");
	assert_sorted(*state, "ref", "3 9 10 100");
	assert_sorted(*state, "size:asc,id:desc", "100 10 3 9");
	assert_sorted(*state, "user,size", "3 100 10 9");
	assert_sorted(*state, "key", "3 9 10 100");
}

static void absent_comes_last_in_either_direction(void **state)
{
	assert_sorted(*state, "size", "100 3 10 9");
	assert_sorted(*state, "size:desc", "3 10 100 9");
	assert_sorted(*state, "rss:desc", "3 9 10 100");
}

static void assert_owner(const struct snapshot *snapshot, const char *owner, const char *expected)
{
	const struct selection_options options = {.kinds = KINDS_ALL, .owner = text_of(owner)};
	_cleanup_selection_ struct selection selection = {0};

	assert_int_equal(select_objects(snapshot, &options, &selection), 0);
	assert_ids(&selection, expected);
}

static void an_owner_is_a_name_or_a_number(void **state)
{
	assert_owner(*state, "oracle", "10 100");
	assert_owner(*state, "root", "9 4");
	assert_owner(*state, "0", "10 100");
	/* uid 7, and who is called so */
	assert_owner(*state, "7", "3 17");
	assert_owner(*state, "nobody", "");
	assert_owner(*state, "", "");
	assert_owner(*state, "-1", "");
}

static void all_conditions_must_hold(void **state)
{
	struct filters filters = {0};
	const struct selection_options options = {.kinds = KINDS_ALL, .filters = &filters};
	_cleanup_selection_ struct selection selection = {0};

	assert_int_equal(filter_parse(&object_fields, TEXT_LITERAL("size>=100"),
				      vector_add(&filters.items), NULL),
			 0);
	assert_int_equal(filter_parse(&object_fields, TEXT_LITERAL("user~^o"),
				      vector_add(&filters.items), NULL),
			 0);
	assert_int_equal(select_objects(*state, &options, &selection), 0);
	assert_ids(&selection, "10 100");
	filters_deinit(&filters);
}

static void assert_ref(const struct snapshot *snapshot, const char *text, const char *expected)
{
	_cleanup_selection_ struct selection selection = {0};
	struct ref ref;

	assert_int_equal(ref_parse(text_of(text), &ref, NULL), 0);
	assert_int_equal(select_by_ref(snapshot, &ref, &selection), 0);
	assert_ids(&selection, expected);
}

static void a_ref_finds_all_that_it_names(void **state)
{
	assert_ref(*state, "shm:10", "10");
	assert_ref(*state, "4", "4");
	assert_ref(*state, "sem:0x4d2", "17");
	assert_ref(*state, "0x4d2", "4 10 9 100 3 17");
	assert_ref(*state, "shm:4", "");
}

TEST(what_is_no_sort_key_is_refused)
{
	static const char *const texts[] = {"",		 "nosuch",     "size,",	      ",size",
					    "size:down", "size:",      "size:desc:x", "size desc",
					    "size;id",	 "size:desc,x"};

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct sort_keys keys = {0};
		struct ipclens_error error = {0};

		if (sort_parse(text_of(texts[i]), &keys, &error) != -EINVAL || !error.text[0])
			fail_msg("\"%s\" is taken for sort keys", texts[i]);
		vector_deinit(&keys.keys);
	}
}

TEST(nothing_is_selected_of_nothing)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	const struct selection_options options = {.kinds = KINDS_ALL};
	_cleanup_selection_ struct selection selection = {0};

	assert_int_equal(select_objects(snapshot, &options, &selection), 0);
	assert_int_equal(selection.objects.count, 0);
}

#define FIXTURE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(objects_come_by_kind_and_id),
		FIXTURE_TEST(only_the_kinds_that_are_wanted_come),
		FIXTURE_TEST(keys_sort_and_ties_are_by_id),
		FIXTURE_TEST(absent_comes_last_in_either_direction),
		FIXTURE_TEST(an_owner_is_a_name_or_a_number),
		FIXTURE_TEST(all_conditions_must_hold),
		FIXTURE_TEST(a_ref_finds_all_that_it_names),
		cmocka_unit_test(what_is_no_sort_key_is_refused),
		cmocka_unit_test(nothing_is_selected_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
