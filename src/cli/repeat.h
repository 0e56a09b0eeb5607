/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks that are made again and again, at times that do not drift: however long one takes, the next
 * is due at a multiple of the interval after the first. What is late is left out.
 */
#ifndef IPCLENS_CLI_REPEAT_H
#define IPCLENS_CLI_REPEAT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* Milliseconds: as fast as makes sense, and as slow as anybody waits. */
#define REPEAT_LEAST UINT64_C(10)
#define REPEAT_MOST (UINT64_C(365) * 86400 * 1000)

struct repeat {
	uint64_t interval; /* milliseconds */
	uint64_t left;	   /* looks that are still to be made */
	int64_t next;	   /* nanoseconds of the monotonic clock */
};

/*
 * Reads an age as "90s", "15m", or seconds as "0.5", into milliseconds. 0, -EINVAL, or -ERANGE
 * where it is not between the bounds.
 */
int repeat_parse(const char *text, uint64_t *ret_milliseconds);

/* The first look is made now; left is set by the caller. */
void repeat_begin(uint64_t milliseconds, struct repeat *ret_repeat);

/* When the look after one that ended then is due; nanoseconds. */
int64_t repeat_next(const struct repeat *repeat, int64_t now);

/* Sleeps until the next look is due. False, at once, where none is left. */
bool repeat_wait(struct repeat *repeat);

/*
 * What is written between these two is not cut off by the signals that a person or a service
 * manager ends a program with: they end it behind it.
 */
void repeat_hold_signals(sigset_t *ret_before);
void repeat_release_signals(const sigset_t *before);

#endif
