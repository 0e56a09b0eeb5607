/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How functions fail.
 *
 * 0 is success. A negative errno is what the caller cannot handle: it is forwarded untouched, with
 * its context in a struct ipclens_error. A positive value is an expected outcome (enum outcome):
 * the object went away, access is denied, the kernel has no such thing. Callers turn it into an
 * issue.
 */
#ifndef IPCLENS_BASE_ERROR_H
#define IPCLENS_BASE_ERROR_H

#include <stdarg.h>

enum outcome {
	OUTCOME_DENIED = 1,  /* it is there, and this viewer may not */
	OUTCOME_GONE,	     /* it is not there, or not any more */
	OUTCOME_UNSUPPORTED, /* this kernel, or this build, does not have it */
	OUTCOME_MALFORMED,   /* what was read is not what it should be */
};

/* What failed and why, as one sentence without a full stop. Plain data, owns nothing. */
struct ipclens_error {
	int number; /* negative errno */
	char text[512];
};

/*
 * Records a failure in *ret_error (which may be NULL) and returns number, so that callers write
 * "return error_set(...)". The text is truncated to what fits.
 */
__attribute__((format(printf, 3, 4))) int error_set(struct ipclens_error *ret_error, int number,
						    const char *format, ...);

/*
 * The outcome that a positive errno stands for, or 0 where it is none of the expected ones.
 * EACCES, EPERM: denied. ENOENT, ESRCH, EIDRM: gone. ENOSYS, EOPNOTSUPP, ENOTTY: unsupported.
 * EINVAL is not among them: its meaning depends on the call.
 */
int outcome_from_errno(int number);

#endif
