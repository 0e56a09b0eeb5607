/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The three mechanisms: what a line of each file becomes. */
#include "unit.h"

#include <errno.h>

#include "collect/collector.h"
#include "tree.h"

#define SHM_PATH "proc/sysvipc/shm"
#define SEM_PATH "proc/sysvipc/sem"
#define MSG_PATH "proc/sysvipc/msg"

#define SHM_LINE                                                                           \
	" -94481758          5  1640                 16384  1234  5678      2  1000  1001" \
	"  1002  1003 1795425100 1795425101 1795425102                  8192                 4096\n"

static const struct object *only_object(const struct snapshot *snapshot)
{
	assert_int_equal(snapshot->objects.count, 1);
	return &snapshot->objects.items[0];
}

static void assert_present(const struct object *object, unsigned int kinds, uint64_t absent)
{
	for (unsigned int i = 0; i < OBJECT_FIELD_COUNT; i++) {
		const struct field *field = &object_fields.fields[i];
		bool is_expected = !field->compute && (field->kinds & kinds) && !(absent >> i & 1);

		if (object_has(object, i) != is_expected)
			fail_msg("%s is %s", field->name, is_expected ? "absent" : "present");
	}
}

#define BIT(field) (UINT64_C(1) << (field))
#define NEVER_OF_A_TREE                                                                    \
	(BIT(OBJECT_NAMESPACE) | BIT(OBJECT_NAME) | BIT(OBJECT_USER) | BIT(OBJECT_GROUP) | \
	 BIT(OBJECT_CUSER) | BIT(OBJECT_CGROUP) | BIT(OBJECT_PROCESSES) | BIT(OBJECT_WAITING))

TEST(a_segment_has_every_column)
{
	_cleanup_snapshot_ struct snapshot *snapshot =
		tree_collect_file(SHM_PATH, SHM_HEADER SHM_LINE);
	const struct object *object = only_object(snapshot);

	assert_int_equal(object->kind, KIND_SHM);
	assert_present(object, KIND_BIT(KIND_SHM), NEVER_OF_A_TREE);
	assert_int_equal(object->key, 0xfa5e52a2);
	assert_int_equal(object->id, 5);
	assert_int_equal(object->mode, 0640);
	assert_int_equal(object->status, SHM_STATUS_DEST);
	assert_int_equal(object->size, 16384);
	assert_int_equal(object->shm.creator_pid, 1234);
	assert_int_equal(object->shm.last_pid, 5678);
	assert_int_equal(object->shm.nattch, 2);
	assert_int_equal(object->uid, 1000);
	assert_int_equal(object->gid, 1001);
	assert_int_equal(object->cuid, 1002);
	assert_int_equal(object->cgid, 1003);
	assert_int_equal(object->shm.attached_at, 1795425100);
	assert_int_equal(object->shm.detached_at, 1795425101);
	assert_int_equal(object->changed_at, 1795425102);
	assert_int_equal(object->shm.rss, 8192);
	assert_int_equal(object->shm.swap, 4096);
}

TEST(an_old_kernel_does_not_tell_rss_and_swap)
{
	_cleanup_snapshot_ struct snapshot *snapshot = tree_collect_file(
		SHM_PATH, SHM_HEADER_OLD "0 0 600 1 1 1 0 0 0 0 0 0 0 1795425102\n");
	const struct object *object = only_object(snapshot);

	assert_present(object, KIND_BIT(KIND_SHM),
		       NEVER_OF_A_TREE | BIT(OBJECT_RSS) | BIT(OBJECT_SWAP) |
			       BIT(OBJECT_ATTACHED_AT) | BIT(OBJECT_DETACHED_AT));
	assert_null(find_issue(snapshot, SHM_PATH));
}

TEST(the_bits_above_the_permissions_are_the_status)
{
	static const struct {
		const char *line;
		uint64_t status;
	} cases[] = {
		{"0 0 777 1 1 1 0 0 0 0 0 0 0 1\n", 0},
		{"0 0 1777 1 1 1 0 0 0 0 0 0 0 1\n", SHM_STATUS_DEST},
		{"0 0 2777 1 1 1 0 0 0 0 0 0 0 1\n", SHM_STATUS_LOCKED},
		{"0 0 4777 1 1 1 0 0 0 0 0 0 0 1\n", SHM_STATUS_HUGETLB},
		{"0 0 10777 1 1 1 0 0 0 0 0 0 0 1\n", SHM_STATUS_NORESERVE},
		{"0 0 17777 1 1 1 0 0 0 0 0 0 0 1\n", 15},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char text[512] = SHM_HEADER_OLD;
		_cleanup_snapshot_ struct snapshot *snapshot =
			tree_collect_file(SHM_PATH, strcat(text, cases[i].line));

		assert_int_equal(only_object(snapshot)->status, cases[i].status);
		assert_int_equal(only_object(snapshot)->mode, 0777);
	}
}

TEST(a_pid_of_zero_is_hidden_where_something_happened)
{
	_cleanup_snapshot_ struct snapshot *snapshot =
		tree_collect_file(SHM_PATH, SHM_HEADER_OLD "0 0 600 1 0 0 0 0 0 0 0 0 0 1\n"
							   "0 1 600 1 0 0 0 0 0 0 0 5 0 1\n"
							   "0 2 600 1 0 0 0 0 0 0 0 0 5 1\n");
	const struct object *objects = snapshot->objects.items;

	assert_int_equal(snapshot->objects.count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_false(object_has(&objects[i], OBJECT_CREATOR_PID));
		assert_true(record_hides(&objects[i].record, OBJECT_CREATOR_PID));
		assert_false(object_has(&objects[i], OBJECT_LAST_PID));
		assert_int_equal(record_hides(&objects[i].record, OBJECT_LAST_PID), i > 0);
	}
}

TEST(an_array_has_every_column)
{
	_cleanup_snapshot_ struct snapshot *snapshot = tree_collect_file(
		SEM_PATH,
		SEM_HEADER "17104897 32768 600 7 1000 1001 1002 1003 1795425100 1795425101\n");
	const struct object *object = only_object(snapshot);

	assert_int_equal(object->kind, KIND_SEM);
	assert_present(object, KIND_BIT(KIND_SEM), NEVER_OF_A_TREE | BIT(OBJECT_SEMAPHORES));
	assert_int_equal(object->key, 17104897);
	assert_int_equal(object->id, 32768);
	assert_int_equal(object->mode, 0600);
	assert_int_equal(object->sem.nsems, 7);
	assert_int_equal(object->uid, 1000);
	assert_int_equal(object->gid, 1001);
	assert_int_equal(object->cuid, 1002);
	assert_int_equal(object->cgid, 1003);
	assert_int_equal(object->sem.operated_at, 1795425100);
	assert_int_equal(object->changed_at, 1795425101);
}

TEST(a_queue_has_every_column)
{
	_cleanup_snapshot_ struct snapshot *snapshot = tree_collect_file(
		MSG_PATH, MSG_HEADER "1234 1 660 300 3 77 78 1000 1001 1002 1003 1795425100 "
				     "1795425101 1795425102\n");
	const struct object *object = only_object(snapshot);

	assert_int_equal(object->kind, KIND_MSG);
	assert_present(object, KIND_BIT(KIND_MSG), NEVER_OF_A_TREE | BIT(OBJECT_MAX_BYTES));
	assert_int_equal(object->key, 1234);
	assert_int_equal(object->id, 1);
	assert_int_equal(object->mode, 0660);
	assert_int_equal(object->used_bytes, 300);
	assert_int_equal(object->messages, 3);
	assert_int_equal(object->msg.last_send_pid, 77);
	assert_int_equal(object->msg.last_receive_pid, 78);
	assert_int_equal(object->uid, 1000);
	assert_int_equal(object->gid, 1001);
	assert_int_equal(object->cuid, 1002);
	assert_int_equal(object->cgid, 1003);
	assert_int_equal(object->msg.sent_at, 1795425100);
	assert_int_equal(object->msg.received_at, 1795425101);
	assert_int_equal(object->changed_at, 1795425102);
}

TEST(a_new_queue_has_no_history)
{
	_cleanup_snapshot_ struct snapshot *snapshot = tree_collect_file(
		MSG_PATH, MSG_HEADER "0 0 0 0 0 0 0 0 0 0 0 0 0 5\n0 1 0 9 1 0 0 0 0 0 0 4 4 5\n");
	const struct object *objects = snapshot->objects.items;

	assert_int_equal(snapshot->objects.count, 2);
	assert_true(object_has(&objects[0], OBJECT_MODE) && objects[0].mode == 0);
	for (size_t i = 0; i < 2; i++) {
		assert_false(object_has(&objects[i], OBJECT_LAST_SEND_PID));
		assert_false(object_has(&objects[i], OBJECT_LAST_RECEIVE_PID));
		assert_int_equal(record_hides(&objects[i].record, OBJECT_LAST_SEND_PID), i);
		assert_int_equal(record_hides(&objects[i].record, OBJECT_LAST_RECEIVE_PID), i);
	}
	assert_false(object_has(&objects[0], OBJECT_SENT_AT));
	assert_false(object_has(&objects[0], OBJECT_RECEIVED_AT));
}

TEST(ids_at_their_extremes_are_whole)
{
	_cleanup_snapshot_ struct snapshot *snapshot = tree_collect_file(
		SEM_PATH, SEM_HEADER "-2147483648 2147483647 0 1 4294967295 4294967294 4294967293 "
				     "4294967292 1 1\n");
	const struct object *object = only_object(snapshot);

	assert_int_equal(object->key, 0x80000000);
	assert_int_equal(object->id, INT32_MAX);
	assert_int_equal(object->uid, UINT32_MAX);
	assert_int_equal(object->gid, UINT32_MAX - 1);
	assert_int_equal(object->cuid, UINT32_MAX - 2);
	assert_int_equal(object->cgid, UINT32_MAX - 3);
}

TEST(the_namespace_is_that_of_the_tree)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	tree_init(&tree);
	tree_write(&tree, SHM_PATH, SHM_HEADER SHM_LINE);
	tree_link(&tree, "proc/self/ns/ipc", "ipc:[4026532281]");
	snapshot = tree_collect(&tree, scope_everything);
	assert_true(object_has(only_object(snapshot), OBJECT_NAMESPACE));
	assert_int_equal(only_object(snapshot)->namespace, 4026532281);
}

static void assert_issue(const struct snapshot *snapshot, const char *path, enum kind kind,
			 int outcome, const char *words)
{
	const struct issue *issue = find_issue(snapshot, path);

	assert_non_null(issue);
	assert_int_equal(issue->code, outcome);
	assert_int_equal(issue->aspect, ISSUE_ABOUT_OBJECTS);
	assert_int_equal(issue->kind, kind);
	if (!strstr(issue->reason.bytes, words))
		fail_msg("\"%s\" does not say \"%s\"", issue->reason.bytes, words);
}

TEST(what_cannot_be_read_is_an_issue_and_the_rest_is_there)
{
	_cleanup_snapshot_ struct snapshot *snapshot =
		tree_collect_file(SHM_PATH, SHM_HEADER SHM_LINE "nonsense\n" SHM_LINE "12");

	assert_int_equal(snapshot->objects.count, 2);
	assert_issue(snapshot, SHM_PATH, KIND_SHM, OUTCOME_MALFORMED, "2 of 5 lines");
	assert_issue(snapshot, SHM_PATH, KIND_SHM, OUTCOME_MALFORMED, "first is 3");
	assert_issue(snapshot, SEM_PATH, KIND_SEM, OUTCOME_UNSUPPORTED, "no such file");
	assert_issue(snapshot, MSG_PATH, KIND_MSG, OUTCOME_UNSUPPORTED, "no such file");
}

TEST(an_empty_file_and_a_foreign_one_are_malformed)
{
	_cleanup_snapshot_ struct snapshot *empty = tree_collect_file(MSG_PATH, "");
	_cleanup_snapshot_ struct snapshot *foreign =
		tree_collect_file(MSG_PATH, SEM_HEADER "1 2 3 4 5 6 7 8 9 10\n");
	_cleanup_snapshot_ struct snapshot *names_alone = tree_collect_file(MSG_PATH, MSG_HEADER);

	assert_int_equal(empty->objects.count + foreign->objects.count, 0);
	assert_issue(empty, MSG_PATH, KIND_MSG, OUTCOME_MALFORMED, "empty");
	assert_issue(foreign, MSG_PATH, KIND_MSG, OUTCOME_MALFORMED, "first line");
	assert_null(find_issue(names_alone, MSG_PATH));
}

static int deny(const char *path)
{
	return strcmp(path, SHM_PATH) == 0 ? EACCES : strcmp(path, SEM_PATH) == 0 ? ENOSYS : EIO;
}

TEST(a_denied_file_is_an_issue)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct collector collector = {.snapshot = snapshot};

	tree_init(&tree);
	assert_int_equal(rooted_init(&root, tree.path, NULL), 0);
	root.inject = deny;
	collector.root = root;
	assert_int_equal(sysv_collect(&collector, &sysv_shm), 0);
	assert_int_equal(sysv_collect(&collector, &sysv_sem), 0);
	assert_int_equal(sysv_collect(&collector, &sysv_msg), 0);
	assert_issue(snapshot, SHM_PATH, KIND_SHM, OUTCOME_DENIED, "permission denied");
	assert_issue(snapshot, SEM_PATH, KIND_SEM, OUTCOME_UNSUPPORTED, "kernel");
	assert_issue(snapshot, MSG_PATH, KIND_MSG, OUTCOME_UNSUPPORTED, strerror(EIO));
}

TEST(a_scope_of_one_kind_has_objects_of_that_kind_alone)
{
	const struct scope scope = {.kinds = KIND_BIT(KIND_SEM)};
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	tree_init(&tree);
	tree_write(&tree, SHM_PATH, SHM_HEADER SHM_LINE);
	tree_write(&tree, SEM_PATH, SEM_HEADER "0 3 0 1 0 0 0 0 1 1\n");
	snapshot = tree_collect(&tree, scope);
	assert_int_equal(only_object(snapshot)->kind, KIND_SEM);
	assert_int_equal(snapshot->issues.count, 0);
	assert_int_equal(snapshot->limits.count, 0);
	assert_int_equal(snapshot->sight.record.present, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_segment_has_every_column),
		cmocka_unit_test(an_old_kernel_does_not_tell_rss_and_swap),
		cmocka_unit_test(the_bits_above_the_permissions_are_the_status),
		cmocka_unit_test(a_pid_of_zero_is_hidden_where_something_happened),
		cmocka_unit_test(an_array_has_every_column),
		cmocka_unit_test(a_queue_has_every_column),
		cmocka_unit_test(a_new_queue_has_no_history),
		cmocka_unit_test(ids_at_their_extremes_are_whole),
		cmocka_unit_test(the_namespace_is_that_of_the_tree),
		cmocka_unit_test(what_cannot_be_read_is_an_issue_and_the_rest_is_there),
		cmocka_unit_test(an_empty_file_and_a_foreign_one_are_malformed),
		cmocka_unit_test(a_denied_file_is_an_issue),
		cmocka_unit_test(a_scope_of_one_kind_has_objects_of_that_kind_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
