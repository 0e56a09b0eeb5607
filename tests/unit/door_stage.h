/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the door share: processes in IPC namespaces of their own, and a door to these.
 */
#ifndef IPCLENS_TESTS_DOOR_STAGE_H
#define IPCLENS_TESTS_DOOR_STAGE_H

#include <sys/types.h>

#include "enter/door.h"
#include "unit.h"

/* A process that sleeps in new namespaces (CLONE_NEWIPC and others); 0: not permitted. */
pid_t inhabitant_start(int flags);

/* The way to its IPC namespace; the descriptor is the caller's to close. */
struct door_place inhabitant_place(pid_t pid);

struct stage {
	pid_t inhabitants[2]; /* 0 where this user may not make a namespace */
	struct door_place places[2];
	struct door *door;
	char room[DOOR_MESSAGE_MAX]; /* for an answer */
};

/* A test that gets its stage through its state. */
#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)
int stage_set_up(void **state);
int stage_tear_down(void **state);

/* The stage with its door open; skips the test where there are no inhabitants. */
struct stage *stage_need_door(void **state, door_service *const *services, size_t count);

#endif
