/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Well-known software that leaves its objects behind and comes back for them: whose they are, as
 * far as the processes of their user tell, and with what its vendor removes them.
 */
#ifndef IPCLENS_QUERY_SOFTWARE_H
#define IPCLENS_QUERY_SOFTWARE_H

#include "model/snapshot.h"

struct software {
	const char *name;
	const char *const *commands; /* of its processes, NULL at the end; with * they begin so */
	const char *tool;	     /* what its vendor has for the removal */
};

/*
 * The software of which a process lives that runs as the object's owner or creator; NULL: none. The
 * snapshot must have all processes with their users (scope.has_all_processes).
 */
const struct software *software_of(const struct snapshot *snapshot, const struct object *object,
				   const struct process **ret_process);

#endif
