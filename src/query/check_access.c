/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who may do what to an object, where that is surprising.
 */
#include <errno.h>

#include "query/check_parts.h"

#define WRITABLE_BY_ALL 0002U

static int judge_mode(struct judge *judge, const struct object *object)
{
	struct finding *finding;
	int r;

	if (!(KIND_BIT(object->kind) & KINDS_LISTED) || !object_has(object, OBJECT_MODE) ||
	    !(object->mode & WRITABLE_BY_ALL))
		return 0;
	finding = check_add(judge, FINDING_OPEN_TO_ALL, FINDING_CERTAIN, object,
			    "each user of this machine may change what is in it");
	r = check_say(judge, finding, "mode %04llo (%s)", (unsigned long long)object->mode,
		      KIND_BIT(object->kind) & KINDS_SYSV ? "ipc_perm.mode" : "st_mode");
	return r ? r
		 : check_advise(judge, finding,
				"let the program that creates it give it a stricter mode");
}

static int judge_owner(struct judge *judge, const struct object *object)
{
	struct finding *finding;
	int r;

	if (!object_has(object, OBJECT_CUID) || !object_has(object, OBJECT_UID) ||
	    object->uid == object->cuid)
		return 0;
	finding = check_add(judge, FINDING_FOREIGN_OWNER, FINDING_CERTAIN, object,
			    "its owner is not the user who created it");
	r = check_say(judge, finding, "uid %llu, cuid %llu (ipc_perm)",
		      (unsigned long long)object->uid, (unsigned long long)object->cuid);
	return r ? r
		 : check_advise(
			   judge, finding,
			   "nothing, if that was meant: both of them, and root, may remove it");
}

int check_access(struct judge *judge)
{
	int r = 0;

	vector_for_each (&judge->snapshot->objects, object) {
		if (r == 0)
			r = judge_mode(judge, object);
		if (r == 0)
			r = judge_owner(judge, object);
	}
	return r;
}
