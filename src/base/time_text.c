/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/time_text.h"

#include <errno.h>
#include <time.h>

#include "base/parse_number.h"

#define DAY INT64_C(86400)
/* Days in 400 years, the period of the calendar. */
#define ERA INT64_C(146097)

struct date {
	int64_t year;
	unsigned int month, day;
};

/*
 * The Gregorian calendar is counted in years that begin in March, so that the leap day is the last
 * one; months then have lengths that (153 * month + 2) / 5 adds up.
 */
static struct date date_of_days(int64_t days)
{
	int64_t shifted = days + 719468; /* since 0000-03-01 */
	int64_t era = (shifted >= 0 ? shifted : shifted - ERA + 1) / ERA;
	int64_t in_era = shifted - era * ERA;
	int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
	unsigned int march_month = (unsigned int)((5 * in_year + 2) / 153);
	unsigned int month = march_month < 10 ? march_month + 3 : march_month - 9;

	return (struct date){
		.year = year + era * 400 + (month <= 2),
		.month = month,
		.day = (unsigned int)(in_year - (153 * march_month + 2) / 5 + 1),
	};
}

static int64_t days_of_date(struct date date)
{
	int64_t year = date.year - (date.month <= 2);
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t march_month = date.month > 2 ? date.month - 3 : date.month + 9;
	int64_t in_year = (153 * march_month + 2) / 5 + date.day - 1;
	int64_t in_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + in_year;

	return era * ERA + in_era - 719468;
}

static void write_two(char *place, unsigned int number)
{
	place[0] = (char)('0' + number / 10 % 10);
	place[1] = (char)('0' + number % 10);
}

/* At least four digits, with a minus before year 0. */
static void add_year(struct buffer *buffer, int64_t year)
{
	uint64_t number = year < 0 ? -(uint64_t)year : (uint64_t)year;
	char digits[4];

	if (year < 0)
		buffer_add_char(buffer, '-');
	if (number > 9999) {
		buffer_add_unsigned(buffer, number, 0);
		return;
	}
	write_two(digits, (unsigned int)number / 100);
	write_two(digits + 2, (unsigned int)number % 100);
	buffer_add(buffer, digits, sizeof(digits));
}

void time_add_rfc3339(struct buffer *buffer, int64_t seconds)
{
	int64_t days = seconds / DAY - (seconds % DAY < 0);
	unsigned int rest = (unsigned int)((seconds % DAY + DAY) % DAY);
	struct date date = date_of_days(days);
	char text[] = "-00-00T00:00:00Z";

	add_year(buffer, date.year);
	write_two(text + 1, date.month);
	write_two(text + 4, date.day);
	write_two(text + 7, rest / 3600);
	write_two(text + 10, rest / 60 % 60);
	write_two(text + 13, rest % 60);
	buffer_add(buffer, text, sizeof(text) - 1);
}

/* The two digits at the place, or 99. */
static unsigned int read_two(const char *place)
{
	if (place[0] < '0' || place[0] > '9' || place[1] < '0' || place[1] > '9')
		return 99;
	return (unsigned int)(place[0] - '0') * 10 + (unsigned int)(place[1] - '0');
}

/* A year as add_year() writes it; 0 or -EINVAL. */
static int parse_year(struct text text, int64_t *ret_year)
{
	size_t digits = text.length - (text.length && text.bytes[0] == '-');

	/* Beyond 12 digits no 64-bit time has that year. */
	if (digits < 4 || digits > 12 || parse_signed(text, ret_year) < 0)
		return -EINVAL;
	return 0;
}

/* Whether the calendar has such a day. */
static bool is_date(struct date date)
{
	struct date same;

	if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31)
		return false;
	same = date_of_days(days_of_date(date));
	return same.month == date.month && same.day == date.day;
}

int time_parse_rfc3339(struct text text, int64_t *ret_seconds)
{
	const size_t tail = sizeof("-00-00T00:00:00Z") - 1;
	unsigned int hour, minute, second;
	const char *place;
	struct date date;
	__extension__ __int128 seconds;

	if (text.length < tail)
		return -EINVAL;
	place = text.bytes + text.length - tail;
	if (place[0] != '-' || place[3] != '-' || place[6] != 'T' || place[9] != ':' ||
	    place[12] != ':' || place[15] != 'Z')
		return -EINVAL;
	if (parse_year((struct text){text.bytes, text.length - tail}, &date.year) < 0)
		return -EINVAL;
	date.month = read_two(place + 1);
	date.day = read_two(place + 4);
	hour = read_two(place + 7);
	minute = read_two(place + 10);
	second = read_two(place + 13);
	if (!is_date(date) || hour > 23 || minute > 59 || second > 60)
		return -EINVAL;
	seconds = (__extension__(__int128) days_of_date(date)) * DAY + hour * 3600 + minute * 60 +
		  second;
	if (seconds < INT64_MIN || seconds > INT64_MAX)
		return -EINVAL;
	*ret_seconds = (int64_t)seconds;
	return 0;
}

void time_add_span(struct buffer *buffer, uint64_t seconds)
{
	static const struct {
		uint64_t length;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	size_t first = 0;

	while (first < 3 && seconds < units[first].length)
		first++;
	buffer_add_unsigned(buffer, seconds / units[first].length, 0);
	buffer_add_char(buffer, units[first].unit);
	seconds %= units[first].length;
	if (first < 3 && seconds / units[first + 1].length) {
		buffer_add_char(buffer, ' ');
		buffer_add_unsigned(buffer, seconds / units[first + 1].length, 0);
		buffer_add_char(buffer, units[first + 1].unit);
	}
}

/* strftime() in local time; the number itself where the C library has no such year. */
static void format_local(struct buffer *buffer, const char *format, bool has_zone, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm local;
	char text[80];
	size_t length;

	if (!localtime_r(&when, &local)) {
		buffer_add_signed(buffer, seconds, 0);
		return;
	}
	length = strftime(text, sizeof(text) - 1, format, &local);
	if (has_zone && length > 2) {
		/* strftime() writes +0100, RFC 3339 wants +01:00. */
		memmove(text + length - 1, text + length - 2, 2);
		text[length - 2] = ':';
		length++;
	}
	buffer_add(buffer, text, length);
}

void time_add_clock(struct buffer *buffer, int64_t seconds, int64_t now)
{
	time_t then = (time_t)seconds, today = (time_t)now;
	struct tm a, b;
	bool is_today = localtime_r(&then, &a) && localtime_r(&today, &b) &&
			a.tm_yday == b.tm_yday && a.tm_year == b.tm_year;

	format_local(buffer, is_today ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", false, seconds);
}

void time_add_formatted(struct buffer *buffer, enum time_format format, int64_t seconds,
			int64_t now)
{
	switch (format) {
	case TIME_FORMAT_SHORT:
		format_local(buffer, "%Y-%m-%d %H:%M", false, seconds);
		break;
	case TIME_FORMAT_ISO:
		format_local(buffer, "%Y-%m-%dT%H:%M:%S%z", true, seconds);
		break;
	case TIME_FORMAT_RELATIVE:
		time_add_span(buffer, seconds <= now ? (uint64_t)now - (uint64_t)seconds
						     : (uint64_t)seconds - (uint64_t)now);
		buffer_add_string(buffer, seconds <= now ? " ago" : " ahead");
		break;
	case TIME_FORMAT_SECONDS:
		format_local(buffer, "%Y-%m-%d %H:%M:%S", false, seconds);
		break;
	case TIME_FORMAT_EPOCH:
		buffer_add_signed(buffer, seconds, 0);
		break;
	}
}
