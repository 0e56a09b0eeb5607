/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The factory of situations: creates the System V objects of a scene and a cast of processes that
 * use them. To be run inside of tests/tools/in-namespace; the same scene in a new namespace has the
 * same ids, keys, sizes and values each time.
 */
#include "cast.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SHM_NORESERVE
#define SHM_NORESERVE 010000
#endif

/* Owners; see in-namespace --names. */
#define LONG_NAMED 54321U
#define TEN_LETTERS 54322U
#define NAMELESS 3999999999U

union semctl_argument {
	int value;
	struct semid_ds *state;
	unsigned short *values;
};

static void send_text(int queue, long type, const char *body)
{
	struct {
		long type;
		char body[256];
	} message = {.type = type};
	size_t length = strlen(body);

	memcpy(message.body, body, length);
	if (msgsnd(queue, &message, length, IPC_NOWAIT) < 0)
		err(1, "msgsnd");
}

static void receive_text(int queue)
{
	struct {
		long type;
		char body[256];
	} message;

	if (msgrcv(queue, &message, sizeof(message.body), 0, IPC_NOWAIT) < 0)
		err(1, "msgrcv");
}

static void set_values(int array, unsigned short *values)
{
	if (semctl(array, 0, SETALL, (union semctl_argument){.values = values}) < 0)
		err(1, "semctl(SETALL)");
}

/* A user namespace without a map for the owner cannot have it; the object then stays as it is. */
static void complain_of_owner(const char *call, unsigned int owner)
{
	if (errno != EINVAL)
		err(1, "%s", call);
	warnx("owner %u does not exist in this user namespace", owner);
}

static void give_segment(int id, unsigned int owner)
{
	struct shmid_ds state;

	if (shmctl(id, IPC_STAT, &state) < 0)
		err(1, "shmctl(IPC_STAT)");
	state.shm_perm.uid = owner;
	state.shm_perm.gid = owner;
	if (shmctl(id, IPC_SET, &state) < 0)
		complain_of_owner("shmctl(IPC_SET)", owner);
}

static void give_array(int id, unsigned int owner)
{
	struct semid_ds state;
	union semctl_argument argument = {.state = &state};

	if (semctl(id, 0, IPC_STAT, argument) < 0)
		err(1, "semctl(IPC_STAT)");
	state.sem_perm.uid = owner;
	state.sem_perm.gid = owner;
	if (semctl(id, 0, IPC_SET, argument) < 0)
		complain_of_owner("semctl(IPC_SET)", owner);
}

static void give_queue(int id, unsigned int owner)
{
	struct msqid_ds state;

	if (msgctl(id, IPC_STAT, &state) < 0)
		err(1, "msgctl(IPC_STAT)");
	state.msg_perm.uid = owner;
	state.msg_perm.gid = owner;
	if (msgctl(id, IPC_SET, &state) < 0)
		complain_of_owner("msgctl(IPC_SET)", owner);
}

static void become_self_again(void)
{
	if (seteuid(getuid()) < 0 || setegid(getgid()) < 0)
		err(1, "seteuid");
}

/* Until become_self_again(), objects are created by this user. */
static void become(unsigned int user)
{
	become_self_again();
	if (setegid(user) < 0 || seteuid(user) < 0)
		warn("cannot create as %u", user);
}

/* A process that operates once, and waits where it must. */
static pid_t operate(const struct cast *cast, int array, unsigned short num, short amount)
{
	struct sembuf operation = {.sem_num = num, .sem_op = amount};
	pid_t child = start_child(cast);

	if (child)
		return child;
	report_ready(cast);
	if (semop(array, &operation, 1) < 0)
		_exit(1);
	for (;;)
		pause();
}

/* Until as many wait as should, for at most ten seconds. */
static void await_count(int array, int num, int command, int count)
{
	for (int tries = 0; tries < 10000; tries++) {
		if (semctl(array, num, command) == count)
			return;
		usleep(1000);
	}
	errx(1, "the processes that should wait do not");
}

static void compat_segments(const struct cast *cast)
{
	static const struct {
		const char *name;
		size_t size;
	} sizes[] = {{"shm_1023_3k", 1047900},
		     {"shm_1024k", 1048535},
		     {"shm_byte", 1},
		     {"shm_gone", 100},
		     {"shm_1_5t", (size_t)3 << 39}};
	int ids[5], attached[3];

	make_segment(cast, "shm_private", IPC_PRIVATE, 4096, 0600);
	attached[0] = make_segment(cast, "shm_keyed", 0x4d2, 1536, 0644);
	attached[1] = make_segment(cast, "shm_dest", IPC_PRIVATE, 100, 0640);
	attached[2] = make_segment(cast, "shm_dest_locked", 0x77, 70000, 0666);
	for (size_t i = 0; i < 5; i++)
		ids[i] = make_segment(cast, sizes[i].name, IPC_PRIVATE, sizes[i].size,
				      0600 | SHM_NORESERVE);
	attach(cast, attached, 3);
	attach(cast, attached, 2);
	shmctl(attached[1], IPC_RMID, NULL);
	shmctl(attached[2], SHM_LOCK, NULL);
	shmctl(attached[2], IPC_RMID, NULL);
	shmctl(ids[3], IPC_RMID, NULL);
	if (shmctl(make_segment(cast, "shm_locked", IPC_PRIVATE, 8192, 0600), SHM_LOCK, NULL) < 0)
		warn("shmctl(SHM_LOCK)");
	make_segment(cast, "shm_negative", -94481758, 20000, 0444);
	make_segment(cast, "shm_mode_0", 0x10, 512, 0);
	give_segment(make_segment(cast, "shm_nameless", 0x11, 512, 0604), NAMELESS);
	give_segment(make_segment(cast, "shm_long", 0x12, 512, 0777), LONG_NAMED);
	become(LONG_NAMED);
	make_segment(cast, "shm_created_long", 0x13, 512, 0600);
	become(TEN_LETTERS);
	make_segment(cast, "shm_created_ten", 0x14, 512, 0);
	become_self_again();
}

static void compat_arrays(const struct cast *cast)
{
	unsigned short values[] = {0, 1, 2, 3, 32767, 5, 6};
	int waited_for;

	make_array(cast, "sem_private", IPC_PRIVATE, 1, 0600);
	waited_for = make_array(cast, "sem_keyed", 0x4d2, 7, 0644);
	set_values(waited_for, values);
	operate(cast, waited_for, 0, -1);
	operate(cast, waited_for, 0, -2);
	operate(cast, waited_for, 3, 0);
	operate(cast, waited_for, 5, 4);
	await_count(waited_for, 0, GETNCNT, 2);
	await_count(waited_for, 3, GETZCNT, 1);
	await_count(waited_for, 5, GETVAL, 9);
	make_array(cast, "sem_negative", -94481758, 200, 0444);
	make_array(cast, "sem_mode_0", 0x10, 2, 0);
	give_array(make_array(cast, "sem_nameless", 0x11, 3, 0600), NAMELESS);
	give_array(make_array(cast, "sem_long", 0x12, 3, 0666), LONG_NAMED);
	become(TEN_LETTERS);
	make_array(cast, "sem_created_ten", 0x13, 1, 0);
	become_self_again();
}

static void compat_queues(const struct cast *cast)
{
	int used;

	make_queue(cast, "msg_private", IPC_PRIVATE, 0600);
	used = make_queue(cast, "msg_keyed", 0x4d2, 0644);
	send_text(used, 1, "the first message");
	send_text(used, 2, "the second message, which is longer than the first one");
	send_text(used, 7, "");
	receive_text(used);
	used = make_queue(cast, "msg_full", 0x78, 0622);
	for (int i = 0; i < 20; i++)
		send_text(used, 1, "0123456789012345678901234567890123456789012345678901234567890");
	make_queue(cast, "msg_negative", -94481758, 0444);
	make_queue(cast, "msg_mode_0", 0x10, 0);
	give_queue(make_queue(cast, "msg_nameless", 0x11, 0606), NAMELESS);
	give_queue(make_queue(cast, "msg_long", 0x12, 0600), LONG_NAMED);
	become(LONG_NAMED);
	make_queue(cast, "msg_created_long", 0x13, 0);
	become_self_again();
}

/*
 * The next object of the kind gets this id, where it can be had: a large one, as on a machine on
 * which many have come and gone.
 */
static void use_large_id(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return;
	fputs("1073741844", file);
	fclose(file);
}

/*
 * Process numbers of seven digits from here on, where they can be had: numbers are given out in
 * order, also within the PID namespace.
 */
static void use_large_pids(void)
{
	FILE *file = fopen("/proc/sys/kernel/pid_max", "r");
	long greatest = 0;

	if (file && fscanf(file, "%ld", &greatest) != 1)
		greatest = 0;
	if (file)
		fclose(file);
	file = greatest > 1300000 ? fopen("/proc/sys/kernel/ns_last_pid", "w") : NULL;
	if (!file)
		return;
	fputs("1234566", file);
	fclose(file);
}

static void send_from_child(const struct cast *cast, int queue)
{
	if (start_child(cast) > 0)
		return;
	send_text(queue, 3, "sent by a process of its own");
	sleep_forever(cast);
}

static void make_compat(const struct cast *cast)
{
	compat_segments(cast);
	compat_arrays(cast);
	compat_queues(cast);
	use_large_id("/proc/sys/kernel/shm_next_id");
	make_segment(cast, "shm_large_id", IPC_PRIVATE, 1, 0600);
	use_large_id("/proc/sys/kernel/sem_next_id");
	make_array(cast, "sem_large_id", IPC_PRIVATE, 1, 0600);
	use_large_id("/proc/sys/kernel/msg_next_id");
	make_queue(cast, "msg_large_id", IPC_PRIVATE, 0600);
	use_large_pids();
	send_from_child(cast, make_queue(cast, "msg_large_pid", IPC_PRIVATE, 0600));
}

static void make_walkthrough(const struct cast *cast)
{
	static const size_t sizes[] = {80, 16384, 280};
	static const char *const names[] = {"shm_80", "shm_16384", "shm_280"};
	unsigned short values[] = {1, 0, 3, 0, 0, 2, 1};
	int segments[3], queue;

	for (size_t i = 0; i < 3; i++)
		segments[i] = make_segment(cast, names[i], IPC_PRIVATE, sizes[i], 0600);
	announce(cast, "first_pid", attach(cast, segments, 3));
	announce(cast, "second_pid", attach(cast, segments, 3));
	set_values(make_array(cast, "sem", 0x01050001, 7, 0666), values);
	queue = make_queue(cast, "msg_first", 0x41050020, 0666);
	send_text(queue, 1, "good morning");
	send_text(queue, 2, "good night");
	send_text(make_queue(cast, "msg_second", 0x000004d2, 0666), 1, "hello");
}

static void make_empty(const struct cast *cast)
{
	(void)cast;
}

static const struct {
	const char *name;
	void (*make)(const struct cast *cast);
	const char *what;
} scenes[] = {
	{"empty", make_empty, "nothing at all"},
	{"compat", make_compat, "objects of each sort that ipcs can show"},
	{"walkthrough", make_walkthrough, "what docs/walkthrough.md looks at"},
	{"blocked", make_blocked, "threads that sleep in IPC, alone and in rings"},
	{"calls", make_calls, "threads that sleep in IPC in calls that are rare, or new"},
	{"users", make_users, "segments that are attached in every way, some in deceptive ones"},
	{"posix", make_posix, "POSIX objects, pipes, FIFOs and unnamed memory, in every use"},
};

static void print_usage(FILE *to)
{
	fputs("Usage: cast [--print] SCENE [[--] COMMAND [ARGUMENT]...]\n"
	      "Makes the scene and runs COMMAND, which finds the ids as CAST_NAME in its environment;\n"
	      "without COMMAND, prints them as NAME=ID and an empty line, and waits until it is killed\n"
	      "or its standard input ends. To be run inside of in-namespace.\n\n"
	      "  --print  print them in front of what COMMAND prints, too\n\nScenes:\n",
	      to);
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		fprintf(to, "  %-12s %s\n", scenes[i].name, scenes[i].what);
}

/* The command's exit status, 128 and the signal's number where one ended it. */
static int run(char **command)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		execvp(command[0], command);
		err(127, "%s", command[0]);
	}
	if (waitpid(child, &status, 0) < 0)
		err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void wait_for_end_of_input(void)
{
	char bytes[64];

	puts("");
	fflush(stdout);
	while (read(STDIN_FILENO, bytes, sizeof(bytes)) > 0)
		;
}

int main(int argc, char **argv)
{
	char **arguments = argv + 1;
	struct cast cast = {0};

	(void)argc;
	if (*arguments && strcmp(*arguments, "--help") == 0) {
		print_usage(stdout);
		return 0;
	}
	if (*arguments && strcmp(*arguments, "--print") == 0) {
		cast.is_printing = true;
		arguments++;
	}
	for (size_t i = 0; *arguments && i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		if (strcmp(*arguments, scenes[i].name) != 0)
			continue;
		if (*++arguments && strcmp(*arguments, "--") == 0)
			arguments++;
		cast.is_printing |= !*arguments;
		if (pipe2(cast.readiness, O_CLOEXEC) < 0)
			err(1, "pipe");
		scenes[i].make(&cast);
		fflush(stdout);
		if (*arguments)
			return run(arguments);
		wait_for_end_of_input();
		return 0;
	}
	print_usage(stderr);
	return 2;
}
