/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Operations on a semaphore array.
 */
#ifndef IPCLENS_ACT_SEMOP_H
#define IPCLENS_ACT_SEMOP_H

#include <stdbool.h>

#include "base/error.h"
#include "model/semaphore_text.h"

struct semop_request {
	int id;
	const struct semaphore_step *steps; /* borrowed; done in this order, all of them or none */
	size_t count;
	bool waits;
	bool has_undo; /* the kernel takes them back when this process ends, also after an exec */
};

/*
 * One semop(). 0; OUTCOME_DENIED; OUTCOME_GONE: there is no such array (any more); -EAGAIN: it
 * would have to wait and was not to; -EINTR: a signal came while it slept, and nothing was done; or
 * another negative errno. ret_error says why.
 */
int act_semop(const struct semop_request *request, struct ipclens_error *ret_error);

#endif
