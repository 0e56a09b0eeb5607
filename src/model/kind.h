/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kinds of IPC objects, described once.
 */
#ifndef IPCLENS_MODEL_KIND_H
#define IPCLENS_MODEL_KIND_H

#include <stdbool.h>

#include "base/text.h"

/* In the order of display, which is that of JSON. */
enum kind {
	KIND_SHM,  /* System V: shared memory segments */
	KIND_SEM,  /* semaphore arrays */
	KIND_MSG,  /* message queues */
	KIND_PSHM, /* POSIX: shared memory */
	KIND_PSEM, /* named semaphores */
	KIND_MQ,   /* message queues */
	KIND_PIPE,
	KIND_FIFO,
	KIND_MAP, /* memory without a name that processes share: memfd, or anonymous */
	KIND_COUNT,
};

#define KIND_BIT(kind) (1U << (kind))
#define KINDS_SYSV (KIND_BIT(KIND_SHM) | KIND_BIT(KIND_SEM) | KIND_BIT(KIND_MSG))
#define KINDS_SYSV_COUNT 3
#define KINDS_POSIX (KIND_BIT(KIND_PSHM) | KIND_BIT(KIND_PSEM) | KIND_BIT(KIND_MQ))
/*
 * What belongs to an IPC namespace; memory of POSIX, which is in a file system, is told to belong
 * to that of the processes that see it.
 */
#define KINDS_IN_NAMESPACES (KINDS_SYSV | KINDS_POSIX)
/* Listed where no kind is named; to find the others takes a look at every process. */
#define KINDS_LISTED (KINDS_SYSV | KINDS_POSIX)
#define KINDS_ALL ((1U << KIND_COUNT) - 1)
/* Objects that can be without a name: then nothing shows them but the processes that use them. */
#define KINDS_IN_PROCESSES (KINDS_ALL & ~KINDS_SYSV)

struct kind_info {
	const char *word;     /* in a REF, on the command line, in JSON: "shm" */
	const char *singular; /* "shared memory segment" */
	const char *plural;
	const char *explain; /* two or three sentences for a newcomer */
};

const struct kind_info *kind_info(enum kind kind);

/* The words of all kinds in a sentence: "shm, sem and msg". */
const char *kind_words(void);

/* The kind of that word; false where there is none. */
bool kind_find(struct text word, enum kind *ret_kind);

#endif
