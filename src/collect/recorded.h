/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The side files of a recorded tree.
 */
#ifndef IPCLENS_COLLECT_RECORDED_H
#define IPCLENS_COLLECT_RECORDED_H

#include <sys/stat.h>

#include "collect/collector.h"

/* 0 or -ENOMEM; what the tree does not have is an issue. */
int recorded_add_semaphores(struct collector *collector);
int recorded_add_queue_limits(struct collector *collector);

/* The objects of these kinds that have a name. */
int recorded_add_files(struct collector *collector, unsigned int kinds);

/*
 * What is recorded of descriptors: stat() of each, and its access. The caller owns them, also where
 * the tree has none, which is an issue.
 */
struct recorded_descriptors;
int recorded_descriptors_load(struct collector *collector,
			      struct recorded_descriptors **ret_descriptors);
void recorded_descriptors_free(struct recorded_descriptors *descriptors);

/* False where it was not recorded; ret_status and ret_access may be NULL. */
bool recorded_descriptor(const struct recorded_descriptors *descriptors, int64_t pid, uint64_t fd,
			 struct stat *ret_status, uint64_t *ret_access);

/* How much of the file system in /dev/shm there is, and is used; UINT64_MAX: no limit. */
struct dev_shm_use {
	uint64_t bytes, used_bytes, files, used_files;
};

/* 0; OUTCOME_UNSUPPORTED where the tree does not have it, _DENIED, _MALFORMED; or -ENOMEM. */
int recorded_dev_shm(const struct collector *collector, struct dev_shm_use *ret_use);

/* False where the tree does not have it. */
bool recorded_page_size(const struct collector *collector, uint64_t *ret_size);
bool recorded_time(const struct collector *collector, int64_t *ret_seconds);

#endif
