/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Leaks: what only accumulates over a series of snapshots, how fast, and when a limit ends it. They
 * are answers, made from the series, and no part of a snapshot.
 */
#ifndef IPCLENS_MODEL_LEAK_H
#define IPCLENS_MODEL_LEAK_H

#include "base/arena.h"
#include "base/vector.h"
#include "model/field.h"

/* What accumulates. */
enum leak_what {
	LEAK_OBJECTS,
	LEAK_QUEUE, /* messages in one queue */
	LEAK_BYTES, /* of one file in memory */
};

/* What the objects have in common; in the order of how much it tells. */
enum leak_by {
	LEAK_BY_COMMAND,
	LEAK_BY_UNIT,
	LEAK_BY_KEY,
	LEAK_BY_USER,
	LEAK_BY_COUNT,
	LEAK_BY_OBJECT = LEAK_BY_COUNT, /* a single one */
};

/* In the order of JSON output. */
enum leak_field {
	LEAK_WHAT,
	LEAK_CERTAINTY,
	LEAK_KIND,
	LEAK_BY,
	LEAK_GROUP,
	LEAK_COMMAND,
	LEAK_UNIT,
	LEAK_KEY,
	LEAK_USER,
	LEAK_OBJECT,
	LEAK_NAMESPACE,
	LEAK_FIRST,
	LEAK_LAST,
	LEAK_GONE,
	LEAK_PER_HOUR,
	LEAK_LIMIT,
	LEAK_SYSCTL,
	LEAK_LIMIT_VALUE,
	LEAK_LIMIT_USED,
	LEAK_HITS_LIMIT_AT,
	LEAK_POINTS,
	LEAK_EVIDENCE,
	LEAK_FIELD_COUNT,
};

struct leak {
	struct record record;
	uint64_t what, certainty; /* enum leak_what, enum finding_certainty */
	uint64_t kind;		  /* enum kind */
	uint64_t by;		  /* enum leak_by */
	struct text group;
	struct text words[LEAK_BY_COUNT]; /* command, unit, key, user */
	struct text object;		  /* REF */
	uint64_t namespace;
	uint64_t first, last; /* how many at the ends of the series */
	uint64_t gone;	      /* how many of them went meanwhile */
	uint64_t per_hour;    /* thousandths */
	struct text limit, sysctl;
	uint64_t limit_value, limit_used; /* in the limit's unit */
	int64_t hits_limit_at;		  /* as all times here, seconds since 1970 */
	struct record_list points;	  /* of struct leak_point */
	struct record_list evidence;	  /* of struct text */
};

enum leak_point_field {
	LEAK_POINT_AT,
	LEAK_POINT_COUNT,
	LEAK_POINT_FIELD_COUNT,
};

struct leak_point {
	struct record record;
	int64_t at;
	uint64_t count;
};

/* Each snapshot of the series. */
enum leak_look_field {
	LEAK_LOOK_AT,
	LEAK_LOOK_OBJECTS,
	LEAK_LOOK_UNLISTED,
	LEAK_LOOK_BREAK,
	LEAK_LOOK_FIELD_COUNT,
};

/* Why what was counted before does not go on in a snapshot. */
enum leak_break {
	LEAK_BREAK_BOOT,
	LEAK_BREAK_NAMESPACE,
};

struct leak_look {
	struct record record;
	int64_t at;
	uint64_t objects;
	uint64_t unlisted; /* KIND_BIT()s that could not be listed as a whole */
	uint64_t broken;   /* enum leak_break */
};

/* The field of the leak in which the word is. */
static inline enum leak_field leak_field_of(enum leak_by by)
{
	return (enum leak_field)(LEAK_COMMAND + (unsigned int)by);
}

extern const struct field_table leak_fields;
extern const struct field_table leak_point_fields;
extern const struct field_table leak_look_fields;

/* Leaks own their lists and evidence. All zero is empty. */
struct leak_list {
	VECTOR(struct leak) items;
	struct arena arena;
};

void leak_list_deinit(struct leak_list *list);
#define _cleanup_leak_list_ __attribute__((cleanup(leak_list_deinit)))

/* Adds a fact. 0 or -ENOMEM. */
__attribute__((format(printf, 3, 4))) int leak_say(struct leak_list *list, struct leak *leak,
						   const char *format, ...);

#endif
