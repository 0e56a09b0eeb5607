/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What commands that change something answer with.
 */
#ifndef IPCLENS_CLI_ACTION_LIST_H
#define IPCLENS_CLI_ACTION_LIST_H

#include "cli/view.h"
#include "model/action.h"

/*
 * Says what came of one action: on standard output "removed shm:0" with its evidence, and where it
 * failed on standard error why. Not with --json, which tells it at the end. 0, or the negative
 * errno of a standard output that did not take it.
 */
int action_tell(const struct settings *settings, const struct action *action);

/* Records that it failed, or was refused, for this reason. 0 or -ENOMEM. */
int action_fail(struct actions *actions, struct action *action, enum action_outcome outcome,
		const char *reason);

/*
 * Records what a call came to that could sleep, for at most timeout milliseconds if it was
 * interrupted by their end. 0 or -ENOMEM.
 */
int action_judge(struct actions *actions, struct action *action, int r,
		 const struct ipclens_error *error, uint64_t timeout);

/*
 * Ends the answer, with --json by a document of the actions. The scope says which issues of the
 * snapshot concern it; told is what came of telling the actions. STATUS_FAILED where an action
 * failed, or was not told.
 */
enum exit_status action_list_close(const struct invocation *invocation,
				   const struct actions *actions, const struct snapshot *snapshot,
				   const struct scope *scope, int told);

#endif
