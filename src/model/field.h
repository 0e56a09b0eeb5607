/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records and their fields.
 *
 * Everything in a snapshot is a record: a struct that begins with struct record, and a field table
 * that says where in the struct each field is and what it means. Columns, -o, JSON in both
 * directions, sort and filter keys, "explain", completions and the manual's tables all come from
 * these tables: a new field is one new entry (and the line of code that fills it in).
 *
 * Every field can be absent. Absent is never printed as 0. A field that the kernel has but hides
 * from this viewer (a PID of another PID namespace) is absent and hidden.
 */
#ifndef IPCLENS_MODEL_FIELD_H
#define IPCLENS_MODEL_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

/* First member of every record: one bit for each field, numbered as in the record's field table. */
struct record {
	uint64_t present;
	uint64_t hidden;
};

enum value_type {
	VALUE_UNSIGNED, /* uint64_t, a number of things */
	VALUE_ID,	/* uint64_t, a number that names something: never scaled */
	VALUE_SIZE,	/* uint64_t, bytes */
	VALUE_TIME,	/* int64_t, seconds since 1970 */
	VALUE_MODE,	/* uint64_t, permission bits */
	VALUE_KEY,	/* uint64_t, System V key, 32 bits */
	VALUE_PID,	/* int64_t */
	VALUE_ADDRESS,	/* uint64_t, in a process's memory */
	VALUE_DEVICE,	/* uint64_t, major number in the upper 32 bits, minor in the lower */
	VALUE_SIGNED,	/* int64_t, a number that can be below 0 */
	VALUE_DURATION, /* uint64_t, milliseconds */
	VALUE_PIDS,	/* struct record_list of int64_t */
	VALUE_TEXTS,	/* struct record_list of struct text */
	VALUE_TEXT,	/* struct text */
	VALUE_FLAGS,	/* uint64_t, bits named by field.names */
	VALUE_CHOICE,	/* uint64_t, an index of field.names */
	VALUE_PERCENT,	/* uint64_t, tenths of a percent */
	VALUE_RATE,	/* uint64_t, thousandths: so much an hour */
	VALUE_BOOL,	/* uint64_t, 0 or 1 */
	VALUE_RECORDS,	/* struct record_list: records of field.records */
};

struct field_table;

/* Records of one table, borrowed from the snapshot. */
struct record_list {
	void *items;
	size_t count;
};

struct value {
	enum value_type type;
	bool is_present;
	bool is_hidden;
	bool is_above_zero; /* VALUE_PERCENT: also where it is rounded to 0 */
	union {
		uint64_t number;
		int64_t signed_number; /* VALUE_TIME, VALUE_PID, VALUE_SIGNED */
		struct text text;
		struct record_list records;
	};
};

/* Room for a computed text, such as a REF. */
struct value_scratch {
	char bytes[96];
};

struct field {
	const char *name;    /* JSON name, sort and filter key; also its column's name for -o */
	const char *heading; /* of its column */
	enum value_type type;
	unsigned int kinds;	  /* kinds of object that have it; 0 in tables of other records */
	size_t offset;		  /* in the record's struct, unless computed */
	const char *const *names; /* VALUE_FLAGS, VALUE_CHOICE: one for each bit or number, NULL */
	const struct field_table *records; /* VALUE_RECORDS */
	/* Computed fields: not stored, not read from JSON. */
	struct value (*compute)(const void *record, struct value_scratch *scratch);
	size_t fallback; /* field that tables show where this one is absent; 0: none */
	bool can_be_cut; /* in a table that is wider than the terminal; never what names things */
	bool can_be_wrapped; /* there, over several lines: where nothing of it may be lost */
	bool is_flow; /* an amount that comes and goes: its change in a second means something */
	bool absent_is_never; /* where it is absent, and not hidden, it has not happened yet */
	const char *metric;   /* "gauge", "counter"; NULL: no metric */
	const char *help;     /* one line */
	const char *explain;  /* two or three sentences for a newcomer */
	const char *source;   /* where the kernel says it */
};

struct field_table {
	const char *name; /* JSON name of the list of such records: "objects" */
	const struct field *fields;
	size_t count;
	size_t record_size;
	bool can_hide; /* its records tell hidden from absent, so JSON has the array "hidden" */
};

/* The value of a field; absent where the record does not have it. Texts are borrowed. */
struct value field_value(const struct field_table *table, size_t index, const void *record,
			 struct value_scratch *scratch);

/* Whether the record has the field at all (kinds), present or not. */
bool field_applies(const struct field *field, unsigned int kinds);

/* The field of that name or heading, case ignored; false where there is none. */
bool field_find(const struct field_table *table, struct text name, size_t *ret_index);

/*
 * The same for a name that somebody typed: 0, or -EINVAL with ret_error set, which names the field
 * that may have been meant.
 */
int field_look_up(const struct field_table *table, struct text name, size_t *ret_index,
		  struct ipclens_error *ret_error);

/* Where a stored field is in the record. */
static inline void *field_address(const struct field *field, void *record)
{
	return (char *)record + field->offset;
}

/* The value of a VALUE_DEVICE. */
static inline uint64_t device_number(uint64_t major, uint64_t minor)
{
	return major << 32 | minor;
}

static inline void record_mark(struct record *record, unsigned int field)
{
	record->present |= UINT64_C(1) << field;
}

static inline void record_unmark(struct record *record, unsigned int field)
{
	record->present &= ~(UINT64_C(1) << field);
}

static inline void record_mark_hidden(struct record *record, unsigned int field)
{
	record->hidden |= UINT64_C(1) << field;
}

static inline bool record_has(const struct record *record, unsigned int field)
{
	return record->present >> field & 1;
}

static inline bool record_hides(const struct record *record, unsigned int field)
{
	return record->hidden >> field & 1;
}

#endif
