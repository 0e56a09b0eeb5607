/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two ways to list System V objects, /proc and system calls, must give the same snapshot, field
 * by field, over objects of all sorts.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect/collector.h"
#include "private_ipc.h"
#include "same_records.h"

/* Those of System V come first. */
#define SYSV_LIMIT_COUNT (LIMIT_MSGMNB + 1)

/* As root all ids of an object differ, so that none can be taken for another. */
#define CREATOR 2002
#define CREATOR_GROUP 3003
#define OWNER 4004
#define OWNER_GROUP 5005

static pid_t children[2];

static int make_segment(key_t key, size_t size, int flags)
{
	int id = shmget(key, size, IPC_CREAT | IPC_EXCL | flags);

	assert_true(id >= 0);
	return id;
}

static void make_segments(void)
{
	int twice = make_segment(IPC_PRIVATE, 80, 0600);
	int gap = make_segment(IPC_PRIVATE, 1, 0600);
	int touched = make_segment(0x4d2, 16384, 0644);
	int dest = make_segment(-94481758, 280, 0660);
	int locked = make_segment(IPC_PRIVATE, 4096, 0600);
	char *memory = shmat(touched, NULL, 0);

	assert_true(memory != (void *)-1);
	assert_true(shmat(twice, NULL, 0) != (void *)-1);
	assert_true(shmat(twice, NULL, SHM_RDONLY) != (void *)-1);
	memset(memory, 1, 16384);
	assert_int_equal(shmdt(memory), 0);
	assert_true(shmat(dest, NULL, 0) != (void *)-1);
	assert_int_equal(shmctl(dest, IPC_RMID, NULL), 0);
	/* Refused where little memory may be locked: then it is one more plain segment. */
	shmctl(locked, SHM_LOCK, NULL);
	make_segment(INT32_MIN, 100, 0000);
	make_segment(IPC_PRIVATE, 1 << 20, 0600 | SHM_NORESERVE);
	assert_int_equal(shmctl(gap, IPC_RMID, NULL), 0);
}

static int make_array(key_t key, int count, int flags)
{
	int id = semget(key, count, IPC_CREAT | IPC_EXCL | flags);

	assert_true(id >= 0);
	return id;
}

static void make_arrays(void)
{
	int seven = make_array(0x01050001, 7, 0666);
	int gap = make_array(IPC_PRIVATE, 1, 0600);
	int waited_for = make_array(-5, 2, 0600);
	unsigned short values[7] = {0, 1, 2, 300, 32767, 5, 6};
	struct sembuf operation = {.sem_num = 5, .sem_op = -2};

	assert_int_equal(semctl(seven, 0, SETALL, values), 0);
	assert_int_equal(semop(seven, &operation, 1), 0);
	assert_int_equal(semctl(waited_for, 1, SETVAL, 1), 0);
	children[0] = start_waiter(waited_for, 0, -1);
	children[1] = start_waiter(waited_for, 1, 0);
	make_array(IPC_PRIVATE, 1, 0000);
	assert_int_equal(semctl(gap, 0, IPC_RMID), 0);
}

static int make_queue(key_t key, int flags)
{
	int id = msgget(key, IPC_CREAT | IPC_EXCL | flags);

	assert_true(id >= 0);
	return id;
}

/* Another process takes one message of 100 bytes. */
static void receive_in_child(int id)
{
	pid_t child = fork();
	int status = 1;
	struct {
		long type;
		char text[100];
	} message;

	assert_true(child >= 0);
	if (!child)
		_exit(msgrcv(id, &message, 100, 0, IPC_NOWAIT) == 100 ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void make_queues(void)
{
	static const struct {
		long type;
		char text[100];
	} message = {.type = 7};
	struct msqid_ds state;
	int used = make_queue(0x41050020, 0660);
	int gap = make_queue(IPC_PRIVATE, 0600);
	int lowered = make_queue(-1, 0600);

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(msgsnd(used, &message, 100, IPC_NOWAIT), 0);
	receive_in_child(used);
	assert_int_equal(msgctl(lowered, IPC_STAT, &state), 0);
	state.msg_qbytes = 1000;
	assert_int_equal(msgctl(lowered, IPC_SET, &state), 0);
	make_queue(IPC_PRIVATE, 0000);
	assert_int_equal(msgctl(gap, IPC_RMID, NULL), 0);
}

/* Of System V alone: nothing else has two ways to be read. */
static struct snapshot *collect(enum backend backend)
{
	struct collect_options options = {.backend = backend, .scope = scope_everything};
	struct snapshot *snapshot = NULL;
	struct ipclens_error error;

	options.scope.kinds = options.scope.limit_kinds = KINDS_SYSV;
	if (collect_snapshot(&options, &snapshot, &error) != 0)
		fail_msg("%s", error.text);
	return snapshot;
}

static int give_away_one(const struct object *object)
{
	int id = (int)object->id, mode = (int)object->mode;
	struct msqid_ds queue = {.msg_perm = {.uid = OWNER, .gid = OWNER_GROUP}};
	struct semid_ds array = {.sem_perm = {.uid = OWNER, .gid = OWNER_GROUP}};
	struct shmid_ds segment = {.shm_perm = {.uid = OWNER, .gid = OWNER_GROUP}};

	segment.shm_perm.mode = array.sem_perm.mode = queue.msg_perm.mode =
		(__typeof__(queue.msg_perm.mode))mode;
	queue.msg_qbytes = object->max_bytes;
	switch (object->kind) {
	case KIND_SHM:
		return shmctl(id, IPC_SET, &segment);
	case KIND_SEM:
		return semctl(id, 0, IPC_SET, &array);
	default:
		return msgctl(id, IPC_SET, &queue);
	}
}

static void give_away(void)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect(BACKEND_PROCFS);

	vector_for_each (&snapshot->objects, object)
		assert_int_equal(give_away_one(object), 0);
}

/* Ids are indexes until the kernel has come round once (ipc/util.c: ipc_min_cycle). */
static void use_up_indexes(void)
{
	for (int i = 0; i < 70; i++) {
		int segment = make_segment(IPC_PRIVATE, 1, 0600);
		int array = make_array(IPC_PRIVATE, 1, 0600);
		int queue = make_queue(IPC_PRIVATE, 0600);

		assert_int_equal(shmctl(segment, IPC_RMID, NULL), 0);
		assert_int_equal(semctl(array, 0, IPC_RMID), 0);
		assert_int_equal(msgctl(queue, IPC_RMID, NULL), 0);
	}
}

static int set_up(void **state)
{
	bool has_owners = become_user(CREATOR, CREATOR_GROUP);

	(void)state;
	use_up_indexes();
	/* Arrays first: the waiters would inherit the attachments. */
	make_arrays();
	make_segments();
	make_queues();
	regain_power();
	if (has_owners)
		give_away();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(children); i++)
		end_waiter(children[i]);
	return 0;
}

TEST(both_list_the_same_objects)
{
	_cleanup_snapshot_ struct snapshot *procfs = collect(BACKEND_PROCFS);
	_cleanup_snapshot_ struct snapshot *syscall = collect(BACKEND_SYSCALL);

	assert_int_equal(procfs->objects.count, 6 + 3 + 3);
	assert_int_equal(syscall->objects.count, procfs->objects.count);
	for (size_t i = 0; i < procfs->objects.count; i++) {
		const struct object *object = &procfs->objects.items[i];
		char where[64];

		snprintf(where, sizeof(where), "%s:%ju", kind_info(object->kind)->word,
			 (uintmax_t)object->id);
		assert_int_equal(object->kind, syscall->objects.items[i].kind);
		assert_same_record(&object_fields, object, &syscall->objects.items[i], where);
	}
}

/* Two empty snapshots would be the same, too: here is what must be in them. */
TEST(the_situations_are_there_in_both)
{
	for (enum backend backend = BACKEND_PROCFS; backend <= BACKEND_SYSCALL; backend++) {
		_cleanup_snapshot_ struct snapshot *snapshot = collect(backend);
		const struct object *objects = snapshot->objects.items;
		const struct semaphore *seven = objects[6].sem.semaphores.items;
		const struct semaphore *waited_for = objects[7].sem.semaphores.items;

		assert_int_equal(objects[0].shm.nattch, 2);
		assert_int_equal(objects[1].key, 0x4d2);
		assert_int_equal(objects[1].shm.creator_pid, getpid());
		assert_int_equal(objects[2].status, SHM_STATUS_DEST);
		assert_int_equal(objects[2].key, 0);
		assert_int_equal(objects[4].key, 0x80000000);
		assert_int_equal(objects[5].size, 1 << 20);
		assert_int_equal(seven[4].value, 32767);
		assert_int_equal(seven[5].value, 3);
		assert_int_equal(seven[5].pid, getpid());
		assert_int_equal(waited_for[0].ncount, 1);
		assert_int_equal(waited_for[1].zcount, 1);
		assert_true(object_has(&objects[8], OBJECT_SEMAPHORES));
		assert_int_equal(objects[9].messages, 2);
		assert_int_equal(objects[9].msg.last_send_pid, getpid());
		assert_true(objects[9].msg.last_receive_pid > 0);
		assert_int_not_equal(objects[9].msg.last_receive_pid, getpid());
		assert_int_equal(objects[9].used_bytes, 200);
		assert_int_equal(objects[10].max_bytes, 1000);
		assert_int_equal(objects[11].mode, 0);
		/* There are processes that not even root may inspect; bpf may not be permitted. */
		vector_for_each (&snapshot->issues, issue)
			assert_true(issue->aspect == ISSUE_ABOUT_PROCESSES ||
				    issue->aspect == ISSUE_ABOUT_WAITS ||
				    issue->aspect == ISSUE_ABOUT_HOLDERS);
	}
}

TEST(who_asks_neither_for_memory_nor_for_the_past_gets_the_same_objects)
{
	struct collect_options options = {
		.scope = {.kinds = KINDS_SYSV, .names = SCOPE_ALL_NAMES, .has_namespaces = true}};
	_cleanup_snapshot_ struct snapshot *all = NULL, *some = NULL, *procfs = NULL;

	assert_int_equal(collect_snapshot(&options, &all, NULL), 0);
	options.scope.has_no_residence = options.scope.has_no_past = true;
	assert_int_equal(collect_snapshot(&options, &some, NULL), 0);
	options.backend = BACKEND_PROCFS;
	assert_int_equal(collect_snapshot(&options, &procfs, NULL), 0);
	assert_int_equal(procfs->objects.items[1].shm.rss + procfs->objects.items[1].shm.swap,
			 16384);
	assert_int_equal(some->objects.count, all->objects.count);
	vector_for_each (&all->objects, object) {
		size_t index = (size_t)(object - all->objects.items);

		assert_same_record(&object_fields, object, &some->objects.items[index],
				   "asked for");
		assert_int_equal(object_has(&procfs->objects.items[index], OBJECT_RSS),
				 object->kind == KIND_SHM);
	}
}

TEST(both_tell_the_same_limits_and_their_use)
{
	_cleanup_snapshot_ struct snapshot *procfs = collect(BACKEND_PROCFS);
	_cleanup_snapshot_ struct snapshot *syscall = collect(BACKEND_SYSCALL);

	assert_int_equal(procfs->limits.count, SYSV_LIMIT_COUNT);
	assert_int_equal(syscall->limits.count, SYSV_LIMIT_COUNT - 1);
	assert_null(snapshot_limit(syscall, LIMIT_SHM_RMID_FORCED));
	vector_for_each (&procfs->limits, limit)
		if (limit->id != LIMIT_SHM_RMID_FORCED)
			assert_same_record(&limit_fields, limit, snapshot_limit(syscall, limit->id),
					   limit_info(limit->id)->name);
	assert_int_equal(snapshot_limit(procfs, LIMIT_SHMMNI)->used, 6);
	assert_int_equal(snapshot_limit(procfs, LIMIT_SEMMNS)->used, 10);
}

TEST(both_tell_the_same_host_and_name_themselves)
{
	_cleanup_snapshot_ struct snapshot *procfs = collect(BACKEND_PROCFS);
	_cleanup_snapshot_ struct snapshot *syscall = collect(BACKEND_SYSCALL);
	_cleanup_snapshot_ struct snapshot *automatic = collect(BACKEND_AUTO);

	assert_same_record(&host_fields, &procfs->host, &syscall->host, "host");
	assert_int_equal(procfs->sight.reasons, syscall->sight.reasons);
	assert_int_equal(procfs->sight.capabilities, syscall->sight.capabilities);
	assert_text(procfs->sight.backend, "procfs");
	assert_text(syscall->sight.backend, "syscall");
	/* With bpf, where that is permitted: it alone shows who holds the arrays. */
	if (!text_equals(automatic->sight.backend, TEXT_LITERAL("procfs+bpf")))
		assert_text(automatic->sight.backend, "procfs");
}

/* A collection by hand, where proc/sysvipc and proc/sys fail in one way. */
static void collect_without_proc(struct snapshot *snapshot, enum backend backend,
				 int (*inject)(const char *path))
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	struct collector collector = {
		.snapshot = snapshot, .backend = backend, .scope = {.limit_kinds = KINDS_SYSV}};

	assert_int_equal(rooted_init(&root, NULL, NULL), 0);
	root.inject = inject;
	collector.root = root;
	assert_int_equal(sysv_collect(&collector, &sysv_shm), 0);
	assert_int_equal(sysv_collect(&collector, &sysv_sem), 0);
	assert_int_equal(sysv_collect(&collector, &sysv_msg), 0);
	assert_int_equal(limits_collect(&collector), 0);
}

static int lose(const char *path)
{
	return strncmp(path, "proc/sys", 8) == 0 ? ENOENT : 0;
}

static int deny(const char *path)
{
	return strncmp(path, "proc/sys", 8) == 0 ? EACCES : 0;
}

TEST(without_proc_the_calls_are_asked)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	_cleanup_snapshot_ struct snapshot *procfs = collect(BACKEND_PROCFS);

	collect_without_proc(snapshot, BACKEND_AUTO, lose);
	assert_int_equal(snapshot->objects.count, procfs->objects.count);
	assert_int_equal(snapshot->limits.count, SYSV_LIMIT_COUNT - 1);
	assert_int_equal(snapshot_limit(snapshot, LIMIT_MSGMNB)->value,
			 snapshot_limit(procfs, LIMIT_MSGMNB)->value);
	/* The switch that no call tells. */
	assert_int_equal(snapshot->issues.count, 1);
	assert_text(snapshot->issues.items[0].subject, "/proc/sys/kernel/shm_rmid_forced");
}

TEST(who_asks_for_proc_gets_proc_alone)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();

	collect_without_proc(snapshot, BACKEND_PROCFS, lose);
	assert_int_equal(snapshot->objects.count + snapshot->limits.count, 0);
	assert_int_equal(snapshot->issues.count, 3 + SYSV_LIMIT_COUNT);
	vector_for_each (&snapshot->issues, issue)
		assert_int_equal(issue->code, OUTCOME_UNSUPPORTED);
}

static size_t count_denied(const struct sysv_mechanism *mechanism, bool wants_residence,
			   bool wants_past)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	const struct scope scope = {.has_no_residence = !wants_residence,
				    .has_no_past = !wants_past};
	struct collector collector = {
		.snapshot = snapshot,
		.scope = scope,
		.root = {.fd = -1, .is_live = true, .inject = deny},
	};

	assert_int_equal(sysv_collect(&collector, mechanism), 0);
	assert_int_equal(snapshot->issues.count, !snapshot->objects.count);
	return snapshot->objects.count;
}

TEST(only_who_asks_for_memory_or_the_past_needs_the_files)
{
	assert_int_equal(count_denied(&sysv_shm, false, false), 6);
	assert_int_equal(count_denied(&sysv_shm, true, false), 0);
	assert_int_equal(count_denied(&sysv_shm, false, true), 0);
	assert_int_equal(count_denied(&sysv_sem, false, false), 3);
	assert_int_equal(count_denied(&sysv_msg, true, false), 3);
	assert_int_equal(count_denied(&sysv_msg, false, true), 0);
}

/* A denial is told, not worked around. The file of arrays is not needed. */
TEST(a_denied_file_is_an_issue)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();

	collect_without_proc(snapshot, BACKEND_AUTO, deny);
	assert_int_equal(snapshot->objects.count, 3);
	assert_int_equal(snapshot->objects.items[0].kind, KIND_SEM);
	assert_int_equal(snapshot->limits.count, 0);
	assert_int_equal(snapshot->issues.count, 2 + SYSV_LIMIT_COUNT);
	vector_for_each (&snapshot->issues, issue)
		assert_int_equal(issue->code, OUTCOME_DENIED);
}

static int no_such_call(void)
{
	errno = ENOSYS;
	return -1;
}

static int one_index(void)
{
	return 0;
}

static int denied_index(int index, struct proc_row *ret_row)
{
	(void)index;
	(void)ret_row;
	return EACCES;
}

TEST(a_kernel_without_system_v_says_so)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct collector collector = {.snapshot = snapshot, .backend = BACKEND_SYSCALL};
	struct sysv_mechanism mechanism = sysv_sem;

	collector.root.is_live = true;
	mechanism.highest_index = no_such_call;
	assert_int_equal(sysv_collect(&collector, &mechanism), 0);
	assert_int_equal(snapshot->issues.count, 1);
	assert_int_equal(snapshot->issues.items[0].code, OUTCOME_UNSUPPORTED);
	assert_text(snapshot->issues.items[0].subject, sysv_sem.info_call);
	assert_text(snapshot->issues.items[0].reason, "this kernel has no System V IPC");
}

TEST(an_object_that_no_call_may_tell_is_an_issue)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct collector collector = {.snapshot = snapshot, .backend = BACKEND_SYSCALL};
	struct sysv_mechanism mechanism = sysv_shm;

	collector.root.is_live = true;
	mechanism.highest_index = one_index;
	mechanism.row_from_index = denied_index;
	assert_int_equal(sysv_collect(&collector, &mechanism), 0);
	assert_int_equal(snapshot->objects.count, 0);
	assert_int_equal(snapshot->issues.items[0].code, OUTCOME_DENIED);
	assert_text(snapshot->issues.items[0].subject, sysv_shm.stat_call);
}

TEST(a_recorded_tree_has_no_calls)
{
	const struct collect_options options = {.root = "/", .backend = BACKEND_SYSCALL};
	struct snapshot *snapshot = NULL;
	struct ipclens_error error;

	assert_true(collect_snapshot(&options, &snapshot, &error) < 0);
	assert_null(snapshot);
	assert_non_null(strstr(error.text, "recorded tree"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_list_the_same_objects),
		cmocka_unit_test(the_situations_are_there_in_both),
		cmocka_unit_test(
			who_asks_neither_for_memory_nor_for_the_past_gets_the_same_objects),
		cmocka_unit_test(only_who_asks_for_memory_or_the_past_needs_the_files),
		cmocka_unit_test(both_tell_the_same_limits_and_their_use),
		cmocka_unit_test(both_tell_the_same_host_and_name_themselves),
		cmocka_unit_test(without_proc_the_calls_are_asked),
		cmocka_unit_test(who_asks_for_proc_gets_proc_alone),
		cmocka_unit_test(a_denied_file_is_an_issue),
		cmocka_unit_test(a_kernel_without_system_v_says_so),
		cmocka_unit_test(an_object_that_no_call_may_tell_is_an_issue),
		cmocka_unit_test(a_recorded_tree_has_no_calls),
	};
	const char *reason = private_ipc_enter();

	if (reason)
		return private_ipc_skip(reason);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
