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
#include "model/scope.h"
#include "model/wait.h"

#define SNAPSHOT_SCHEMA "ipclens/1"

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

#endif
