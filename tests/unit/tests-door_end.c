/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the child behind a door ends, and what that leaves behind.
 */
#include "unit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "door_stage.h"

enum service {
	WHO,
	KILL,
	SERVICES,
};

static int serve_who(void *context, const void *request, size_t size, void *answer,
		     size_t *ret_size, int *ret_fds)
{
	pid_t pid = getpid();

	(void)context;
	(void)request;
	(void)size;
	(void)ret_fds;
	memcpy(answer, &pid, sizeof(pid));
	*ret_size = sizeof(pid);
	return 0;
}

static int serve_kill(void *context, const void *request, size_t size, void *answer,
		      size_t *ret_size, int *ret_fds)
{
	(void)context;
	(void)request;
	(void)size;
	(void)answer;
	(void)ret_size;
	(void)ret_fds;
	return kill(getpid(), SIGKILL);
}

static door_service *const services[SERVICES] = {[WHO] = serve_who, [KILL] = serve_kill};

/* Skips the test where this user may not make a namespace. */
static struct stage *need_door(void **state)
{
	return stage_need_door(state, services, SERVICES);
}

static pid_t who(struct stage *stage)
{
	struct door_answer answer;
	pid_t pid;

	assert_int_equal(
		door_ask(stage->door, &stage->places[0], WHO, NULL, 0, stage->room, &answer), 0);
	memcpy(&pid, stage->room, sizeof(pid));
	return pid;
}

/* The caller's, which is nothing for a child of its library. */
static void handle(int number)
{
	(void)number;
	_exit(4);
}

TEST(signals_are_left_to_whom_it_serves)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGUSR1};
	struct stage *stage;
	sigset_t before, after;
	pid_t child;

	signal(SIGUSR1, handle);
	sigprocmask(SIG_BLOCK, NULL, &before);
	stage = need_door(state);
	sigprocmask(SIG_BLOCK, NULL, &after);
	signal(SIGUSR1, SIG_DFL);
	for (int number = 1; number < SIGRTMIN; number++)
		assert_int_equal(sigismember(&before, number), sigismember(&after, number));
	child = who(stage);
	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
		assert_int_equal(kill(child, numbers[i]), 0);
	assert_int_equal(who(stage), child);
}

TEST(one_that_is_stopped_is_ended_all_the_same)
{
	struct stage *stage = need_door(state);
	pid_t child = who(stage);

	assert_int_equal(kill(child, SIGSTOP), 0);
	stage->door = door_close(stage->door);
	assert_int_equal(kill(child, 0), -1);
}

TEST(a_caller_may_have_waited_for_it)
{
	struct stage *stage = need_door(state);
	pid_t child = who(stage);

	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	stage->door = door_close(stage->door);
}

/* What an ordinary user may do in a user namespace of its own; 77: nothing. */
static int act_as_user(int (*act)(struct door *door, const struct door_place *place, char *room))
{
	static char room[DOOR_MESSAGE_MAX];
	struct door_place place;
	struct door *door;
	pid_t inhabitant;
	int result;

	if ((getuid() == 0 && setresuid(65534, 65534, 65534) < 0) ||
	    prctl(PR_SET_DUMPABLE, 1) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return 77;
	alarm(20);
	inhabitant = inhabitant_start(CLONE_NEWUSER | CLONE_NEWIPC);
	if (!inhabitant)
		return 77;
	place = inhabitant_place(inhabitant);
	if (door_open(services, SERVICES, NULL, &door) < 0)
		return 1;
	result = act(door, &place, room);
	door_close(door);
	kill(inhabitant, SIGKILL);
	if (waitpid(inhabitant, NULL, 0) != inhabitant)
		return 2;
	/* Whoever adopts what is left behind has nothing to adopt. */
	return result ? result : waitpid(-1, NULL, 0) < 0 && errno == ECHILD ? 0 : 3;
}

static void run_as_user(int (*act)(struct door *door, const struct door_place *place, char *room))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(act_as_user(act));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int ask_and_leave(struct door *door, const struct door_place *place, char *room)
{
	struct door_answer answer;

	if (door_ask(door, place, WHO, NULL, 0, room, &answer) != 0)
		return 10;
	return answer.through_user ? 0 : 11;
}

static int ask_to_be_killed(struct door *door, const struct door_place *place, char *room)
{
	struct door_answer answer;

	return door_ask(door, place, KILL, NULL, 0, room, &answer) == -ECHILD ? 0 : 12;
}

TEST(nobody_is_left_behind_of_a_user_namespace)
{
	(void)state;
	run_as_user(ask_and_leave);
}

TEST(the_end_of_a_child_of_the_child_is_noticed)
{
	(void)state;
	run_as_user(ask_to_be_killed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGED(signals_are_left_to_whom_it_serves),
		STAGED(one_that_is_stopped_is_ended_all_the_same),
		STAGED(a_caller_may_have_waited_for_it),
		cmocka_unit_test(nobody_is_left_behind_of_a_user_namespace),
		cmocka_unit_test(the_end_of_a_child_of_the_child_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
