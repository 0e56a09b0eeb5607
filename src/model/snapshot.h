/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A snapshot: what was seen at one moment. It is a value: rendered, judged, compared, saved and
 * loaded without another look at the machine. It owns all of its memory; what it hands out is
 * borrowed.
 */
#ifndef IPCLENS_MODEL_SNAPSHOT_H
#define IPCLENS_MODEL_SNAPSHOT_H

#include "base/arena.h"
#include "base/vector.h"
#include "model/machine.h"
#include "model/namespace.h"
#include "model/object.h"
#include "model/process.h"
#include "model/ref.h"
#include "model/wait.h"

#define SNAPSHOT_SCHEMA "ipclens/1"

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
	unsigned int kinds;	    /* KIND_BIT()s: objects of these kinds */
	const struct ref *only;	    /* borrowed; NULL: all. Not together with has_limit_use */
	bool has_no_residence;	    /* rss and swap may be absent, which is faster to get */
	bool has_no_past;	    /* PIDs on record may be as calls tell them; see sysv.c */
	unsigned int limit_kinds;   /* KIND_BIT()s: limits of these kinds, without their use */
	bool has_limit_use;	    /* and their use, which needs all objects of these kinds */
	bool has_semaphores;	    /* the values inside of semaphore arrays */
	bool has_waited_semaphores; /* only of arrays on which somebody waits, as far as is seen */
	bool has_queue_limits;	    /* max_bytes of queues, which /proc does not have */
	bool has_fill; /* what POSIX queues and pipes hold, which cannot be read without a trace */
	bool has_pipe_owners;	   /* owners of pipes, one look more at each of them */
	const struct ref *details; /* borrowed; semaphores, queue limits, users and history of these
				      objects alone; NULL: of all */
	size_t detail_count;
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
	unsigned int names;	/* enum scope_names */
	bool has_namespaces;	/* which namespaces these are */
	/* IPC namespaces beside the viewer's own; none of these: it alone. */
	bool has_all_namespaces;
	const uint64_t *namespaces; /* borrowed: these, too */
	size_t namespace_count;
	const char *place; /* borrowed: this one alone; its number, a PID in it, a unit's name */
	bool has_namespace_keepers; /* also those that only descriptors keep, and who owns each */
	bool has_sight;		    /* host and sight, which say that, too */
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

struct snapshot {
	struct arena arena;
	int64_t taken_at; /* seconds since 1970 */
	struct host host;
	struct sight sight;
	VECTOR(struct object)
	objects;			  /* by kind; of System V in the order of the
					     kernel, files by inode */
	bool has_users;			  /* processes, links and accountings were looked for */
	VECTOR(struct process) processes; /* by PID; those that links name */
	VECTOR(struct link) links;	  /* proof by object, then by PID; then history by object */
	bool knows_holders;		  /* who holds semaphores is among the links */
	bool has_waits;			  /* threads that sleep in IPC were looked for */
	VECTOR(struct wait) waits;	  /* by object, then by thread */
	VECTOR(struct accounting) accountings; /* of the objects whose users the kernel counts */
	VECTOR(struct limit) limits;
	/*
	 * Where more than the viewer's own was looked at; then REFs tell theirs. The viewer's own,
	 * if it is among them, is the first.
	 */
	VECTOR(struct namespace) namespaces;
	bool is_wide; /* REFs tell namespaces, also before these are known */
	VECTOR(struct issue) issues;
};

/* An empty snapshot owned by the caller, or NULL when there is no memory. */
struct snapshot *snapshot_new(void);

/* Always returns NULL. */
struct snapshot *snapshot_free(struct snapshot *snapshot);

static inline void cleanup_snapshot(struct snapshot **snapshot)
{
	snapshot_free(*snapshot);
}
#define _cleanup_snapshot_ __attribute__((cleanup(cleanup_snapshot)))

/* A new object of the kind at the end, or NULL when there is no memory. */
struct object *snapshot_add_object(struct snapshot *snapshot, enum kind kind);

/* Gives an object of System V a REF that tells its namespace. 0 or -ENOMEM. */
int snapshot_add_long_ref(struct snapshot *snapshot, struct object *object);

/*
 * Puts objects and links in their order, and gives objects that need it a REF of their own, which
 * no other one of the snapshot has. Called once after all are there; 0 or -ENOMEM.
 */
int snapshot_settle(struct snapshot *snapshot);

/* A copy that lives as long as the snapshot; 0 or -ENOMEM. */
int snapshot_copy_text(struct snapshot *snapshot, struct text text, struct text *ret_text);

/*
 * Notes what could not be seen; the texts are copied, object may be NULL, kind KIND_COUNT for none.
 * 0 or -ENOMEM.
 */
int snapshot_add_issue(struct snapshot *snapshot, enum issue_aspect aspect, int outcome,
		       enum kind kind, const struct object *object, const char *subject,
		       const char *reason);

/* The limit, or NULL where the snapshot does not have it. */
const struct limit *snapshot_limit(const struct snapshot *snapshot, enum limit_id id);

/*
 * Whether all objects of the kind could be listed: what is counted of fewer would mislead. The
 * objects must have been in the scope.
 */
bool snapshot_has_all(const struct snapshot *snapshot, enum kind kind);

/*
 * Whether there are processes that could not be looked at, or not in whole, so that they may use
 * objects of these kinds, KIND_BIT()s, unseen.
 */
bool snapshot_has_unseen_processes(const struct snapshot *snapshot, unsigned int kinds);

/* Whether there are threads of which it could not be seen whether they wait on any of these kinds.
 */
bool snapshot_has_unseen_waits(const struct snapshot *snapshot, unsigned int kinds);

/* The process, or NULL where the snapshot does not have it. */
const struct process *snapshot_process(const struct snapshot *snapshot, int64_t pid);

/* The accounting of a segment's attachments, or NULL where there is none. */
const struct accounting *snapshot_accounting(const struct snapshot *snapshot,
					     const struct object *object);

/*
 * Makes absent what the scope did not ask for and is no part of an answer by itself, so that a
 * snapshot that has more answers as one that was taken for the question.
 */
void snapshot_narrow(struct snapshot *snapshot, const struct scope *scope);

/* Whether an issue of the snapshot concerns an answer of that scope. */
bool scope_covers_issue(const struct scope *scope, const struct snapshot *snapshot,
			const struct issue *issue);

#endif
