/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arrays and queues that vanish, or may not be read, while they are looked at. */
#include "unit.h"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <unistd.h>

#include "collect/collector.h"
#include "private_ipc.h"

struct fixture {
	struct collector collector;
	struct snapshot *snapshot;
	int readable, unreadable; /* arrays of two semaphores */
	int queue;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){.snapshot = snapshot_new()};
	fixture.collector =
		(struct collector){.snapshot = fixture.snapshot, .scope = scope_everything};
	fixture.unreadable = semget(IPC_PRIVATE, 2, 0000);
	fixture.readable = semget(IPC_PRIVATE, 2, 0666);
	fixture.queue = msgget(IPC_PRIVATE, 0000);
	assert_true(fixture.unreadable >= 0 && fixture.readable >= 0 && fixture.queue >= 0);
	assert_int_equal(semctl(fixture.readable, 1, SETVAL, 42), 0);
	*state = &fixture;
	return rooted_init(&fixture.collector.root, NULL, NULL);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	semctl(fixture->readable, 0, IPC_RMID);
	semctl(fixture->unreadable, 0, IPC_RMID);
	msgctl(fixture->queue, IPC_RMID, NULL);
	rooted_deinit(&fixture->collector.root);
	snapshot_free(fixture->snapshot);
	return 0;
}

static void list_arrays(struct fixture *fixture)
{
	assert_int_equal(sysv_collect(&fixture->collector, &sysv_sem), 0);
	assert_int_equal(fixture->snapshot->objects.count, 2);
}

static void assert_only_issue(const struct snapshot *snapshot, const struct object *object,
			      enum issue_aspect aspect, int outcome)
{
	const struct issue *issue = snapshot->issues.items;
	char ref[64];

	snprintf(ref, sizeof(ref), "%s:%ju", kind_info(object->kind)->word, (uintmax_t)object->id);
	assert_int_equal(snapshot->issues.count, 1);
	assert_int_equal(issue->code, outcome);
	assert_int_equal(issue->aspect, aspect);
	assert_int_equal(issue->kind, object->kind);
	assert_text(issue->object, ref);
	assert_true(issue->reason.length > 0);
}

static void assert_readable_array(const struct object *object)
{
	const struct semaphore *semaphores = object->sem.semaphores.items;

	assert_true(object_has(object, OBJECT_SEMAPHORES));
	assert_int_equal(object->sem.semaphores.count, 2);
	assert_int_equal(semaphores[1].num, 1);
	assert_int_equal(semaphores[1].value, 42);
}

static void an_array_that_vanishes_is_gone(void **state)
{
	struct fixture *fixture = *state;
	const struct object *objects;

	list_arrays(fixture);
	assert_int_equal(semctl(fixture->unreadable, 0, IPC_RMID), 0);
	assert_int_equal(sysv_sem_add_semaphores(&fixture->collector), 0);
	objects = fixture->snapshot->objects.items;
	assert_false(object_has(&objects[0], OBJECT_SEMAPHORES));
	assert_true(object_has(&objects[0], OBJECT_NSEMS));
	assert_only_issue(fixture->snapshot, &objects[0], ISSUE_ABOUT_SEMAPHORES, OUTCOME_GONE);
	assert_readable_array(&objects[1]);
}

/* Its place may be taken by another array, of another size: that one's values are not the answer.
 */
static void an_array_that_was_replaced_is_gone(void **state)
{
	struct fixture *fixture = *state;

	list_arrays(fixture);
	assert_int_equal(semctl(fixture->unreadable, 0, IPC_RMID), 0);
	fixture->unreadable = semget(IPC_PRIVATE, 100, 0600);
	assert_int_equal(sysv_sem_add_semaphores(&fixture->collector), 0);
	assert_only_issue(fixture->snapshot, &fixture->snapshot->objects.items[0],
			  ISSUE_ABOUT_SEMAPHORES, OUTCOME_GONE);
}

static void an_array_of_mode_0_is_denied_to_its_owner(void **state)
{
	struct fixture *fixture = *state;
	int r;

	assert_true(drop_capabilities());
	r = sysv_collect(&fixture->collector, &sysv_sem);
	if (r == 0)
		r = sysv_sem_add_semaphores(&fixture->collector);
	regain_power();
	assert_int_equal(r, 0);
	assert_int_equal(fixture->snapshot->objects.count, 2);
	assert_false(object_has(&fixture->snapshot->objects.items[0], OBJECT_SEMAPHORES));
	assert_int_equal(fixture->snapshot->objects.items[0].sem.nsems, 2);
	assert_only_issue(fixture->snapshot, &fixture->snapshot->objects.items[0],
			  ISSUE_ABOUT_SEMAPHORES, OUTCOME_DENIED);
	assert_readable_array(&fixture->snapshot->objects.items[1]);
}

static void a_queue_of_mode_0_still_tells_its_limit(void **state)
{
	struct fixture *fixture = *state;
	int r;

	assert_true(drop_capabilities());
	r = sysv_collect(&fixture->collector, &sysv_msg);
	if (r == 0)
		r = sysv_msg_add_limits(&fixture->collector);
	regain_power();
	assert_int_equal(r, 0);
	assert_int_equal(fixture->snapshot->objects.count, 1);
	assert_true(object_has(&fixture->snapshot->objects.items[0], OBJECT_MAX_BYTES));
	assert_true(fixture->snapshot->objects.items[0].max_bytes > 0);
	assert_int_equal(fixture->snapshot->issues.count, 0);
}

static void a_queue_that_vanishes_is_gone(void **state)
{
	struct fixture *fixture = *state;
	int other = msgget(IPC_PRIVATE, 0600);

	assert_int_equal(sysv_collect(&fixture->collector, &sysv_msg), 0);
	assert_int_equal(msgctl(fixture->queue, IPC_RMID, NULL), 0);
	assert_int_equal(sysv_msg_add_limits(&fixture->collector), 0);
	assert_int_equal(msgctl(other, IPC_RMID, NULL), 0);
	assert_int_equal(fixture->snapshot->objects.count, 2);
	assert_false(object_has(&fixture->snapshot->objects.items[0], OBJECT_MAX_BYTES));
	assert_true(object_has(&fixture->snapshot->objects.items[1], OBJECT_MAX_BYTES));
	assert_only_issue(fixture->snapshot, &fixture->snapshot->objects.items[0],
			  ISSUE_ABOUT_QUEUE_LIMITS, OUTCOME_GONE);
}

/* Only the object that is asked for is looked into: what is wrong with another is no issue. */
static void the_details_of_other_objects_are_not_read(void **state)
{
	struct fixture *fixture = *state;
	struct collector *collector = &fixture->collector;
	const struct object *objects;
	int other = msgget(IPC_PRIVATE, 0600);
	const struct ref refs[] = {
		{.kinds = KIND_BIT(KIND_SEM), .number = (uint64_t)fixture->readable},
		{.kinds = KIND_BIT(KIND_MSG), .number = (uint64_t)other}};

	list_arrays(fixture);
	assert_int_equal(sysv_collect(collector, &sysv_msg), 0);
	assert_int_equal(semctl(fixture->unreadable, 0, IPC_RMID), 0);
	collector->scope.details = refs;
	collector->scope.detail_count = 2;
	assert_int_equal(sysv_sem_add_semaphores(collector), 0);
	assert_int_equal(sysv_msg_add_limits(collector), 0);
	assert_int_equal(msgctl(other, IPC_RMID, NULL), 0);
	assert_int_equal(fixture->snapshot->issues.count, 0);
	objects = fixture->snapshot->objects.items;
	assert_false(object_has(&objects[0], OBJECT_SEMAPHORES));
	assert_readable_array(&objects[1]);
	assert_false(object_has(&objects[2], OBJECT_MAX_BYTES));
	assert_true(object_has(&objects[3], OBJECT_MAX_BYTES));
}

static void an_array_larger_than_any_is_not_read(void **state)
{
	struct fixture *fixture = *state;

	list_arrays(fixture);
	fixture->snapshot->objects.items[0].sem.nsems = UINT64_C(1) << 40;
	assert_int_equal(sysv_sem_add_semaphores(&fixture->collector), 0);
	assert_only_issue(fixture->snapshot, &fixture->snapshot->objects.items[0],
			  ISSUE_ABOUT_SEMAPHORES, OUTCOME_UNSUPPORTED);
	assert_readable_array(&fixture->snapshot->objects.items[1]);
}

static void a_semaphore_that_nobody_touched_has_no_pid(void **state)
{
	struct fixture *fixture = *state;
	const struct semaphore *semaphores;

	list_arrays(fixture);
	assert_int_equal(sysv_sem_add_semaphores(&fixture->collector), 0);
	semaphores = fixture->snapshot->objects.items[0].sem.semaphores.items;
	assert_false(record_has(&semaphores[0].record, SEMAPHORE_PID));
	assert_false(record_hides(&semaphores[0].record, SEMAPHORE_PID));
	assert_true(record_has(&semaphores[0].record, SEMAPHORE_VALUE));
}

/* The array was: whether this one was, too, by a process that is not seen from here, who knows. */
static void a_semaphore_of_an_array_that_was_operated_on_may_hide_its_pid(void **state)
{
	struct fixture *fixture = *state;
	struct sembuf operation = {.sem_num = 1, .sem_op = 1};
	const struct semaphore *semaphores;

	assert_int_equal(semop(fixture->readable, &operation, 1), 0);
	list_arrays(fixture);
	assert_int_equal(sysv_sem_add_semaphores(&fixture->collector), 0);
	semaphores = fixture->snapshot->objects.items[1].sem.semaphores.items;
	assert_int_equal(semaphores[1].pid, getpid());
	assert_false(record_hides(&semaphores[1].record, SEMAPHORE_PID));
	assert_false(record_has(&semaphores[0].record, SEMAPHORE_PID));
	assert_true(record_hides(&semaphores[0].record, SEMAPHORE_PID));
}

#define FIXTURE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(an_array_that_vanishes_is_gone),
		FIXTURE_TEST(an_array_that_was_replaced_is_gone),
		FIXTURE_TEST(an_array_of_mode_0_is_denied_to_its_owner),
		FIXTURE_TEST(a_queue_of_mode_0_still_tells_its_limit),
		FIXTURE_TEST(a_queue_that_vanishes_is_gone),
		FIXTURE_TEST(the_details_of_other_objects_are_not_read),
		FIXTURE_TEST(an_array_larger_than_any_is_not_read),
		FIXTURE_TEST(a_semaphore_that_nobody_touched_has_no_pid),
		FIXTURE_TEST(a_semaphore_of_an_array_that_was_operated_on_may_hide_its_pid),
	};
	const char *reason = private_ipc_enter();

	if (reason)
		return private_ipc_skip(reason);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
