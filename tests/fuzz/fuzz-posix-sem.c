/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of a named semaphore. */
#include "fuzz.h"

#include <string.h>

#include "collect/posix_sem.h"

#define SIZE_64 32
#define SIZE_32 16

static bool is_same(const struct posix_sem *a, const struct posix_sem *b)
{
	return a->layout == b->layout && a->value == b->value && a->waiters == b->waiters;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct posix_sem semaphore = posix_sem_parse(fuzz_input(data, size)), other;
	/* Not aligned, and another end. */
	char copy[POSIX_SEM_READ + 2];

	REQUIRE(semaphore.layout <= PSEM_MUSL);
	REQUIRE(semaphore.value <= UINT32_MAX && semaphore.waiters <= UINT32_MAX);
	if (semaphore.layout == PSEM_UNKNOWN)
		return 0;
	REQUIRE(size == SIZE_64 || size == SIZE_32);
	memcpy(copy + 1, data, size);
	copy[1 + size] = 0;
	other = posix_sem_parse((struct text){copy + 1, size});
	REQUIRE(is_same(&semaphore, &other));
	/* One byte more or less is none. */
	REQUIRE(posix_sem_parse((struct text){copy + 1, size + 1}).layout == PSEM_UNKNOWN);
	REQUIRE(posix_sem_parse((struct text){copy + 1, size - 1}).layout == PSEM_UNKNOWN);
	return 0;
}
