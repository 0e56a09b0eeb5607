/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both halves of the scene "blocked" do with semaphores and queues. */
#ifndef CAST_BLOCKED_H
#define CAST_BLOCKED_H

#include "cast.h"

struct message {
	long type;
	char body[8192];
};

/* semop() of one semaphore; the process ends where it fails. */
void take(int array, int num, int amount, int flags);
void set_value(int array, int num, int value);
/* Until semctl(command), GETNCNT or GETZCNT, is count. */
void await(int array, int num, int command, int count);
void send_message(int queue, long type, size_t length);
/* The PID of a child that asks for a message, and ends when it gets one. */
pid_t receive(const struct cast *cast, int queue, long type, int flags);

void make_waits(const struct cast *cast);

#endif
