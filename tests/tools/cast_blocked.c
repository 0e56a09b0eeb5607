/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scene "blocked": rings of threads that sleep for one another, what could pass for a ring, and
 * those who wait for a semaphore. cast_waits.c has the rest.
 */
#include "cast_blocked.h"

#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The last semaphore of each ring's array: everybody starts when it becomes zero. */
static int gate_of(int members)
{
	return members;
}

void take(int array, int num, int amount, int flags)
{
	struct sembuf operation = {(unsigned short)num, (short)-amount, (short)flags};

	if (semop(array, &operation, 1) < 0)
		_exit(1);
}

static void take_with_timeout(int array, int num, int seconds)
{
	struct sembuf operation = {(unsigned short)num, -1, SEM_UNDO};
	struct timespec timeout = {.tv_sec = seconds};

	if (semtimedop(array, &operation, 1, &timeout) < 0)
		_exit(1);
}

void set_value(int array, int num, int value)
{
	if (semctl(array, num, SETVAL, value) < 0)
		err(1, "semctl(SETVAL)");
}

void await(int array, int num, int command, int count)
{
	for (int tries = 0; tries < 10000; tries++) {
		if (semctl(array, num, command) == count)
			return;
		usleep(1000);
	}
	errx(1, "semaphore %d: %d do not wait", num, count);
}

/* What makes a member of a ring different. */
enum member {
	PLAIN,
	HAS_FREE_THREAD,
	HAS_TIMEOUT,
};

static void *stay_free(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return NULL;
}

static void add_free_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, stay_free, NULL) != 0)
		_exit(1);
}

/* Holds its own semaphore, and wants the next one's. */
static void join_ring(const struct cast *cast, const char *name, int array, int members, int place,
		      enum member member)
{
	char label[64];
	pid_t child = start_child(cast);

	if (child) {
		snprintf(label, sizeof(label), "pid_%s_%d", name, place);
		announce(cast, label, child);
		return;
	}
	take(array, place, 1, SEM_UNDO);
	if (member == HAS_FREE_THREAD)
		add_free_thread();
	report_ready(cast);
	take(array, gate_of(members), 0, 0);
	if (member == HAS_TIMEOUT)
		take_with_timeout(array, (place + 1) % members, 1000);
	else
		take(array, (place + 1) % members, 1, SEM_UNDO);
	_exit(1);
}

static int make_ring_array(const struct cast *cast, const char *name, int members)
{
	char label[64];
	int array;

	snprintf(label, sizeof(label), "sem_%s", name);
	array = make_array(cast, label, IPC_PRIVATE, members + 1, 0600);
	for (int num = 0; num <= members; num++)
		set_value(array, num, 1);
	return array;
}

static void close_ring(int array, int members)
{
	set_value(array, gate_of(members), 0);
	for (int num = 0; num < members; num++)
		await(array, num, GETNCNT, 1);
}

static void make_ring(const struct cast *cast, const char *name, int members, enum member first)
{
	int array = make_ring_array(cast, name, members);

	for (int place = 0; place < members; place++)
		join_ring(cast, name, array, members, place, place ? PLAIN : first);
	close_ring(array, members);
}

/* Somebody else, who is free, holds what the first member wants, too. */
static void make_ring_with_two_holders(const struct cast *cast)
{
	int array = make_ring_array(cast, "two_holders", 2);
	pid_t child;

	set_value(array, 1, 2);
	child = start_child(cast);
	if (!child) {
		take(array, 1, 1, SEM_UNDO);
		sleep_forever(cast);
	}
	announce(cast, "pid_two_holders_free", child);
	join_ring(cast, "two_holders", array, 2, 0, PLAIN);
	join_ring(cast, "two_holders", array, 2, 1, PLAIN);
	close_ring(array, 2);
}

static void be_alarmed(int signal)
{
	(void)signal;
}

/* A process that takes what it holds already; with an alarm that will end that. */
static void make_self(const struct cast *cast, const char *name, unsigned int alarm_after)
{
	char label[32];
	int array;
	pid_t child;

	snprintf(label, sizeof(label), "sem_%s", name);
	array = make_array(cast, label, IPC_PRIVATE, 1, 0600);
	set_value(array, 0, 1);
	child = start_child(cast);
	if (!child) {
		if (alarm_after)
			signal(SIGALRM, be_alarmed);
		alarm(alarm_after);
		take(array, 0, 1, SEM_UNDO);
		report_ready(cast);
		take(array, 0, 1, SEM_UNDO);
		_exit(1);
	}
	snprintf(label, sizeof(label), "pid_%s", name);
	announce(cast, label, child);
	await(array, 0, GETNCNT, 1);
}

void send_message(int queue, long type, size_t length)
{
	static struct message message;

	message.type = type;
	if (msgsnd(queue, &message, length, IPC_NOWAIT) < 0)
		err(1, "msgsnd");
}

pid_t receive(const struct cast *cast, int queue, long type, int flags)
{
	static struct message message;
	pid_t child = start_child(cast);

	if (child)
		return child;
	report_ready(cast);
	msgrcv(queue, &message, sizeof(message.body), type, flags);
	_exit(1);
}

/* One waits for a message from the other, who waits for a semaphore that the first one holds. */
static void make_mixed_ring(const struct cast *cast)
{
	int array = make_array(cast, "sem_mixed", IPC_PRIVATE, 1, 0600);
	int queue = make_queue(cast, "msg_mixed", IPC_PRIVATE, 0600);
	static struct message message;
	pid_t holder, sender;

	set_value(array, 0, 1);
	sender = start_child(cast);
	if (!sender) {
		send_message(queue, 1, 4);
		report_ready(cast);
		while (semctl(array, 0, GETVAL) > 0)
			usleep(1000);
		take(array, 0, 1, SEM_UNDO);
		_exit(1);
	}
	holder = start_child(cast);
	if (!holder) {
		take(array, 0, 1, SEM_UNDO);
		msgrcv(queue, &message, sizeof(message.body), 0, 0);
		report_ready(cast);
		msgrcv(queue, &message, sizeof(message.body), 0, 0);
		_exit(1);
	}
	announce(cast, "pid_mixed_sender", sender);
	announce(cast, "pid_mixed_holder", holder);
	await(array, 0, GETNCNT, 1);
}

/* Taken without undo by a process that was killed. */
static void make_abandoned(const struct cast *cast)
{
	int array = make_array(cast, "sem_abandoned", IPC_PRIVATE, 1, 0600);
	pid_t killed, waiter;

	set_value(array, 0, 1);
	killed = start_child(cast);
	if (!killed) {
		take(array, 0, 1, 0);
		sleep_forever(cast);
	}
	kill(killed, SIGKILL);
	waitpid(killed, NULL, 0);
	waiter = start_child(cast);
	if (!waiter) {
		report_ready(cast);
		take(array, 0, 1, SEM_UNDO);
		_exit(1);
	}
	announce(cast, "pid_abandoned_killed", killed);
	announce(cast, "pid_abandoned", waiter);
	await(array, 0, GETNCNT, 1);
}

/* Several operations in one call: it is the second that blocks. */
static pid_t take_several(const struct cast *cast, int array)
{
	struct sembuf operations[] = {{0, -1, SEM_UNDO}, {1, -5, SEM_UNDO}, {2, 0, 0}};
	pid_t child = start_child(cast);

	if (child)
		return child;
	report_ready(cast);
	semop(array, operations, 3);
	_exit(1);
}

static void make_many(const struct cast *cast)
{
	int array = make_array(cast, "sem_many", IPC_PRIVATE, 4, 0600);

	for (int num = 0; num < 4; num++)
		set_value(array, num, num + 1);
	for (int amount = 2; amount < 5; amount++) {
		pid_t child = start_child(cast);
		char label[32];

		if (!child) {
			report_ready(cast);
			take(array, 0, amount, 0);
			_exit(1);
		}
		snprintf(label, sizeof(label), "pid_many_%d", amount);
		announce(cast, label, child);
	}
	announce(cast, "pid_many_several", take_several(cast, array));
	for (int i = 0; i < 2; i++) {
		pid_t child = start_child(cast);

		if (!child) {
			report_ready(cast);
			take(array, 3, 0, 0);
			_exit(1);
		}
		announce(cast, i ? "pid_zero_b" : "pid_zero_a", child);
	}
	await(array, 0, GETNCNT, 3);
	await(array, 1, GETNCNT, 1);
	await(array, 3, GETZCNT, 2);
}

/* A stopped process shows its call, and has left the queue. */
static void make_stopped(const struct cast *cast)
{
	int array = make_array(cast, "sem_stopped", IPC_PRIVATE, 1, 0600);
	pid_t child = start_child(cast);

	if (!child) {
		report_ready(cast);
		take(array, 0, 1, 0);
		_exit(1);
	}
	announce(cast, "pid_stopped", child);
	await(array, 0, GETNCNT, 1);
	kill(child, SIGSTOP);
	await(array, 0, GETNCNT, 0);
}

void make_blocked(const struct cast *cast)
{
	make_ring(cast, "two", 2, PLAIN);
	make_ring(cast, "three", 3, PLAIN);
	make_ring(cast, "free_thread", 2, HAS_FREE_THREAD);
	make_ring(cast, "timeout", 2, HAS_TIMEOUT);
	make_ring_with_two_holders(cast);
	make_self(cast, "self", 0);
	make_self(cast, "alarm", 1000000);
	make_mixed_ring(cast);
	make_abandoned(cast);
	make_many(cast);
	make_stopped(cast);
	make_waits(cast);
}
