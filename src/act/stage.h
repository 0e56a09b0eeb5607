/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A small world of its own, with processes that use IPC well and badly, to show what there is to
 * see. It has IPC, PID and mount namespaces of its own, and a user namespace where the caller is
 * not root: nothing of the machine can be seen or harmed there, and however it ends, all of it
 * ends.
 */
#ifndef IPCLENS_ACT_STAGE_H
#define IPCLENS_ACT_STAGE_H

#include "base/error.h"

/* What is run inside once everybody is in place; its result is the stage's. */
typedef int stage_visit(void *context);

/*
 * Sets the stage, visits it, and clears it away. *ret_result is what the visit returned. 0; or a
 * negative errno with ret_error saying why there can be no stage here.
 */
int act_stage_run(stage_visit *visit, void *context, int *ret_result,
		  struct ipclens_error *ret_error);

#endif
