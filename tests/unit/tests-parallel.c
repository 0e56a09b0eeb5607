/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/parallel.h"

#define ITEMS 1000

/* What was worked on, and by whom. */
struct tally {
	atomic_uint times[ITEMS];
	atomic_uint of_worker[PARALLEL_WORKERS_MAX];
	atomic_uint total;
	atomic_bool has_strange_worker;
	size_t workers, failing; /* from this item on; SIZE_MAX: none */
	pthread_t caller;
	atomic_bool has_other_thread;
};

static int count_item(size_t worker, size_t item, void *context)
{
	struct tally *tally = context;

	if (worker >= tally->workers || item >= ITEMS) {
		atomic_store(&tally->has_strange_worker, true);
		return 0;
	}
	if (!pthread_equal(pthread_self(), tally->caller))
		atomic_store(&tally->has_other_thread, true);
	atomic_fetch_add(&tally->times[item], 1);
	atomic_fetch_add(&tally->of_worker[worker], 1);
	atomic_fetch_add(&tally->total, 1);
	return item >= tally->failing ? -EIO : 0;
}

static int run(struct tally *tally, size_t workers, size_t count, size_t failing)
{
	memset(tally, 0, sizeof(*tally));
	tally->workers = workers;
	tally->failing = failing;
	tally->caller = pthread_self();
	return parallel_run(workers, count, count_item, tally);
}

static void assert_each_once(struct tally *tally, size_t count)
{
	assert_false(tally->has_strange_worker);
	for (size_t i = 0; i < ITEMS; i++)
		assert_int_equal(tally->times[i], i < count);
}

TEST(every_item_is_worked_on_exactly_once)
{
	static const size_t counts[] = {0, 1, 7, 8, 9, 15, 16, 17, 128, 129, ITEMS};
	static struct tally tally;

	for (size_t workers = 1; workers <= PARALLEL_WORKERS_MAX; workers++) {
		for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
			assert_int_equal(run(&tally, workers, counts[i], SIZE_MAX), 0);
			assert_each_once(&tally, counts[i]);
		}
	}
}

TEST(more_workers_than_there_can_be_do_no_harm)
{
	static struct tally tally;

	assert_int_equal(run(&tally, PARALLEL_WORKERS_MAX, 0, SIZE_MAX), 0);
	tally.workers = PARALLEL_WORKERS_MAX;
	assert_int_equal(parallel_run(1000, ITEMS, count_item, &tally), 0);
	assert_each_once(&tally, ITEMS);
}

TEST(one_worker_is_the_caller)
{
	static struct tally tally;

	assert_int_equal(run(&tally, 1, ITEMS, SIZE_MAX), 0);
	assert_false(tally.has_other_thread);
	assert_int_equal(tally.of_worker[0], ITEMS);
}

/* Two that wait for each other only come to an end when they are two at once. */
static int meet(size_t worker, size_t item, void *context)
{
	(void)worker;
	(void)item;
	pthread_barrier_wait(context);
	return 0;
}

TEST(several_workers_work_at_once)
{
	pthread_barrier_t barrier;

	assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
	/* Two bunches of eight: one for each worker. */
	assert_int_equal(parallel_run(2, 16, meet, &barrier), 0);
	assert_int_equal(pthread_barrier_destroy(&barrier), 0);
}

TEST(an_error_is_returned_and_ends_the_work)
{
	static struct tally tally;

	assert_int_equal(run(&tally, 1, ITEMS, 100), -EIO);
	assert_int_equal(tally.total, 101);
	for (size_t i = 0; i < 101; i++)
		assert_int_equal(tally.times[i], 1);
	/* Each of the others finishes at most the item that it has. */
	for (size_t workers = 2; workers <= PARALLEL_WORKERS_MAX; workers++) {
		assert_int_equal(run(&tally, workers, ITEMS, 0), -EIO);
		assert_in_range(tally.total, 1, workers);
	}
	assert_int_equal(run(&tally, 4, ITEMS, ITEMS - 1), -EIO);
	assert_int_equal(run(&tally, 4, 0, 0), 0);
}

TEST(little_work_is_for_one_worker)
{
	assert_int_equal(parallel_workers(0, 64), 1);
	assert_int_equal(parallel_workers(63, 64), 1);
	assert_int_equal(parallel_workers(127, 64), 1);
	assert_in_range(parallel_workers(128, 64), 1, 2);
	assert_in_range(parallel_workers(SIZE_MAX, 1), 1, PARALLEL_WORKERS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_is_worked_on_exactly_once),
		cmocka_unit_test(more_workers_than_there_can_be_do_no_harm),
		cmocka_unit_test(one_worker_is_the_caller),
		cmocka_unit_test(several_workers_work_at_once),
		cmocka_unit_test(an_error_is_returned_and_ends_the_work),
		cmocka_unit_test(little_work_is_for_one_worker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
