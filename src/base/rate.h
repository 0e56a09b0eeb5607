/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How much a second, a minute, an hour or a day.
 */
#ifndef IPCLENS_BASE_RATE_H
#define IPCLENS_BASE_RATE_H

#include <stdint.h>

struct rate {
	uint64_t whole;
	unsigned int tenth;
	const char *unit;    /* "s", "min", "h" or "d" */
	const char *in_full; /* "a second", ... */
};

/* By the shortest time in which it is one or more; else by the day. The seconds are not 0. */
struct rate rate_of(uint64_t amount, uint64_t seconds);

#endif
