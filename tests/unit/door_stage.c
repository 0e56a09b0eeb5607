/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "door_stage.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t inhabitant_start(int flags)
{
	int ends[2];
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		byte = unshare(flags) == 0;
		if (write(ends[1], &byte, 1) == 1)
			pause();
		_exit(0);
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	close(ends[1]);
	if (byte)
		return pid;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}

struct door_place inhabitant_place(pid_t pid)
{
	struct door_place place = {.user = -1};
	struct stat status;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/ipc", pid);
	place.ipc = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(fstat(place.ipc, &status), 0);
	place.number = status.st_ino;
	return place;
}

int stage_set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	assert_non_null(stage);
	*state = stage;
	for (size_t i = 0; i < ARRAY_LENGTH(stage->inhabitants); i++) {
		stage->inhabitants[i] = inhabitant_start(CLONE_NEWIPC);
		if (stage->inhabitants[i])
			stage->places[i] = inhabitant_place(stage->inhabitants[i]);
	}
	return 0;
}

int stage_tear_down(void **state)
{
	struct stage *stage = *state;

	door_close(stage->door);
	for (size_t i = 0; i < ARRAY_LENGTH(stage->inhabitants); i++) {
		if (!stage->inhabitants[i])
			continue;
		kill(stage->inhabitants[i], SIGKILL);
		waitpid(stage->inhabitants[i], NULL, 0);
		close(stage->places[i].ipc);
	}
	free(stage);
	return 0;
}

struct stage *stage_need_door(void **state, door_service *const *services, size_t count)
{
	struct stage *stage = *state;

	if (!stage->inhabitants[0] || !stage->inhabitants[1])
		skip();
	assert_int_equal(door_open(services, count, NULL, &stage->door), 0);
	return stage;
}
