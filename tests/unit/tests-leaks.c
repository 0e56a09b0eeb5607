/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "leak_series.h"

#include "query/leaks_parts.h"

TEST(what_only_grows_is_a_leak)
{
	static const uint64_t counts[] = {3, 5, 8, 12};
	struct series series = begin();
	const struct leak *leak;
	const struct leak_point *points;

	for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
		look(&series);
		add_segments(&series, 0, counts[i], 5, "worker");
		digest(&series);
	}
	leak = judge(&series, 1);
	assert_int_equal(leak->what, LEAK_OBJECTS);
	assert_int_equal(leak->certainty, FINDING_LIKELY);
	assert_int_equal(leak->by, LEAK_BY_COMMAND);
	assert_text(leak->group, "worker");
	assert_text(leak->words[LEAK_BY_USER], "5");
	assert_int_equal(leak->first, 3);
	assert_int_equal(leak->last, 12);
	assert_int_equal(leak->gone, 0);
	assert_int_equal(leak->per_hour, 3000);
	assert_int_equal(leak->points.count, 4);
	points = leak->points.items;
	for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
		assert_int_equal(points[i].count, counts[i]);
		assert_int_equal(points[i].at, ((int64_t)i + 1) * HOUR);
	}
	end(&series);
}

TEST(two_points_are_told_and_not_likely)
{
	struct series series = begin();

	for (uint64_t i = 0; i < 2; i++) {
		look(&series);
		add_segments(&series, 0, 3 * i, 5, "worker");
		digest(&series);
	}
	assert_int_equal(judge(&series, 1)->certainty, FINDING_UNKNOWN);
	end(&series);
}

TEST(one_snapshot_says_nothing)
{
	struct series series = begin();

	look(&series);
	add_segments(&series, 0, 9, 5, "worker");
	digest(&series);
	judge(&series, 0);
	end(&series);
}

TEST(what_grows_less_than_was_asked_for_is_none)
{
	struct series series = begin();

	for (uint64_t i = 0; i < 3; i++) {
		look(&series);
		add_segments(&series, 0, 1 + i, 5, "worker");
		digest(&series);
	}
	judge(&series, 0);
	end(&series);
}

TEST(what_breathes_is_none)
{
	static const uint64_t counts[] = {3, 9, 4, 12};
	struct series series = begin();

	for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
		look(&series);
		add_segments(&series, 0, counts[i], 5, "worker");
		digest(&series);
	}
	judge(&series, 0);
	end(&series);
}

TEST(a_pool_that_grows_and_is_replaced_each_time_is_none)
{
	struct series series = begin();

	for (uint64_t i = 0; i < 4; i++) {
		look(&series);
		add_segments(&series, 100 * i, 3 + 3 * i, 5, "worker");
		digest(&series);
	}
	judge(&series, 0);
	end(&series);
}

TEST(ids_that_were_given_out_again_are_other_objects)
{
	struct series series = begin();

	for (uint64_t i = 0; i < 4; i++) {
		look(&series);
		for (uint64_t id = 0; id < 3 + 3 * i; id++)
			add_segment(&series, id, 0x10000 * (i + 1) + id, 5, "worker");
		digest(&series);
	}
	judge(&series, 0);
	end(&series);
}

TEST(what_grows_once_and_stays_is_none)
{
	struct series series = begin();

	for (uint64_t i = 0; i < 4; i++) {
		look(&series);
		add_segments(&series, 0, i < 2 ? 1 : 9, 5, "worker");
		digest(&series);
	}
	judge(&series, 0);
	end(&series);
}

TEST(what_has_not_grown_of_late_is_not_likely)
{
	static const uint64_t counts[] = {1, 3, 6, 6, 6, 6, 6};
	struct series series = begin();

	for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
		look(&series);
		add_segments(&series, 0, counts[i], 5, "worker");
		digest(&series);
	}
	assert_int_equal(judge(&series, 1)->certainty, FINDING_UNKNOWN);
	end(&series);
}

TEST(only_the_one_that_leaks_is_named)
{
	struct series series = begin();

	for (uint64_t i = 0; i < 4; i++) {
		look(&series);
		add_segments(&series, 0, 3 * i, 5, "worker");
		add_segments(&series, 1000 * (i + 1), 4, 5, "x-pool");
		digest(&series);
	}
	assert_text(judge(&series, 1)->group, "worker");
	end(&series);
}

TEST(where_some_go_it_is_not_likely)
{
	struct series series = begin();

	for (uint64_t i = 0; i < 5; i++) {
		look(&series);
		add_segments(&series, 0, 3 * i, 5, "worker");
		add_segments(&series, 1000 * (i + 1), 1, 5, "worker");
		digest(&series);
	}
	assert_int_equal(judge(&series, 1)->certainty, FINDING_UNKNOWN);
	assert_int_equal(series.list.items.items->gone, 4);
	end(&series);
}

TEST(a_creator_is_remembered_after_its_end)
{
	struct series series = begin();

	for (uint64_t i = 1; i < 5; i++) {
		look(&series);
		/* Those of before are there without it: it is another process each time. */
		for (uint64_t id = 0; id < 3 * i; id++) {
			struct object *object = add(&series, KIND_SHM, id, 0, 5);

			object->shm.creator_pid = (int64_t)(100 + id / 3);
			object_mark(object, OBJECT_CREATOR_PID);
		}
		add_process(&series, (int64_t)(100 + i - 1), "worker", 100000, 0);
		for (size_t last = 3 * i - 3; last < 3 * i; last++)
			add_link(&series, last, (int64_t)(100 + i - 1), LINK_CREATED);
		digest(&series);
	}
	assert_text(judge(&series, 1)->words[LEAK_BY_COMMAND], "worker");
	assert_int_equal(series.list.items.items->by, LEAK_BY_COMMAND);
	end(&series);
}

TEST(a_creator_that_is_seen_later_moves_its_objects)
{
	struct series series = begin();

	for (uint64_t i = 1; i < 5; i++) {
		look(&series);
		add_segments(&series, 0, 3 * i, 5, NULL);
		if (i == 4) {
			add_process(&series, 99, "worker", 100000, 0);
			for (size_t object = 0; object < 12; object++)
				add_link(&series, object, 99, LINK_CREATED);
		}
		digest(&series);
	}
	assert_text(judge(&series, 1)->group, "worker");
	assert_int_equal(series.list.items.items->first, 3);
	assert_int_equal(series.list.items.items->certainty, FINDING_LIKELY);
	end(&series);
}

TEST(what_runs_in_one_unit_is_put_together_where_commands_differ)
{
	static const char *const commands[] = {"a", "b", "c", "d"};
	struct series series = begin();

	for (uint64_t i = 0; i < 4; i++) {
		look(&series);
		for (uint64_t job = 0; job <= i; job++)
			add_segments(&series, 2 * job, 2, 5, commands[job]);
		vector_for_each (&series.now->processes, process) {
			process->unit = TEXT_LITERAL("cron.service");
			record_mark(&process->record, PROCESS_UNIT);
		}
		digest(&series);
	}
	assert_int_equal(judge(&series, 1)->by, LEAK_BY_UNIT);
	assert_text(series.list.items.items->group, "cron.service");
	assert_false(record_has(&series.list.items.items->record, LEAK_COMMAND));
	end(&series);
}

TEST(without_creators_the_key_tells_more_than_the_user)
{
	struct series series = begin();

	for (uint64_t i = 0; i < 4; i++) {
		look(&series);
		for (uint64_t id = 0; id < 3 * i; id++)
			add(&series, KIND_SEM, id, 0x42190000 + id, 5);
		digest(&series);
	}
	assert_text(judge(&series, 1)->group, "0x4219*");
	assert_int_equal(series.list.items.items->by, LEAK_BY_KEY);
	end(&series);
}

TEST(random_keys_leave_the_user)
{
	struct series series = begin();

	for (uint64_t i = 0; i < 4; i++) {
		look(&series);
		for (uint64_t id = 0; id < 3 * i; id++)
			add(&series, KIND_SEM, id, (id + 1) * 0x1234567 % 0xffffffff, 5);
		digest(&series);
	}
	assert_int_equal(judge(&series, 1)->by, LEAK_BY_USER);
	assert_text(series.list.items.items->group, "5");
	end(&series);
}

TEST(a_grouping_can_be_asked_for)
{
	struct series series = begin_with(&(struct leaks_options){
		.kinds = KINDS_LISTED, .min_growth = 3, .by = LEAK_BY_USER});

	for (uint64_t i = 0; i < 4; i++) {
		look(&series);
		add_segments(&series, 0, 3 * i, 5, "worker");
		digest(&series);
	}
	assert_int_equal(judge(&series, 1)->by, LEAK_BY_USER);
	assert_text(series.list.items.items->words[LEAK_BY_COMMAND], "worker");
	end(&series);
}

TEST(a_queue_that_only_gets_longer_is_a_leak)
{
	struct series series = begin();
	const struct leak *leak;

	for (uint64_t i = 1; i < 5; i++) {
		look(&series);
		add_queue(&series, 10 * i);
		digest(&series);
	}
	leak = judge(&series, 1);
	assert_int_equal(leak->what, LEAK_QUEUE);
	assert_int_equal(leak->certainty, FINDING_LIKELY);
	assert_text(leak->object, "msg:1");
	assert_int_equal(leak->per_hour, 10000);
	assert_text(leak->limit, "msgmnb");
	assert_int_equal(leak->limit_used, 4000);
	/* (16384 - 4000) bytes at 1000 an hour. */
	assert_int_equal(leak->hits_limit_at, series.at + 12384 * HOUR / 1000 + 1);
	end(&series);
}

TEST(a_queue_that_was_shorter_in_between_is_none)
{
	static const uint64_t counts[] = {10, 20, 19, 30};
	struct series series = begin();

	for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
		look(&series);
		add_queue(&series, counts[i]);
		digest(&series);
	}
	judge(&series, 0);
	end(&series);
}

static void add_limit(struct series *series, enum limit_id id, uint64_t used, uint64_t value)
{
	struct limit *limit = vector_add(&series->now->limits);

	assert_non_null(limit);
	*limit = (struct limit){.id = id, .used = used, .value = value};
	record_mark(&limit->record, LIMIT_USED);
	record_mark(&limit->record, LIMIT_VALUE);
}

TEST(of_two_limits_the_one_that_is_hit_first_is_told)
{
	struct series series = begin();
	const struct leak *leak;

	for (uint64_t i = 1; i < 5; i++) {
		look(&series);
		for (uint64_t id = 0; id < 3 * i; id++) {
			struct object *object = add(&series, KIND_SEM, id, 0x42190000 + id, 5);

			object->sem.nsems = 10;
			object_mark(object, OBJECT_NSEMS);
		}
		add_limit(&series, LIMIT_SEMMNI, 3 * i, 1000);
		add_limit(&series, LIMIT_SEMMNS, 30 * i, 240);
		digest(&series);
	}
	leak = judge(&series, 1);
	assert_text(leak->limit, "semmns");
	/* 120 are left, at 30 an hour. */
	assert_int_equal(leak->hits_limit_at, series.at + 4 * HOUR);
	end(&series);
}

TEST(limits_are_those_of_the_viewers_namespace)
{
	struct series series = begin();

	for (uint64_t i = 1; i < 5; i++) {
		look(&series);
		for (uint64_t id = 0; id < 3 * i; id++)
			add(&series, KIND_SEM, id, 0x42190000 + id, 5)->namespace = NAMESPACE + 1;
		add_limit(&series, LIMIT_SEMMNI, 0, 100);
		digest(&series);
	}
	assert_int_equal(judge(&series, 1)->namespace, NAMESPACE + 1);
	assert_false(record_has(&series.list.items.items->record, LEAK_LIMIT));
	end(&series);
}

TEST(of_several_namespaces_each_has_its_own_limits)
{
	struct series series = begin();

	for (uint64_t i = 1; i < 5; i++) {
		look(&series);
		for (uint64_t id = 0; id < 3 * i; id++)
			add(&series, KIND_SEM, id, 0x42190000 + id, 5)->namespace = NAMESPACE + 1;
		for (uint64_t number = NAMESPACE; number <= NAMESPACE + 1; number++) {
			struct limit *limit;

			add_limit(&series, LIMIT_SEMMNI, 3 * i, number == NAMESPACE ? 13 : 1000);
			limit = &series.now->limits.items[series.now->limits.count - 1];
			limit->namespace = number;
			record_mark(&limit->record, LIMIT_NAMESPACE);
		}
		digest(&series);
	}
	judge(&series, 1);
	assert_text(series.list.items.items->limit, "semmni");
	assert_int_equal(series.list.items.items->limit_value, 1000);
	end(&series);
}

/* All with the same id. It takes no look at all of them for each: that would last for minutes. */
TEST(there_can_be_many_namespaces)
{
	enum { NAMESPACES = 60000 };
	struct series series = begin();

	for (uint64_t i = 0; i < 3; i++) {
		look(&series);
		for (uint64_t number = 0; number < NAMESPACES; number++)
			add(&series, KIND_SEM, 0, 0x42190000, 5)->namespace = number + 1;
		for (uint64_t id = 0; id < 3 * i; id++)
			add(&series, KIND_SEM, NAMESPACES + id, 0x42190000, 5)->namespace = 42;
		digest(&series);
	}
	assert_int_equal(judge(&series, 1)->namespace, 42);
	end(&series);
}

TEST(numbers_that_no_machine_has_do_no_harm)
{
	static const uint64_t sizes[] = {0, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MAX + 1};
	struct series series = begin();

	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		look(&series);
		add_process(&series, 1, "init", i % 2 ? UINT64_MAX : 0, i % 2 ? INT64_MIN / 2 : 0);
		for (uint64_t inode = 0; inode < 3 * i; inode++) {
			struct object *object = snapshot_add_object(series.now, KIND_PSHM);

			assert_non_null(object);
			object->inode = inode + (i == 3 && inode == 1 ? 100 : 0);
			object->size = object->file.allocated = sizes[i];
			object_mark(object, OBJECT_INODE);
			object_mark(object, OBJECT_SIZE);
		}
		add_limit(&series, LIMIT_DEV_SHM_BYTES, UINT64_MAX - 1, UINT64_MAX);
		digest(&series);
	}
	leak_list_deinit(&series.list);
	assert_int_equal(leaks_judge(series.leaks, &series.list), 0);
	end(&series);
}

TEST(an_estimate_is_never_in_the_past_nor_without_end)
{
	int64_t at = 42;

	assert_true(leak_estimate(1000, 10, 20, 5, 100, &at));
	assert_int_equal(at, 1200);
	/* A part of a second counts as one. */
	assert_true(leak_estimate(1000, 10, 11, 3, 100, &at));
	assert_int_equal(at, 1034);
	assert_true(leak_estimate(1000, 20, 20, 5, 100, &at));
	assert_int_equal(at, 1000);
	assert_true(leak_estimate(1000, 21, 20, 0, 100, &at));
	assert_int_equal(at, 1000);
	at = 42;
	assert_false(leak_estimate(1000, 10, 20, 0, 100, &at));
	assert_false(leak_estimate(1000, 0, UINT64_MAX, 1, 100, &at));
	assert_false(leak_estimate(1000, 0, UINT64_MAX, 1, UINT64_MAX, &at));
	assert_false(leak_estimate(INT64_MAX, 0, 10, 1, 100, &at));
	assert_int_equal(at, 42);
	assert_true(leak_estimate(1000, 0, UINT64_MAX, UINT64_MAX, 1, &at));
	assert_int_equal(at, 1001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_only_grows_is_a_leak),
		cmocka_unit_test(two_points_are_told_and_not_likely),
		cmocka_unit_test(one_snapshot_says_nothing),
		cmocka_unit_test(what_grows_less_than_was_asked_for_is_none),
		cmocka_unit_test(what_breathes_is_none),
		cmocka_unit_test(a_pool_that_grows_and_is_replaced_each_time_is_none),
		cmocka_unit_test(ids_that_were_given_out_again_are_other_objects),
		cmocka_unit_test(what_grows_once_and_stays_is_none),
		cmocka_unit_test(what_has_not_grown_of_late_is_not_likely),
		cmocka_unit_test(only_the_one_that_leaks_is_named),
		cmocka_unit_test(where_some_go_it_is_not_likely),
		cmocka_unit_test(a_creator_is_remembered_after_its_end),
		cmocka_unit_test(a_creator_that_is_seen_later_moves_its_objects),
		cmocka_unit_test(what_runs_in_one_unit_is_put_together_where_commands_differ),
		cmocka_unit_test(without_creators_the_key_tells_more_than_the_user),
		cmocka_unit_test(random_keys_leave_the_user),
		cmocka_unit_test(a_grouping_can_be_asked_for),
		cmocka_unit_test(a_queue_that_only_gets_longer_is_a_leak),
		cmocka_unit_test(a_queue_that_was_shorter_in_between_is_none),
		cmocka_unit_test(of_two_limits_the_one_that_is_hit_first_is_told),
		cmocka_unit_test(limits_are_those_of_the_viewers_namespace),
		cmocka_unit_test(of_several_namespaces_each_has_its_own_limits),
		cmocka_unit_test(there_can_be_many_namespaces),
		cmocka_unit_test(numbers_that_no_machine_has_do_no_harm),
		cmocka_unit_test(an_estimate_is_never_in_the_past_nor_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
