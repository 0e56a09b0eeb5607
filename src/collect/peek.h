/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is in a System V message queue, by copies: nothing is taken out of it, and none of its times
 * and PIDs change (ipc/msg.c, MSG_COPY). The kernel must have been built with
 * CONFIG_CHECKPOINT_RESTORE.
 */
#ifndef IPCLENS_COLLECT_PEEK_H
#define IPCLENS_COLLECT_PEEK_H

#include "base/error.h"
#include "model/message.h"

/*
 * Adds the messages, each with the first body_max bytes of its body. 0; OUTCOME_GONE: no such
 * queue; OUTCOME_DENIED; OUTCOME_UNSUPPORTED: this kernel copies no messages; or a negative errno;
 * with ret_error set.
 */
int collect_messages(uint64_t id, size_t body_max, struct messages *messages,
		     struct ipclens_error *ret_error);

#endif
