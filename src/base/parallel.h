/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Work on many items, spread over the processors that this thread may use.
 */
#ifndef IPCLENS_BASE_PARALLEL_H
#define IPCLENS_BASE_PARALLEL_H

#include <stddef.h>

#define PARALLEL_WORKERS_MAX 16

/* How many workers are worth it for so many items, each of which has at least some to do. */
size_t parallel_workers(size_t count, size_t items_per_worker);

/* Works on one item. worker is below the number of workers. 0, or a negative errno: stop. */
typedef int parallel_task(size_t worker, size_t item, void *context);

/*
 * Calls the task for each item from 0 to count - 1, in no order, from that many threads at once
 * (this one among them). 0, or one of the tasks' errors; then some items were not worked on.
 */
int parallel_run(size_t workers, size_t count, parallel_task *task, void *context);

/* One at a time: a lock for what threads share. NULL where there is no memory; free takes NULL. */
struct parallel_lock *parallel_lock_new(void);
void parallel_lock_free(struct parallel_lock *lock);
void parallel_lock_take(struct parallel_lock *lock);
void parallel_lock_give(struct parallel_lock *lock);

#endif
