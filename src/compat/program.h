/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the drop-ins share: output, diagnostics, and how they end.
 */
#ifndef IPCLENS_COMPAT_PROGRAM_H
#define IPCLENS_COMPAT_PROGRAM_H

#include <stdbool.h>

#include "base/text.h"

/* What is to be done after one part of the command line was. */
enum step {
	STEP_NEXT,
	STEP_REFUSE,	   /* fail; the reason has been said */
	STEP_REFUSE_USAGE, /* the same, and point at --help */
	STEP_DONE,	   /* end well, without another look at the command line */
};

struct program {
	const char *name;
	struct buffer out; /* to stdout */
};

/* Also makes getopt_long() start anew. */
void program_init(struct program *program, char **argv);

/* "NAME: …" and a newline to stderr. */
__attribute__((format(printf, 2, 3))) void program_complain(const struct program *program,
							    const char *format, ...);

/* "NAME (ipclens VERSION)". */
void program_add_version(struct program *program);

/*
 * Ends after that step: points at --help where it should, writes what is left of the output and
 * releases the program's memory. Returns the exit status: 1 where the step refuses, where it is
 * STEP_NEXT and something before has failed, or where stdout cannot be written; a stdout that
 * nobody reads, or that was closed from the start, is no failure.
 */
int program_finish(struct program *program, enum step step, bool has_failed);

#endif
