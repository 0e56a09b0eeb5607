/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Times as text. Seconds since 1970-01-01 00:00:00 UTC throughout.
 */
#ifndef IPCLENS_BASE_TIME_TEXT_H
#define IPCLENS_BASE_TIME_TEXT_H

#include <stdint.h>

#include "base/text.h"

/* Adds RFC 3339 in UTC, "2026-11-23T09:12:48Z"; years beyond 9999 keep all their digits. */
void time_add_rfc3339(struct buffer *buffer, int64_t seconds);

/* Reads what time_add_rfc3339() writes; 0 or -EINVAL. */
int time_parse_rfc3339(struct text text, int64_t *ret_seconds);

enum time_format {
	TIME_FORMAT_SHORT,    /* 2026-11-23 09:12, local time */
	TIME_FORMAT_ISO,      /* 2026-11-23T09:12:48+01:00, local time */
	TIME_FORMAT_RELATIVE, /* 3m ago */
	TIME_FORMAT_EPOCH,    /* 1795425168 */
	TIME_FORMAT_SECONDS,  /* 2026-11-23 09:12:48, local time: short, where seconds matter */
};

/* Adds the time for people; now is what relative times count from. */
void time_add_formatted(struct buffer *buffer, enum time_format format, int64_t seconds,
			int64_t now);

/* Adds the time of day, "09:12:48", with the date in front where that is not that of now. */
void time_add_clock(struct buffer *buffer, int64_t seconds, int64_t now);

/* Adds a span of time in its two largest units: "2d 3h", "5m 10s", "12s". */
void time_add_span(struct buffer *buffer, uint64_t seconds);

#endif
