/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person asks "make" for.
 */
#ifndef IPCLENS_CLI_MAKE_WORDS_H
#define IPCLENS_CLI_MAKE_WORDS_H

#include "act/make.h"
#include "cli/command.h"
#include "model/semaphore_text.h"

/* A request, and what it borrows. All zero is empty. */
struct make_words {
	struct make_request request;
	struct semaphore_values values;
	struct buffer path;
};

void make_words_deinit(struct make_words *words);
#define _cleanup_make_words_ __attribute__((cleanup(make_words_deinit)))

/* Reads operands and options. STATUS_USAGE after a complaint. */
enum exit_status make_words_read(const struct invocation *invocation, struct make_words *ret_words);

#endif
