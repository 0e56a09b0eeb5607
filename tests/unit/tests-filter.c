/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "model/object.h"
#include "query/filter.h"

static struct object example(void)
{
	struct object object = {.kind = KIND_SHM,
				.id = 32768,
				.key = 0x4d2,
				.mode = 0640,
				.user = TEXT_LITERAL("oracle"),
				.changed_at = 1795425168};

	object.size = 1 << 20;
	object.status = SHM_STATUS_DEST | SHM_STATUS_LOCKED;
	object.shm.last_pid = 1234;
	object_mark(&object, OBJECT_ID);
	object_mark(&object, OBJECT_KEY);
	object_mark(&object, OBJECT_MODE);
	object_mark(&object, OBJECT_USER);
	object_mark(&object, OBJECT_CHANGED_AT);
	object_mark(&object, OBJECT_SIZE);
	object_mark(&object, OBJECT_STATUS);
	object_mark(&object, OBJECT_LAST_PID);
	return object;
}

static bool holds(const char *condition, const struct object *object)
{
	struct ipclens_error error;
	struct filter filter;
	int result;

	if (filter_parse(&object_fields, text_of(condition), &filter, &error) != 0)
		fail_msg("%s: %s", condition, error.text);
	result = filter_matches(&filter, &object_fields, object);
	filter_deinit(&filter);
	assert_in_range(result, 0, 1);
	return result;
}

static const struct {
	const char *condition;
	bool holds;
} conditions[] = {
	{"size=1M", true},
	{"size=1048576", true},
	{"size=1048577", false},
	{"size!=1M", false},
	{"size!=2M", true},
	{"size<1M", false},
	{"size<=1M", true},
	{"size>1M", false},
	{"size>=1M", true},
	{"size>1023K", true},
	{"size<18446744073709551615", true},
	{"SIZE>=1m", true},
	{"size=1.0M", true},
	{"size>=0.5M", true},
	{"size<1.5M", true},
	{"size>1023.9K", true},
	{"size>=1023.999999K", true},
	{"size<1023.999999K", false},
	{"size<=1024.000001K", true},
	{"size<1024.000001K", true},
	{"size>1024.000001K", false},
	{"size>=1024.000001K", false},
	{"id=32768", true},
	{"id=0x8000", true},
	{"id<32769", true},
	{"key=0x4d2", true},
	{"key=1234", true},
	{"key!=0x4d2", false},
	{"key~^0x000004d2$", true},
	{"key~4D2", false},
	{"mode=640", true},
	{"mode=0640", true},
	{"mode>0600", true},
	{"mode~^06", true},
	{"changed_at>2026-11-23", true},
	{"changed_at>2026-11-24", false},
	{"changed_at=2026-11-23T09:12:48", true},
	{"changed_at=2026-11-23T09:12:48Z", true},
	{"changed_at>=2026-11-23T09:12", true},
	{"changed_at<2026-11-23T09:12", false},
	{"changed_at<2026-11-23T09:13", true},
	{"user=oracle", true},
	{"user=orac", false},
	{"user=Oracle", false},
	{"user!=root", true},
	{"user~^ora", true},
	{"user~^(root|oracle)$", true},
	{"user~x", false},
	{"status=dest", true},
	{"status=locked", true},
	{"status=hugetlb", false},
	{"status!=dest", false},
	{"status!=hugetlb", true},
	{"status~^dest,locked$", true},
	{"last_pid=1234", true},
	{"last_pid>1233", true},
	{"last_pid>-1", true},
	{"changed_at=1795425168", true},
	{"changed_at>=2026-11-23T09:12:48Z", true},
	{"changed_at<2026-11-23T09:12:48Z", false},
	{"changed_at>-5", true},
	{"ref=shm:32768", true},
	{"kind=shm", true},
	{"kind!=sem", true},
};

TEST(conditions_hold_or_not)
{
	const struct object object = example();

	for (size_t i = 0; i < ARRAY_LENGTH(conditions); i++)
		if (holds(conditions[i].condition, &object) != conditions[i].holds)
			fail_msg("%s: %s", conditions[i].condition,
				 conditions[i].holds ? "does not hold" : "holds");
}

TEST(a_device_is_compared_by_its_numbers)
{
	struct object object = {
		.kind = KIND_FIFO, .device = device_number(8, 1), .inode = UINT64_MAX};

	object_mark(&object, OBJECT_DEVICE);
	object_mark(&object, OBJECT_INODE);
	assert_true(holds("device=8:1", &object));
	assert_false(holds("device=8:2", &object));
	assert_true(holds("device!=0:25", &object));
	assert_true(holds("device>0:4294967295", &object));
	assert_true(holds("device~^8:", &object));
	assert_true(holds("inode=18446744073709551615", &object));
}

/* Not even a negated condition holds for what is not there. */
TEST(absent_never_matches)
{
	static const char *const absent[] = {"size=0",	       "size!=1",      "size<1",
					     "size>=0",	       "user!=x",      "user~.*",
					     "status!=dest",   "changed_at<5", "messages>=0",
					     "used_percent<1", "nsems!=1"};
	const struct object object = {.kind = KIND_SHM};

	for (size_t i = 0; i < ARRAY_LENGTH(absent); i++)
		if (holds(absent[i], &object))
			fail_msg("%s holds", absent[i]);
}

TEST(percentages_have_a_tenth)
{
	struct object object = {.kind = KIND_MSG};

	object.used_bytes = 805;
	object.max_bytes = 1000;
	object_mark(&object, OBJECT_USED_BYTES);
	object_mark(&object, OBJECT_MAX_BYTES);
	assert_true(holds("used_percent=80.5", &object));
	assert_true(holds("used_percent=80.5%", &object));
	assert_true(holds("used_percent>80", &object));
	assert_true(holds("used_percent<81%", &object));
	assert_false(holds("used_percent>=80.6", &object));
}

/* Each is refused, and the reason has this word. */
static const struct {
	const char *condition, *word;
} refused[] = {
	{"", "condition"},
	{"size", "condition"},
	{"=1", "field"},
	{"nosuch=1", "field"},
	{" size=1", "field"},
	{"size =1", "field"},
	{"size=", "missing"},
	{"user~", "missing"},
	{"size=x", "number"},
	{"size= 1", "number"},
	{"size=-1", "number"},
	{"size==1", "number"},
	{"size=>1", "number"},
	{"size=1KB", "number"},
	{"size>1.5", "number"},
	{"size>1.5000001K", "number"},
	{"size=1.1K", "no whole number"},
	{"size!=1.1K", "no whole number"},
	{"size=18446744073709551616", "number"},
	{"id=1K", "number"},
	{"id=-1", "number"},
	{"key=4d2", "key"},
	{"key=0x", "key"},
	{"device=8", "device"},
	{"device=8:x", "device"},
	{"mode=8", "octal"},
	{"mode=rw", "octal"},
	{"mode=10000", "octal"},
	{"changed_at=yesterday", "time"},
	{"changed_at=2026-02-30T00:00:00Z", "time"},
	{"status=odd", "names: dest, locked"},
	{"status=dest,locked", "names"},
	{"used_percent=1.25", "percentage"},
	{"used_percent=1.05", "percentage"},
	{"used_percent=.5", "percentage"},
	{"used_percent=5.", "percentage"},
	{"used_percent=%", "percentage"},
	{"used_percent=-1", "percentage"},
	{"used_percent=4294967296", "percentage"},
	{"user<b", "order"},
	{"user>=b", "order"},
	{"status<dest", "order"},
	{"user~(", "expression"},
	{"user~[", "expression"},
	{"semaphores=1", "table"},
	{"semaphores~1", "table"},
};

TEST(what_is_no_condition_is_refused_with_a_reason)
{
	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
		struct ipclens_error error = {0};
		struct filter filter = {.field = 4242};
		int r = filter_parse(&object_fields, text_of(refused[i].condition), &filter,
				     &error);

		if (r != -EINVAL || filter.field != 4242 || !strstr(error.text, refused[i].word))
			fail_msg("\"%s\": %d, \"%s\"", refused[i].condition, r, error.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions_hold_or_not),
		cmocka_unit_test(a_device_is_compared_by_its_numbers),
		cmocka_unit_test(absent_never_matches),
		cmocka_unit_test(percentages_have_a_tenth),
		cmocka_unit_test(what_is_no_condition_is_refused_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
