/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "collect/collector.h"
#include "tree.h"

#define KERNEL "proc/sys/kernel/"
#define FS "proc/sys/fs/"
#define SEGMENT(id, size) "0 " id " 600 " size " 1 1 0 0 0 0 0 0 0 1 0 0\n"
#define ARRAY(id, nsems) "0 " id " 600 " nsems " 0 0 0 0 1 1\n"
#define QUEUE(id, used) "0 " id " 600 " used " 1 0 0 0 0 0 0 0 0 1\n"

#define DEV_SHM_HEADER "bytes used_bytes files used_files\n"
#define LIMITS(msgqueue)                                                                   \
	"Limit                     Soft Limit           Hard Limit           Units     \n" \
	"Max pending signals       63422                63422                signals   \n" \
	"Max msgqueue size         " msgqueue "               819201               bytes     \n"
#define QUEUE_FILE(inode, uid, messages, bytes, name) \
	"5 0 20 " inode " " uid " 0 600 80 0 0 0 -1 -1 -1 0 " messages " " bytes " " name "\n"

/* A tree whose limits are all there and all different. */
static void make_limits(const struct tree *tree)
{
	tree_write(tree, KERNEL "shmmni", "4096\n");
	tree_write(tree, KERNEL "shmmax", "18446744073692774399\n");
	tree_write(tree, KERNEL "shmall", "1000\n");
	tree_write(tree, KERNEL "shm_rmid_forced", "0\n");
	tree_write(tree, KERNEL "sem", "32000\t1024000000\t500\t32001\n");
	tree_write(tree, KERNEL "msgmni", "32002\n");
	tree_write(tree, KERNEL "msgmax", "8192\n");
	tree_write(tree, KERNEL "msgmnb", "16384\n");
	tree_write(tree, "ipclens/dev_shm", DEV_SHM_HEADER "1048576 8192 1000 3\n");
	tree_write(tree, FS "mqueue/queues_max", "256\n");
	tree_write(tree, FS "mqueue/msg_max", "11\n");
	tree_write(tree, FS "mqueue/msgsize_max", "8193\n");
	tree_write(tree, "proc/self/limits", LIMITS("819200"));
	tree_write(tree, FS "pipe-max-size", "1048577\n");
	tree_write(tree, FS "pipe-user-pages-soft", "16385\n");
	tree_write(tree, FS "pipe-user-pages-hard", "0\n");
}

static void make_objects(const struct tree *tree)
{
	tree_write(tree, "proc/sysvipc/shm",
		   SHM_HEADER SEGMENT("0", "1") SEGMENT("1", "8193") SEGMENT("2", "4096"));
	tree_write(tree, "proc/sysvipc/sem", SEM_HEADER ARRAY("0", "7") ARRAY("1", "250"));
	tree_write(tree, "proc/sysvipc/msg", MSG_HEADER QUEUE("0", "300"));
	tree_write(tree, "ipclens/page_size", "4096\n");
	tree_write(tree, "ipclens/file_systems", SYSTEMS_HEADER "3 0 25\n5 0 20\n");
	tree_write(tree, "ipclens/files",
		   FILES_HEADER QUEUE_FILE("1", "1000", "10", "8192", "/a")
			   QUEUE_FILE("2", "1000", "5", "100", "/b")
				   QUEUE_FILE("3", "1001", "9", "64", "/c"));
}

static const struct scope all_limits = {.limit_kinds = KINDS_ALL, .has_limit_use = true};

static struct snapshot *collect_limits(void (*change)(const struct tree *tree))
{
	_cleanup_tree_ struct tree tree;

	tree_init(&tree);
	make_limits(&tree);
	make_objects(&tree);
	if (change)
		change(&tree);
	return tree_collect(&tree, all_limits);
}

static const struct limit *limit_of(const struct snapshot *snapshot, enum limit_id id)
{
	const struct limit *limit = snapshot_limit(snapshot, id);

	if (!limit)
		fail_msg("there is no limit %s", limit_info(id)->name);
	return limit;
}

static const struct {
	enum limit_id id;
	uint64_t value;
	bool is_unlimited, has_use;
	uint64_t used;
} expected[] = {
	{LIMIT_SHMMNI, 4096, false, true, 3},
	{LIMIT_SHMMAX, UINT64_C(18446744073692774399), true, true, 8193},
	{LIMIT_SHMALL, 1000, false, true, 1 + 3 + 1},
	{LIMIT_SHM_RMID_FORCED, 0, false, false, 0},
	{LIMIT_SEMMNI, 32001, false, true, 2},
	{LIMIT_SEMMNS, 1024000000, false, true, 257},
	{LIMIT_SEMMSL, 32000, false, true, 250},
	{LIMIT_SEMOPM, 500, false, false, 0},
	{LIMIT_MSGMNI, 32002, false, true, 1},
	{LIMIT_MSGMAX, 8192, false, false, 0},
	{LIMIT_MSGMNB, 16384, false, true, 300},
	{LIMIT_DEV_SHM_BYTES, 1048576, false, true, 8192},
	{LIMIT_DEV_SHM_FILES, 1000, false, true, 3},
	{LIMIT_QUEUES_MAX, 256, false, true, 3},
	{LIMIT_MSG_MAX, 11, false, true, 10},
	{LIMIT_MSGSIZE_MAX, 8193, false, true, 8192},
	/* Of user 1000: for each message and each priority the kernel adds 48 bytes. */
	{LIMIT_RLIMIT_MSGQUEUE, 819200, false, true, 10 * (8192 + 96) + 5 * (100 + 96)},
	{LIMIT_PIPE_MAX_SIZE, 1048577, false, false, 0},
	{LIMIT_PIPE_USER_PAGES_SOFT, 16385, false, false, 0},
	{LIMIT_PIPE_USER_PAGES_HARD, 0, true, false, 0},
};

TEST(every_limit_has_its_value_and_use)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect_limits(NULL);

	assert_int_equal(snapshot->issues.count, 0);
	assert_int_equal(snapshot->limits.count, LIMIT_COUNT);
	assert_int_equal(ARRAY_LENGTH(expected), LIMIT_COUNT);
	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
		const struct limit *limit = limit_of(snapshot, expected[i].id);

		assert_int_equal(snapshot->limits.items[i].id, i);
		assert_true(limit->value == expected[i].value);
		assert_int_equal(limit->is_unlimited, expected[i].is_unlimited);
		assert_int_equal(record_has(&limit->record, LIMIT_USED), expected[i].has_use);
		if (expected[i].has_use)
			assert_int_equal(limit->used, expected[i].used);
	}
}

TEST(objects_that_were_only_counted_are_not_part_of_the_answer)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect_limits(NULL);

	assert_int_equal(snapshot->objects.count, 0);
}

TEST(without_use_nothing_is_listed)
{
	const struct scope scope = {.limit_kinds = KIND_BIT(KIND_MSG)};
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	tree_init(&tree);
	make_limits(&tree);
	snapshot = tree_collect(&tree, scope);
	assert_int_equal(snapshot->issues.count, 0);
	assert_int_equal(snapshot->limits.count, 3);
	vector_for_each (&snapshot->limits, limit) {
		assert_int_equal(limit_info(limit->id)->kind, KIND_MSG);
		assert_false(record_has(&limit->record, LIMIT_USED));
	}
}

static void set_zero(const struct tree *tree)
{
	tree_write(tree, KERNEL "shmmni", "0\n");
	tree_write(tree, KERNEL "sem", "0 0 0 0\n");
	tree_write(tree, KERNEL "msgmnb", "0\n");
}

TEST(nothing_is_divided_by_zero)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect_limits(set_zero);
	struct value_scratch scratch;

	vector_for_each (&snapshot->limits, limit) {
		bool has_percent = record_has(&limit->record, LIMIT_USED) && limit->value;

		assert_int_equal(
			field_value(&limit_fields, LIMIT_USED_PERCENT, limit, &scratch).is_present,
			has_percent);
	}
	assert_int_equal(limit_of(snapshot, LIMIT_SEMMNS)->used, 257);
}

static void set_extremes(const struct tree *tree)
{
	tree_write(tree, KERNEL "shmmni", "18446744073692774398");
	tree_write(tree, KERNEL "shmmax", "18446744073709551615\n");
	tree_write(tree, KERNEL "shmall", "18446744073692774399\n");
}

TEST(unlimited_is_what_the_kernel_can_never_reach)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect_limits(set_extremes);

	assert_false(limit_of(snapshot, LIMIT_SHMMNI)->is_unlimited);
	assert_true(limit_of(snapshot, LIMIT_SHMMAX)->is_unlimited);
	assert_true(limit_of(snapshot, LIMIT_SHMALL)->is_unlimited);
	assert_true(limit_of(snapshot, LIMIT_SHMMAX)->value == UINT64_MAX);
}

static void assert_malformed(const char *file, const char *content, enum limit_id id, size_t count)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	tree_init(&tree);
	make_limits(&tree);
	make_objects(&tree);
	tree_write(&tree, file, content);
	snapshot = tree_collect(&tree, all_limits);
	if (snapshot_limit(snapshot, id))
		fail_msg("%s is taken for a limit", content);
	assert_int_equal(snapshot->issues.count, count);
	vector_for_each (&snapshot->issues, issue) {
		assert_text(issue->subject, file);
		assert_int_equal(issue->code, OUTCOME_MALFORMED);
		assert_int_equal(issue->aspect, ISSUE_ABOUT_LIMITS);
		assert_int_equal(issue->kind, limit_info(id)->kind);
	}
}

TEST(what_is_no_number_is_an_issue)
{
	static const char *const contents[] = {
		"", "\n", "-1\n", "4096x\n", "0x1000\n", "many", "4 x", "18446744073709551616\n"};

	for (size_t i = 0; i < ARRAY_LENGTH(contents); i++)
		assert_malformed(KERNEL "msgmax", contents[i], LIMIT_MSGMAX, 1);
	assert_malformed(KERNEL "sem", "1 2 3\n", LIMIT_SEMMNI, 4);
	assert_malformed(KERNEL "sem", "1 2 x 4\n", LIMIT_SEMOPM, 4);
	assert_malformed(KERNEL "sem", "1 2 3 4 5\n", LIMIT_SEMMSL, 4);
	assert_malformed(FS "mqueue/msg_max", "10 11\n", LIMIT_MSG_MAX, 1);
	assert_malformed(FS "pipe-max-size", "-1\n", LIMIT_PIPE_MAX_SIZE, 1);
}

TEST(what_is_no_limit_of_queues_is_an_issue)
{
	static const char *const contents[] = {
		"",
		"Max msgqueue size",
		"Max msgqueue size  x  819200  bytes\n",
		"Max msgqueue size  -1  819200  bytes\n",
		"Max msgqueue size  18446744073709551616  1  bytes\n",
		"not Max msgqueue size  1  1  bytes\n",
		"Max file size  1  1  bytes\n",
	};

	for (size_t i = 0; i < ARRAY_LENGTH(contents); i++)
		assert_malformed("proc/self/limits", contents[i], LIMIT_RLIMIT_MSGQUEUE, 1);
}

static void lift_limits(const struct tree *tree)
{
	tree_write(tree, "proc/self/limits", LIMITS("unlimited"));
	tree_write(tree, "ipclens/dev_shm", DEV_SHM_HEADER "0 8192 0 3\n");
}

TEST(no_limit_is_one_that_is_never_reached)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect_limits(lift_limits);

	assert_true(limit_of(snapshot, LIMIT_RLIMIT_MSGQUEUE)->is_unlimited);
	assert_true(limit_of(snapshot, LIMIT_DEV_SHM_BYTES)->is_unlimited);
	assert_true(limit_of(snapshot, LIMIT_DEV_SHM_FILES)->is_unlimited);
	/* Nobody counts what has no limit. */
	assert_false(record_has(&limit_of(snapshot, LIMIT_DEV_SHM_BYTES)->record, LIMIT_USED));
	assert_false(record_has(&limit_of(snapshot, LIMIT_DEV_SHM_FILES)->record, LIMIT_USED));
}

static void forget_messages(const struct tree *tree)
{
	tree_write(tree, "ipclens/files", FILES_HEADER QUEUE_FILE("1", "0", "-1", "-1", "/a"));
}

TEST(what_queues_take_up_is_unknown_where_one_could_not_be_asked)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect_limits(forget_messages);

	assert_false(record_has(&limit_of(snapshot, LIMIT_RLIMIT_MSGQUEUE)->record, LIMIT_USED));
	assert_false(record_has(&limit_of(snapshot, LIMIT_MSG_MAX)->record, LIMIT_USED));
	assert_int_equal(limit_of(snapshot, LIMIT_QUEUES_MAX)->used, 1);
}

static void remove_semaphores(const struct tree *tree)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/" KERNEL "sem", tree->path);
	assert_int_equal(remove(path), 0);
}

TEST(a_missing_file_is_an_issue_for_each_limit_in_it)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect_limits(remove_semaphores);
	size_t count = 0;

	vector_for_each (&snapshot->issues, issue) {
		assert_text(issue->subject, KERNEL "sem");
		assert_int_equal(issue->code, OUTCOME_UNSUPPORTED);
		assert_text(issue->reason, "no such file");
		count++;
	}
	assert_int_equal(count, 4);
	assert_int_equal(snapshot->limits.count, LIMIT_COUNT - 4);
}

static void make_unreadable(const struct tree *tree)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/" KERNEL "msgmni", tree->path);
	assert_int_equal(remove(path), 0);
	tree_make_folder(tree, KERNEL "msgmni");
}

TEST(another_failure_is_told_as_what_it_is)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect_limits(make_unreadable);
	const struct issue *issue = find_issue(snapshot, KERNEL "msgmni");

	assert_non_null(issue);
	assert_text(issue->reason, "it is a folder: put the file that was recorded in its place");
}

static int deny(const char *path)
{
	return strcmp(path, KERNEL "shmmni") == 0 ? EACCES : 0;
}

TEST(a_denied_file_is_an_issue)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct collector collector = {.snapshot = snapshot, .scope = all_limits};

	tree_init(&tree);
	make_limits(&tree);
	assert_int_equal(rooted_init(&root, tree.path, NULL), 0);
	root.inject = deny;
	collector.root = root;
	assert_int_equal(limits_collect(&collector), 0);
	assert_int_equal(snapshot->issues.count, 1);
	assert_int_equal(find_issue(snapshot, KERNEL "shmmni")->code, OUTCOME_DENIED);
	assert_null(snapshot_limit(snapshot, LIMIT_SHMMNI));
	assert_int_equal(snapshot->limits.count, LIMIT_COUNT - 1);
}

static void break_segments(const struct tree *tree)
{
	tree_write(tree, "proc/sysvipc/shm", SHM_HEADER SEGMENT("0", "1") "nonsense\n");
}

TEST(use_is_unknown_where_objects_are)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect_limits(break_segments);

	assert_false(record_has(&limit_of(snapshot, LIMIT_SHMMNI)->record, LIMIT_USED));
	assert_false(record_has(&limit_of(snapshot, LIMIT_SHMMAX)->record, LIMIT_USED));
	assert_true(record_has(&limit_of(snapshot, LIMIT_SEMMNI)->record, LIMIT_USED));
}

static void forget_page_size(const struct tree *tree)
{
	tree_write(tree, "ipclens/page_size", "0\n");
}

TEST(pages_are_not_counted_without_their_size)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect_limits(forget_page_size);

	assert_false(record_has(&limit_of(snapshot, LIMIT_SHMALL)->record, LIMIT_USED));
	assert_true(record_has(&limit_of(snapshot, LIMIT_SHMMNI)->record, LIMIT_USED));
}

static void make_huge(const struct tree *tree)
{
	tree_write(tree, "ipclens/page_size", "1\n");
	tree_write(tree, "proc/sysvipc/shm",
		   SHM_HEADER SEGMENT("0", "18446744073709551615")
			   SEGMENT("1", "18446744073709551615"));
}

TEST(a_sum_that_overflows_stays_at_the_top)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect_limits(make_huge);

	assert_true(limit_of(snapshot, LIMIT_SHMALL)->used == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_limit_has_its_value_and_use),
		cmocka_unit_test(objects_that_were_only_counted_are_not_part_of_the_answer),
		cmocka_unit_test(without_use_nothing_is_listed),
		cmocka_unit_test(nothing_is_divided_by_zero),
		cmocka_unit_test(unlimited_is_what_the_kernel_can_never_reach),
		cmocka_unit_test(what_is_no_number_is_an_issue),
		cmocka_unit_test(what_is_no_limit_of_queues_is_an_issue),
		cmocka_unit_test(no_limit_is_one_that_is_never_reached),
		cmocka_unit_test(what_queues_take_up_is_unknown_where_one_could_not_be_asked),
		cmocka_unit_test(a_missing_file_is_an_issue_for_each_limit_in_it),
		cmocka_unit_test(another_failure_is_told_as_what_it_is),
		cmocka_unit_test(a_denied_file_is_an_issue),
		cmocka_unit_test(use_is_unknown_where_objects_are),
		cmocka_unit_test(pages_are_not_counted_without_their_size),
		cmocka_unit_test(a_sum_that_overflows_stays_at_the_top),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
