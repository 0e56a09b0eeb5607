/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Removal of what was seen before, in an IPC namespace and a /dev/shm of the program's own. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "act/remove.h"
#include "act/sysv.h"
#include "private_ipc.h"

#define KEY 0x4d2

/* A new object of System V, and what a look at it would have told. */
static struct object make(enum kind kind, int mode)
{
	const struct sysv_request request = {
		.kind = kind, .key = KEY, .mode = mode, .size = 100, .nsems = 3};
	struct object object = {.kind = kind, .key = KEY, .cuid = geteuid(), .cgid = getegid()};
	int id = -1;

	assert_int_equal(act_sysv_create(&request, &id, NULL), 0);
	object.id = (uint64_t)id;
	object_mark(&object, OBJECT_CUID);
	object_mark(&object, OBJECT_CGID);
	if (kind == KIND_SHM) {
		object.shm.creator_pid = getpid();
		object_mark(&object, OBJECT_CREATOR_PID);
	}
	return object;
}

static struct object make_file(const char *name, const char *path)
{
	struct object object = {.kind = KIND_PSHM, .name = text_of(name)};
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	struct stat status;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	close(fd);
	object.inode = status.st_ino;
	object.device = device_number(major(status.st_dev), minor(status.st_dev));
	return object;
}

TEST(the_object_is_removed_and_then_gone)
{
	for (enum kind kind = 0; kind < KINDS_SYSV_COUNT; kind++) {
		struct object object = make(kind, 0600);

		assert_int_equal(act_remove(&object, false, "", NULL), 0);
		assert_int_equal(act_remove(&object, false, "", NULL), OUTCOME_GONE);
	}
}

TEST(another_object_of_the_same_id_stays)
{
	for (enum kind kind = 0; kind < KINDS_SYSV_COUNT; kind++) {
		const struct object object = make(kind, 0600);
		struct object others[] = {object, object, object};

		others[0].key++;
		others[1].cuid++;
		others[2].cgid++;
		for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
			assert_int_equal(act_remove(&others[i], true, "", NULL), -ESTALE);
			assert_int_equal(act_sysv_check_read(kind, (int)object.id, NULL), 0);
		}
		assert_int_equal(act_remove(&object, false, "", NULL), 0);
	}
}

TEST(where_the_owner_is_not_known_the_last_change_tells)
{
	for (enum kind kind = 0; kind < KINDS_SYSV_COUNT; kind++) {
		struct object object = make(kind, 0600);
		struct sysv_identity now;

		record_unmark(&object.record, OBJECT_CUID);
		assert_int_equal(act_remove(&object, true, "", NULL), -ESTALE);
		assert_int_equal(act_sysv_identify(kind, (int)object.id, &now, NULL), 0);
		object.changed_at = now.changed_at - 1;
		object_mark(&object, OBJECT_CHANGED_AT);
		assert_int_equal(act_remove(&object, true, "", NULL), -ESTALE);
		object.changed_at++;
		assert_int_equal(act_remove(&object, true, "", NULL), 0);
	}
}

TEST(a_segment_of_another_creator_stays)
{
	struct object object = make(KIND_SHM, 0600);

	object.shm.creator_pid++;
	assert_int_equal(act_remove(&object, true, "", NULL), -ESTALE);
	object.shm.creator_pid--;
	assert_int_equal(act_remove(&object, true, "", NULL), 0);
}

TEST(a_segment_that_was_attached_meanwhile_stays)
{
	struct object object = make(KIND_SHM, 0600);
	void *address = shmat((int)object.id, NULL, 0);
	struct ipclens_error error;

	assert_int_equal(act_remove(&object, false, "", &error), -EBUSY);
	assert_non_null(strstr(error.text, "attached"));
	assert_int_equal(shmdt(address), 0);
	assert_int_equal(act_remove(&object, false, "", NULL), 0);
}

TEST(who_may_not_read_an_object_of_his_can_remove_it)
{
	for (enum kind kind = 0; kind < KINDS_SYSV_COUNT; kind++) {
		struct object object, other;
		int r;

		if (!drop_capabilities()) {
			print_message("only root has capabilities to drop\n");
			skip();
		}
		object = make(kind, 0);
		other = object;
		other.key++;
		assert_int_equal(act_remove(&other, false, "", NULL), -ESTALE);
		r = act_remove(&object, false, "", NULL);
		regain_power();
		assert_int_equal(r, 0);
	}
}

TEST(a_file_is_removed_only_if_it_is_the_same)
{
	struct object object = make_file("/one", "/dev/shm/one"), other = object;

	other.inode++;
	assert_int_equal(act_remove(&other, true, "", NULL), -ESTALE);
	other = object;
	other.device++;
	assert_int_equal(act_remove(&other, true, "", NULL), -ESTALE);
	assert_int_equal(access("/dev/shm/one", F_OK), 0);
	assert_int_equal(act_remove(&object, false, "", NULL), 0);
	assert_int_equal(access("/dev/shm/one", F_OK), -1);
	assert_int_equal(act_remove(&object, false, "", NULL), OUTCOME_GONE);
}

TEST(a_semaphore_has_a_file_of_another_name)
{
	struct object object = make_file("/two", "/dev/shm/sem.two");

	assert_int_equal(act_remove(&object, false, "", NULL), OUTCOME_GONE);
	object.kind = KIND_PSEM;
	assert_int_equal(act_remove(&object, false, "", NULL), 0);
}

TEST(what_has_no_name_cannot_be_removed)
{
	const struct object objects[] = {
		{.kind = KIND_PIPE, .inode = 1},
		{.kind = KIND_MAP, .name = TEXT_LITERAL("memfd:x")},
		{.kind = KIND_PSHM, .name = TEXT_LITERAL("/x"), .status = STATUS_UNLINKED},
		{.kind = KIND_PSHM, .name = TEXT_LITERAL("/x"), .status = STATUS_ELSEWHERE},
		{.kind = KIND_SHM, .status = SHM_STATUS_DEST},
		{.kind = KIND_FIFO},
	};
	struct ipclens_error error;

	for (size_t i = 0; i < ARRAY_LENGTH(objects); i++)
		assert_int_equal(act_remove(&objects[i], true, "", &error), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_object_is_removed_and_then_gone),
		cmocka_unit_test(another_object_of_the_same_id_stays),
		cmocka_unit_test(where_the_owner_is_not_known_the_last_change_tells),
		cmocka_unit_test(a_segment_of_another_creator_stays),
		cmocka_unit_test(a_segment_that_was_attached_meanwhile_stays),
		cmocka_unit_test(who_may_not_read_an_object_of_his_can_remove_it),
		cmocka_unit_test(a_file_is_removed_only_if_it_is_the_same),
		cmocka_unit_test(a_semaphore_has_a_file_of_another_name),
		cmocka_unit_test(what_has_no_name_cannot_be_removed),
	};
	const char *reason = private_shm_enter();

	if (reason)
		return private_ipc_skip(reason);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
