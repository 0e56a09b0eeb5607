/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "door_stage.h"

enum service {
	ECHO,
	WHERE,
	PASS,
	FAIL,
	END,
	GAPS,
	SERVICES,
};

static int serve_echo(void *context, const void *request, size_t size, void *answer,
		      size_t *ret_size, int *ret_fds)
{
	(void)context;
	(void)ret_fds;
	memcpy(answer, request, size);
	*ret_size = size;
	return 0;
}

/* The number of the IPC namespace that it runs in. */
static int serve_where(void *context, const void *request, size_t size, void *answer,
		       size_t *ret_size, int *ret_fds)
{
	struct stat status;
	uint64_t number;

	(void)context;
	(void)request;
	(void)size;
	(void)ret_fds;
	if (stat("/proc/self/ns/ipc", &status) < 0)
		return errno;
	number = status.st_ino;
	memcpy(answer, &number, sizeof(number));
	*ret_size = sizeof(number);
	return 0;
}

/* A descriptor, and whether the parent's that is named is open here. */
static int serve_pass(void *context, const void *request, size_t size, void *answer,
		      size_t *ret_size, int *ret_fds)
{
	int fd;
	bool is_open;

	(void)context;
	if (size != sizeof(fd))
		return EINVAL;
	memcpy(&fd, request, sizeof(fd));
	is_open = fcntl(fd, F_GETFD) >= 0;
	memcpy(answer, &is_open, sizeof(is_open));
	*ret_size = sizeof(is_open);
	ret_fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return 0;
}

static int serve_failure(void *context, const void *request, size_t size, void *answer,
			 size_t *ret_size, int *ret_fds)
{
	(void)context;
	(void)request;
	(void)size;
	(void)answer;
	(void)ret_size;
	(void)ret_fds;
	return ENODATA;
}

/* Descriptors with gaps between them. */
static int serve_gaps(void *context, const void *request, size_t size, void *answer,
		      size_t *ret_size, int *ret_fds)
{
	(void)context;
	(void)request;
	(void)size;
	(void)answer;
	(void)ret_size;
	for (size_t i = 1; i < DOOR_FDS_MAX; i += 2)
		ret_fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return 0;
}

static int serve_end(void *context, const void *request, size_t size, void *answer,
		     size_t *ret_size, int *ret_fds)
{
	(void)context;
	(void)request;
	(void)size;
	(void)answer;
	(void)ret_size;
	(void)ret_fds;
	_exit(3);
}

static door_service *const services[SERVICES] = {
	[ECHO] = serve_echo,	[WHERE] = serve_where, [PASS] = serve_pass,
	[FAIL] = serve_failure, [END] = serve_end,     [GAPS] = serve_gaps,
};

/* Skips the test where this user may not make a namespace. */
static struct stage *need_door(void **state)
{
	return stage_need_door(state, services, SERVICES);
}

static uint64_t where(struct stage *stage, size_t place)
{
	struct door_answer answer;
	uint64_t number;

	assert_int_equal(
		door_ask(stage->door, &stage->places[place], WHERE, NULL, 0, stage->room, &answer),
		0);
	assert_int_equal(answer.size, sizeof(number));
	memcpy(&number, stage->room, sizeof(number));
	return number;
}

static uint64_t own_number(void)
{
	struct stat status;

	assert_int_equal(stat("/proc/self/ns/ipc", &status), 0);
	return status.st_ino;
}

TEST(it_answers_from_where_it_is_asked_for)
{
	struct stage *stage = need_door(state);
	uint64_t own = own_number();

	assert_int_not_equal(stage->places[0].number, stage->places[1].number);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(where(stage, i % 2), stage->places[i % 2].number);
	assert_int_equal(own_number(), own);
}

TEST(while_it_is_there_no_descriptor_is_needed)
{
	struct stage *stage = need_door(state);
	const struct door_place again = {.number = stage->places[0].number, .ipc = -1, .user = -1};
	struct door_answer answer;

	assert_false(door_is_in(stage->door, again.number));
	where(stage, 0);
	assert_true(door_is_in(stage->door, again.number));
	assert_false(door_is_in(stage->door, stage->places[1].number));
	assert_int_equal(door_ask(stage->door, &again, WHERE, NULL, 0, stage->room, &answer), 0);
}

TEST(messages_of_every_size_come_through)
{
	struct stage *stage = need_door(state);
	static const size_t sizes[] = {0, 1, 4096, DOOR_MESSAGE_MAX};
	char *request = malloc(DOOR_MESSAGE_MAX + 1);

	memset(request, 'x', DOOR_MESSAGE_MAX + 1);
	for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++) {
		struct door_answer answer;

		assert_int_equal(door_ask(stage->door, &stage->places[0], ECHO, request, sizes[i],
					  stage->room, &answer),
				 0);
		assert_int_equal(answer.size, sizes[i]);
		assert_int_equal(answer.fds[0], -1);
		assert_memory_equal(stage->room, request, sizes[i]);
	}
	assert_int_equal(door_ask(stage->door, &stage->places[0], ECHO, request,
				  DOOR_MESSAGE_MAX + 1, stage->room, &(struct door_answer){0}),
			 -E2BIG);
	free(request);
}

TEST(a_descriptor_is_handed_over_and_none_is_kept)
{
	struct stage *stage = need_door(state);
	struct door_answer answer;
	bool is_open = true;

	assert_int_equal(door_ask(stage->door, &stage->places[0], PASS, &stage->places[1].ipc,
				  sizeof(int), stage->room, &answer),
			 0);
	assert_true(answer.fds[0] >= 0);
	assert_true(fcntl(answer.fds[0], F_GETFD) & FD_CLOEXEC);
	close(answer.fds[0]);
	memcpy(&is_open, stage->room, sizeof(is_open));
	assert_false(is_open);
}

TEST(descriptors_keep_their_places)
{
	struct stage *stage = need_door(state);
	struct door_answer answer;

	assert_int_equal(
		door_ask(stage->door, &stage->places[0], GAPS, NULL, 0, stage->room, &answer), 0);
	for (size_t i = 0; i < DOOR_FDS_MAX; i++)
		assert_int_equal(answer.fds[i] >= 0, i % 2);
	door_close_fds(answer.fds);
	for (size_t i = 0; i < DOOR_FDS_MAX; i++)
		assert_int_equal(answer.fds[i], -1);
}

TEST(several_are_asked_before_the_first_answer)
{
	struct stage *stage = need_door(state);
	struct door_answer answer;

	for (size_t i = 0; i < DOOR_AHEAD_MAX; i++)
		assert_int_equal(door_begin(stage->door, &stage->places[i % 2], WHERE, NULL, 0), 0);
	assert_int_equal(door_begin(stage->door, &stage->places[0], WHERE, NULL, 0), -EBUSY);
	for (size_t i = 0; i < DOOR_AHEAD_MAX; i++) {
		/* Not before all were answered is it known where the child is. */
		assert_false(door_is_in(stage->door, stage->places[1].number));
		assert_int_equal(door_ask(stage->door, &stage->places[0], WHERE, NULL, 0,
					  stage->room, &answer),
				 -EBUSY);
		assert_int_equal(door_end(stage->door, stage->room, &answer), 0);
		assert_memory_equal(stage->room, &stage->places[i % 2].number, sizeof(uint64_t));
	}
	assert_true(door_is_in(stage->door, stage->places[1].number));
	assert_int_equal(where(stage, 0), stage->places[0].number);
}

TEST(what_cannot_be_entered_takes_its_turn)
{
	struct stage *stage = need_door(state);
	struct door_place wrong = {.number = 5, .ipc = open("/dev/null", O_RDONLY), .user = -1};
	const struct door_place *const turns[] = {&stage->places[0], &wrong, &stage->places[1]};
	struct door_answer answer;

	for (size_t i = 0; i < ARRAY_LENGTH(turns); i++)
		assert_int_equal(door_begin(stage->door, turns[i], WHERE, NULL, 0), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(turns); i++)
		assert_int_equal(door_end(stage->door, stage->room, &answer), i == 1 ? -EINVAL : 0);
	assert_memory_equal(stage->room, &stage->places[1].number, sizeof(uint64_t));
	close(wrong.ipc);
}

TEST(a_failure_inside_is_an_answer)
{
	struct stage *stage = need_door(state);
	struct door_answer answer;

	assert_int_equal(
		door_ask(stage->door, &stage->places[0], FAIL, NULL, 0, stage->room, &answer), 0);
	assert_int_equal(answer.result, ENODATA);
	assert_int_equal(where(stage, 0), stage->places[0].number);
}

TEST(what_is_no_namespace_cannot_be_entered)
{
	struct stage *stage = need_door(state);
	struct door_place wrong = {.number = 5, .ipc = open("/dev/null", O_RDONLY), .user = -1};
	struct door_answer answer;

	assert_int_equal(door_ask(stage->door, &wrong, WHERE, NULL, 0, stage->room, &answer),
			 -EINVAL);
	close(wrong.ipc);
	assert_int_equal(where(stage, 1), stage->places[1].number);
}

TEST(a_child_that_has_ended_is_noticed)
{
	struct stage *stage = need_door(state);
	struct door_answer answer;

	for (size_t i = 0; i < 2; i++)
		assert_int_equal(door_ask(stage->door, &stage->places[0], END, NULL, 0, stage->room,
					  &answer),
				 -ECHILD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGED(it_answers_from_where_it_is_asked_for),
		STAGED(while_it_is_there_no_descriptor_is_needed),
		STAGED(messages_of_every_size_come_through),
		STAGED(a_descriptor_is_handed_over_and_none_is_kept),
		STAGED(descriptors_keep_their_places),
		STAGED(several_are_asked_before_the_first_answer),
		STAGED(what_cannot_be_entered_takes_its_turn),
		STAGED(a_failure_inside_is_an_answer),
		STAGED(what_is_no_namespace_cannot_be_entered),
		STAGED(a_child_that_has_ended_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
