/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Findings: what is judged to be wrong, how sure that is, and on what evidence. They are answers,
 * made from a snapshot, and no part of it.
 */
#ifndef IPCLENS_MODEL_FINDING_H
#define IPCLENS_MODEL_FINDING_H

#include <stdarg.h>

#include "base/arena.h"
#include "base/vector.h"
#include "model/field.h"

/* In the order in which those of one severity are told of. */
enum finding_code {
	FINDING_DEADLOCK,
	FINDING_LIMIT_EXPLAINS,
	FINDING_SUSPECTED_DEADLOCK,
	FINDING_ABANDONED_SEM,
	FINDING_FULL_QUEUE,
	FINDING_PIPE_STALLED,
	FINDING_LONG_WAIT,
	FINDING_FIFO_NO_PARTNER,
	FINDING_STUCK_QUEUE,
	FINDING_NEAR_LIMIT,
	FINDING_ORPHAN_SHM,
	FINDING_ORPHAN_SEM,
	FINDING_ORPHAN_MSG,
	FINDING_ORPHAN_POSIX,
	FINDING_REMOVED_BUT_HELD,
	FINDING_OPEN_TO_ALL,
	FINDING_FOREIGN_OWNER,
	FINDING_CODE_COUNT,
};

enum finding_severity {
	FINDING_NOTE,
	FINDING_WARNING,
	FINDING_CRITICAL,
};

enum finding_certainty {
	FINDING_UNKNOWN,
	FINDING_LIKELY,
	FINDING_CERTAIN,
};

struct finding_info {
	const char *word; /* stable: in JSON, --only, explain */
	enum finding_severity severity;
	const char *summary; /* one line for a list of them */
	const char *explain; /* two or three sentences for a newcomer */
};

const struct finding_info *finding_info(enum finding_code code);

/* The code of that word; false where there is none. */
bool finding_find(struct text word, enum finding_code *ret_code);

enum finding_field {
	FINDING_CODE,
	FINDING_SEVERITY,
	FINDING_CERTAINTY,
	FINDING_OBJECT,
	FINDING_SUMMARY,
	FINDING_EVIDENCE,
	FINDING_FIX,
	FINDING_FIELD_COUNT,
};

struct finding {
	struct record record;
	uint64_t code, severity, certainty;
	struct text object; /* REF */
	struct text summary;
	struct record_list evidence; /* of struct text: facts, each with its source */
	struct text fix;	     /* what to do; a command where there is one */
};

extern const struct field_table finding_fields;

/* Findings own their texts. All zero is empty. */
struct findings {
	VECTOR(struct finding) items;
	struct arena arena;
};

void findings_deinit(struct findings *findings);
#define _cleanup_findings_ __attribute__((cleanup(findings_deinit)))

/* A new finding with its code and severity, or NULL when there is no memory. */
struct finding *findings_add(struct findings *findings, enum finding_code code,
			     enum finding_certainty certainty);

/* Sets a text of the finding, or adds one to its evidence. 0 or -ENOMEM. */
__attribute__((format(printf, 4, 5))) int finding_set(struct findings *findings,
						      struct finding *finding,
						      enum finding_field field, const char *format,
						      ...);

__attribute__((format(printf, 4, 0))) int finding_set_list(struct findings *findings,
							   struct finding *finding,
							   enum finding_field field,
							   const char *format, va_list arguments);

/* Findings by the REF of their object. All zero is empty. It borrows from them. */
struct finding_index {
	const struct finding **items;
	size_t count;
};

void finding_index_deinit(struct finding_index *index);
#define _cleanup_finding_index_ __attribute__((cleanup(finding_index_deinit)))

/* 0 or -ENOMEM. */
int finding_index_make(const struct findings *findings, struct finding_index *ret_index);

/* The first finding about the object of that REF; NULL: there is none. */
const struct finding *finding_index_find(const struct finding_index *index, struct text ref);

#endif
