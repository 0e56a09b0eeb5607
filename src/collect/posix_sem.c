/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/posix_sem.h"

#include <string.h>

/*
 * sizeof(sem_t) of programs of 64 and of 32 bits, with both libraries (i386, x86-64, arm64).
 *
 * glibc since 2.21 (nptl: struct new_sem, sem_open):
 *     64 bits: value, waiters, private = 128, padding
 *     32 bits: value << 1 | somebody waits, private = 128, padding, waiters
 * musl (src/thread/sem_init.c, sem_post.c):
 *     value, of which the highest bit or -1 mean that somebody waits; waiters; private = 0; and
 *     what was on the stack
 */
#define SIZE_64 32
#define SIZE_32 16
#define GLIBC_SHARED 128U
#define MUSL_WAITING 0x80000000U
/* SEM_VALUE_MAX */
#define VALUE_MAX 0x7fffffffU

static uint32_t word(struct text bytes, size_t index)
{
	uint32_t word;

	memcpy(&word, bytes.bytes + index * sizeof(word), sizeof(word));
	return word;
}

/* Of 64 bits a pair of words is one number: which of them comes first depends on the machine. */
static struct posix_sem parse_glibc_64(struct text bytes)
{
	uint64_t pair;

	memcpy(&pair, bytes.bytes, sizeof(pair));
	return (struct posix_sem){PSEM_GLIBC, pair & UINT32_MAX, pair >> 32};
}

/* Of the first word any value can be: see parse_musl(). */
static bool is_musl(struct text bytes)
{
	return !word(bytes, 2) && word(bytes, 1) <= VALUE_MAX;
}

/* Before 1.2.4 the value itself became -1 where somebody waits. */
static struct posix_sem parse_musl(struct text bytes)
{
	uint32_t value = word(bytes, 0);

	return (struct posix_sem){PSEM_MUSL, value == UINT32_MAX ? 0 : value & VALUE_MAX,
				  word(bytes, 1)};
}

/*
 * One of glibc of 32 bits. Where nobody waits for it, it can be taken for one of musl that 128 wait
 * for, but then the highest bit is set: only such a value is left open.
 */
static bool is_glibc_32(struct text bytes)
{
	return word(bytes, 1) == GLIBC_SHARED && !(is_musl(bytes) && word(bytes, 0) & MUSL_WAITING);
}

struct posix_sem posix_sem_parse(struct text bytes)
{
	const struct posix_sem unknown = {.layout = PSEM_UNKNOWN};

	if (bytes.length == SIZE_64 && word(bytes, 2) == GLIBC_SHARED)
		return parse_glibc_64(bytes);
	if (bytes.length == SIZE_32 && word(bytes, 1) == GLIBC_SHARED)
		return is_glibc_32(bytes)
			       ? (struct posix_sem){PSEM_GLIBC, word(bytes, 0) >> 1, word(bytes, 3)}
			       : unknown;
	if ((bytes.length == SIZE_64 || bytes.length == SIZE_32) && is_musl(bytes))
		return parse_musl(bytes);
	return unknown;
}
