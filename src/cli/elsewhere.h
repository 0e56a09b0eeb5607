/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done in another IPC namespace: by a child process that goes there, and only with --yes.
 */
#ifndef IPCLENS_CLI_ELSEWHERE_H
#define IPCLENS_CLI_ELSEWHERE_H

#include "act/make.h"
#include "act/sysv.h"
#include "cli/find.h"
#include "enter/door.h"
#include "model/ref.h"

/* The ways that were taken last, which are often the next ones, too; all zero is none. */
struct elsewhere {
	bool is_open;
	struct door_place place; /* of the namespace that was entered */
	char root[48];		 /* of the process through which a file was reached; "" is none */
};

void elsewhere_close(struct elsewhere *elsewhere);
#define _cleanup_elsewhere_ __attribute__((cleanup(elsewhere_close)))

/* Whether the object is of another namespace than this program. */
bool elsewhere_is(const struct snapshot *snapshot, const struct object *object);

/* Complains that it takes --yes; then STATUS_USAGE. */
enum exit_status elsewhere_check(const struct settings *settings, const char *operand,
				 uint64_t namespace);

/* As act_remove(), act_sysv_identify() and act_make(), wherever the object is. */
int elsewhere_remove(struct elsewhere *elsewhere, const struct snapshot *snapshot,
		     const struct object *object, bool is_forced, struct ipclens_error *ret_error);
int elsewhere_identify(struct elsewhere *elsewhere, const struct snapshot *snapshot,
		       const struct object *object, struct sysv_identity *ret_identity,
		       struct ipclens_error *ret_error);
int elsewhere_make(struct elsewhere *elsewhere, const char *word,
		   const struct make_request *request, bool is_dry_run, int *ret_id,
		   struct ipclens_error *ret_error);

/*
 * Where --namespace says which, it is that of the first operands, so many REFs, that name none, and
 * the option is cleared: the REFs say it from then on. STATUS_USAGE or STATUS_FAILED after a
 * complaint.
 */
enum exit_status elsewhere_aim(struct invocation *invocation, int count, struct found *found);

/*
 * Goes on with a command about one object where that is: at once in this namespace; in another one
 * by a child, which is this program from then on. *ret_is_over in this process then, and what is
 * returned is the child's status: its end by a signal is this program's end, too. is_change: that
 * takes "--yes".
 */
enum exit_status elsewhere_go(const struct invocation *invocation, const struct ref *ref,
			      bool is_change, bool *ret_is_over);

#endif
