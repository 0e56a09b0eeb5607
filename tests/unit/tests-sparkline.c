/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <locale.h>

#include "render/sparkline.h"

static void assert_bars(const uint64_t *numbers, size_t count, size_t width, const char *expected)
{
	_cleanup_buffer_ struct buffer buffer = {0};

	sparkline_add(&buffer, numbers, count, width);
	assert_buffer(&buffer, expected);
}

#define ASSERT_BARS(expected, width, ...)            \
	assert_bars((const uint64_t[]){__VA_ARGS__}, \
		    sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), width, expected)

TEST(bars_go_from_the_least_to_the_largest)
{
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	ASSERT_BARS("▁▂▃▄▅▆▇█", 60, 0, 1, 2, 3, 4, 5, 6, 7);
	ASSERT_BARS("▁▂▄█", 60, 1003, 1005, 1008, 1012);
	ASSERT_BARS("▁█▁", 60, 0, UINT64_MAX, 0);
	assert_non_null(setlocale(LC_CTYPE, "C"));
	ASSERT_BARS(".:-=+*%#", 60, 0, 1, 2, 3, 4, 5, 6, 7);
	ASSERT_BARS(".#.", 60, 0, UINT64_MAX, 0);
}

TEST(what_does_not_change_is_flat)
{
	setlocale(LC_CTYPE, "C");
	ASSERT_BARS("...", 60, 5, 5, 5);
	ASSERT_BARS(".", 60, UINT64_MAX);
	assert_bars(NULL, 0, 60, "");
}

TEST(of_more_than_there_is_room_for_the_last_of_each_few_is_shown)
{
	setlocale(LC_CTYPE, "C");
	ASSERT_BARS(".#", 2, 0, 1, 9, 9);
	ASSERT_BARS("-#", 2, 0, 1, 2, 3, 4, 5);
	ASSERT_BARS(":##", 3, 1, 2, 7, 7, 7, 7, 7);
	ASSERT_BARS("#", 1, 0, 1, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bars_go_from_the_least_to_the_largest),
		cmocka_unit_test(what_does_not_change_is_flat),
		cmocka_unit_test(of_more_than_there_is_room_for_the_last_of_each_few_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
