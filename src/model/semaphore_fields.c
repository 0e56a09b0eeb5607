/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The field table of the single semaphores of an array.
 */
#include "model/object.h"

/* clang-format off */
static const struct field per_semaphore[SEMAPHORE_FIELD_COUNT] = {
	[SEMAPHORE_NUM] = {
		.name = "num", .heading = "NUM", .type = VALUE_ID,
		.offset = offsetof(struct semaphore, num),
		.help = "number of the semaphore in its array",
		.explain = "Semaphores are numbered from 0 within their array; semop names them by this "
			   "number.",
		.source = "its place in the array",
	},
	[SEMAPHORE_VALUE] = {
		.name = "value", .heading = "VALUE", .type = VALUE_UNSIGNED,
		.offset = offsetof(struct semaphore, value), .metric = "gauge",
		.help = "current value",
		.explain = "How much can be taken from the semaphore now. What the number stands for is "
			   "the program's own: for a lock, 1 usually means free and 0 taken.",
		.source = "semctl: GETVAL",
	},
	[SEMAPHORE_NCOUNT] = {
		.name = "ncount", .heading = "NCOUNT", .type = VALUE_UNSIGNED,
		.offset = offsetof(struct semaphore, ncount), .metric = "gauge",
		.help = "threads that wait for the value to grow",
		.explain = "How many threads sleep in semop because this semaphore's value is too small "
			   "for what they want to take. They wake up when somebody raises it far enough. "
			   "A number above 0 that stays means that somebody who should give back does "
			   "not.",
		.source = "semctl: GETNCNT",
	},
	[SEMAPHORE_ZCOUNT] = {
		.name = "zcount", .heading = "ZCOUNT", .type = VALUE_UNSIGNED,
		.offset = offsetof(struct semaphore, zcount), .metric = "gauge",
		.help = "threads that wait for the value to be zero",
		.explain = "How many threads sleep in semop until this semaphore's value is exactly 0. "
			   "Programs use it to wait until everybody has finished.",
		.source = "semctl: GETZCNT",
	},
	[SEMAPHORE_PID] = {
		.name = "pid", .heading = "PID", .type = VALUE_PID,
		.offset = offsetof(struct semaphore, pid), .absent_is_never = true,
		.help = "PID of the last operation on it",
		.explain = "The process whose operation on this semaphore succeeded last: semop, also "
			   "waiting for zero, SETVAL, SETALL, or the undo at exit. It is history and not "
			   "proof: this process need not hold the semaphore. Hidden where the array "
			   "was operated on, or the value set, and the kernel shows no PID.",
		.source = "semctl: GETPID",
	},
};
/* clang-format on */

const struct field_table semaphore_fields = {
	.name = "semaphores",
	.fields = per_semaphore,
	.count = SEMAPHORE_FIELD_COUNT,
	.record_size = sizeof(struct semaphore),
	.can_hide = true,
};
