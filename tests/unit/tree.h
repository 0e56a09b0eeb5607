/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recorded tree under a temporary directory, made file by file. Every failure fails the test.
 */
#ifndef IPCLENS_TESTS_TREE_H
#define IPCLENS_TESTS_TREE_H

#include "base/text.h"
#include "collect/collect.h"

struct tree {
	char path[64];
};

void tree_init(struct tree *tree);

/* Removes the tree. */
void tree_deinit(struct tree *tree);

/* Paths are relative to the tree; the folders above them are made. */
void tree_write(const struct tree *tree, const char *path, const char *string);
void tree_write_text(const struct tree *tree, const char *path, struct text text);
void tree_link(const struct tree *tree, const char *path, const char *target);
void tree_make_folder(const struct tree *tree, const char *path);

/* The snapshot of the tree; owned by the caller. */
struct snapshot *tree_collect(const struct tree *tree, struct scope scope);

/* The same of everything, of a tree that has only this file. */
struct snapshot *tree_collect_file(const char *path, const char *string);

/* The issue about the subject, or NULL; fails when there is more than one. */
const struct issue *find_issue(const struct snapshot *snapshot, const char *subject);

#define _cleanup_tree_ __attribute__((cleanup(tree_deinit)))

/* The lines of names that the kernel prints. */
#define SHM_HEADER                                                                                 \
	"       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  " \
	"cgid      atime      dtime      ctime                   rss                  swap\n"
#define SHM_HEADER_OLD                                                                             \
	"       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  " \
	"cgid      atime      dtime      ctime\n"
#define SEM_HEADER \
	"       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n"
#define MSG_HEADER                                                                           \
	"       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  " \
	"cgid      stime      rtime      ctime\n"

/* And those of the side files of a recorded tree. */
#define FILES_HEADER                                                                       \
	"kind major minor inode uid gid mode size allocated changed created layout value " \
	"waiters messages max_messages max_message_bytes name\n"
#define DESCRIPTORS_HEADER \
	"pid fd major minor inode mode access nlink uid gid size allocated changed\n"
#define SYSTEMS_HEADER "kind major minor\n"

#endif
