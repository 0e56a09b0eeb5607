/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a call may sleep: until a time is over, or a signal wants the program to end. Signals
 * only interrupt the call: what it took by then is not lost, and the program ends by the signal
 * afterwards.
 */
#ifndef IPCLENS_CLI_PATIENCE_H
#define IPCLENS_CLI_PATIENCE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM */
#define PATIENCE_SIGNALS 5

struct patience {
	struct sigaction before[PATIENCE_SIGNALS];
	sigset_t mask_before;
	bool has_end;
	int64_t end; /* milliseconds of the monotonic clock */
};

/* Reads seconds, as "5" or "0.25", into milliseconds. 0 or -EINVAL. */
int patience_parse(const char *seconds, uint64_t *ret_milliseconds);

/* milliseconds NULL: for ever. */
void patience_begin(const uint64_t *milliseconds, struct patience *ret_patience);

/* Whether a call that was interrupted is to be made again. */
bool patience_goes_on(const struct patience *patience);

/* Whether a signal wants the program to end. */
bool patience_is_interrupted(void);

/* Everything is as before; a signal that came ends the program now. */
void patience_end(struct patience *patience);

#endif
