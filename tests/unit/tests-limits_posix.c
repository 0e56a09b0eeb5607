/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <sys/resource.h>

#include "base/rooted.h"
#include "collect/collector.h"

#define HEADER "Limit                     Soft Limit           Hard Limit           Units     \n"
#define BEFORE "Max pending signals       48121                48121                signals   \n"
#define QUEUES "Max msgqueue size         819200               900000               bytes     \n"

static int parse(const char *text, uint64_t *ret_bytes)
{
	return limits_parse_msgqueue(text_of(text), ret_bytes);
}

TEST(the_soft_limit_counts)
{
	uint64_t bytes;

	assert_int_equal(parse(HEADER BEFORE QUEUES "Max nice priority 0 0 \n", &bytes), 0);
	assert_int_equal(bytes, 819200);
	assert_int_equal(parse(QUEUES, &bytes), 0);
	assert_int_equal(bytes, 819200);
	assert_int_equal(parse("Max msgqueue size\t7\n", &bytes), 0);
	assert_int_equal(bytes, 7);
	assert_int_equal(parse("Max msgqueue size 18446744073709551615 1 bytes\n", &bytes), 0);
	assert_true(bytes == UINT64_MAX);
}

TEST(no_limit_is_the_largest_number)
{
	uint64_t bytes;

	assert_int_equal(parse(HEADER "Max msgqueue size         unlimited            unlimited   "
				      "         bytes     \n",
			       &bytes),
			 0);
	assert_true(bytes == UINT64_MAX);
}

TEST(anything_else_is_refused)
{
	static const char *const texts[] = {
		"",
		HEADER BEFORE,
		"Max msgqueue size",
		"Max msgqueue size\n",
		"Max msgqueue size    \n819200\n",
		"Max msgqueue size -1 0 bytes\n",
		"Max msgqueue size 1x 0 bytes\n",
		"Max msgqueue size 0x10 0 bytes\n",
		"Max msgqueue size 18446744073709551616 0 bytes\n",
		"Max msgqueue size Unlimited 0 bytes\n",
		"The Max msgqueue size 5 5 bytes\n",
	};
	uint64_t bytes = 77;

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		if (parse(texts[i], &bytes) != -EINVAL)
			fail_msg("\"%s\" is taken for limits", texts[i]);
	assert_int_equal(limits_parse_msgqueue(TEXT_NONE, &bytes), -EINVAL);
	assert_int_equal(bytes, 77);
}

TEST(our_own_is_that_of_getrlimit)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	_cleanup_buffer_ struct buffer text = {0};
	struct rlimit limit;
	uint64_t bytes;

	assert_int_equal(rooted_init(&root, "/", NULL), 0);
	assert_int_equal(rooted_read(&root, "proc/self/limits", 16384, &text), 0);
	assert_int_equal(limits_parse_msgqueue(buffer_text(&text), &bytes), 0);
	assert_int_equal(getrlimit(RLIMIT_MSGQUEUE, &limit), 0);
	assert_true(bytes == (limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_soft_limit_counts),
		cmocka_unit_test(no_limit_is_the_largest_number),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(our_own_is_that_of_getrlimit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
