/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "model/semaphore_text.h"

static void assert_step(const char *text, unsigned short num, short amount)
{
	struct semaphore_step step = {7, 7};

	assert_int_equal(semaphore_parse_step(text_of(text), &step, NULL), 0);
	assert_int_equal(step.num, num);
	assert_int_equal(step.amount, amount);
}

TEST(steps_are_read)
{
	assert_step("0+1", 0, 1);
	assert_step("3-2", 3, -2);
	assert_step("65535+32767", 65535, 32767);
	assert_step("65535-32767", 65535, -32767);
	assert_step("0=0", 0, 0);
}

TEST(anything_else_is_no_step)
{
	static const char *const texts[] = {
		"",    "0",   "1",    "+1",	 "0+",	    "0-",      "0=",	  "0=1",  "0+0",
		"0-0", "-1",  "=0",   "0++1",	 "0+-1",    "0 +1",    "0+ 1",	  "0+1 ", "0x1+1",
		"a+1", "0+a", "-1+1", "65536+1", "0+32768", "0-32768", "0+1,1+1", "0=0=0"};

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct semaphore_step step = {7, 7};
		struct ipclens_error error = {0};

		assert_int_equal(semaphore_parse_step(text_of(texts[i]), &step, &error), -EINVAL);
		assert_non_null(strstr(error.text, "NUM"));
		assert_int_equal(step.num, 7);
	}
}

TEST(values_are_read)
{
	struct semaphore_values values = {0};

	assert_int_equal(semaphore_parse_values(TEXT_LITERAL("1,0,32767"), &values, NULL), 0);
	assert_int_equal(values.items.count, 3);
	assert_int_equal(values.items.items[0], 1);
	assert_int_equal(values.items.items[1], 0);
	assert_int_equal(values.items.items[2], 32767);
	vector_deinit(&values.items);
}

TEST(anything_else_is_no_list_of_values)
{
	static const char *const texts[] = {"",	  ",",	  "1,", ",1",	 "1,,2", "-1",
					    "+1", "1 ,2", "a",	"32768", "1;2",	 "0x1"};

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct semaphore_values values = {0};

		assert_int_equal(semaphore_parse_values(text_of(texts[i]), &values, NULL), -EINVAL);
		vector_deinit(&values.items);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_read),
		cmocka_unit_test(anything_else_is_no_step),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(anything_else_is_no_list_of_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
