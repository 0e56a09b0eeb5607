/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a queue's file tells when it is read (ipc/mqueue.c: mqueue_read_file).
 */
#ifndef IPCLENS_COLLECT_POSIX_MQ_H
#define IPCLENS_COLLECT_POSIX_MQ_H

#include <stdint.h>

#include "base/text.h"

struct posix_mq_contents {
	uint64_t bytes;
	uint64_t notify_pid; /* 0: nobody is told of messages, or somebody of another PID namespace
			      */
};

/* Reads the text; 0 or -EINVAL. */
int posix_mq_parse(struct text text, struct posix_mq_contents *ret_contents);

#endif
