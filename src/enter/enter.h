/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One thing done in another IPC namespace, by a child that ends with it. The child has a copy of
 * all that this process has, so that nothing has to be told to it.
 */
#ifndef IPCLENS_ENTER_ENTER_H
#define IPCLENS_ENTER_ENTER_H

#include <sys/types.h>

#include "base/error.h"
#include "enter/door.h"

/* What an act can answer beside its result. */
#define ENTER_REPLY_MAX 256

/* Done in the child; its result is what acts return, with ret_error set where it is not 0. */
typedef int enter_act(void *context, void *reply, struct ipclens_error *ret_error);

/*
 * Has it done there. What the act returned; OUTCOME_DENIED where the namespace may not be entered,
 * OUTCOME_GONE where the child came to nothing, or another negative errno; with ret_error set.
 */
int enter_do(const struct door_place *place, enter_act *act, void *context, void *reply,
	     size_t reply_size, struct ipclens_error *ret_error);

/*
 * Splits this process: 0 in the child, which is there and goes on; the child's PID here; or,
 * without a child, a negative errno with ret_error set. There must be no other threads.
 */
pid_t enter_fork(const struct door_place *place, struct ipclens_error *ret_error);

/* For those who are the child: goes there. 0 or a positive errno. */
int enter_place(const struct door_place *place);

#endif
