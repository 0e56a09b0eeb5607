/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes, in an IPC namespace of the program's own. */
#include "unit.h"

#include <errno.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "act/sysv.h"
#include "private_ipc.h"

static int create(enum kind kind, uint32_t key, int mode)
{
	const struct sysv_request request = {
		.kind = kind, .key = key, .mode = mode, .size = 100, .nsems = 3};
	struct ipclens_error error;
	int id = -1;

	if (act_sysv_create(&request, &id, &error) != 0)
		fail_msg("%s", error.text);
	assert_true(id >= 0);
	return id;
}

TEST(an_object_is_created_found_and_removed)
{
	for (enum kind kind = 0; kind < KINDS_SYSV_COUNT; kind++) {
		int id = create(kind, 0xfffffffe, 0600);
		int found = -1;

		assert_int_equal(act_sysv_find_key(kind, 0xfffffffe, &found, NULL), 0);
		assert_int_equal(found, id);
		assert_int_equal(act_sysv_check_read(kind, id, NULL), 0);
		assert_int_equal(act_sysv_remove(kind, id, NULL), 0);
		assert_int_equal(act_sysv_check_read(kind, id, NULL), OUTCOME_GONE);
		assert_int_equal(act_sysv_find_key(kind, 0xfffffffe, &found, NULL), OUTCOME_GONE);
	}
}

TEST(what_was_asked_for_is_made)
{
	int segment = create(KIND_SHM, 0, 0640);
	int array = create(KIND_SEM, 0, 0604);
	struct shmid_ds shm;
	struct semid_ds sem;

	assert_int_equal(shmctl(segment, IPC_STAT, &shm), 0);
	assert_int_equal(shm.shm_segsz, 100);
	assert_int_equal(shm.shm_perm.mode & 0777, 0640);
	assert_int_equal(semctl(array, 0, IPC_STAT, &sem), 0);
	assert_int_equal(sem.sem_nsems, 3);
	assert_int_equal(sem.sem_perm.mode & 0777, 0604);
	assert_int_equal(act_sysv_remove(KIND_SHM, segment, NULL), 0);
	assert_int_equal(act_sysv_remove(KIND_SEM, array, NULL), 0);
}

TEST(an_object_that_exists_is_never_opened)
{
	const struct sysv_request request = {.kind = KIND_MSG, .key = 0x4d2, .mode = 0600};
	int first = create(KIND_MSG, 0x4d2, 0600), second = -7;
	struct ipclens_error error;

	assert_int_equal(act_sysv_create(&request, &second, &error), -EEXIST);
	assert_int_equal(second, -7);
	assert_non_null(strstr(error.text, "message queue"));
	assert_int_equal(act_sysv_remove(KIND_MSG, first, NULL), 0);
}

TEST(the_private_key_is_not_looked_up)
{
	struct ipclens_error error;
	int id = -7;

	for (enum kind kind = 0; kind < KINDS_SYSV_COUNT; kind++)
		assert_int_equal(act_sysv_find_key(kind, 0, &id, &error), -EINVAL);
	assert_int_equal(id, -7);
	assert_non_null(strstr(error.text, "private"));
}

TEST(an_id_that_names_nothing_is_gone)
{
	static const int ids[] = {-1, 0, 12345, INT32_MAX, INT32_MIN};

	for (enum kind kind = 0; kind < KINDS_SYSV_COUNT; kind++) {
		for (size_t i = 0; i < ARRAY_LENGTH(ids); i++) {
			struct ipclens_error error = {0};

			assert_int_equal(act_sysv_remove(kind, ids[i], &error), OUTCOME_GONE);
			assert_non_null(strstr(error.text, "not found"));
			assert_true(error.number < 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_is_created_found_and_removed),
		cmocka_unit_test(what_was_asked_for_is_made),
		cmocka_unit_test(an_object_that_exists_is_never_opened),
		cmocka_unit_test(the_private_key_is_not_looked_up),
		cmocka_unit_test(an_id_that_names_nothing_is_gone),
	};
	const char *reason = private_ipc_enter();

	if (reason)
		return private_ipc_skip(reason);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
