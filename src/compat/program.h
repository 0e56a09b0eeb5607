/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the drop-ins share: output, diagnostics, and how they end.
 */
#ifndef IPCLENS_COMPAT_PROGRAM_H
#define IPCLENS_COMPAT_PROGRAM_H

#include <stdbool.h>

#include "base/text.h"

struct program {
	const char *name;
	struct buffer out; /* to stdout */
};

/* Also makes getopt_long() start anew. */
void program_init(struct program *program, char **argv);

/* "NAME: …" and a newline to stderr. */
__attribute__((format(printf, 2, 3))) void program_complain(const struct program *program,
							    const char *format, ...);

/* Points at --help; the exit status of a usage error. */
int program_refuse_usage(const struct program *program);

/* "NAME (ipclens VERSION)". */
void program_add_version(struct program *program);

/*
 * Writes what is left and releases the program's memory. Returns status, or 1 where stdout cannot
 * be written; a stdout that nobody reads, or that was closed from the start, is no failure.
 */
int program_finish(struct program *program, int status);

#endif
