/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "base/vector.h"

struct item {
	uint64_t number;
	char rest[20];
};

TEST(items_are_zeroed_and_stay_when_it_grows)
{
	VECTOR(struct item) vector = {0};
	uint64_t expected = 0;

	for (uint64_t i = 0; i < 1000; i++) {
		struct item *item = vector_add(&vector);

		assert_non_null(item);
		assert_int_equal(item->number, 0);
		assert_int_equal(item->rest[19], 0);
		*item = (struct item){.number = i};
		memset(item->rest, 0xff, sizeof(item->rest));
	}
	assert_int_equal(vector.count, 1000);
	assert_true(vector.capacity >= vector.count);
	vector_for_each (&vector, item)
		assert_int_equal(item->number, expected++);
	assert_int_equal(expected, 1000);
	vector_deinit(&vector);
	assert_null(vector.items);
	assert_int_equal(vector.count + vector.capacity, 0);
}

TEST(an_empty_vector_has_no_items)
{
	VECTOR(struct item) vector = {0};

	vector_for_each (&vector, item)
		fail_msg("an item at %p", (void *)item);
	vector_deinit(&vector);
}

TEST(sizes_that_overflow_are_refused)
{
	void *items = NULL;
	size_t capacity = 0;

	assert_int_equal(vector_reserve_one(&items, 0, &capacity, SIZE_MAX / 2), -ENOMEM);
	assert_null(items);
	assert_int_equal(capacity, 0);
	capacity = SIZE_MAX - 1;
	assert_int_equal(vector_reserve_one(&items, SIZE_MAX - 1, &capacity, 1), -ENOMEM);
	assert_int_equal(capacity, SIZE_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_zeroed_and_stay_when_it_grows),
		cmocka_unit_test(an_empty_vector_has_no_items),
		cmocka_unit_test(sizes_that_overflow_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
