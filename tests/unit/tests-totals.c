/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "query/totals.h"

static bool has(const struct totals *totals, enum totals_field field)
{
	return record_has(&totals->record, field);
}

static struct object *add_segment(struct snapshot *snapshot, uint64_t size, uint64_t status)
{
	struct object *object = snapshot_add_object(snapshot, KIND_SHM);

	object->shm.size = size;
	object->shm.rss = size / 2;
	object->shm.swap = 1;
	object->shm.nattch = 3;
	object->shm.status = status;
	object_mark(object, OBJECT_RSS);
	object_mark(object, OBJECT_SWAP);
	return object;
}

TEST(segments_are_added_up)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct totals totals;

	add_segment(snapshot, 100, SHM_STATUS_DEST);
	add_segment(snapshot, 1000, SHM_STATUS_LOCKED);
	snapshot_add_object(snapshot, KIND_SEM);
	totals = totals_of(snapshot, KIND_SHM);
	assert_int_equal(totals.objects, 2);
	assert_int_equal(totals.bytes, 1100);
	assert_int_equal(totals.resident, 550);
	assert_int_equal(totals.swapped, 2);
	assert_int_equal(totals.attachments, 6);
	assert_int_equal(totals.removed, 1);
	assert_true(has(&totals, TOTALS_RESIDENT) && has(&totals, TOTALS_SWAPPED));
	assert_false(has(&totals, TOTALS_SEMAPHORES) || has(&totals, TOTALS_MESSAGES));
}

TEST(one_unknown_makes_the_sum_unknown)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct totals totals;

	add_segment(snapshot, 100, 0);
	record_unmark(&add_segment(snapshot, 100, 0)->record, OBJECT_RSS);
	totals = totals_of(snapshot, KIND_SHM);
	assert_false(has(&totals, TOTALS_RESIDENT));
	assert_true(has(&totals, TOTALS_SWAPPED) && has(&totals, TOTALS_BYTES));
}

TEST(sums_stay_at_the_top)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();

	add_segment(snapshot, UINT64_MAX, 0);
	add_segment(snapshot, UINT64_MAX, 0);
	assert_true(totals_of(snapshot, KIND_SHM).bytes == UINT64_MAX);
}

TEST(waiters_are_those_of_the_arrays_that_could_be_read)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct semaphore semaphores[2] = {{.ncount = 2, .zcount = 1}, {.ncount = 4}};
	struct object *object = snapshot_add_object(snapshot, KIND_SEM);
	struct totals totals;

	object->sem.nsems = 2;
	object->sem.semaphores = (struct record_list){semaphores, 2};
	object_mark(object, OBJECT_SEMAPHORES);
	snapshot_add_object(snapshot, KIND_SEM)->sem.nsems = 5;
	totals = totals_of(snapshot, KIND_SEM);
	assert_int_equal(totals.objects, 2);
	assert_int_equal(totals.semaphores, 7);
	assert_int_equal(totals.waiting, 7);
	assert_int_equal(totals.unread, 1);
	assert_false(has(&totals, TOTALS_BYTES));
}

static void add_queue(struct snapshot *snapshot, uint64_t used, uint64_t maximum)
{
	struct object *object = snapshot_add_object(snapshot, KIND_MSG);

	object->msg = (struct msg_details){.used_bytes = used, .max_bytes = maximum, .messages = 2};
	object_mark(object, OBJECT_USED_BYTES);
	object_mark(object, OBJECT_MAX_BYTES);
}

TEST(a_queue_is_full_from_nine_tenths_on)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct totals totals;

	add_queue(snapshot, 899, 1000);
	add_queue(snapshot, 900, 1000);
	add_queue(snapshot, 1000, 1000);
	add_queue(snapshot, 5, 0);
	add_queue(snapshot, 1000, 1000);
	record_unmark(&snapshot->objects.items[4].record, OBJECT_MAX_BYTES);
	totals = totals_of(snapshot, KIND_MSG);
	assert_int_equal(totals.full, 2);
	assert_int_equal(totals.messages, 10);
	assert_int_equal(totals.bytes, 3804);
}

TEST(of_nothing_there_is_nothing_and_that_is_known)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();

	for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
		struct totals totals = totals_of(snapshot, kind);

		assert_int_equal(totals.objects, 0);
		assert_true(has(&totals, TOTALS_OBJECTS));
		assert_int_equal(has(&totals, TOTALS_RESIDENT), kind == KIND_SHM);
		assert_int_equal(has(&totals, TOTALS_WAITING), kind == KIND_SEM);
		assert_int_equal(has(&totals, TOTALS_FULL), kind == KIND_MSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_are_added_up),
		cmocka_unit_test(one_unknown_makes_the_sum_unknown),
		cmocka_unit_test(sums_stay_at_the_top),
		cmocka_unit_test(waiters_are_those_of_the_arrays_that_could_be_read),
		cmocka_unit_test(a_queue_is_full_from_nine_tenths_on),
		cmocka_unit_test(of_nothing_there_is_nothing_and_that_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
