/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every unit test needs. A test program tests-X.c mirrors the module X.c; its functions are
 * named after what must hold.
 */
#ifndef IPCLENS_TESTS_UNIT_H
#define IPCLENS_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "model/field.h"

/* A test that needs no state: TEST(name) { ... }. */
#define TEST(name) static void name(__attribute__((unused)) void **state)

#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Fails the test unless the text is exactly this string. */
static inline void assert_text(struct text text, const char *expected)
{
	if (!text_equals(text, text_of(expected)))
		fail_msg("\"%.*s\" is not \"%s\"", (int)text.length, text.bytes ? text.bytes : "",
			 expected);
}

/* The same for what a buffer gathered, which is then emptied for the next use. */
static inline void assert_buffer(struct buffer *buffer, const char *expected)
{
	assert_int_equal(buffer->error, 0);
	assert_text(buffer_text(buffer), expected);
	buffer->length = 0;
}

/* Whether two lists have the same PIDs (VALUE_PIDS). */
static inline bool pids_are_equal(struct record_list a, struct record_list b)
{
	return a.count == b.count &&
	       (!a.count || memcmp(a.items, b.items, a.count * sizeof(int64_t)) == 0);
}

#endif
