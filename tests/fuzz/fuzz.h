/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzz target is one function that gets any bytes. It shares the program's parsers, and checks
 * what must hold for each input with REQUIRE(). With clang and -Dfuzz=true libFuzzer calls it; else
 * replay.c does, over the corpus and a fixed number of its mutations.
 */
#ifndef IPCLENS_TESTS_FUZZ_H
#define IPCLENS_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

/* Named by libFuzzer. */
__attribute__((visibility("default"))) int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                              \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

/* The first byte of the input chooses what is done with the rest; its value modulo count. */
static inline unsigned int fuzz_choose(struct text *input, unsigned int count)
{
	unsigned int byte;

	if (!input->length)
		return 0;
	byte = (unsigned char)input->bytes[0];
	*input = (struct text){input->bytes + 1, input->length - 1};
	return byte % count;
}

static inline struct text fuzz_input(const uint8_t *data, size_t size)
{
	return (struct text){(const char *)data, size};
}

#endif
