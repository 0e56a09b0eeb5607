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

	object->size = size;
	object->shm.rss = size / 2;
	object->shm.swap = 1;
	object->shm.nattch = 3;
	object->status = status;
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

	object->used_bytes = used;
	object->max_bytes = maximum;
	object->messages = 2;
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

static struct object *add_file(struct snapshot *snapshot, enum kind kind, uint64_t status)
{
	struct object *object = snapshot_add_object(snapshot, kind);

	object->status = status;
	return object;
}

TEST(files_in_memory_are_added_up)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct totals totals;

	for (uint64_t i = 1; i <= 2; i++) {
		struct object *object =
			add_file(snapshot, KIND_PSHM, i == 1 ? STATUS_UNLINKED : STATUS_ELSEWHERE);

		object->size = i * 1000;
		object->file.allocated = i * 4096;
	}
	totals = totals_of(snapshot, KIND_PSHM);
	assert_int_equal(totals.objects, 2);
	assert_int_equal(totals.bytes, 3000);
	assert_int_equal(totals.allocated, 3 * 4096);
	assert_int_equal(totals.removed, 1);
	assert_true(has(&totals, TOTALS_BYTES));
}

/* A mapping does not tell how large the memory is. */
TEST(one_mapping_of_unknown_size_makes_the_sum_unknown)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct object *object = add_file(snapshot, KIND_MAP, 0);
	struct totals totals;

	object->size = 1000;
	object_mark(object, OBJECT_SIZE);
	totals = totals_of(snapshot, KIND_MAP);
	assert_true(has(&totals, TOTALS_BYTES));
	assert_int_equal(totals.bytes, 1000);
	add_file(snapshot, KIND_MAP, 0);
	totals = totals_of(snapshot, KIND_MAP);
	assert_int_equal(totals.objects, 2);
	assert_false(has(&totals, TOTALS_BYTES) || has(&totals, TOTALS_ALLOCATED));
}

TEST(waiters_are_those_of_the_semaphores_that_could_be_read)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct object *object = add_file(snapshot, KIND_PSEM, 0);
	struct totals totals;

	object->file.waiters = 3;
	object_mark(object, OBJECT_VALUE);
	add_file(snapshot, KIND_PSEM, STATUS_UNLINKED);
	totals = totals_of(snapshot, KIND_PSEM);
	assert_int_equal(totals.waiting, 3);
	assert_int_equal(totals.unread, 1);
	assert_int_equal(totals.removed, 1);
	assert_false(has(&totals, TOTALS_BYTES));
}

TEST(a_posix_queue_is_full_by_its_messages)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct totals totals;

	for (uint64_t messages = 8; messages <= 10; messages++) {
		struct object *object = add_file(snapshot, KIND_MQ, 0);

		object->messages = messages;
		object->mq.max_messages = 10;
		object_mark(object, OBJECT_MESSAGES);
		object_mark(object, OBJECT_MAX_MESSAGES);
	}
	add_file(snapshot, KIND_MQ, 0);
	totals = totals_of(snapshot, KIND_MQ);
	assert_int_equal(totals.objects, 4);
	assert_int_equal(totals.messages, 27);
	assert_int_equal(totals.full, 2);
	assert_int_equal(totals.unread, 1);
}

TEST(where_processes_were_not_seen_there_can_be_more)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();

	add_file(snapshot, KIND_PIPE, 0);
	snapshot_add_issue(snapshot, ISSUE_ABOUT_PROCESSES, OUTCOME_DENIED, KIND_COUNT, NULL,
			   "/proc/PID", "why");
	for (enum kind kind = KIND_PSHM; kind < KIND_COUNT; kind++)
		assert_true(totals_of(snapshot, kind).is_at_least);
	assert_int_equal(totals_of(snapshot, KIND_PIPE).objects, 1);
}

TEST(of_nothing_there_is_nothing_and_that_is_known)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();

	for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
		struct totals totals = totals_of(snapshot, kind);

		assert_int_equal(totals.objects, 0);
		assert_true(has(&totals, TOTALS_OBJECTS));
		assert_int_equal(has(&totals, TOTALS_RESIDENT), kind == KIND_SHM);
		assert_int_equal(has(&totals, TOTALS_WAITING),
				 kind == KIND_SEM || kind == KIND_PSEM);
		assert_int_equal(has(&totals, TOTALS_FULL), kind == KIND_MSG || kind == KIND_MQ);
		assert_int_equal(has(&totals, TOTALS_ALLOCATED),
				 kind == KIND_PSHM || kind == KIND_MAP);
		assert_int_equal(has(&totals, TOTALS_AT_LEAST), kind >= KINDS_SYSV_COUNT);
		assert_false(totals.is_at_least);
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
		cmocka_unit_test(files_in_memory_are_added_up),
		cmocka_unit_test(one_mapping_of_unknown_size_makes_the_sum_unknown),
		cmocka_unit_test(waiters_are_those_of_the_semaphores_that_could_be_read),
		cmocka_unit_test(a_posix_queue_is_full_by_its_messages),
		cmocka_unit_test(where_processes_were_not_seen_there_can_be_more),
		cmocka_unit_test(of_nothing_there_is_nothing_and_that_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
