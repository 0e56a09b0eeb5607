/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What takes two users: only root can be both. */
#include "unit.h"

#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "act/sysv.h"
#include "collect/collect.h"
#include "private_ipc.h"

/* One object of each kind, mode 0000; removed again. */
static int ids[KINDS_SYSV_COUNT];

static int set_up(void **state)
{
	(void)state;
	ids[KIND_SHM] = shmget(0x4d2, 1, IPC_CREAT | IPC_EXCL);
	ids[KIND_SEM] = semget(0x4d2, 3, IPC_CREAT | IPC_EXCL);
	ids[KIND_MSG] = msgget(0x4d2, IPC_CREAT | IPC_EXCL);
	for (enum kind kind = 0; kind < KINDS_SYSV_COUNT; kind++)
		assert_true(ids[kind] >= 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (enum kind kind = 0; kind < KINDS_SYSV_COUNT; kind++)
		assert_int_equal(act_sysv_remove(kind, ids[kind], NULL), 0);
	return 0;
}

/* Of System V alone: the IPC namespace is private, but /dev/shm and all pipes are the machine's. */
static struct snapshot *collect(enum backend backend)
{
	struct collect_options options = {.backend = backend, .scope = scope_everything};
	struct snapshot *snapshot = NULL;

	options.scope.kinds = options.scope.limit_kinds = KINDS_SYSV;
	if (collect_snapshot(&options, &snapshot, NULL) != 0)
		return NULL;
	return snapshot;
}

static const struct issue *find_only(const struct snapshot *snapshot, enum issue_aspect aspect)
{
	const struct issue *found = NULL;

	vector_for_each (&snapshot->issues, issue) {
		if (issue->aspect != aspect)
			continue;
		assert_null(found);
		found = issue;
	}
	assert_non_null(found);
	return found;
}

TEST(all_objects_are_listed_and_one_array_is_not_read)
{
	for (enum backend backend = BACKEND_PROCFS; backend <= BACKEND_SYSCALL; backend++) {
		_cleanup_snapshot_ struct snapshot *snapshot = NULL;
		const struct issue *issue;

		assert_true(become_nobody());
		snapshot = collect(backend);
		regain_power();
		assert_non_null(snapshot);
		assert_int_equal(snapshot->objects.count, KINDS_SYSV_COUNT);
		assert_int_equal(snapshot->objects.items[KIND_SEM].sem.nsems, 3);
		assert_false(object_has(&snapshot->objects.items[KIND_SEM], OBJECT_SEMAPHORES));
		assert_true(object_has(&snapshot->objects.items[KIND_MSG], OBJECT_MAX_BYTES));
		issue = find_only(snapshot, ISSUE_ABOUT_SEMAPHORES);
		assert_int_equal(issue->code, OUTCOME_DENIED);
		issue = find_only(snapshot, ISSUE_ABOUT_WAITS);
		assert_int_equal(issue->code, OUTCOME_DENIED);
		/* With the reason, whatever it is here. */
		assert_true(find_only(snapshot, ISSUE_ABOUT_HOLDERS)->reason.length > 0);
		issue = find_only(snapshot, ISSUE_ABOUT_PROCESSES);
		assert_int_equal(issue->code, OUTCOME_DENIED);
		assert_non_null(memmem(issue->reason.bytes, issue->reason.length,
				       TEXT_LITERAL("may not be inspected").bytes, 20));
		assert_false(snapshot->sight.is_full);
		assert_true(snapshot->sight.reasons & SIGHT_MISSING_CAPABILITIES);
	}
}

TEST(changes_are_denied_but_a_key_is_found)
{
	int results[KINDS_SYSV_COUNT][3], found[KINDS_SYSV_COUNT];

	assert_true(become_nobody());
	for (enum kind kind = 0; kind < KINDS_SYSV_COUNT; kind++) {
		results[kind][0] = act_sysv_remove(kind, ids[kind], NULL);
		results[kind][1] = act_sysv_check_read(kind, ids[kind], NULL);
		/* No permission is asked for. */
		results[kind][2] = act_sysv_find_key(kind, 0x4d2, &found[kind], NULL);
	}
	regain_power();
	for (enum kind kind = 0; kind < KINDS_SYSV_COUNT; kind++) {
		assert_int_equal(results[kind][0], OUTCOME_DENIED);
		assert_int_equal(results[kind][1], OUTCOME_DENIED);
		assert_int_equal(results[kind][2], 0);
		assert_int_equal(found[kind], ids[kind]);
	}
}

TEST(owner_and_creator_are_told_apart)
{
	struct semid_ds array = {.sem_perm = {.uid = 4004, .gid = 5005, .mode = 0600}};
	int id;

	assert_true(become_user(2002, 3003));
	id = semget(IPC_PRIVATE, 1, 0600);
	regain_power();
	assert_true(id >= 0);
	assert_int_equal(semctl(id, 0, IPC_SET, &array), 0);
	for (enum backend backend = BACKEND_PROCFS; backend <= BACKEND_SYSCALL; backend++) {
		_cleanup_snapshot_ struct snapshot *snapshot = collect(backend);
		const struct object *object = &snapshot->objects.items[KIND_SEM + 1];

		assert_int_equal(object->id, id);
		assert_int_equal(object->uid, 4004);
		assert_int_equal(object->gid, 5005);
		assert_int_equal(object->cuid, 2002);
		assert_int_equal(object->cgid, 3003);
	}
	assert_int_equal(semctl(id, 0, IPC_RMID), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_objects_are_listed_and_one_array_is_not_read),
		cmocka_unit_test(changes_are_denied_but_a_key_is_found),
		cmocka_unit_test(owner_and_creator_are_told_apart),
	};
	const char *reason = private_ipc_enter();

	if (!reason && !become_nobody())
		reason = "only root can become another user";
	if (reason)
		return private_ipc_skip(reason);
	regain_power();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
