/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scene "calls": those who wait in calls that programs rarely make, or that are new. */
#include "cast.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#if __has_include(<linux/io_uring.h>)
#include <linux/io_uring.h>
#endif

/* Older headers do not have them; so neither has this machine's C library. */
#define CALL_WAIT_ANY 449
#define CALL_WAIT 455
#define WORD_OF_32_BITS 2U /* FUTEX2_SIZE_U32 */
#define LOCK_AT 256
#define WORD_AT 512

struct word {
	uint64_t value, address;
	uint32_t flags, reserved;
};

static char byte;
static struct iovec one_byte = {&byte, 1};

static void make_pipe(int ends[static 2], bool is_full)
{
	static char page[4096];

	if (pipe(ends) < 0 || fcntl(ends[1], F_SETPIPE_SZ, 4096) < 0 ||
	    (is_full && write(ends[1], page, 4096) != 4096))
		err(1, "pipe");
}

static void read_vector(const int *ends)
{
	preadv2(ends[0], &one_byte, 1, -1, 0);
}

static void write_vector(const int *ends)
{
	pwritev2(ends[1], &one_byte, 1, -1, 0);
}

static void splice_to_memory(const int *ends)
{
	vmsplice(ends[0], &one_byte, 1, 0);
}

static void splice_from_memory(const int *ends)
{
	vmsplice(ends[1], &one_byte, 1, 0);
}

static void send_file(const int *ends)
{
	int file = memfd_create("file", MFD_CLOEXEC);

	if (file >= 0 && ftruncate(file, 4096) == 0)
		sendfile(ends[1], file, NULL, 1);
}

/* What does not come is no data of a pipe. */
static void send_from_socket(const int *ends)
{
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0)
		sendfile(ends[1], sockets[0], NULL, 1);
}

static void make_pipes(const struct cast *cast)
{
	static const struct {
		const char *label;
		void (*wait)(const int *ends);
		long call;
		bool is_full;
	} waiters[] = {
		{"pid_preadv2", read_vector, SYS_preadv2, false},
		{"pid_pwritev2", write_vector, SYS_pwritev2, true},
		{"pid_vmsplice_read", splice_to_memory, SYS_vmsplice, false},
		{"pid_vmsplice_write", splice_from_memory, SYS_vmsplice, true},
		{"pid_sendfile", send_file, SYS_sendfile, true},
		{"pid_sendfile_socket", send_from_socket, SYS_sendfile, false},
	};

	for (size_t i = 0; i < sizeof(waiters) / sizeof(waiters[0]); i++) {
		int ends[2];
		pid_t child;

		make_pipe(ends, waiters[i].is_full);
		child = start_announced(cast, waiters[i].label);
		if (!child) {
			report_ready(cast);
			waiters[i].wait(ends);
			_exit(1);
		}
		await_call(child, waiters[i].call, waiters[i].call);
		close(ends[0]);
		close(ends[1]);
	}
}

/* More things than are told; that they are the same does not matter. */
static void make_crowd_of_ends(const struct cast *cast)
{
	struct pollfd descriptors[70];
	int ends[2];
	pid_t child;

	make_pipe(ends, false);
	for (size_t i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++)
		descriptors[i] = (struct pollfd){.fd = ends[0], .events = POLLIN};
	child = start_announced(cast, "pid_poller");
	if (!child) {
		report_ready(cast);
		poll(descriptors, sizeof(descriptors) / sizeof(descriptors[0]), -1);
		_exit(1);
	}
	close(ends[0]);
	close(ends[1]);
}

/* A lock in memory that processes share, and its owner. */
static void make_lock(const struct cast *cast, pthread_mutex_t *mutex)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(mutex, &attributes);
	if (start_announced(cast, "pid_owner"))
		return;
	pthread_mutex_lock(mutex);
	sleep_forever(cast);
}

static int lock_it(void *mutex)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pthread_mutex_lock(mutex);
	return 1;
}

/* It has PID 1 in its own PID namespace, where the owner of the lock has no number. */
static void wait_elsewhere(const struct cast *cast, pthread_mutex_t *mutex)
{
	static char stack[(size_t)64 * 1024] __attribute__((aligned(16)));
	pid_t child = clone(lock_it, stack + sizeof(stack), CLONE_NEWPID | SIGCHLD, mutex);

	if (child < 0) {
		warn("clone(CLONE_NEWPID)");
		return;
	}
	announce(cast, "pid_elsewhere", child);
	await_call(child, SYS_futex, SYS_futex);
}

static struct word word_at(const void *address, uint32_t flags)
{
	uint32_t value;

	__builtin_memcpy(&value, address, sizeof(value));
	return (struct word){value, (uintptr_t)address, WORD_OF_32_BITS | flags, 0};
}

static void wait_for_any(const struct cast *cast, const char *label, struct word a, struct word b)
{
	struct word words[] = {a, b};
	struct timespec end;
	pid_t child = start_announced(cast, label);

	if (child) {
		await_call(child, CALL_WAIT_ANY, CALL_WAIT_ANY);
		return;
	}
	report_ready(cast);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += 1000;
	syscall(CALL_WAIT_ANY, words, 2, 0, &end, CLOCK_MONOTONIC);
	_exit(1);
}

static void wait_for_one(const struct cast *cast, const char *address)
{
	pid_t child = start_announced(cast, "pid_word");

	if (child) {
		await_call(child, CALL_WAIT, CALL_WAIT);
		return;
	}
	report_ready(cast);
	syscall(CALL_WAIT, address, 0L, FUTEX_BITSET_MATCH_ANY, WORD_OF_32_BITS, NULL, 0);
	_exit(1);
}

static bool has_call(long number)
{
	return syscall(number, NULL, 0, 0, 0, NULL, 0) == 0 || errno != ENOSYS;
}

static void make_words(const struct cast *cast)
{
	static uint32_t own;
	int segment = make_segment(cast, "shm_words", IPC_PRIVATE, 4096, 0600);
	char *memory = shmat(segment, NULL, 0);

	if ((intptr_t)memory == -1)
		err(1, "shmat");
	make_lock(cast, (pthread_mutex_t *)(void *)(memory + LOCK_AT));
	wait_elsewhere(cast, (pthread_mutex_t *)(void *)(memory + LOCK_AT));
	if (has_call(CALL_WAIT))
		wait_for_one(cast, memory + WORD_AT);
	if (!has_call(CALL_WAIT_ANY))
		return;
	wait_for_any(cast, "pid_words", word_at(memory + LOCK_AT, 0), word_at(memory + WORD_AT, 0));
	wait_for_any(cast, "pid_words_own", word_at(memory + WORD_AT, 0),
		     word_at(&own, FUTEX_PRIVATE_FLAG));
}

static void make_ring(const struct cast *cast)
{
#ifdef SYS_io_uring_setup
	struct io_uring_params parameters = {0};
	long ring = syscall(SYS_io_uring_setup, 1, &parameters);
	pid_t child;

	if (ring < 0)
		return;
	child = start_announced(cast, "pid_ring");
	if (!child) {
		report_ready(cast);
		syscall(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0);
		_exit(1);
	}
	await_call(child, SYS_io_uring_enter, SYS_io_uring_enter);
	close((int)ring);
#else
	(void)cast;
#endif
}

void make_calls(const struct cast *cast)
{
	make_pipes(cast);
	make_crowd_of_ends(cast);
	make_words(cast);
	make_ring(cast);
}
