/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "collect/proc_pids.h"
#include "collect/proc_stat.h"
#include "tree.h"

/* The state, sixteen numbers, threads, an interval, start and what follows. */
#define NUMBERS "S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 86400 9000000 500\n"

static struct proc_stat parse(const char *string)
{
	struct proc_stat stat;

	if (proc_stat_parse(text_of(string), &stat) != 0)
		fail_msg("\"%s\" is malformed", string);
	return stat;
}

static void assert_malformed(struct text text)
{
	struct proc_stat stat = {.state = 'u', .start_ticks = 77};

	if (proc_stat_parse(text, &stat) != -EINVAL)
		fail_msg("\"%.*s\" is not malformed", (int)text.length, text.bytes);
	assert_true(stat.state == 'u' && stat.start_ticks == 77);
}

TEST(a_process_has_a_command_a_state_threads_and_a_start)
{
	const struct proc_stat stat = parse("1234 (postgres) " NUMBERS);

	assert_string_equal(stat.command, "postgres");
	assert_int_equal(stat.command_length, 8);
	assert_int_equal(stat.state, 'S');
	assert_int_equal(stat.threads, 3);
	assert_int_equal(stat.start_ticks, 86400);
}

TEST(a_command_may_hold_anything)
{
	static const char *const commands[] = {") S 1 (",     "a b", "",      "((",	   "))",
					       "line\nbreak", "(",   " ) Z ", "\xff\x1b[", ")"};

	for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
		struct proc_stat stat;
		char line[256];

		snprintf(line, sizeof(line), "7 (%s) %s", commands[i], NUMBERS);
		stat = parse(line);
		assert_string_equal(stat.command, commands[i]);
		assert_int_equal(stat.start_ticks, 86400);
		assert_int_equal(stat.threads, 3);
	}
}

TEST(a_nul_in_a_command_is_part_of_it)
{
	struct proc_stat stat;

	assert_int_equal(proc_stat_parse(TEXT_LITERAL("7 (a\0b) " NUMBERS), &stat), 0);
	assert_int_equal(stat.command_length, 3);
	assert_memory_equal(stat.command, "a\0b", 4);
}

TEST(a_command_has_at_most_63_bytes)
{
	char name[65] = "", line[256];

	memset(name, 'k', 63);
	snprintf(line, sizeof(line), "2 (%s) %s", name, NUMBERS);
	assert_int_equal(parse(line).command_length, 63);
	assert_string_equal(parse(line).command, name);
	name[63] = 'k';
	snprintf(line, sizeof(line), "2 (%s) %s", name, NUMBERS);
	assert_malformed(text_of(line));
}

TEST(a_zombie_has_a_start_too)
{
	const struct proc_stat stat =
		parse("9 (gone) Z 1 9 9 0 -1 4227084 0 0 0 0 0 0 0 0 20 0 1 0 "
		      "18446744073709551615 0 0 0 0 0\n");

	assert_int_equal(stat.state, 'Z');
	assert_int_equal(stat.threads, 1);
	assert_true(stat.start_ticks == UINT64_MAX);
}

TEST(numbers_out_of_their_range_are_malformed)
{
	assert_malformed(TEXT_LITERAL("9 (a) S 1 1 1 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 "
				      "18446744073709551616\n"));
	assert_malformed(TEXT_LITERAL("9 (a) S 1 1 1 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 -1\n"));
	assert_malformed(
		TEXT_LITERAL("9 (a) S 1 1 1 0 -1 4 1 2 3 4 5 6 7 8 20 0 4294967296 0 5\n"));
	assert_malformed(TEXT_LITERAL("9 (a) S 1 1 1 0 -1 4 1 2 3 4 5 6 7 8 20 0 x 0 5\n"));
	assert_malformed(TEXT_LITERAL("9 (a) SS 1 1 1 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 5\n"));
	assert_malformed(TEXT_LITERAL("9 a " NUMBERS));
	assert_malformed(TEXT_LITERAL("9 (a " NUMBERS));
	assert_malformed(TEXT_LITERAL("9 )a( " NUMBERS));
	assert_malformed(TEXT_LITERAL(""));
	assert_malformed(TEXT_LITERAL("\n"));
	assert_malformed(TEXT_NONE);
}

/* Cut in the middle of its last number it is another one: only the kernel ends it well. */
TEST(every_truncation_before_the_start_is_noticed)
{
	const struct text whole =
		TEXT_LITERAL("7 () S 1 (a) S 1 1 1 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 5");
	struct proc_stat stat;

	for (size_t length = 0; length < whole.length; length++)
		assert_malformed((struct text){whole.bytes, length});
	assert_int_equal(proc_stat_parse(whole, &stat), 0);
	assert_string_equal(stat.command, ") S 1 (a");
}

TEST(the_effective_user_is_the_second_number)
{
	uint64_t uid = 77;

	assert_int_equal(proc_status_parse_uid(
				 TEXT_LITERAL("Name:\ta\nUid:\t1000\t0\t5\t6\nGid:\t7\n"), &uid),
			 0);
	assert_int_equal(uid, 0);
	assert_int_equal(proc_status_parse_uid(TEXT_LITERAL("Uid:\t1\t4294967295\t1\t1"), &uid), 0);
	assert_int_equal(uid, UINT32_MAX);
}

TEST(a_status_without_a_user_is_malformed)
{
	static const char *const texts[] = {"",
					    "Uid",
					    "Uid:",
					    "Uid:\t1",
					    "Uid:\t1\t",
					    "Uid:\t1\t-1",
					    "Uid:\t1\tx",
					    "xUid:\t1\t2",
					    "Name:\tUid:\t1\t2",
					    "Uid:\t1\t4294967296",
					    "Uid:\n1\t2"};
	uint64_t uid = 77;

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		if (proc_status_parse_uid(text_of(texts[i]), &uid) != -EINVAL)
			fail_msg("\"%s\" has a user", texts[i]);
		assert_int_equal(uid, 77);
	}
}

TEST(the_time_of_boot_is_found_among_the_counters)
{
	int64_t seconds = 77;

	assert_int_equal(proc_parse_boot_time(TEXT_LITERAL("cpu 1 2\nintr 5\nbtime 1795425168\n"
							   "processes 9\n"),
					      &seconds),
			 0);
	assert_int_equal(seconds, 1795425168);
	assert_int_equal(proc_parse_boot_time(TEXT_LITERAL("btime -5"), &seconds), 0);
	assert_int_equal(seconds, -5);
	assert_int_equal(proc_parse_boot_time(TEXT_LITERAL("cpu 1\nxbtime 5\n"), &seconds),
			 -EINVAL);
	assert_int_equal(proc_parse_boot_time(TEXT_LITERAL("btime\n5\n"), &seconds), -EINVAL);
	assert_int_equal(proc_parse_boot_time(TEXT_LITERAL("btime 9223372036854775808"), &seconds),
			 -EINVAL);
	assert_int_equal(proc_parse_boot_time(TEXT_NONE, &seconds), -EINVAL);
	assert_int_equal(seconds, -5);
}

TEST(our_own_process_is_read)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	struct proc_stat stat;
	char path[64];

	assert_int_equal(rooted_init(&root, NULL, NULL), 0);
	snprintf(path, sizeof(path), "proc/%d/stat", (int)getpid());
	assert_int_equal(proc_stat_read(&root, path, &stat), 0);
	/* 15 bytes of "tests-proc_stat", by which it was started. */
	assert_string_equal(stat.command, "tests-proc_stat");
	assert_int_equal(stat.state, 'R');
	assert_int_equal(stat.threads, 1);
	assert_true(stat.start_ticks > 0);
	assert_int_equal(proc_stat_read(&root, "proc/4194305/stat", &stat), OUTCOME_GONE);
}

TEST(a_command_is_read_alone)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	struct proc_stat stat = {.threads = 77};

	tree_init(&tree);
	tree_write(&tree, "proc/1/comm", "two\nlines\n");
	tree_write(&tree, "proc/2/comm", "");
	tree_write(&tree, "proc/3/comm", "not the end");
	assert_int_equal(rooted_init(&root, tree.path, NULL), 0);
	assert_int_equal(proc_comm_read(&root, "proc/2/comm", &stat), OUTCOME_MALFORMED);
	assert_int_equal(proc_comm_read(&root, "proc/3/comm", &stat), OUTCOME_MALFORMED);
	assert_int_equal(proc_comm_read(&root, "proc/4/comm", &stat), OUTCOME_GONE);
	assert_int_equal(stat.threads, 77);
	assert_int_equal(proc_comm_read(&root, "proc/1/comm", &stat), 0);
	assert_int_equal(stat.command_length, 9);
	assert_string_equal(stat.command, "two\nlines");
}

TEST(a_file_that_is_no_stat_is_malformed)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	_cleanup_tree_ struct tree tree;
	struct proc_stat stat;

	tree_init(&tree);
	tree_write(&tree, "proc/1/stat", "1 (a) S 1\n");
	assert_int_equal(rooted_init(&root, tree.path, NULL), 0);
	assert_int_equal(proc_stat_read(&root, "proc/1/stat", &stat), OUTCOME_MALFORMED);
}

static int compare(const void *first, const void *second)
{
	const int64_t *a = first, *b = second;

	return *a < *b ? -1 : *a > *b;
}

TEST(only_numbers_are_processes)
{
	static const char *const names[] = {"1",  "22",	 "2147483647", "2147483648", "1x", "x1",
					    "-1", "sys", "0x5",	       "+3",	     " 4"};
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	_cleanup_tree_ struct tree tree;
	struct pid_list list = {0};

	tree_init(&tree);
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		char path[64];

		snprintf(path, sizeof(path), "proc/%s", names[i]);
		tree_make_folder(&tree, path);
	}
	assert_int_equal(rooted_init(&root, tree.path, NULL), 0);
	assert_int_equal(proc_list_pids(&root, "proc", &list), 0);
	assert_int_equal(list.pids.count, 3);
	qsort(list.pids.items, 3, sizeof(int64_t), compare);
	assert_int_equal(list.pids.items[0], 1);
	assert_int_equal(list.pids.items[1], 22);
	assert_int_equal(list.pids.items[2], INT32_MAX);
	assert_int_equal(proc_list_pids(&root, "proc/none", &list), OUTCOME_GONE);
	assert_int_equal(list.pids.count, 3);
	vector_deinit(&list.pids);
}

/* fs/proc/array.c: Tgid stands above Uid; kernel/sched/debug.c: as proc_sched_show_task() prints.
 */
TEST(the_process_of_a_thread_is_told)
{
	uint64_t tgid;

	assert_int_equal(
		proc_status_parse_tgid(TEXT_LITERAL("Name:\tTgid:\nTgid:\t4711\nPid:\t9\n"), &tgid),
		0);
	assert_int_equal(tgid, 4711);
	assert_int_equal(proc_status_parse_tgid(TEXT_LITERAL("Tgid:\t-1\n"), &tgid), -EINVAL);
	assert_int_equal(proc_status_parse_tgid(TEXT_LITERAL("Pid:\t1\n"), &tgid), -EINVAL);
	assert_int_equal(proc_status_parse_tgid(TEXT_NONE, &tgid), -EINVAL);
}

TEST(who_has_a_number_in_a_namespace_below_is_nested)
{
	assert_true(proc_status_is_nested(TEXT_LITERAL("Pid:\t9\nNSpid:\t9\t1\nNSsid:\t9\t1\n")));
	assert_false(proc_status_is_nested(TEXT_LITERAL("Pid:\t9\nNSpid:\t9\nNSsid:\t9\t1\n")));
	assert_false(proc_status_is_nested(TEXT_LITERAL("Pid:\t9\nNSpid:\n")));
	assert_false(proc_status_is_nested(TEXT_LITERAL("Pid:\t9\n")));
	assert_false(proc_status_is_nested(TEXT_NONE));
}

TEST(a_signal_that_is_caught_is_told)
{
	static const struct text some = TEXT_LITERAL("SigBlk:\tffffffffffffffff\n"
						     "SigIgn:\tffffffffffffffff\n"
						     "SigCgt:\t8000000000002001\n");

	assert_true(proc_status_catches(some, 1));
	assert_true(proc_status_catches(some, SIGALRM));
	assert_true(proc_status_catches(some, 64));
	assert_false(proc_status_catches(some, SIGTERM));
	assert_false(proc_status_catches(TEXT_LITERAL("SigCgt:\tx\n"), SIGALRM));
	assert_false(proc_status_catches(TEXT_NONE, SIGALRM));
}

TEST(when_a_thread_ran_last_is_told_in_milliseconds)
{
	static const char *const malformed[] = {"",
						"se.exec_start",
						"se.exec_start :",
						"se.exec_start : 12",
						"se.exec_start : 12.5",
						"se.exec_start : -1.000000",
						"se.exec_start : 1.00000x",
						"se.vruntime : 12.000000\n"};
	double ran_at;

	assert_int_equal(
		proc_sched_parse(
			TEXT_LITERAL(
				"bash (1296, #threads: 1)\n-----------\nse.exec_start         "
				"                       :       3654321.000250\nse.vruntime : 1.000000\n"),
			&ran_at),
		0);
	assert_true(ran_at > 3654321.0002 && ran_at < 3654321.0003);
	for (size_t i = 0; i < ARRAY_LENGTH(malformed); i++)
		assert_int_equal(proc_sched_parse(text_of(malformed[i]), &ran_at), -EINVAL);
}

TEST(pids_are_own_where_the_process_has_one_number)
{
	static const struct {
		const char *status;
		bool is_own;
	} cases[] = {
		{"Name:\tx\nNSpid:\t123\nCapEff:\t0\n", true},
		{"NSpid:\t123", true},
		{"NSpid:\t123\t1\n", false},
		{"NSpid:\t123\t4\t1\n", false},
		{"NStgid:\t123\nPid:\t123\n", false},
		{"Name:\tNSpid:\t1\n", false},
		{"NSpid:\t\n", false},
		{"NSpid:\t-1\n", false},
		{"NSpid: 1\n", false},
		{"NSpid:\t4294967296\n", false},
		{"", false},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		if (proc_status_has_one_pid(text_of(cases[i].status)) != cases[i].is_own)
			fail_msg("case %zu", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_has_a_command_a_state_threads_and_a_start),
		cmocka_unit_test(a_command_may_hold_anything),
		cmocka_unit_test(a_nul_in_a_command_is_part_of_it),
		cmocka_unit_test(a_command_has_at_most_63_bytes),
		cmocka_unit_test(a_zombie_has_a_start_too),
		cmocka_unit_test(numbers_out_of_their_range_are_malformed),
		cmocka_unit_test(every_truncation_before_the_start_is_noticed),
		cmocka_unit_test(the_effective_user_is_the_second_number),
		cmocka_unit_test(a_status_without_a_user_is_malformed),
		cmocka_unit_test(the_time_of_boot_is_found_among_the_counters),
		cmocka_unit_test(our_own_process_is_read),
		cmocka_unit_test(a_command_is_read_alone),
		cmocka_unit_test(a_file_that_is_no_stat_is_malformed),
		cmocka_unit_test(only_numbers_are_processes),
		cmocka_unit_test(the_process_of_a_thread_is_told),
		cmocka_unit_test(who_has_a_number_in_a_namespace_below_is_nested),
		cmocka_unit_test(a_signal_that_is_caught_is_told),
		cmocka_unit_test(when_a_thread_ran_last_is_told_in_milliseconds),
		cmocka_unit_test(pids_are_own_where_the_process_has_one_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
