/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "model/leak.h"
#include "model/machine.h"
#include "model/object.h"
#include "model/value_text.h"

static void assert_plain(const struct field_table *table, size_t index, struct value value,
			 const char *expected)
{
	const struct field *field = &table->fields[index];
	_cleanup_buffer_ struct buffer buffer = {0};

	value.type = field->type;
	value.is_present = true;
	value_add_plain(&buffer, field, &value);
	assert_buffer(&buffer, expected);
}

TEST(each_type_has_one_exact_text)
{
	const struct field_table *table = &object_fields;

	assert_plain(table, OBJECT_SIZE, (struct value){.number = UINT64_MAX},
		     "18446744073709551615");
	assert_plain(table, OBJECT_NATTCH, (struct value){.number = 0}, "0");
	assert_plain(table, OBJECT_ID, (struct value){.number = 32768}, "32768");
	assert_plain(table, OBJECT_KEY, (struct value){.number = 0x4d2}, "0x000004d2");
	assert_plain(table, OBJECT_KEY, (struct value){.number = UINT32_MAX}, "0xffffffff");
	assert_plain(table, OBJECT_MODE, (struct value){.number = 0}, "0000");
	assert_plain(table, OBJECT_MODE, (struct value){.number = 0644}, "0644");
	assert_plain(table, OBJECT_CHANGED_AT, (struct value){.signed_number = 0},
		     "1970-01-01T00:00:00Z");
	assert_plain(table, OBJECT_LAST_PID, (struct value){.signed_number = 1234}, "1234");
	assert_plain(table, OBJECT_USER, (struct value){.text = TEXT_LITERAL("a b")}, "a b");
	assert_plain(table, OBJECT_STATUS, (struct value){.number = 0}, "");
	assert_plain(table, OBJECT_STATUS, (struct value){.number = 5}, "dest,hugetlb");
	assert_plain(table, OBJECT_USED_PERCENT, (struct value){.number = 125}, "12.5");
	assert_plain(table, OBJECT_USED_PERCENT, (struct value){.number = 7}, "0.7");
	assert_plain(&leak_fields, LEAK_PER_HOUR, (struct value){.number = 3000}, "3");
	assert_plain(&leak_fields, LEAK_PER_HOUR, (struct value){.number = 2500}, "2.5");
	assert_plain(&leak_fields, LEAK_PER_HOUR, (struct value){.number = 42}, "0.042");
	assert_plain(&leak_fields, LEAK_PER_HOUR, (struct value){.number = 0}, "0");
	assert_plain(&leak_fields, LEAK_PER_HOUR, (struct value){.number = 1001}, "1.001");
	assert_plain(&sight_fields, SIGHT_FULL, (struct value){.number = 1}, "true");
	assert_plain(&sight_fields, SIGHT_FULL, (struct value){.number = 0}, "false");
	assert_plain(&issue_fields, ISSUE_CODE, (struct value){.number = OUTCOME_GONE}, "gone");
}

TEST(a_device_has_its_two_numbers)
{
	static const char *const refused[] = {"",      ":",    "0",    "0:",	       ":0",
					      "0:x",   "-1:0", "0:-1", "0:4294967296", "0x1:0",
					      "1:2:3", "0: 1"};
	uint64_t device = 42;

	assert_plain(&object_fields, OBJECT_DEVICE, (struct value){.number = 25}, "0:25");
	assert_plain(&object_fields, OBJECT_DEVICE, (struct value){.number = device_number(8, 1)},
		     "8:1");
	assert_plain(&object_fields, OBJECT_DEVICE, (struct value){.number = UINT64_MAX},
		     "4294967295:4294967295");
	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
		if (value_parse_device(text_of(refused[i]), &device) != -EINVAL)
			fail_msg("\"%s\" is taken for a device", refused[i]);
	assert_int_equal(value_parse_device(TEXT_LITERAL("8:1\0"), &device), -EINVAL);
	assert_int_equal(device, 42);
	assert_int_equal(value_parse_device(TEXT_LITERAL("4294967295:4294967295"), &device), 0);
	assert_true(device == UINT64_MAX);
	assert_int_equal(value_parse_device(TEXT_LITERAL("8:1"), &device), 0);
	assert_true(device == device_number(8, 1));
}

static int order_of(enum value_type type, uint64_t a, uint64_t b)
{
	struct value first = {.type = type, .is_present = true, .number = a};
	struct value second = {.type = type, .is_present = true, .number = b};

	assert_int_equal(value_compare(&first, &second), -value_compare(&second, &first));
	return value_compare(&first, &second);
}

TEST(numbers_are_ordered_over_their_whole_range)
{
	assert_int_equal(order_of(VALUE_SIZE, 1, 1), 0);
	assert_true(order_of(VALUE_SIZE, 0, UINT64_MAX) < 0);
	assert_true(order_of(VALUE_KEY, 0x80000000, 1) > 0);
	assert_true(order_of(VALUE_DEVICE, device_number(8, 1), device_number(0, 25)) > 0);
	assert_true(order_of(VALUE_TIME, (uint64_t)-1, 0) < 0);
	assert_true(order_of(VALUE_PID, (uint64_t)INT64_MIN, INT64_MAX) < 0);
}

static int order_of_texts(struct text a, struct text b)
{
	struct value first = {.type = VALUE_TEXT, .is_present = true, .text = a};
	struct value second = {.type = VALUE_TEXT, .is_present = true, .text = b};

	return value_compare(&first, &second);
}

TEST(texts_are_ordered_by_their_bytes)
{
	assert_int_equal(order_of_texts(TEXT_LITERAL("a"), TEXT_LITERAL("a")), 0);
	assert_int_equal(order_of_texts(TEXT_NONE, TEXT_LITERAL("")), 0);
	assert_true(order_of_texts(TEXT_LITERAL("a"), TEXT_LITERAL("b")) < 0);
	assert_true(order_of_texts(TEXT_LITERAL("a"), TEXT_LITERAL("aa")) < 0);
	assert_true(order_of_texts(TEXT_LITERAL("b"), TEXT_LITERAL("aa")) > 0);
	assert_true(order_of_texts(TEXT_LITERAL("\xff"), TEXT_LITERAL("a")) > 0);
	assert_true(order_of_texts(TEXT_LITERAL("a\0b"), TEXT_LITERAL("a\0a")) > 0);
}

TEST(absent_comes_after_everything)
{
	struct value absent = {.type = VALUE_SIZE};
	struct value greatest = {.type = VALUE_SIZE, .is_present = true, .number = UINT64_MAX};

	assert_true(value_compare(&absent, &greatest) > 0);
	assert_true(value_compare(&greatest, &absent) < 0);
	assert_int_equal(value_compare(&absent, &absent), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_has_one_exact_text),
		cmocka_unit_test(a_device_has_its_two_numbers),
		cmocka_unit_test(numbers_are_ordered_over_their_whole_range),
		cmocka_unit_test(texts_are_ordered_by_their_bytes),
		cmocka_unit_test(absent_comes_after_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
