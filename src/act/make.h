/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Making of objects. What exists is never joined, emptied or changed.
 */
#ifndef IPCLENS_ACT_MAKE_H
#define IPCLENS_ACT_MAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "model/kind.h"

struct make_request {
	enum kind kind;
	unsigned int mode; /* permission bits, as they will be: the umask does not count */
	uint32_t key;	   /* of System V; 0: private */
	uint64_t size;	   /* of memory, in bytes */
	const char *name;  /* of POSIX objects, with its slash; the path of a FIFO */
	const unsigned short *values;		  /* of an array, borrowed; NULL: all 0 */
	size_t nsems;				  /* of an array */
	unsigned int value;			  /* of a named semaphore */
	uint64_t max_messages, max_message_bytes; /* of a POSIX queue; both 0: the usual ones */
};

/* Whether an object of the kind can have this name: 0, or a negative errno with ret_error set. */
int act_make_check_name(const struct make_request *request, struct ipclens_error *ret_error);

/*
 * Whether it can be tried at all: the name is one, nothing exists under it or under the key, and a
 * segment would stay when this process ends. 0 or a negative errno with ret_error set.
 */
int act_make_check(const struct make_request *request, struct ipclens_error *ret_error);

/*
 * Makes it; of System V ret_id is its id. 0, or a negative errno with ret_error set, and then
 * nothing is left of it. Meanwhile the umask of the process is 0.
 */
int act_make(const struct make_request *request, int *ret_id, struct ipclens_error *ret_error);

#endif
