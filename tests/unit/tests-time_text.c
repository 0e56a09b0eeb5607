/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/time_text.h"

static const struct {
	int64_t seconds;
	const char *text;
} times[] = {
	{0, "1970-01-01T00:00:00Z"},
	{1, "1970-01-01T00:00:01Z"},
	{-1, "1969-12-31T23:59:59Z"},
	{951782400, "2000-02-29T00:00:00Z"},
	{951868800, "2000-03-01T00:00:00Z"},
	{1709164800, "2024-02-29T00:00:00Z"},
	{4107542399, "2100-02-28T23:59:59Z"},
	{4107542400, "2100-03-01T00:00:00Z"},
	{1795425168, "2026-11-23T09:12:48Z"},
	{2147483648, "2038-01-19T03:14:08Z"},
	{253402300799, "9999-12-31T23:59:59Z"},
	{253402300800, "10000-01-01T00:00:00Z"},
	{-62135596800, "0001-01-01T00:00:00Z"},
	{-62167219200, "0000-01-01T00:00:00Z"},
	{-62167219201, "-0001-12-31T23:59:59Z"},
	{INT64_MAX, "292277026596-12-04T15:30:07Z"},
	{INT64_MIN, "-292277022657-01-27T08:29:52Z"},
};

TEST(known_times_are_written_and_read)
{
	for (size_t i = 0; i < ARRAY_LENGTH(times); i++) {
		_cleanup_buffer_ struct buffer buffer = {0};
		int64_t seconds = 42;

		time_add_rfc3339(&buffer, times[i].seconds);
		assert_buffer(&buffer, times[i].text);
		assert_int_equal(time_parse_rfc3339(text_of(times[i].text), &seconds), 0);
		assert_int_equal(seconds, times[i].seconds);
	}
}

static void assert_round_trip(int64_t seconds)
{
	_cleanup_buffer_ struct buffer buffer = {0};
	int64_t again = 42;

	time_add_rfc3339(&buffer, seconds);
	if (time_parse_rfc3339(buffer_text(&buffer), &again) < 0 || again != seconds)
		fail_msg("%jd became %.*s and %jd", (intmax_t)seconds, (int)buffer.length,
			 buffer.bytes, (intmax_t)again);
}

TEST(every_time_survives_the_round_trip)
{
	for (int64_t day = -1000000; day < 4000000; day += 97)
		assert_round_trip(day * 86400 + day % 86400);
	for (int64_t far = 1; far < INT64_MAX / 3; far *= 3) {
		assert_round_trip(far);
		assert_round_trip(-far);
		assert_round_trip(INT64_MAX - far);
		assert_round_trip(INT64_MIN + far);
	}
}

TEST(the_calendar_agrees_with_the_c_library)
{
	for (int64_t day = -800000; day < 3000000; day += 31) {
		_cleanup_buffer_ struct buffer buffer = {0};
		time_t seconds = day * 86400 + 43210;
		char expected[40];
		struct tm utc;

		assert_non_null(gmtime_r(&seconds, &utc));
		if (utc.tm_year + 1900 < 1000 || utc.tm_year + 1900 > 9999)
			continue;
		strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &utc);
		time_add_rfc3339(&buffer, seconds);
		assert_buffer(&buffer, expected);
	}
}

static const char *const refused[] = {
	"",
	"Z",
	"2026-11-23",
	"2026-11-23T09:12:48",
	"2026-11-23T09:12:48z",
	"2026-11-23t09:12:48Z",
	"2026-11-23 09:12:48Z",
	"2026-11-23T09:12:48+00:00",
	"2026-11-23T09:12:48.5Z",
	"2026-11-23T09:12:48Z ",
	" 2026-11-23T09:12:48Z",
	"+2026-11-23T09:12:48Z",
	"26-11-23T09:12:48Z",
	"026-11-23T09:12:48Z",
	"2026-00-23T09:12:48Z",
	"2026-13-23T09:12:48Z",
	"2026-11-00T09:12:48Z",
	"2026-11-31T09:12:48Z",
	"2026-11-32T09:12:48Z",
	"2026-02-29T09:12:48Z",
	"2024-02-30T09:12:48Z",
	"2100-02-29T09:12:48Z",
	"2026-11-23T24:00:00Z",
	"2026-11-23T09:60:48Z",
	"2026-11-23T09:12:61Z",
	"2026-1a-23T09:12:48Z",
	"2026-11-23T09:12:4 Z",
	"2026-11-23T09:12:-1Z",
	"20x6-11-23T09:12:48Z",
	"--26-11-23T09:12:48Z",
	"-1-11-23T09:12:48Z",
	"292277026596-12-04T15:30:08Z",
	"-292277022657-01-27T08:29:51Z",
	"999999999999-01-01T00:00:00Z",
	"99999999999999999999-01-01T00:00:00Z",
};

TEST(what_is_no_time_is_refused)
{
	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
		int64_t seconds = 42;
		int r = time_parse_rfc3339(text_of(refused[i]), &seconds);

		if (r != -EINVAL || seconds != 42)
			fail_msg("\"%s\": %d, %jd", refused[i], r, (intmax_t)seconds);
	}
}

TEST(spans_have_their_two_largest_units)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} spans[] = {
		{0, "0s"},
		{59, "59s"},
		{60, "1m"},
		{61, "1m 1s"},
		{3599, "59m 59s"},
		{3600, "1h"},
		{3601, "1h"},
		{3661, "1h 1m"},
		{86399, "23h 59m"},
		{86400, "1d"},
		{86400 + 60, "1d"},
		{2 * 86400 + 3 * 3600, "2d 3h"},
		{UINT64_MAX, "213503982334601d 7h"},
	};
	_cleanup_buffer_ struct buffer buffer = {0};

	for (size_t i = 0; i < ARRAY_LENGTH(spans); i++) {
		time_add_span(&buffer, spans[i].seconds);
		assert_buffer(&buffer, spans[i].text);
	}
}

static void set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

TEST(times_for_people)
{
	const int64_t when = 1795425168;
	_cleanup_buffer_ struct buffer buffer = {0};

	set_zone("TST-1");
	time_add_formatted(&buffer, TIME_FORMAT_SHORT, when, when);
	assert_buffer(&buffer, "2026-11-23 10:12");
	time_add_formatted(&buffer, TIME_FORMAT_ISO, when, when);
	assert_buffer(&buffer, "2026-11-23T10:12:48+01:00");
	set_zone("TST3:30");
	time_add_formatted(&buffer, TIME_FORMAT_ISO, when, when);
	assert_buffer(&buffer, "2026-11-23T05:42:48-03:30");
	time_add_formatted(&buffer, TIME_FORMAT_EPOCH, when, when);
	assert_buffer(&buffer, "1795425168");
	time_add_formatted(&buffer, TIME_FORMAT_RELATIVE, when, when + 200);
	assert_buffer(&buffer, "3m 20s ago");
	time_add_formatted(&buffer, TIME_FORMAT_RELATIVE, when, when - 5);
	assert_buffer(&buffer, "5s ahead");
	time_add_formatted(&buffer, TIME_FORMAT_RELATIVE, INT64_MIN, INT64_MAX);
	assert_buffer(&buffer, "213503982334601d 7h ago");
	time_add_formatted(&buffer, TIME_FORMAT_RELATIVE, INT64_MAX, INT64_MIN);
	assert_buffer(&buffer, "213503982334601d 7h ahead");
}

TEST(a_time_of_today_needs_no_date)
{
	const int64_t when = 1795425168;
	_cleanup_buffer_ struct buffer buffer = {0};

	set_zone("TST-1");
	time_add_clock(&buffer, when, when + 3600);
	assert_buffer(&buffer, "10:12:48");
	time_add_clock(&buffer, when, when + 86400);
	assert_buffer(&buffer, "2026-11-23 10:12:48");
	/* Of the same day of another year. */
	time_add_clock(&buffer, when, when + 365 * 86400);
	assert_buffer(&buffer, "2026-11-23 10:12:48");
	/* Midnight is that of the time zone. */
	time_add_clock(&buffer, 1795388400 - 1, 1795388400);
	assert_buffer(&buffer, "2026-11-22 23:59:59");
	time_add_formatted(&buffer, TIME_FORMAT_SECONDS, when, 0);
	assert_buffer(&buffer, "2026-11-23 10:12:48");
}

TEST(a_year_that_the_c_library_has_not_is_a_number)
{
	_cleanup_buffer_ struct buffer buffer = {0};

	time_add_formatted(&buffer, TIME_FORMAT_SHORT, INT64_MAX, 0);
	assert_buffer(&buffer, "9223372036854775807");
	time_add_formatted(&buffer, TIME_FORMAT_ISO, INT64_MIN, 0);
	assert_buffer(&buffer, "-9223372036854775808");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_times_are_written_and_read),
		cmocka_unit_test(every_time_survives_the_round_trip),
		cmocka_unit_test(the_calendar_agrees_with_the_c_library),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(spans_have_their_two_largest_units),
		cmocka_unit_test(times_for_people),
		cmocka_unit_test(a_time_of_today_needs_no_date),
		cmocka_unit_test(a_year_that_the_c_library_has_not_is_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
