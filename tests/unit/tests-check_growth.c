/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queues that have grown since an earlier look, and those that have not. */
#include "unit.h"

#include "query/check.h"

#define THEN 1000000

/* A queue in two looks; what it has is set by each test. */
struct scene {
	struct snapshot *before, *after;
	struct object *old, *new;
};

static struct object *add_queue(struct snapshot **ret_snapshot, enum kind kind, int64_t taken_at,
				uint64_t messages)
{
	struct snapshot *snapshot = snapshot_new();
	struct object *queue;

	assert_non_null(snapshot);
	snapshot->taken_at = taken_at;
	snapshot->has_users = snapshot->has_waits = true;
	queue = snapshot_add_object(snapshot, kind);
	assert_non_null(queue);
	queue->id = queue->inode = 7;
	queue->messages = messages;
	queue->mode = 0600;
	/* Lately, so that nothing is found of one look alone. */
	queue->changed_at = taken_at;
	object_mark(queue, OBJECT_CHANGED_AT);
	object_mark(queue, OBJECT_MESSAGES);
	object_mark(queue, OBJECT_MODE);
	*ret_snapshot = snapshot;
	return queue;
}

static struct scene begin(enum kind kind, uint64_t old, uint64_t new, int64_t seconds)
{
	struct scene scene;

	scene.old = add_queue(&scene.before, kind, THEN, old);
	scene.new = add_queue(&scene.after, kind, THEN + seconds, new);
	return scene;
}

static void scene_deinit(struct scene *scene)
{
	snapshot_free(scene->before);
	snapshot_free(scene->after);
}
#define _cleanup_scene_ __attribute__((cleanup(scene_deinit)))

static void receive(struct object *queue, int64_t time)
{
	queue->msg.received_at = time;
	object_mark(queue, OBJECT_RECEIVED_AT);
}

static struct findings judge(const struct scene *scene)
{
	struct check_bounds bounds = check_usual_bounds;
	struct findings findings = {0};

	bounds.since = scene->before;
	assert_int_equal(check_judge(scene->after, &bounds, &findings), 0);
	return findings;
}

static void assert_nothing(const struct scene *scene)
{
	_cleanup_findings_ struct findings findings = judge(scene);

	assert_int_equal(findings.items.count, 0);
}

/* One queue is likely stuck, with that summary and that first evidence. */
static void assert_stuck(const struct scene *scene, const char *summary, const char *evidence)
{
	_cleanup_findings_ struct findings findings = judge(scene);

	assert_int_equal(findings.items.count, 1);
	assert_int_equal(findings.items.items[0].code, FINDING_STUCK_QUEUE);
	assert_int_equal(findings.items.items[0].certainty, FINDING_LIKELY);
	assert_text(findings.items.items[0].summary, summary);
	assert_text(*(const struct text *)findings.items.items[0].evidence.items, evidence);
}

TEST(a_queue_that_grows_and_that_nobody_receives_from_is_stuck)
{
	_cleanup_scene_ struct scene scene = begin(KIND_MSG, 3, 8, 60);

	assert_stuck(&scene,
		     "msg:7: 8 messages are in it, 5 more than 1 minute ago: it grows, and nobody "
		     "received meanwhile",
		     "from 3 to 8 messages in 60 seconds: 5 a minute (msg_qnum)");
	/* The last receive was before both looks. */
	receive(scene.old, THEN - 5);
	receive(scene.new, THEN - 5);
	assert_stuck(&scene,
		     "msg:7: 8 messages are in it, 5 more than 1 minute ago: it grows, and nobody "
		     "received meanwhile",
		     "from 3 to 8 messages in 60 seconds: 5 a minute (msg_qnum)");
}

TEST(one_that_does_not_grow_is_not)
{
	_cleanup_scene_ struct scene same = begin(KIND_MSG, 8, 8, 60);
	_cleanup_scene_ struct scene less = begin(KIND_MSG, 8, 3, 60);
	_cleanup_scene_ struct scene none = begin(KIND_MSG, 0, 0, 60);

	assert_nothing(&same);
	assert_nothing(&less);
	assert_nothing(&none);
}

TEST(of_one_that_is_received_from_it_takes_time_to_tell)
{
	_cleanup_scene_ struct scene brief = begin(KIND_MSG, 0, 1, 3599);
	_cleanup_scene_ struct scene lasting = begin(KIND_MSG, 0, 7, 7200);

	receive(brief.new, THEN + 30);
	assert_nothing(&brief);
	/* In the very second of the earlier look, but perhaps after it. */
	receive(brief.new, THEN);
	assert_nothing(&brief);
	receive(lasting.new, THEN + 7000);
	assert_stuck(&lasting,
		     "msg:7: 7 messages are in it, 7 more than 2 hours ago: less is received than "
		     "sent",
		     "from 0 to 7 messages in 7200 seconds: 3.5 an hour (msg_qnum)");
}

TEST(of_posix_queues_receiving_is_not_recorded)
{
	_cleanup_scene_ struct scene brief = begin(KIND_MQ, 1, 3, 10);
	_cleanup_scene_ struct scene lasting = begin(KIND_MQ, 1, 3, 3600);

	assert_nothing(&brief);
	lasting.old->ref = lasting.new->ref = TEXT_LITERAL("mq:/jobs");
	assert_stuck(&lasting,
		     "mq:/jobs: 3 messages are in it, 2 more than 1 hour ago: more is sent than "
		     "received",
		     "from 1 to 3 messages in 3600 seconds: 2 an hour (mq_curmsgs)");
}

TEST(another_queue_and_another_moment_are_not_compared)
{
	_cleanup_scene_ struct scene other = begin(KIND_MSG, 0, 5, 60);
	_cleanup_scene_ struct scene at_once = begin(KIND_MSG, 0, 5, 0);
	_cleanup_scene_ struct scene unknown = begin(KIND_MSG, 0, 5, 60);

	other.new->id = 8;
	record_unmark(&unknown.old->record, OBJECT_MESSAGES);
	assert_nothing(&other);
	assert_nothing(&at_once);
	assert_nothing(&unknown);
}

TEST(what_one_look_tells_it_tells_still)
{
	_cleanup_scene_ struct scene scene = begin(KIND_MSG, 5, 5, 60);

	scene.new->changed_at = THEN - 7200;
	assert_stuck(&scene, "msg:7: 5 messages are in it, and nobody received for 2 hours",
		     "last receive at the latest 2 hours ago (msg_ctime; nobody ever received)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_that_grows_and_that_nobody_receives_from_is_stuck),
		cmocka_unit_test(one_that_does_not_grow_is_not),
		cmocka_unit_test(of_one_that_is_received_from_it_takes_time_to_tell),
		cmocka_unit_test(of_posix_queues_receiving_is_not_recorded),
		cmocka_unit_test(another_queue_and_another_moment_are_not_compared),
		cmocka_unit_test(what_one_look_tells_it_tells_still),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
