/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words that no table has: states, calls, kernel functions, and what administrators meet.
 */
#ifndef IPCLENS_CLI_GLOSSARY_WORDS_H
#define IPCLENS_CLI_GLOSSARY_WORDS_H

#include <stddef.h>

struct glossary_word {
	const char *name;
	const char *explanation;
};

extern const struct glossary_word glossary_words[];
extern const size_t glossary_word_count;

#endif
