/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "collect/posix_mq.h"

#define WHOLE "QSIZE:129        NOTIFY:2     SIGNO:0     NOTIFY_PID:8260  \n"

static int parse(const char *text, struct posix_mq_contents *ret_contents)
{
	return posix_mq_parse(text_of(text), ret_contents);
}

TEST(a_queue_tells_its_bytes_and_whom_it_tells)
{
	struct posix_mq_contents contents;

	assert_int_equal(parse(WHOLE, &contents), 0);
	assert_int_equal(contents.bytes, 129);
	assert_int_equal(contents.notify_pid, 8260);
	/* As ipc/mqueue.c pads it. */
	assert_int_equal(
		parse("QSIZE:0          NOTIFY:0     SIGNO:0     NOTIFY_PID:0     \n", &contents),
		0);
	assert_int_equal(contents.bytes, 0);
	assert_int_equal(contents.notify_pid, 0);
}

TEST(numbers_that_leave_no_padding_are_read)
{
	struct posix_mq_contents contents;

	assert_int_equal(parse("QSIZE:18446744073709551615 NOTIFY:12345 SIGNO:12345 "
			       "NOTIFY_PID:4194304\n",
			       &contents),
			 0);
	assert_true(contents.bytes == UINT64_MAX);
	assert_int_equal(contents.notify_pid, 4194304);
}

TEST(anything_else_is_refused)
{
	static const char *const texts[] = {
		"",
		"\n",
		"QSIZE:",
		"QSIZE: 1 NOTIFY:0 SIGNO:0 NOTIFY_PID:0\n",
		"QSIZE:-1 NOTIFY:0 SIGNO:0 NOTIFY_PID:0\n",
		"QSIZE:1x NOTIFY:0 SIGNO:0 NOTIFY_PID:0\n",
		"QSIZE:18446744073709551616 NOTIFY:0 SIGNO:0 NOTIFY_PID:0\n",
		"qsize:1 NOTIFY:0 SIGNO:0 NOTIFY_PID:0\n",
		"QSIZE:1 SIGNO:0 NOTIFY:0 NOTIFY_PID:0\n",
		"QSIZE:1 NOTIFY:0 SIGNO:0\n",
		"QSIZE:1\nNOTIFY:0\nSIGNO:0\nNOTIFY_PID:0\n",
		"QSIZE:1 NOTIFY:0 SIGNO:0 NOTIFY_PID:\n",
	};
	struct posix_mq_contents contents = {.bytes = 77};

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		if (parse(texts[i], &contents) != -EINVAL)
			fail_msg("\"%s\" is taken for the text of a queue", texts[i]);
	assert_int_equal(posix_mq_parse(TEXT_NONE, &contents), -EINVAL);
	assert_int_equal(contents.bytes, 77);
}

/* Up to the last number, of which any part is one. */
TEST(a_cut_is_noticed)
{
	const struct text whole = TEXT_LITERAL(WHOLE);
	struct posix_mq_contents contents;

	for (size_t length = 0; length <= sizeof("QSIZE:129        NOTIFY:2     SIGNO:0     "
						 "NOTIFY_PID:") -
						  1;
	     length++)
		assert_int_equal(posix_mq_parse((struct text){whole.bytes, length}, &contents),
				 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_tells_its_bytes_and_whom_it_tells),
		cmocka_unit_test(numbers_that_leave_no_padding_are_read),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(a_cut_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
