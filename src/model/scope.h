/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What has to be known for an answer, and no more: every look at the machine costs something.
 */
#ifndef IPCLENS_MODEL_SCOPE_H
#define IPCLENS_MODEL_SCOPE_H

#include "model/machine.h"
#include "model/object.h"
#include "model/ref.h"

struct snapshot;

/* Names of ids that are wanted; bits. Each costs a look at the user or group database. */
enum scope_names {
	SCOPE_USER = 1 << 0,
	SCOPE_GROUP = 1 << 1,
	SCOPE_CUSER = 1 << 2,
	SCOPE_CGROUP = 1 << 3,
	SCOPE_PROCESS_USER = 1 << 4,
	SCOPE_ALL_NAMES = 31,
};

/* What a command needs to know: the collector looks at no more than this. */
struct scope {
	/* Objects. */
	unsigned int kinds;	/* KIND_BIT()s: objects of these kinds */
	const struct ref *only; /* borrowed; NULL: all. Not together with has_limit_use */
	bool has_no_residence;	/* rss and swap may be absent, which is faster to get */
	bool has_no_past;	/* PIDs on record may be as calls tell them; see sysv.c */

	/* Limits. */
	unsigned int limit_kinds; /* KIND_BIT()s: limits of these kinds, without their use */
	bool has_limit_use;	  /* and their use, which needs all objects of these kinds */

	/* What takes a look at each object. */
	bool has_semaphores;	    /* the values inside of semaphore arrays */
	bool has_waited_semaphores; /* only of arrays on which somebody waits, as far as is seen */
	bool has_queue_limits;	    /* max_bytes of queues, which /proc does not have */
	bool has_fill; /* what POSIX queues and pipes hold, which cannot be read without a trace */
	bool has_pipe_owners;	   /* owners of pipes, one look more at each of them */
	const struct ref *details; /* borrowed; semaphores, queue limits, users and history of these
				      objects alone; NULL: of all */
	size_t detail_count;

	/* Who uses the objects, and who waits. */
	unsigned int link_kinds; /* KIND_BIT()s: who uses the objects of these kinds */
	/*
	 * KIND_BIT()s: objects of these kinds that have no name are looked for in processes. Of
	 * pipe, fifo and map there are no others.
	 */
	unsigned int nameless_kinds;
	unsigned int wait_kinds; /* KIND_BIT()s: who sleeps on objects of these kinds */
	bool has_holders;	 /* who holds the semaphores, if that can be seen */
	const int64_t *pids; /* borrowed; look at these processes alone, whether they use anything
			      * or not, and count nothing; NULL: at all */
	size_t pid_count;
	bool has_all_processes; /* also those that use nothing */
	bool has_history;	/* and what the objects remember of past users */
	bool has_no_links;	/* links may be absent: only lists of processes are shown */
	bool has_no_starts;	/* and of these only their names. Not together with has_history */
	bool has_units;		/* container or unit, and IPC namespace, of each process */

	/* IPC namespaces beside the viewer's own; none of these: it alone. */
	bool has_all_namespaces;
	const uint64_t *namespaces; /* borrowed: these, too */
	size_t namespace_count;
	const char *place; /* borrowed: this one alone; its number, a PID in it, a unit's name */
	bool has_namespace_keepers; /* also those that only descriptors keep, and who owns each */

	/* Around it. */
	unsigned int names;  /* enum scope_names */
	bool has_namespaces; /* the number of the IPC namespace, of objects and of the host */
	bool has_sight;	     /* host and sight, which say that, too */
};

extern const struct scope scope_everything;

/* Whether has_semaphores and has_queue_limits concern the object. */
bool scope_has_details(const struct scope *scope, const struct object *object);

/* The kinds for which processes are looked at. */
static inline unsigned int scope_process_kinds(const struct scope *scope)
{
	return (scope->link_kinds | scope->nameless_kinds) & scope->kinds;
}

/* Adds what has to be collected so that the field can be known. */
void scope_add_field(struct scope *scope, enum object_field field);

/* Whether an issue of the snapshot concerns an answer of that scope. */
bool scope_covers_issue(const struct scope *scope, const struct snapshot *snapshot,
			const struct issue *issue);

#endif
