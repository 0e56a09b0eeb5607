/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sending to and receiving from message queues of both sorts. Bodies are any bytes.
 *
 * All return 0; OUTCOME_DENIED; OUTCOME_GONE: there is no such queue (any more); -EAGAIN: it is
 * full, or has no such message, and it was not to be waited; -EINTR: a signal came while it slept,
 * and nothing was sent or received; or another negative errno. ret_error says why.
 */
#ifndef IPCLENS_ACT_MESSAGES_H
#define IPCLENS_ACT_MESSAGES_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

/* The type is 1 or more. -EMSGSIZE: the body is larger than kernel.msgmax. */
int act_msg_send(int id, long type, struct text body, bool waits, struct ipclens_error *ret_error);

/*
 * Takes the first message of the type (0: of any; below 0: of the lowest that is not above its
 * amount), and adds its body to the buffer.
 */
int act_msg_receive(int id, long type, bool waits, struct buffer *body, long *ret_type,
		    struct ipclens_error *ret_error);

/* Opens a POSIX queue, whose name begins with a slash, to send or to receive. */
int act_mq_open(const char *name, bool is_to_send, bool waits, int *ret_queue,
		struct ipclens_error *ret_error);

/* -EMSGSIZE: the body is larger than this queue's messages can be. */
int act_mq_send(int queue, unsigned int priority, struct text body,
		struct ipclens_error *ret_error);

/* Takes the oldest message of the highest priority, and adds its body to the buffer. */
int act_mq_receive(int queue, struct buffer *body, unsigned int *ret_priority,
		   struct ipclens_error *ret_error);

#endif
