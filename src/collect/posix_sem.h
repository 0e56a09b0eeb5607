/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is in a file that sem_open() made. It is the C library's own form, and no file says which
 * library made it.
 */
#ifndef IPCLENS_COLLECT_POSIX_SEM_H
#define IPCLENS_COLLECT_POSIX_SEM_H

#include <stdbool.h>

#include "base/text.h"
#include "model/object.h"

/* The largest of the known forms, and one byte more to tell a longer file. */
#define POSIX_SEM_READ 33

struct posix_sem {
	enum psem_layout layout;
	uint64_t value, waiters; /* of a known layout */
};

/* Reads the file's bytes, in the byte order of this machine. */
struct posix_sem posix_sem_parse(struct text bytes);

#endif
