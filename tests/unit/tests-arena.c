/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <stdalign.h>

#include "base/arena.h"

static bool is_zero(const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i])
			return false;
	return true;
}

TEST(memory_is_zeroed_aligned_and_disjoint)
{
	struct arena arena = {0};
	unsigned char *pieces[200];

	for (size_t i = 0; i < ARRAY_LENGTH(pieces); i++) {
		pieces[i] = arena_alloc(&arena, i * 7 + 1);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
		assert_true(is_zero(pieces[i], i * 7 + 1));
		memset(pieces[i], (int)i + 1, i * 7 + 1);
	}
	for (size_t i = 0; i < ARRAY_LENGTH(pieces); i++)
		for (size_t j = 0; j < i * 7 + 1; j++)
			assert_int_equal(pieces[i][j], (unsigned char)(i + 1));
	arena_deinit(&arena);
}

TEST(pieces_larger_than_a_block_are_given)
{
	struct arena arena = {0};
	unsigned char *small = arena_alloc(&arena, 10);
	unsigned char *large = arena_alloc(&arena, (size_t)1 << 20);
	unsigned char *after = arena_alloc(&arena, 10);

	assert_non_null(small);
	assert_non_null(large);
	assert_non_null(after);
	assert_true(is_zero(large, (size_t)1 << 20));
	memset(large, 0xff, (size_t)1 << 20);
	assert_true(is_zero(small, 10));
	assert_true(is_zero(after, 10));
	arena_deinit(&arena);
}

TEST(sizes_that_overflow_are_refused)
{
	struct arena arena = {0};

	assert_null(arena_alloc(&arena, SIZE_MAX));
	assert_null(arena_alloc(&arena, SIZE_MAX - 20));
	assert_null(arena_alloc_array(&arena, SIZE_MAX / 2 + 1, 2));
	assert_null(arena_alloc_array(&arena, SIZE_MAX / 8 + 2, 8));
	assert_null(arena_copy(&arena, "", SIZE_MAX));
	assert_non_null(arena_alloc_array(&arena, 3, 8));
	arena_deinit(&arena);
}

TEST(copies_end_with_nul_and_keep_every_byte)
{
	struct arena arena = {0};
	const char bytes[] = {'a', '\0', 'b'};
	char *copy = arena_copy(&arena, bytes, sizeof(bytes));
	char *empty = arena_copy(&arena, NULL, 0);

	assert_memory_equal(copy, bytes, sizeof(bytes));
	assert_int_equal(copy[3], '\0');
	assert_string_equal(empty, "");
	arena_deinit(&arena);
}

TEST(an_arena_is_usable_after_it_was_emptied)
{
	struct arena arena = {0};

	assert_non_null(arena_alloc(&arena, 100));
	arena_deinit(&arena);
	assert_null(arena.blocks);
	assert_non_null(arena_alloc(&arena, 100));
	arena_deinit(&arena);
	arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_disjoint),
		cmocka_unit_test(pieces_larger_than_a_block_are_given),
		cmocka_unit_test(sizes_that_overflow_are_refused),
		cmocka_unit_test(copies_end_with_nul_and_keep_every_byte),
		cmocka_unit_test(an_arena_is_usable_after_it_was_emptied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
