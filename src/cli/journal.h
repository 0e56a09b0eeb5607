/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was removed, for whoever asks tomorrow: a line in the system's log, and in a file if one was
 * given.
 */
#ifndef IPCLENS_CLI_JOURNAL_H
#define IPCLENS_CLI_JOURNAL_H

#include <stdio.h>

#include "query/clean.h"

struct journal {
	const char *path;
	FILE *file; /* NULL: the system's log alone */
};

/* Opens the file to add to it, NULL: none; 0, or -1 after a complaint. */
int journal_open(const char *path, struct journal *ret_journal);
void journal_close(struct journal *journal);
#define _cleanup_journal_ __attribute__((cleanup(journal_close)))

/* Adds a line about an object that was removed, and on what verdict. 0, or -1 after a complaint. */
int journal_add(struct journal *journal, const struct clean_item *item);

#endif
