/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every look command does: get the snapshot, show it in the style that was asked for, say what
 * is missing from it.
 */
#ifndef IPCLENS_CLI_VIEW_H
#define IPCLENS_CLI_VIEW_H

#include "cli/command.h"
#include "query/select.h"
#include "render/style.h"

/*
 * The snapshot: loaded, or taken with that scope. The caller owns it. STATUS_DONE, or another
 * status after a complaint.
 */
enum exit_status view_open(const struct settings *settings, const struct scope *scope,
			   struct snapshot **ret_snapshot);

/* The same of a file alone, whatever the settings say; "-" is standard input. */
enum exit_status view_load(const char *path, const struct scope *scope,
			   struct snapshot **ret_snapshot);

/* How values look, for a person at this standard output. */
struct style view_style(const struct settings *settings, const struct snapshot *snapshot);

/* A buffer that leads to standard output. */
static inline struct buffer view_output(void)
{
	return (struct buffer){.sink = stdout};
}

/*
 * Writes out what was printed; r is what came of printing it, 0 or a negative errno. What was not
 * written was not said: STATUS_FAILED after a complaint.
 */
enum exit_status view_finish_output(int r);

/*
 * Ends an answer: r is what came of printing it. Complains of a failure, or of what could not be
 * seen.
 */
enum exit_status view_close(int r, const struct snapshot *snapshot, const struct scope *scope);

/* Reads the operands as kinds into bits; these ones where there is none. STATUS_USAGE. */
enum exit_status view_kinds(const struct invocation *invocation, unsigned int usual,
			    unsigned int *ret_kinds);

/* The same of a list with commas. */
enum exit_status view_kind_list(const char *list, unsigned int *ret_kinds);

/* Complains of an owner whom there cannot be. STATUS_DONE or STATUS_USAGE. */
enum exit_status view_check_owner(const struct settings *settings);

/* Reads the conditions and adds them. STATUS_DONE, or another status after a complaint. */
enum exit_status view_conditions(const struct settings *settings, struct filters *filters);

/* Complains; STATUS_FAILED. */
enum exit_status view_no_memory(void);

#endif
