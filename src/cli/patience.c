/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/patience.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "base/parse_number.h"

static const int signals[PATIENCE_SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM};

/* The last signal that wants the program to end; 0: none came. */
static volatile sig_atomic_t caught;

/* A hundred years: nobody waits longer, and no sum overflows. */
#define SECONDS_MAX UINT64_C(3153600000)

int patience_parse(const char *seconds, uint64_t *ret_milliseconds)
{
	struct text text = text_of(seconds), whole = text, part = TEXT_NONE;
	const char *dot = strchr(seconds, '.');
	uint64_t number, thousandths = 0;

	if (dot) {
		whole.length = (size_t)(dot - seconds);
		part = text_of(dot + 1);
	}
	if (parse_unsigned(whole, 10, SECONDS_MAX, &number) < 0 || part.length > 3 ||
	    (dot && parse_unsigned(part, 10, 999, &thousandths) < 0))
		return -EINVAL;
	for (size_t digits = part.length; dot && digits < 3; digits++)
		thousandths *= 10;
	*ret_milliseconds = number * 1000 + thousandths;
	return 0;
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/*
 * SIGALRM after so many milliseconds, and from then on again and again: one that comes just before
 * the call falls asleep would not wake it.
 */
static void set_alarm(uint64_t milliseconds)
{
	const struct itimerval timer = {
		.it_value = {.tv_sec = (time_t)(milliseconds / 1000),
			     .tv_usec = (suseconds_t)(milliseconds % 1000 * 1000)},
		.it_interval = {.tv_usec = milliseconds ? 20000 : 0}};

	setitimer(ITIMER_REAL, &timer, NULL);
}

static void take_signal(int number)
{
	int kept = errno;

	if (number != SIGALRM) {
		caught = number;
		set_alarm(1);
	}
	errno = kept;
}

void patience_begin(const uint64_t *milliseconds, struct patience *ret_patience)
{
	struct sigaction action = {.sa_handler = take_signal};
	sigset_t alarm_alone;

	*ret_patience = (struct patience){.has_end = milliseconds};
	sigemptyset(&action.sa_mask);
	caught = 0;
	for (size_t i = 0; i < PATIENCE_SIGNALS; i++) {
		sigaction(signals[i], NULL, &ret_patience->before[i]);
		/* What was ignored stays so, as below nohup. */
		if (signals[i] == SIGALRM || ret_patience->before[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
	sigemptyset(&alarm_alone);
	sigaddset(&alarm_alone, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm_alone, &ret_patience->mask_before);
	if (!milliseconds)
		return;
	ret_patience->end = now() + (int64_t)*milliseconds;
	set_alarm(*milliseconds);
}

bool patience_is_interrupted(void)
{
	return caught;
}

bool patience_goes_on(const struct patience *patience)
{
	return !caught && !(patience->has_end && now() >= patience->end);
}

void patience_end(struct patience *patience)
{
	set_alarm(0);
	for (size_t i = 0; i < PATIENCE_SIGNALS; i++)
		sigaction(signals[i], &patience->before[i], NULL);
	sigprocmask(SIG_SETMASK, &patience->mask_before, NULL);
	if (!caught)
		return;
	fflush(stdout);
	raise(caught);
}
