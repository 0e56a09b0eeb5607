/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Removal of an object that was seen before: of that one, and not of what has its id or name by
 * now.
 */
#ifndef IPCLENS_ACT_REMOVE_H
#define IPCLENS_ACT_REMOVE_H

#include <stdbool.h>

#include "base/error.h"
#include "model/object.h"

/* Whether such an object can be removed at all: 0, or -EINVAL with ret_error saying why not. */
int act_can_remove(const struct object *object, struct ipclens_error *ret_error);

/*
 * Looks once more whether it is the same object, then removes it. The kernel has no call that does
 * both: what happens between the two, microseconds apart, is not seen. A segment has to be without
 * attachments then, unless is_forced.
 *
 * root is put in front of /dev/shm: that of a process of another mount namespace, as
 * "/proc/4711/root"; "" for the caller's own.
 *
 * 0; OUTCOME_GONE; OUTCOME_DENIED; -ESTALE: another object is in its place; -EBUSY: it was attached
 * meanwhile; or another negative errno. ret_error says why, with the errno.
 */
int act_remove(const struct object *object, bool is_forced, const char *root,
	       struct ipclens_error *ret_error);

#endif
