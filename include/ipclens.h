/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file
 * libipclens: what inter-process communication exists on this machine.
 *
 * A snapshot is taken once (or loaded) and never changes; it is read through cursors, which walk
 * over its lists: "objects", "processes", "links", "accounting", "limits", "namespaces" (of a saved
 * snapshot of several), "issues", and the lists of one record, "host" and "sight". What a record
 * has is asked for by the names of the JSON schema ipclens/1 ("nattch", "creator_pid"); the manual
 * page ipclens(1) describes each. A field can be absent (there is no such value) or hidden (there
 * is one which this viewer is not shown).
 *
 * The library never prints and never exits, and keeps no state of its own. The threads that it
 * starts to look at many processes have ended when the call returns. Different snapshots can be
 * used in different threads, and one snapshot by many threads, each with cursors of its own.
 * Looking changes nothing on the machine.
 *
 * Functions that can fail return 0, or a negative errno and, where they take a struct
 * ipclens_error, a sentence in it. What they return through a pointer stays untouched then.
 */
#ifndef IPCLENS_H
#define IPCLENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IPCLENS_EXPORT __attribute__((visibility("default")))

/** Version of the library that is linked, "0.1.0". Lives forever. */
IPCLENS_EXPORT const char *ipclens_version(void);

/** Why a call failed. */
struct ipclens_error;

/** A new, empty one, owned by the caller; NULL when there is no memory. */
IPCLENS_EXPORT struct ipclens_error *ipclens_error_new(void);

/** Always returns NULL; NULL is permitted. So do all functions of this name. */
IPCLENS_EXPORT struct ipclens_error *ipclens_error_free(struct ipclens_error *error);

/** What failed and why, one sentence without a full stop; empty when nothing did. Borrowed. */
IPCLENS_EXPORT const char *ipclens_error_get_text(const struct ipclens_error *error);

/** How a snapshot is to be taken; the defaults are this machine and everything. */
struct ipclens_options;

/** With the defaults, owned by the caller; NULL when there is no memory. */
IPCLENS_EXPORT struct ipclens_options *ipclens_options_new(void);
IPCLENS_EXPORT struct ipclens_options *ipclens_options_free(struct ipclens_options *options);

/**
 * Looks at a recorded tree, a directory with a proc/, instead of this machine. The path is copied;
 * NULL: this machine. 0 or -ENOMEM.
 */
IPCLENS_EXPORT int ipclens_options_set_root(struct ipclens_options *options, const char *path);

/** "auto", "procfs" or "syscall"; 0, or -EINVAL where it is none of them. */
IPCLENS_EXPORT int ipclens_options_set_backend(struct ipclens_options *options, const char *name);

/**
 * Objects and limits of these kinds alone: words with commas between them, "shm,msg". The kinds are
 * "shm", "sem", "msg" (System V), "pshm", "psem", "mq" (POSIX), "pipe", "fifo" and "map" (memory
 * that processes share and that has no name). 0, or -EINVAL where a word is no kind.
 */
IPCLENS_EXPORT int ipclens_options_set_kinds(struct ipclens_options *options, const char *kinds);

/**
 * Looks at another IPC namespace than that of this process: one by its number, the PID of a process
 * in it or the name of a container or unit; or at every one, "all". REFs then tell theirs. A child
 * process goes there, for to enter one would cost this process its undo records (semop with
 * SEM_UNDO); it has ended, and was waited for, when ipclens_snapshot_take() returns. It takes
 * CAP_SYS_ADMIN in the user namespace that owns the IPC namespace. The word is copied; NULL: this
 * process's own. 0 or -ENOMEM.
 */
IPCLENS_EXPORT int ipclens_options_set_namespace(struct ipclens_options *options, const char *word);

/** What was seen at one moment. */
struct ipclens_snapshot;

/**
 * Takes a snapshot, owned by the caller; NULL options are the defaults, NULL error: not wanted.
 * What could not be seen is in its list "issues" and no failure. Reads /proc/sysvipc, /proc/sys,
 * /proc/self, /dev/shm, and the mappings and descriptors of each process; asks semctl and msgctl
 * for what is not there, and for the queues of POSIX mounts their file system where nobody sees
 * it. How full pipes and POSIX queues are is not read: that leaves a trace.
 */
IPCLENS_EXPORT int ipclens_snapshot_take(const struct ipclens_options *options,
					 struct ipclens_snapshot **ret_snapshot,
					 struct ipclens_error *ret_error);

/**
 * Loads a file that ipclens_snapshot_save() or "ipclens save" wrote; "-" is standard input. The
 * snapshot is owned by the caller. 0; -EINVAL where the file is another one, or is damaged; or
 * another negative errno.
 */
IPCLENS_EXPORT int ipclens_snapshot_load(const char *path, struct ipclens_snapshot **ret_snapshot,
					 struct ipclens_error *ret_error);

/**
 * Writes the snapshot as JSON of the schema ipclens/1, mode 0600. What is absent or a regular file
 * is replaced as a whole; anything else is written to directly.
 */
IPCLENS_EXPORT int ipclens_snapshot_save(const struct ipclens_snapshot *snapshot, const char *path,
					 struct ipclens_error *ret_error);

IPCLENS_EXPORT struct ipclens_snapshot *ipclens_snapshot_free(struct ipclens_snapshot *snapshot);

/** When it was taken, in seconds since 1970-01-01 00:00:00 UTC. */
IPCLENS_EXPORT int64_t ipclens_snapshot_get_time(const struct ipclens_snapshot *snapshot);

/** A place in a list of records: in front of the first one when it is new. */
struct ipclens_cursor;

/**
 * A cursor over a list of the snapshot, which must outlive it; owned by the caller. -ENOENT where
 * there is no such list, -ENOMEM.
 */
IPCLENS_EXPORT int ipclens_cursor_new(const struct ipclens_snapshot *snapshot, const char *list,
				      struct ipclens_cursor **ret_cursor);

/**
 * A cursor over the records inside of the cursor's record, such as "semaphores" of an array.
 * Results as of ipclens_cursor_get_unsigned(), and -ENOMEM.
 */
IPCLENS_EXPORT int ipclens_cursor_new_inside(const struct ipclens_cursor *cursor, const char *field,
					     struct ipclens_cursor **ret_cursor);

IPCLENS_EXPORT struct ipclens_cursor *ipclens_cursor_free(struct ipclens_cursor *cursor);

/** How many records the list has. */
IPCLENS_EXPORT size_t ipclens_cursor_get_count(const struct ipclens_cursor *cursor);

/** Goes to the next record; false behind the last one. */
IPCLENS_EXPORT bool ipclens_cursor_next(struct ipclens_cursor *cursor);

/** What a field is when it has no value. */
enum ipclens_missing {
	IPCLENS_ABSENT = 1, /**< there is no such value */
	IPCLENS_HIDDEN = 2, /**< there is one, but not for this viewer */
};

/**
 * A number of the cursor's record: counts, bytes, ids, permission bits, keys, flags as bits,
 * percentages in tenths, false and true as 0 and 1. 0; IPCLENS_ABSENT or IPCLENS_HIDDEN; -ENOENT
 * where the record has no such field, -EINVAL where it is of another type, -ENODATA in front of the
 * first record or behind the last.
 */
IPCLENS_EXPORT int ipclens_cursor_get_unsigned(const struct ipclens_cursor *cursor,
					       const char *field, uint64_t *ret_number);

/** The same for times (seconds since 1970, UTC) and PIDs. */
IPCLENS_EXPORT int ipclens_cursor_get_signed(const struct ipclens_cursor *cursor, const char *field,
					     int64_t *ret_number);

/**
 * Any field as text: numbers in decimal, keys 0x000004d2, modes 0644, times in RFC 3339, flags with
 * commas between them; names as they are, which another user chose and which need not be UTF-8 nor
 * harmless on a terminal. NUL-terminated, owned by the caller (free()). Results as above, and
 * -ENOMEM.
 */
IPCLENS_EXPORT int ipclens_cursor_get_text(const struct ipclens_cursor *cursor, const char *field,
					   char **ret_text);

#ifdef __cplusplus
}
#endif

#endif
