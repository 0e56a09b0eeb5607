/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which calls threads sleep in, as bpf sees it: the same as /proc tells. */
#include "unit.h"

#include <dirent.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rooted.h"
#include "bpf_children.h"
#include "collect/proc_syscall.h"

#define MILLISECONDS UINT64_C(1000000)

DEFINE_KEPT(bpf_blocked, calls);

static void look(void)
{
	calls.count = 0;
	assert_int_equal(bpf_source_blocked(source, keep, NULL), 0);
}

static const struct bpf_blocked *find(int64_t tid)
{
	vector_for_each (&calls, call) {
		if (call->tid == tid)
			return call;
	}
	return NULL;
}

static bool read_proc(int64_t pid, int64_t tid, struct proc_syscall *ret_call)
{
	struct rooted root = {.fd = -1, .is_live = true};
	char path[64];

	snprintf(path, sizeof(path), "/proc/%lld/task/%lld/syscall", (long long)pid,
		 (long long)tid);
	return proc_syscall_read(&root, path, ret_call) == 0 && !ret_call->is_running;
}

static bool is_same(const struct proc_syscall *a, const struct proc_syscall *b)
{
	return a->number == b->number && a->stack_pointer == b->stack_pointer &&
	       memcmp(a->arguments, b->arguments, sizeof(a->arguments)) == 0;
}

static bool is_as_in_proc(const struct bpf_blocked *blocked, const struct proc_syscall *call)
{
	return blocked->number == call->number && blocked->stack_pointer == call->stack_pointer &&
	       memcmp(blocked->arguments, call->arguments, sizeof(call->arguments)) == 0;
}

/* The child's call once it sleeps in it; its arguments begin with these. */
static const struct bpf_blocked *assert_call(const struct child *child, int64_t number,
					     const uint64_t *arguments, size_t count)
{
	const struct bpf_blocked *blocked;
	struct proc_syscall call = {};

	await_call(child->pid, child->pid, number);
	look();
	blocked = find(child->pid);
	assert_non_null(blocked);
	assert_int_equal(blocked->pid, child->pid);
	assert_int_equal(blocked->namespace, own_namespace);
	assert_int_equal(blocked->state, 'S');
	assert_false(blocked->is_compat);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(blocked->arguments[i], arguments[i]);
	assert_true(read_proc(child->pid, child->pid, &call));
	assert_true(is_as_in_proc(blocked, &call));
	return blocked;
}
#define ASSERT_CALL(child, number, ...)                       \
	assert_call(child, number, (uint64_t[]){__VA_ARGS__}, \
		    sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

static int64_t wait_for_semaphore(int semid)
{
	static struct sembuf operation = {0, -1, 0};

	child_tell((intptr_t)&operation);
	syscall(SYS_semtimedop, semid, &operation, 1, NULL);
	return -1;
}

TEST(semop_on_a_semaphore)
{
	int semid = semget(IPC_PRIVATE, 1, 0600);
	struct child child = child_start(wait_for_semaphore, semid);

	ASSERT_CALL(&child, SYS_semtimedop, (uint64_t)semid, (uint64_t)child.told, 1, 0);
	child_end(&child);
	semctl(semid, 0, IPC_RMID);
}

static int64_t wait_for_message(int msqid)
{
	static struct {
		long type;
		char text[64];
	} message;

	child_tell((intptr_t)&message);
	msgrcv(msqid, &message, sizeof(message.text), 77, MSG_NOERROR);
	return -1;
}

TEST(msgrcv_with_a_type)
{
	int msqid = msgget(IPC_PRIVATE, 0600);
	struct child child = child_start(wait_for_message, msqid);

	ASSERT_CALL(&child, SYS_msgrcv, (uint64_t)msqid, (uint64_t)child.told, 64, 77, MSG_NOERROR);
	child_end(&child);
	msgctl(msqid, IPC_RMID, NULL);
}

static int64_t wait_for_bytes(int fd)
{
	static char room[100];

	child_tell((intptr_t)room);
	return read(fd, room, sizeof(room)) ? -1 : 0;
}

TEST(read_of_a_pipe)
{
	struct child child;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	child = child_start(wait_for_bytes, ends[0]);
	ASSERT_CALL(&child, SYS_read, (uint64_t)ends[0], (uint64_t)child.told, 100);
	child_end(&child);
	close(ends[0]);
	close(ends[1]);
}

static int64_t wait_for_word(int value)
{
	static int word;

	word = value;
	child_tell((intptr_t)&word);
	syscall(SYS_futex, &word, FUTEX_WAIT, value, NULL, NULL, 0);
	return -1;
}

TEST(futex)
{
	struct child child = child_start(wait_for_word, 5);

	ASSERT_CALL(&child, SYS_futex, (uint64_t)child.told, FUTEX_WAIT, 5, 0);
	child_end(&child);
}

static int64_t wait_for_events(int fd)
{
	static struct pollfd wanted;
	static const struct timespec ages = {.tv_sec = 100000};

	wanted = (struct pollfd){.fd = fd, .events = POLLIN};
	child_tell((intptr_t)&wanted);
	syscall(SYS_ppoll, &wanted, 1, &ages, NULL, 8);
	return -1;
}

TEST(poll_of_a_pipe)
{
	struct child child;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	child = child_start(wait_for_events, ends[0]);
	ASSERT_CALL(&child, SYS_ppoll, (uint64_t)child.told, 1);
	child_end(&child);
	close(ends[0]);
	close(ends[1]);
}

#ifdef __x86_64__

#define I386_READ 3

/* As a program of 32 bits calls it; the whole process is one for the kernel meanwhile. */
static int64_t wait_like_32_bits(int fd)
{
	char *room = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long result = I386_READ;

	child_tell((intptr_t)room);
	__asm__ volatile("int $0x80"
			 : "+a"(result)
			 : "b"(fd), "c"(room), "d"(100)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}

TEST(a_call_of_32_bits)
{
	const struct bpf_blocked *blocked = NULL;
	struct proc_syscall call = {};
	struct child child;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	child = child_start(wait_like_32_bits, ends[0]);
	for (int i = 0; i < 5000 && !(blocked && blocked->is_compat); i++) {
		usleep(1000);
		look();
		blocked = find(child.pid);
		/* The kernel can be without 32-bit calls, and then ends the child. */
		if (waitpid(child.pid, NULL, WNOHANG) == child.pid)
			goto out;
	}
	assert_true(blocked && blocked->is_compat);
	assert_int_equal(blocked->number, I386_READ);
	assert_int_equal(blocked->arguments[0], ends[0]);
	assert_int_equal(blocked->arguments[1], child.told);
	assert_int_equal(blocked->arguments[2], 100);
	assert_true(read_proc(child.pid, child.pid, &call));
	assert_true(is_as_in_proc(blocked, &call));
	child_end(&child);
out:
	close(ends[0]);
	close(ends[1]);
}

#endif

static pid_t waiting_thread;

static void *wait_in_thread(void *unused)
{
	(void)unused;
	child_tell(gettid());
	syscall(SYS_futex, &waiting_thread, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	return NULL;
}

static int64_t wait_in_two_threads(int unused)
{
	pthread_t thread;

	(void)unused;
	if (pthread_create(&thread, NULL, wait_in_thread, NULL) != 0)
		return -1;
	for (;;)
		pause();
}

TEST(each_thread_has_its_own)
{
	struct child child = child_start(wait_in_two_threads, 0);
	const struct bpf_blocked *blocked;

	await_call(child.pid, (pid_t)child.told, SYS_futex);
	look();
	blocked = find(child.told);
	assert_non_null(blocked);
	assert_int_equal(blocked->pid, child.pid);
	assert_int_equal(blocked->number, SYS_futex);
	blocked = find(child.pid);
	assert_non_null(blocked);
	assert_int_not_equal(blocked->number, SYS_futex);
	child_end(&child);
}

TEST(a_stopped_one_says_so)
{
	int semid = semget(IPC_PRIVATE, 1, 0600);
	struct child child = child_start(wait_for_semaphore, semid);
	const struct bpf_blocked *blocked = NULL;

	await_call(child.pid, child.pid, SYS_semtimedop);
	assert_int_equal(kill(child.pid, SIGSTOP), 0);
	for (int i = 0; i < 5000 && (!blocked || blocked->state != 'T'); i++) {
		usleep(1000);
		look();
		blocked = find(child.pid);
	}
	assert_non_null(blocked);
	assert_int_equal(blocked->state, 'T');
	assert_int_equal(blocked->number, SYS_semtimedop);
	child_end(&child);
	semctl(semid, 0, IPC_RMID);
}

static int64_t be_busy(int unused)
{
	(void)unused;
	child_tell(0);
	for (volatile bool is_busy = true; is_busy;)
		;
	return -1;
}

TEST(a_running_one_is_left_out)
{
	struct child child = child_start(be_busy, 0);

	usleep(20000);
	look();
	assert_null(find(child.pid));
	assert_null(find(getpid()));
	child_end(&child);
}

/* Once it has slept for so long: on a busy machine it is later put to sleep than its call is seen.
 */
static const struct bpf_blocked *find_after(pid_t pid, uint64_t milliseconds)
{
	const struct bpf_blocked *blocked = NULL;

	for (int tries = 0; tries < 100; tries++) {
		usleep(20000);
		look();
		blocked = find(pid);
		assert_non_null(blocked);
		if (blocked->now > blocked->since + milliseconds * MILLISECONDS)
			return blocked;
	}
	fail_msg("it sleeps since %ju, now is %ju", (uintmax_t)blocked->since,
		 (uintmax_t)blocked->now);
	return NULL;
}

TEST(since_when)
{
	struct child child = child_start(wait_for_word, 1);
	const struct bpf_blocked *blocked;
	uint64_t first, second;

	await_call(child.pid, child.pid, SYS_futex);
	blocked = find_after(child.pid, 50);
	first = blocked->since;
	assert_true(blocked->now < blocked->since + 60000 * MILLISECONDS);
	usleep(20000);
	look();
	second = find(child.pid)->since;
	assert_true(first == second);
	child_end(&child);
}

struct seen {
	int64_t pid, tid;
	struct proc_syscall call;
};

static VECTOR(struct seen) threads;

static void add_thread(int64_t pid, int64_t tid)
{
	struct seen seen = {.pid = pid, .tid = tid}, *kept;

	if (!read_proc(pid, tid, &seen.call))
		return;
	kept = vector_add(&threads);
	assert_non_null(kept);
	*kept = seen;
}

static void for_each_number(const char *path, int64_t above,
			    void (*act)(int64_t above, int64_t number))
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		if (atoll(entry->d_name))
			act(above, atoll(entry->d_name));
	if (directory)
		closedir(directory);
}

static void add_threads(int64_t unused, int64_t pid)
{
	char path[64];

	(void)unused;
	snprintf(path, sizeof(path), "/proc/%lld/task", (long long)pid);
	for_each_number(path, pid, add_thread);
}

/* It slept in that call before and after; kernel threads have none, and no stack. */
static bool is_comparable(const struct seen *thread)
{
	struct proc_syscall after = {};

	return read_proc(thread->pid, thread->tid, &after) && after.number >= 0 &&
	       after.stack_pointer && is_same(&thread->call, &after);
}

static size_t count_differences(size_t *ret_compared)
{
	size_t differences = 0, compared = 0;

	threads.count = 0;
	for_each_number("/proc", 0, add_threads);
	look();
	vector_for_each (&threads, thread) {
		const struct bpf_blocked *blocked;

		if (!is_comparable(thread))
			continue;
		blocked = find(thread->tid);
		compared++;
		differences += !blocked || blocked->pid != thread->pid ||
			       !is_as_in_proc(blocked, &thread->call);
	}
	*ret_compared = compared;
	return differences;
}

/* A thread can wake up and sleep in the same call again between the looks: then it is repeated. */
TEST(all_threads_of_the_machine_are_as_in_proc)
{
	struct child children[30];
	size_t compared = 0, differences = 1;

	for (size_t i = 0; i < ARRAY_LENGTH(children); i++)
		children[i] = child_start(wait_for_word, (int)i);
	for (int i = 0; i < 10 && differences; i++)
		differences = count_differences(&compared);
	assert_int_equal(differences, 0);
	assert_true(compared >= ARRAY_LENGTH(children));
	for (size_t i = 0; i < ARRAY_LENGTH(children); i++)
		child_end(&children[i]);
	vector_deinit(&threads);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(semop_on_a_semaphore),
		cmocka_unit_test(msgrcv_with_a_type),
		cmocka_unit_test(read_of_a_pipe),
		cmocka_unit_test(futex),
		cmocka_unit_test(poll_of_a_pipe),
#ifdef __x86_64__
		cmocka_unit_test(a_call_of_32_bits),
#endif
		cmocka_unit_test(each_thread_has_its_own),
		cmocka_unit_test(a_stopped_one_says_so),
		cmocka_unit_test(a_running_one_is_left_out),
		cmocka_unit_test(since_when),
		cmocka_unit_test(all_threads_of_the_machine_are_as_in_proc),
	};
	int result = cmocka_run_group_tests(tests, NULL, NULL);

	vector_deinit(&calls);
	return result;
}

int main(void)
{
	return run_with_source(run_all);
}
