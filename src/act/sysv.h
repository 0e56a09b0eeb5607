/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changes of System V objects. Ids are what the kernel takes, an int; a negative one names nothing.
 *
 * All return 0, an outcome, or a negative errno for anything else; where it is not 0, ret_error
 * says why, with the errno.
 */
#ifndef IPCLENS_ACT_SYSV_H
#define IPCLENS_ACT_SYSV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "model/kind.h"

/*
 * IPC_RMID. A segment that is still attached is marked, and goes with its last attachment.
 * OUTCOME_DENIED: neither its owner nor its creator; OUTCOME_GONE: no such id.
 */
int act_sysv_remove(enum kind kind, int id, struct ipclens_error *ret_error);

/*
 * The id of the object with this key; nothing is created. Key 0 is refused with -EINVAL, as it
 * would create. OUTCOME_DENIED, OUTCOME_GONE: no such key.
 */
int act_sysv_find_key(enum kind kind, uint32_t key, int *ret_id, struct ipclens_error *ret_error);

/* Whether the caller may read the object (IPC_STAT): 0, OUTCOME_DENIED or OUTCOME_GONE. */
int act_sysv_check_read(enum kind kind, int id, struct ipclens_error *ret_error);

/* What tells an object from a later one of the same id, and what becomes of a segment. */
struct sysv_identity {
	uint32_t key;
	uint64_t cuid, cgid;
	int64_t changed_at;  /* seconds; 0: never */
	int64_t creator_pid; /* of a segment; 0 where it is hidden */
	uint64_t nattch;     /* of a segment */
	bool is_removed;     /* a segment that goes with its last attachment */
};

/* Also without permission to read the object. OUTCOME_GONE: no such id. */
int act_sysv_identify(enum kind kind, int id, struct sysv_identity *ret_identity,
		      struct ipclens_error *ret_error);

struct sysv_request {
	enum kind kind;
	uint32_t key;  /* 0: private */
	int mode;      /* permissions, and above them flags of the call such as SHM_HUGETLB */
	uint64_t size; /* of a segment, in bytes */
	int nsems;     /* of an array */
};

/* Creates a new object, never opens one that exists: -EEXIST where the key is taken. */
int act_sysv_create(const struct sysv_request *request, int *ret_id,
		    struct ipclens_error *ret_error);

/* Sets all semaphores of an array; there must be as many values. 0 or a negative errno. */
int act_sysv_set_values(int id, const unsigned short *values, struct ipclens_error *ret_error);

#endif
