/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The only way from the kernel to a snapshot. Looking changes nothing: no object is created,
 * attached to or consumed.
 */
#ifndef IPCLENS_COLLECT_COLLECT_H
#define IPCLENS_COLLECT_COLLECT_H

#include "base/error.h"
#include "enter/door.h"
#include "model/snapshot.h"

enum backend {
	BACKEND_AUTO,	 /* /proc, and system calls where /proc/sysvipc is missing */
	BACKEND_PROCFS,	 /* /proc alone */
	BACKEND_SYSCALL, /* calls for objects and limits of System V, /proc for all else */
	BACKEND_BPF,	 /* as auto, and bpf for all that it can see */
};

struct collect_options {
	const char *root; /* a recorded tree; NULL: the running machine */
	enum backend backend;
	bool reads_maps_as_text; /* for tests: not by PROCMAP_QUERY */
	struct scope scope;
};

/*
 * Takes a snapshot of what the scope asks for; the caller owns it (snapshot_free()). What could not
 * be seen is an issue in it. 0, or a negative errno with ret_error set (no memory, no such root).
 */
int collect_snapshot(const struct collect_options *options, struct snapshot **ret_snapshot,
		     struct ipclens_error *ret_error);

/*
 * The IPC namespace that a word names, as scope.place does, or with NULL the one of that number:
 * for who wants to do something there. 0 with descriptors that the caller closes, user -1 where it
 * is not to be had; or a negative errno with ret_error set.
 */
int collect_open_namespace(const char *word, uint64_t number, struct door_place *ret_place,
			   struct ipclens_error *ret_error);

/*
 * Whether it is certain that no user has this name: on the running machine (root is NULL), or in a
 * recorded tree.
 */
bool collect_lacks_user(const char *root, const char *name);

/*
 * How much of all segments of this machine is in memory and in swap, in pages: for where there is
 * no /proc/sysvipc/shm that says it of each. 0 or a positive errno.
 */
int collect_shm_resident(uint64_t *ret_resident, uint64_t *ret_swapped);

#endif
