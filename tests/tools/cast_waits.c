/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scene "blocked": those who wait for anything else, lists of undo, and a crowd. */
#include "cast_blocked.h"

#include <err.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STACK ((size_t)256 * 1024)
#define CROWD 500

static void make_queues(const struct cast *cast)
{
	int by_bytes = make_queue(cast, "msg_bytes", IPC_PRIVATE, 0600);
	int by_count = make_queue(cast, "msg_count", IPC_PRIVATE, 0600);
	int empty = make_queue(cast, "msg_type", IPC_PRIVATE, 0600);
	struct msqid_ds state;
	static struct message message = {.type = 1};
	pid_t child;

	send_message(by_bytes, 1, 8000);
	send_message(by_bytes, 1, 8000);
	if (msgctl(by_count, IPC_STAT, &state) < 0)
		err(1, "msgctl");
	state.msg_qbytes = 3;
	if (msgctl(by_count, IPC_SET, &state) < 0)
		err(1, "msgctl");
	for (int i = 0; i < 3; i++)
		send_message(by_count, 1, 0);
	for (int i = 0; i < 2; i++) {
		child = start_child(cast);
		if (!child) {
			report_ready(cast);
			msgsnd(i ? by_count : by_bytes, &message, i ? 0 : 1000, 0);
			_exit(1);
		}
		announce(cast, i ? "pid_count" : "pid_bytes", child);
	}
	send_message(empty, 1, 10);
	announce(cast, "pid_type", receive(cast, empty, 7, 0));
	announce(cast, "pid_type_below",
		 receive(cast, make_queue(cast, "msg_below", IPC_PRIVATE, 0600), -3, 0));
	announce(cast, "pid_type_except", receive(cast, empty, 1, MSG_EXCEPT));
}

static void make_pipes(const struct cast *cast)
{
	int ends[2], ready[2];
	pid_t writer, reader, poller;

	if (pipe(ends) < 0 || pipe(ready) < 0)
		err(1, "pipe");
	writer = start_child(cast);
	if (!writer) {
		close(ends[0]);
		sleep_forever(cast);
	}
	reader = start_child(cast);
	if (!reader) {
		char byte;

		close(ends[1]);
		report_ready(cast);
		_exit(read(ends[0], &byte, 1) == 1);
	}
	poller = start_child(cast);
	if (!poller) {
		struct pollfd both[] = {{.fd = ends[0], .events = POLLIN},
					{.fd = ready[0], .events = POLLIN}};

		close(ends[1]);
		report_ready(cast);
		poll(both, 2, 1000000);
		_exit(1);
	}
	close(ends[0]);
	close(ends[1]);
	kill(writer, SIGSTOP);
	announce(cast, "pid_pipe_writer", writer);
	announce(cast, "pid_pipe_reader", reader);
	announce(cast, "pid_pipe_poller", poller);
}

static void watch_by_select(const int *ends)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	FD_SET(ends[1], &set);
	select(FD_SETSIZE, &set, NULL, NULL, NULL);
}

static void watch_by_epoll(const int *ends)
{
	int watcher = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN};

	epoll_ctl(watcher, EPOLL_CTL_ADD, ends[0], &event);
	epoll_ctl(watcher, EPOLL_CTL_ADD, ends[1], &event);
	epoll_wait(watcher, &event, 1, -1);
}

/* An event counter is none of IPC, and can wake it as well. */
static void watch_others(const int *ends)
{
	struct pollfd both[] = {{.fd = ends[0], .events = POLLIN},
				{.fd = eventfd(0, EFD_CLOEXEC), .events = POLLIN}};

	poll(both, 2, -1);
}

static void watch_others_by_select(const int *ends)
{
	fd_set set;
	int counter = eventfd(0, EFD_CLOEXEC);

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	FD_SET(counter, &set);
	select(FD_SETSIZE, &set, NULL, NULL, NULL);
}

static void watch_others_by_epoll(const int *ends)
{
	int watcher = epoll_create1(EPOLL_CLOEXEC), counter = eventfd(0, EFD_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN};

	epoll_ctl(watcher, EPOLL_CTL_ADD, ends[0], &event);
	epoll_ctl(watcher, EPOLL_CTL_ADD, counter, &event);
	epoll_wait(watcher, &event, 1, -1);
}

/* It watches a copy of the first pipe, under a number that is the second pipe's by now. */
static void watch_what_was_closed(const int *ends)
{
	int watcher = epoll_create1(EPOLL_CLOEXEC), copy = fcntl(ends[0], F_DUPFD_CLOEXEC, 100);
	struct epoll_event event = {.events = EPOLLIN};

	epoll_ctl(watcher, EPOLL_CTL_ADD, copy, &event);
	dup2(ends[1], copy);
	epoll_wait(watcher, &event, 1, -1);
}

#ifdef SYS_select
/* glibc makes another call of it. */
static void watch_for_a_time(const int *ends)
{
	struct timeval time = {.tv_sec = 1000, .tv_usec = 500000};
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	syscall(SYS_select, ends[0] + 1, &set, NULL, NULL, &time);
}
#endif

static void splice_between(const int *ends)
{
	int other[2];

	if (pipe(other) < 0)
		_exit(1);
	splice(ends[0], NULL, other[1], NULL, 1, 0);
}

/* Who waits for any of two pipes, in each call that can, and who waits for others, too. */
static void make_watchers(const struct cast *cast)
{
	static const struct {
		const char *label;
		void (*watch)(const int *ends);
	} watchers[] = {{"pid_selector", watch_by_select},
			{"pid_epoller", watch_by_epoll},
			{"pid_splicer", splice_between},
#ifdef SYS_select
			{"pid_select_timed", watch_for_a_time},
#endif
			{"pid_not_only_ipc", watch_others},
			{"pid_not_only_select", watch_others_by_select},
			{"pid_not_only_epoll", watch_others_by_epoll},
			{"pid_closed", watch_what_was_closed}};
	int first[2], second[2];

	if (pipe(first) < 0 || pipe(second) < 0)
		err(1, "pipe");
	for (size_t i = 0; i < sizeof(watchers) / sizeof(watchers[0]); i++) {
		pid_t child = start_child(cast);

		if (!child) {
			report_ready(cast);
			watchers[i].watch((const int[]){first[0], second[0]});
			_exit(1);
		}
		announce(cast, watchers[i].label, child);
	}
}

/* Stopped and continued, they are in restart_syscall(). */
static void make_interrupted(const struct cast *cast)
{
	pid_t children[2];
	int ends[2];

	if (pipe(ends) < 0)
		err(1, "pipe");
	for (int i = 0; i < 2; i++) {
		struct timespec time = {.tv_sec = 1000};
		struct pollfd end = {.fd = ends[0], .events = POLLIN};

		children[i] = start_child(cast);
		if (!children[i]) {
			report_ready(cast);
			if (i)
				nanosleep(&time, NULL);
			else
				poll(&end, 1, 1000000);
			_exit(1);
		}
		await_call(children[i], i ? SYS_clock_nanosleep : SYS_poll,
			   i ? SYS_nanosleep : SYS_ppoll);
		kill(children[i], SIGSTOP);
		waitpid(children[i], NULL, WUNTRACED);
		kill(children[i], SIGCONT);
		await_call(children[i], SYS_restart_syscall, SYS_restart_syscall);
		announce(cast, i ? "pid_interrupted_sleeper" : "pid_interrupted_poller",
			 children[i]);
	}
}

static void make_fifo(const struct cast *cast)
{
	char path[64];
	pid_t child;

	snprintf(path, sizeof(path), "/dev/shm/cast-fifo-%d", (int)getpid());
	unlink(path);
	if (mkfifo(path, 0600) < 0)
		err(1, "mkfifo");
	child = start_child(cast);
	if (!child) {
		report_ready(cast);
		_exit(open(path, O_WRONLY | O_CLOEXEC) < 0);
	}
	announce(cast, "pid_fifo", child);
	announce(cast, "fifo_owner", getpid());
}

static void make_posix_queue(const struct cast *cast)
{
	struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = 16};
	char body[16] = "";
	pid_t child;
	mqd_t queue = mq_open("/cast-blocked", O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);

	if (queue == (mqd_t)-1) {
		warn("mq_open");
		return;
	}
	child = start_child(cast);
	if (!child) {
		report_ready(cast);
		mq_receive(queue, body, sizeof(body), NULL);
		_exit(1);
	}
	announce(cast, "pid_mq", child);
	queue = mq_open("/cast-full", O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
	if (queue == (mqd_t)-1 || mq_send(queue, body, 1, 0) < 0 || mq_send(queue, body, 1, 0) < 0)
		err(1, "mq_open, mq_send");
	child = start_child(cast);
	if (!child) {
		struct timespec end;

		clock_gettime(CLOCK_REALTIME, &end);
		end.tv_sec += 10000;
		report_ready(cast);
		mq_timedsend(queue, body, 7, 0, &end);
		_exit(1);
	}
	announce(cast, "pid_mq_full", child);
}

/* A lock in a segment, taken by a process that sleeps and wanted by another one. */
static void make_lock(const struct cast *cast)
{
	int segment = make_segment(cast, "shm_lock", IPC_PRIVATE, 4096, 0600);
	char *memory = shmat(segment, NULL, 0);
	pthread_mutex_t *mutex = (pthread_mutex_t *)(void *)(memory + 256);
	pthread_mutexattr_t attributes;
	pid_t owner, waiter;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(mutex, &attributes);
	owner = start_child(cast);
	if (!owner) {
		pthread_mutex_lock(mutex);
		sleep_forever(cast);
	}
	waiter = start_child(cast);
	if (!waiter) {
		report_ready(cast);
		pthread_mutex_lock(mutex);
		_exit(1);
	}
	announce(cast, "pid_lock_owner", owner);
	announce(cast, "pid_lock_waiter", waiter);
}

static void wait_for_semaphore(const struct cast *cast, const char *label, sem_t *semaphore)
{
	pid_t child = start_child(cast);

	if (!child) {
		report_ready(cast);
		sem_wait(semaphore);
		_exit(1);
	}
	announce(cast, label, child);
}

/* A POSIX semaphore with a name, and one in a segment; both are zero. */
static void make_posix_semaphores(const struct cast *cast)
{
	int segment = make_segment(cast, "shm_sem", IPC_PRIVATE, 4096, 0600);
	char *memory = shmat(segment, NULL, 0);
	sem_t *unnamed = (sem_t *)(void *)(memory + 512);
	sem_t *named = sem_open("/cast-blocked", O_CREAT | O_EXCL, 0600, 0);

	if (named == SEM_FAILED || sem_init(unnamed, 1, 0) < 0)
		err(1, "sem_open, sem_init");
	wait_for_semaphore(cast, "pid_psem", named);
	wait_for_semaphore(cast, "pid_unnamed", unnamed);
}

/* A writer of a pipe that is full, with somebody who could read. */
static void make_full_pipe(const struct cast *cast)
{
	static char page[65536];
	int ends[2];
	pid_t child;

	if (pipe(ends) < 0 || fcntl(ends[1], F_SETPIPE_SZ, 4096) < 0 ||
	    write(ends[1], page, 4096) != 4096)
		err(1, "pipe");
	child = start_child(cast);
	if (!child) {
		close(ends[0]);
		report_ready(cast);
		_exit(write(ends[1], page, 1) != 1);
	}
	announce(cast, "pid_pipe_full", child);
}

static int wait_beside(void *argument)
{
	take(*(const int *)argument, 0, 1, 0);
	return 1;
}

/* It has PID 1 in its own PID namespace. */
static void make_elsewhere(const struct cast *cast)
{
	static char stack[STACK] __attribute__((aligned(16)));
	static int array;
	pid_t child;

	array = make_array(cast, "sem_elsewhere", IPC_PRIVATE, 1, 0600);
	child = clone(wait_beside, stack + STACK, CLONE_NEWPID | SIGCHLD, &array);
	if (child < 0) {
		warn("clone(CLONE_NEWPID)");
		return;
	}
	announce(cast, "pid_elsewhere", child);
	await(array, 0, GETNCNT, 1);
}

static int share_list(void *argument)
{
	(void)argument;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
	return 0;
}

static void *split_list(void *argument)
{
	if (unshare(CLONE_SYSVSEM) < 0)
		_exit(1);
	take(*(const int *)argument, 1, 2, SEM_UNDO);
	for (;;)
		pause();
	return NULL;
}

/* A list that two processes share, and one that a thread has for itself. */
static void make_undo_lists(const struct cast *cast)
{
	static char stack[STACK] __attribute__((aligned(16)));
	static int array;
	int partner[2];
	pid_t child, other = 0;

	array = make_array(cast, "sem_undo", IPC_PRIVATE, 2, 0600);
	set_value(array, 0, 5);
	set_value(array, 1, 5);
	if (pipe(partner) < 0)
		err(1, "pipe");
	child = start_child(cast);
	if (!child) {
		pthread_t thread;
		pid_t shared;

		take(array, 0, 3, SEM_UNDO);
		shared = clone(share_list, stack + STACK, CLONE_SYSVSEM | SIGCHLD, NULL);
		if (shared < 0 || write(partner[1], &shared, sizeof(shared)) != sizeof(shared) ||
		    pthread_create(&thread, NULL, split_list, &array) != 0)
			_exit(1);
		while (semctl(array, 1, GETVAL) != 3)
			usleep(1000);
		sleep_forever(cast);
	}
	if (read(partner[0], &other, sizeof(other)) != sizeof(other))
		err(1, "read");
	announce(cast, "pid_undo", child);
	announce(cast, "pid_undo_sharer", other);
}

static void *wait_in_crowd(void *argument)
{
	take(*(const int *)argument, 0, 1, 0);
	return NULL;
}

static void make_crowd(const struct cast *cast)
{
	static int array;
	pid_t child;

	array = make_array(cast, "sem_crowd", IPC_PRIVATE, 1, 0600);
	child = start_child(cast);
	if (!child) {
		pthread_attr_t attributes;
		pthread_t thread;

		pthread_attr_init(&attributes);
		pthread_attr_setstacksize(&attributes, STACK);
		for (int i = 0; i < CROWD; i++)
			if (pthread_create(&thread, &attributes, wait_in_crowd, &array) != 0)
				_exit(1);
		sleep_forever(cast);
	}
	announce(cast, "pid_crowd", child);
	await(array, 0, GETNCNT, CROWD);
}

void make_waits(const struct cast *cast)
{
	make_queues(cast);
	make_pipes(cast);
	make_watchers(cast);
	make_interrupted(cast);
	make_fifo(cast);
	make_posix_queue(cast);
	make_lock(cast);
	make_posix_semaphores(cast);
	make_full_pipe(cast);
	make_elsewhere(cast);
	make_undo_lists(cast);
	make_crowd(cast);
}
