/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is saved is what is loaded; and how files are written. */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "store/store.h"
#include "tree.h"

static void mark_all(struct record *record, const struct field_table *table, unsigned int kinds)
{
	for (unsigned int i = 0; i < table->count; i++)
		if (!table->fields[i].compute && field_applies(&table->fields[i], kinds))
			record_mark(record, i);
}

/* Borrowed by records, and only read. */
static int64_t pids[] = {0, 1, INT32_MAX};

/* Every stored number at its greatest, every text as foreign as can be. */
static void fill_object(struct object *object)
{
	const struct text text = TEXT_LITERAL("a\xff\x1b\"\\\n");

	object->id = INT32_MAX;
	object->namespace = object->uid = object->gid = object->cuid = object->cgid = UINT32_MAX;
	object->key = UINT32_MAX;
	object->mode = 0777;
	object->changed_at = INT64_MIN;
	object->name = object->user = object->group = object->cuser = object->cgroup = text;
	object->size = object->used_bytes = object->messages = UINT64_MAX;
	object->max_bytes = 1;
	object->status = 63;
	object->processes = (struct record_list){pids, ARRAY_LENGTH(pids)};
	object->inode = UINT64_MAX;
	object->device = UINT64_MAX;
	if (object->kind == KIND_SHM)
		object->shm = (struct shm_details){.nattch = UINT64_MAX,
						   .rss = UINT64_MAX,
						   .swap = UINT64_MAX,
						   .creator_pid = INT32_MAX,
						   .last_pid = 1,
						   .attached_at = INT64_MAX,
						   .detached_at = -1};
	else if (object->kind == KIND_MSG)
		object->msg = (struct msg_details){
			.last_send_pid = INT32_MAX, .sent_at = INT64_MAX, .received_at = INT64_MIN};
	else if (object->kind == KIND_MQ)
		object->mq = (struct mq_details){.max_messages = UINT64_MAX,
						 .max_message_bytes = 1,
						 .notify_pid = INT32_MAX};
	else if (object->kind == KIND_PIPE || object->kind == KIND_FIFO)
		object->pipe = (struct pipe_details){.readers = {pids, ARRAY_LENGTH(pids)},
						     .writers = {pids, 1}};
	else if (object->kind != KIND_SEM)
		object->file = (struct file_details){.allocated = UINT64_MAX,
						     .created_at = INT64_MIN,
						     .value = UINT64_MAX,
						     .waiters = 1,
						     .layout = PSEM_MUSL};
}

static void add_array(struct snapshot *snapshot)
{
	struct object *object = snapshot_add_object(snapshot, KIND_SEM);
	struct semaphore *semaphores = arena_alloc_array(&snapshot->arena, 2, sizeof(*semaphores));

	fill_object(object);
	object->sem = (struct sem_details){2, 1, {semaphores, 2}};
	mark_all(&object->record, &object_fields, KIND_BIT(KIND_SEM));
	semaphores[0].value = UINT64_MAX;
	mark_all(&semaphores[0].record, &semaphore_fields, 0);
	record_mark(&semaphores[1].record, SEMAPHORE_NUM);
	record_mark_hidden(&semaphores[1].record, SEMAPHORE_PID);
}

static void add_rest(struct snapshot *snapshot)
{
	struct limit *limit = vector_add(&snapshot->limits);

	limit->id = LIMIT_SHMALL;
	limit->value = limit->used = UINT64_MAX;
	limit->is_unlimited = 1;
	mark_all(&limit->record, &limit_fields, 0);
	snapshot->host.name = TEXT_LITERAL("box");
	snapshot->host.page_size = UINT64_MAX;
	mark_all(&snapshot->host.record, &host_fields, 0);
	record_unmark(&snapshot->host.record, HOST_KERNEL);
	snapshot->sight.reasons = 63;
	mark_all(&snapshot->sight.record, &sight_fields, 0);
	for (int outcome = OUTCOME_DENIED; outcome <= OUTCOME_MALFORMED; outcome++)
		snapshot_add_issue(snapshot, ISSUE_ABOUT_SEMAPHORES, outcome, KIND_SEM,
				   &snapshot->objects.items[0], "call", "why\n");
	snapshot_add_issue(snapshot, ISSUE_ABOUT_NAMES, OUTCOME_DENIED, KIND_COUNT, NULL, "a", "b");
}

/* A process, a link of each sort and an accounting, with all that they can have and with none. */
static void add_users(struct snapshot *snapshot)
{
	const struct text text = TEXT_LITERAL(") S 1 (\n\xff");
	struct process *process;
	struct link *link;
	struct accounting *accounting;

	snapshot->has_users = true;
	for (int64_t pid = 1; pid <= 2; pid++) {
		process = vector_add(&snapshot->processes);
		*process = (struct process){.pid = pid == 1 ? 1 : INT32_MAX,
					    .command = text,
					    .uid = UINT32_MAX,
					    .user = text,
					    .started_at = INT64_MIN,
					    .start_ticks = UINT64_MAX};
		record_mark(&process->record, PROCESS_PID);
	}
	mark_all(&process->record, &process_fields, 0);
	for (enum link_how how = LINK_MAPPED; how <= LINK_LAST_OP; how++) {
		link = vector_add(&snapshot->links);
		*link = (struct link){
			.object = how == LINK_MAPPED ? 0 : 2,
			.object_ref = how == LINK_MAPPED ? TEXT_LITERAL("shm:2147483647")
							 : TEXT_LITERAL("sem:2147483647"),
			.pid = INT32_MAX,
			.how = how,
			.state = LINK_UNKNOWN,
			.operation = LINK_SEMAPHORE,
			.at = INT64_MAX,
			.access = LINK_READ | LINK_WRITE | LINK_EXECUTE | LINK_PRIVATE,
			.fd = UINT64_MAX,
			.address = UINT64_MAX,
			.length = UINT64_MAX,
			.semnum = UINT64_MAX,
			.amount = UINT64_MAX,
			.shared_by = {pids, ARRAY_LENGTH(pids)}};
		mark_all(&link->record, &link_fields, 0);
	}
	link->record.present = 1 << LINK_OBJECT | 1 << LINK_PID | 1 << LINK_HOW;
	accounting = vector_add(&snapshot->accountings);
	*accounting = (struct accounting){.object = 1,
					  .object_ref = TEXT_LITERAL("shm:0"),
					  .found = UINT64_MAX,
					  .expected = UINT64_MAX,
					  .what = ACCOUNTING_ZCOUNT,
					  .semnum = UINT64_MAX,
					  .is_complete = true,
					  .doubts = 2 * DOUBT_MORE - 1};
	mark_all(&accounting->record, &accounting_fields, 0);
}

/* One with everything, and one with no more than it must have. */
static void add_waits(struct snapshot *snapshot)
{
	struct wait *wait = NULL;

	snapshot->has_waits = true;
	for (size_t i = 0; wait_operation_names[i]; i++) {
		wait = vector_add(&snapshot->waits);
		*wait = (struct wait){.object = 0,
				      .object_ref = TEXT_LITERAL("shm:2147483647"),
				      .pid = INT32_MAX,
				      .tid = 1,
				      .operation = i,
				      .semnum = UINT64_MAX,
				      .amount = UINT64_MAX,
				      .type = INT64_MIN,
				      .flags = 2 * WAIT_IS_SEMAPHORE - 1,
				      .timeout = UINT64_MAX,
				      .offset = UINT64_MAX,
				      .owner_tid = INT32_MAX,
				      .call = TEXT_LITERAL("semtimedop"),
				      .wchan = TEXT_LITERAL("a\xff\x1b\"\\\n"),
				      .since = INT64_MAX,
				      .waited = UINT64_MAX,
				      .released_by = {pids, ARRAY_LENGTH(pids)}};
		mark_all(&wait->record, &wait_fields, 0);
	}
	assert_non_null(wait);
	wait->record.present =
		1 << WAIT_OBJECT | 1 << WAIT_PID | 1 << WAIT_TID | 1 << WAIT_OPERATION;
}

static struct snapshot *make_snapshot(void)
{
	struct snapshot *snapshot = snapshot_new();

	snapshot->taken_at = 1795425168;
	for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
		struct object *object;

		if (kind == KIND_SEM) {
			add_array(snapshot);
			continue;
		}
		object = snapshot_add_object(snapshot, kind);
		fill_object(object);
		mark_all(&object->record, &object_fields, KIND_BIT(kind));
		object = snapshot_add_object(snapshot, kind);
		object_mark(object, KIND_BIT(kind) & KINDS_SYSV ? OBJECT_ID : OBJECT_INODE);
		if (KIND_BIT(kind) & KINDS_SYSV)
			record_mark_hidden(&object->record, kind == KIND_SHM
								    ? OBJECT_LAST_PID
								    : OBJECT_LAST_SEND_PID);
	}
	assert_int_equal(snapshot_settle(snapshot), 0);
	add_users(snapshot);
	add_waits(snapshot);
	add_rest(snapshot);
	return snapshot;
}

static void assert_same(const struct field_table *table, const void *a, const void *b)
{
	const struct record *first = a, *second = b;

	assert_true(first->present == second->present && first->hidden == second->hidden);
	for (size_t i = 0; i < table->count; i++) {
		struct value_scratch room_a, room_b;
		struct value value_a = field_value(table, i, a, &room_a);
		struct value value_b = field_value(table, i, b, &room_b);

		assert_int_equal(value_a.is_present, value_b.is_present);
		if (!value_a.is_present)
			continue;
		if (value_a.type == VALUE_TEXT)
			assert_true(text_equals(value_a.text, value_b.text));
		else if (value_a.type == VALUE_RECORDS)
			for (size_t j = 0; j < value_a.records.count; j++)
				assert_same(&semaphore_fields,
					    (struct semaphore *)value_a.records.items + j,
					    (struct semaphore *)value_b.records.items + j);
		else if (value_a.type == VALUE_PIDS)
			assert_true(pids_are_equal(value_a.records, value_b.records));
		else if (value_a.number != value_b.number)
			fail_msg("%s is not the same", table->fields[i].name);
	}
}

static void assert_same_users(const struct snapshot *a, const struct snapshot *b)
{
	assert_int_equal(a->has_users, b->has_users);
	assert_int_equal(a->processes.count, b->processes.count);
	assert_int_equal(a->links.count, b->links.count);
	assert_int_equal(a->accountings.count, b->accountings.count);
	for (size_t i = 0; i < a->processes.count; i++)
		assert_same(&process_fields, &a->processes.items[i], &b->processes.items[i]);
	for (size_t i = 0; i < a->links.count; i++) {
		assert_same(&link_fields, &a->links.items[i], &b->links.items[i]);
		assert_int_equal(a->links.items[i].object, b->links.items[i].object);
	}
	assert_int_equal(a->has_waits, b->has_waits);
	assert_int_equal(a->waits.count, b->waits.count);
	for (size_t i = 0; i < a->waits.count; i++) {
		assert_same(&wait_fields, &a->waits.items[i], &b->waits.items[i]);
		assert_int_equal(a->waits.items[i].object, b->waits.items[i].object);
	}
	for (size_t i = 0; i < a->accountings.count; i++) {
		assert_same(&accounting_fields, &a->accountings.items[i], &b->accountings.items[i]);
		assert_int_equal(a->accountings.items[i].object, b->accountings.items[i].object);
	}
}

static void assert_same_snapshot(const struct snapshot *a, const struct snapshot *b)
{
	assert_true(a->taken_at == b->taken_at);
	assert_same(&host_fields, &a->host, &b->host);
	assert_same(&sight_fields, &a->sight, &b->sight);
	assert_int_equal(a->objects.count, b->objects.count);
	assert_int_equal(a->limits.count, b->limits.count);
	assert_int_equal(a->issues.count, b->issues.count);
	for (size_t i = 0; i < a->objects.count; i++)
		assert_same(&object_fields, &a->objects.items[i], &b->objects.items[i]);
	for (size_t i = 0; i < a->limits.count; i++)
		assert_same(&limit_fields, &a->limits.items[i], &b->limits.items[i]);
	for (size_t i = 0; i < a->issues.count; i++)
		assert_same(&issue_fields, &a->issues.items[i], &b->issues.items[i]);
	assert_same_users(a, b);
}

static struct snapshot *load(const char *path)
{
	struct snapshot *snapshot = NULL;
	struct ipclens_error error;

	if (store_load(path, &snapshot, &error) != 0)
		fail_msg("%s", error.text);
	return snapshot;
}

static void save(const struct snapshot *snapshot, const char *path)
{
	struct ipclens_error error;

	if (store_save(snapshot, path, &error) != 0)
		fail_msg("%s", error.text);
}

struct fixture {
	struct tree tree;
	char path[128];
};

static int set_up(void **state)
{
	static struct fixture fixture;

	tree_init(&fixture.tree);
	snprintf(fixture.path, sizeof(fixture.path), "%s/saved", fixture.tree.path);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	tree_deinit(&fixture->tree);
	return 0;
}

static void everything_survives_saving_and_loading(void **state)
{
	const struct fixture *fixture = *state;
	_cleanup_snapshot_ struct snapshot *snapshot = make_snapshot();
	_cleanup_snapshot_ struct snapshot *loaded = NULL;

	save(snapshot, fixture->path);
	loaded = load(fixture->path);
	assert_same_snapshot(snapshot, loaded);
}

static void a_file_is_for_its_owner_alone_and_replaced_as_a_whole(void **state)
{
	const struct fixture *fixture = *state;
	_cleanup_snapshot_ struct snapshot *snapshot = make_snapshot();
	_cleanup_snapshot_ struct snapshot *loaded = NULL;
	struct stat before, after;

	tree_write(&fixture->tree, "saved", "something longer that was here before");
	assert_int_equal(chmod(fixture->path, 0644), 0);
	assert_int_equal(stat(fixture->path, &before), 0);
	save(snapshot, fixture->path);
	assert_int_equal(stat(fixture->path, &after), 0);
	assert_int_equal(after.st_mode & 07777, 0600);
	assert_true(before.st_ino != after.st_ino);
	loaded = load(fixture->path);
	assert_int_equal(loaded->objects.count, snapshot->objects.count);
}

static void a_link_stays_a_link(void **state)
{
	const struct fixture *fixture = *state;
	_cleanup_snapshot_ struct snapshot *snapshot = make_snapshot();
	_cleanup_snapshot_ struct snapshot *loaded = NULL;
	char link[128], target[16];

	tree_write(&fixture->tree, "saved", "old");
	tree_link(&fixture->tree, "link", "saved");
	snprintf(link, sizeof(link), "%s/link", fixture->tree.path);
	save(snapshot, link);
	assert_int_equal(readlink(link, target, sizeof(target)), 5);
	loaded = load(fixture->path);
}

static void a_device_is_written_to_and_not_replaced(void **state)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_snapshot();
	struct ipclens_error error;
	struct stat status;

	(void)state;
	save(snapshot, "/dev/null");
	assert_int_equal(stat("/dev/null", &status), 0);
	assert_true(S_ISCHR(status.st_mode));
	assert_int_equal(store_save(snapshot, "/dev/full", &error), -ENOSPC);
	assert_non_null(strstr(error.text, "/dev/full"));
}

static int count_entries(const char *path)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, NULL, NULL);

	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return count - 2; /* . and .. */
}

static void a_write_that_fails_leaves_the_old_file_as_it_was(void **state)
{
	const struct fixture *fixture = *state;
	_cleanup_snapshot_ struct snapshot *snapshot = make_snapshot();
	struct rlimit before, small = {.rlim_cur = 100};
	struct ipclens_error error;
	struct stat status;
	int r;

	tree_write(&fixture->tree, "saved", "old");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = store_save(snapshot, fixture->path, &error);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(r, -EFBIG);
	assert_int_equal(stat(fixture->path, &status), 0);
	assert_int_equal(status.st_size, 3);
	assert_int_equal(count_entries(fixture->tree.path), 1);
}

static void a_failure_leaves_nothing_behind(void **state)
{
	const struct fixture *fixture = *state;
	_cleanup_snapshot_ struct snapshot *snapshot = make_snapshot();
	struct ipclens_error error;

	assert_int_equal(store_save(snapshot, "/nonexistent/file", &error), -ENOENT);
	assert_int_equal(store_save(snapshot, fixture->tree.path, &error), -EISDIR);
	assert_non_null(strstr(error.text, fixture->tree.path));
}

/* Another reader has the last word. */
static void the_document_is_json_with_absent_values_as_null(void **state)
{
	const struct fixture *fixture = *state;
	_cleanup_snapshot_ struct snapshot *snapshot = make_snapshot();
	struct json_object *document, *list, *object, *member;

	save(snapshot, fixture->path);
	document = json_object_from_file(fixture->path);
	assert_non_null(document);
	assert_true(json_object_object_get_ex(document, "objects", &list));
	assert_int_equal(json_object_array_length(list), 5 + 2 * 6);
	object = json_object_array_get_idx(list, 1);
	assert_true(json_object_object_get_ex(object, "ref", &member));
	assert_string_equal(json_object_get_string(member), "shm:0");
	assert_true(json_object_object_get_ex(object, "size", &member));
	assert_null(member);
	assert_false(json_object_object_get_ex(object, "nsems", &member));
	assert_true(json_object_object_get_ex(object, "hidden", &member));
	assert_string_equal(json_object_to_json_string_ext(member, JSON_C_TO_STRING_PLAIN),
			    "[\"last_pid\"]");
	object = json_object_array_get_idx(list, 6);
	assert_true(json_object_object_get_ex(object, "kind", &member));
	assert_string_equal(json_object_get_string(member), "pshm");
	assert_true(json_object_object_get_ex(object, "device", &member));
	assert_string_equal(json_object_get_string(member), "4294967295:4294967295");
	assert_true(json_object_object_get_ex(object, "inode", &member));
	assert_string_equal(json_object_to_json_string(member), "18446744073709551615");
	json_object_put(document);
}

#define FIXTURE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(everything_survives_saving_and_loading),
		FIXTURE_TEST(a_file_is_for_its_owner_alone_and_replaced_as_a_whole),
		FIXTURE_TEST(a_link_stays_a_link),
		FIXTURE_TEST(a_device_is_written_to_and_not_replaced),
		FIXTURE_TEST(a_write_that_fails_leaves_the_old_file_as_it_was),
		FIXTURE_TEST(a_failure_leaves_nothing_behind),
		FIXTURE_TEST(the_document_is_json_with_absent_values_as_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
