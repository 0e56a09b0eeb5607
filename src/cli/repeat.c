/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/repeat.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/parse_number.h"
#include "cli/patience.h"

#define BILLION INT64_C(1000000000)

/* "0.5", and "0.5s" */
static int parse_parts(const char *text, uint64_t *ret_milliseconds)
{
	size_t length = strlen(text);
	char number[32];

	if (length >= sizeof(number))
		return -EINVAL;
	memcpy(number, text, length + 1);
	if (length && number[length - 1] == 's')
		number[length - 1] = '\0';
	return patience_parse(number, ret_milliseconds);
}

int repeat_parse(const char *text, uint64_t *ret_milliseconds)
{
	uint64_t seconds, milliseconds;
	int r = parse_age(text_of(text), &seconds);

	if (r == -ERANGE)
		return r;
	if (r == 0 && seconds > REPEAT_MOST / 1000)
		return -ERANGE;
	if (r == 0)
		milliseconds = seconds * 1000;
	else if (parse_parts(text, &milliseconds) < 0)
		return -EINVAL;
	if (milliseconds < REPEAT_LEAST || milliseconds > REPEAT_MOST)
		return -ERANGE;
	*ret_milliseconds = milliseconds;
	return 0;
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * BILLION + time.tv_nsec;
}

void repeat_begin(uint64_t milliseconds, struct repeat *ret_repeat)
{
	*ret_repeat = (struct repeat){.interval = milliseconds, .next = now()};
}

int64_t repeat_next(const struct repeat *repeat, int64_t now)
{
	int64_t interval = (int64_t)repeat->interval * (BILLION / 1000);
	int64_t late = now - repeat->next;

	return repeat->next + (late < interval ? 1 : late / interval + 1) * interval;
}

bool repeat_wait(struct repeat *repeat)
{
	struct timespec time;

	if (!--repeat->left)
		return false;
	repeat->next = repeat_next(repeat, now());
	time = (struct timespec){.tv_sec = repeat->next / BILLION,
				 .tv_nsec = repeat->next % BILLION};
	/* Stopped and continued, it sleeps on to the same time. */
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
		continue;
	return true;
}

void repeat_hold_signals(sigset_t *ret_before)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t held;

	sigemptyset(&held);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(&held, ends[i]);
	sigprocmask(SIG_BLOCK, &held, ret_before);
}

void repeat_release_signals(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}
