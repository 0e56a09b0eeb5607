/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "base/id_map.h"

static char places[10000];

/* Numbers that differ in high bits alone, in low bits alone, and the extremes. */
static uint64_t number_at(size_t i)
{
	if (i == 0)
		return UINT64_MAX;
	if (i % 3 == 0)
		return (uint64_t)i << 40;
	return i % 3 == 1 ? i : (uint64_t)i << 32 | i;
}

TEST(an_empty_map_has_nothing)
{
	struct id_map map = {0};
	void *pointer = places;

	assert_false(id_map_find(&map, 0, &pointer));
	assert_ptr_equal(pointer, places);
	id_map_deinit(&map);
}

TEST(every_number_is_found_again)
{
	struct id_map map = {0};
	void *pointer;

	for (size_t i = 0; i < sizeof(places); i++)
		assert_int_equal(id_map_put(&map, number_at(i), &places[i]), 0);
	assert_int_equal(map.count, sizeof(places));
	for (size_t i = 0; i < sizeof(places); i++) {
		assert_true(id_map_find(&map, number_at(i), &pointer));
		assert_ptr_equal(pointer, &places[i]);
	}
	assert_false(id_map_find(&map, UINT64_MAX - 1, &pointer));
	id_map_deinit(&map);
}

TEST(null_is_told_apart_from_not_there)
{
	struct id_map map = {0};
	void *pointer = places;

	assert_int_equal(id_map_put(&map, 0, NULL), 0);
	assert_true(id_map_find(&map, 0, &pointer));
	assert_null(pointer);
	assert_false(id_map_find(&map, 1, &pointer));
	id_map_deinit(&map);
}

TEST(a_number_is_replaced_and_counted_once)
{
	struct id_map map = {0};
	void *pointer;

	assert_int_equal(id_map_put(&map, 7, &places[0]), 0);
	assert_int_equal(id_map_put(&map, 7, &places[1]), 0);
	assert_int_equal(map.count, 1);
	assert_true(id_map_find(&map, 7, &pointer));
	assert_ptr_equal(pointer, &places[1]);
	id_map_deinit(&map);
	assert_false(id_map_find(&map, 7, &pointer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_map_has_nothing),
		cmocka_unit_test(every_number_is_found_again),
		cmocka_unit_test(null_is_told_apart_from_not_there),
		cmocka_unit_test(a_number_is_replaced_and_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
