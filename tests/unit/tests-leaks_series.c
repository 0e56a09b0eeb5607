/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "leak_series.h"

TEST(where_not_all_could_be_listed_there_is_no_point)
{
	struct series series = begin();
	const struct leak *leak;

	for (uint64_t i = 1; i < 6; i++) {
		look(&series);
		if (i == 3)
			assert_int_equal(snapshot_add_issue(series.now, ISSUE_ABOUT_OBJECTS,
							    OUTCOME_DENIED, KIND_SHM, NULL, "x",
							    "y"),
					 0);
		else
			add_segments(&series, 0, 3 * i, 5, "worker");
		digest(&series);
	}
	leak = judge(&series, 1);
	assert_int_equal(leak->certainty, FINDING_UNKNOWN);
	assert_int_equal(leak->gone, 0);
	assert_int_equal(leak->points.count, 4);
	end(&series);
}

TEST(after_a_boot_counting_starts_anew)
{
	struct series series = begin();
	const struct leak_look *looks;
	size_t count;

	for (uint64_t i = 0; i < 4; i++) {
		look(&series);
		add_process(&series, 1, "init", 1, i < 2 ? 0 : 90 * 60);
		for (uint64_t id = 0; id < 3 * i; id++)
			add(&series, KIND_SEM, id, 0x42190000 + id, 5);
		digest(&series);
	}
	looks = leaks_looks(series.leaks, &count);
	assert_int_equal(count, 4);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(record_has(&looks[i].record, LEAK_LOOK_BREAK), i == 2);
	assert_int_equal(leaks_point_count(series.leaks), 2);
	assert_int_equal(judge(&series, 1)->first, 6);
	end(&series);
}

TEST(what_the_kernel_calls_a_start_decides)
{
	static const char *const names[] = {"x", "x", "y", "y"};
	struct series series = begin();

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		look(&series);
		/* Another time of the start each time, which alone would be a start. */
		add_process(&series, 1, "init", 1, (int64_t)i * 90 * 60);
		series.now->host.boot_id = text_of(names[i]);
		record_mark(&series.now->host.record, HOST_BOOT_ID);
		/* A name says nothing then. */
		series.now->host.name = text_of(i % 2 ? "a" : "b");
		if (i != 2)
			record_mark(&series.now->host.record, HOST_NAME);
		digest(&series);
		assert_int_equal(leaks_point_count(series.leaks), i % 2 + 1);
	}
	end(&series);
}

TEST(a_clock_that_was_set_is_no_boot)
{
	struct series series = begin();

	for (uint64_t i = 0; i < 4; i++) {
		look(&series);
		add_process(&series, 1, "init", 1, i < 2 ? 0 : 90 * 60);
		add_process(&series, 50, "server", 100000, i < 2 ? 0 : 90 * 60);
		digest(&series);
	}
	assert_int_equal(leaks_point_count(series.leaks), 4);
	end(&series);
}

TEST(what_does_not_fit_is_told)
{
	struct series series = begin();
	struct snapshot *other;

	look(&series);
	series.now->host.name = TEXT_LITERAL("a");
	record_mark(&series.now->host.record, HOST_NAME);
	digest(&series);
	look(&series);
	other = series.now;
	assert_int_equal(leaks_fit(series.leaks, other), LEAKS_FITS);
	other->host.ipc_namespace = 8;
	assert_int_equal(leaks_fit(series.leaks, other), LEAKS_OTHER_NAMESPACE);
	other->host.ipc_namespace = NAMESPACE;
	other->taken_at = HOUR;
	assert_int_equal(leaks_fit(series.leaks, other), LEAKS_SAME_TIME);
	other->taken_at = HOUR - 1;
	assert_int_equal(leaks_fit(series.leaks, other), LEAKS_EARLIER);
	other->host.name = TEXT_LITERAL("b");
	record_mark(&other->host.record, HOST_NAME);
	assert_int_equal(leaks_fit(series.leaks, other), LEAKS_OTHER_HOST);
	end(&series);
}

TEST(a_long_series_is_thinned_out)
{
	struct series series = begin();
	const struct leak *leak;

	for (uint64_t i = 1; i <= 2 * LEAKS_POINTS_MAX + 1; i++) {
		look(&series);
		add_queue(&series, i);
		for (uint64_t id = 0; id < i / 500; id++)
			add(&series, KIND_SEM, id, 0x42190000 + id, 5);
		digest(&series);
		assert_in_range(leaks_point_count(series.leaks), 1, LEAKS_POINTS_MAX);
	}
	leak = judge(&series, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct leak_point *points = leak[i].points.items;

		assert_int_equal(leak[i].certainty, FINDING_LIKELY);
		assert_int_equal(points[0].at, HOUR);
		assert_int_equal(points[leak[i].points.count - 1].at, series.at);
		for (size_t j = 0; j < leak[i].points.count; j++) {
			uint64_t point = (uint64_t)points[j].at / HOUR;

			assert_int_equal(points[j].count,
					 leak[i].what == LEAK_QUEUE ? point : point / 500);
		}
	}
	end(&series);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_not_all_could_be_listed_there_is_no_point),
		cmocka_unit_test(after_a_boot_counting_starts_anew),
		cmocka_unit_test(what_the_kernel_calls_a_start_decides),
		cmocka_unit_test(a_clock_that_was_set_is_no_boot),
		cmocka_unit_test(what_does_not_fit_is_told),
		cmocka_unit_test(a_long_series_is_thinned_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
