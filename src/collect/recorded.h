/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The side files of a recorded tree.
 */
#ifndef IPCLENS_COLLECT_RECORDED_H
#define IPCLENS_COLLECT_RECORDED_H

#include "collect/collector.h"

/* 0 or -ENOMEM; what the tree does not have is an issue. */
int recorded_add_semaphores(struct collector *collector);
int recorded_add_queue_limits(struct collector *collector);

/* False where the tree does not have it. */
bool recorded_page_size(const struct collector *collector, uint64_t *ret_size);
bool recorded_time(const struct collector *collector, int64_t *ret_seconds);

#endif
