/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that can be explained: fields, limits, kinds from their own tables, and words that no
 * table has.
 */
#ifndef IPCLENS_CLI_GLOSSARY_H
#define IPCLENS_CLI_GLOSSARY_H

#include <stddef.h>
#include <stdbool.h>

struct term {
	const char *name;
	const char *explanation;
	const char *source; /* NULL: none */
	char what[96];	    /* "field of shm, sem (column KEY)"; empty: a word */
};

/* The term with that number; false behind the last one. */
bool glossary_term(size_t number, struct term *ret_term);

#endif
