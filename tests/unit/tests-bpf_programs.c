/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs tell the same, by whatever types of the kernel they were loaded. */
#include "unit.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bpf_children.h"
#include "collect/bpf/bpf_programs.h"
#include "type_builder.h"

#define OWN(record, member) offsetof(struct bpf_##record##_record, member)

/* Where a record of each list has its PID, and how long it is. */
static const struct {
	enum bpf_source_list list;
	size_t pid, size;
} lists[] = {
	{BPF_SOURCE_HOLDERS, OWN(holder, pid), OWN(holder, amount) + sizeof(int32_t)},
	{BPF_SOURCE_BLOCKED, OWN(blocked, pid), sizeof(struct bpf_blocked_record)},
	{BPF_SOURCE_ENDS, OWN(end, pid), sizeof(struct bpf_end_record)},
	{BPF_SOURCE_MAPPINGS, OWN(mapping, pid), sizeof(struct bpf_mapping_record)},
	{BPF_SOURCE_PLACES, OWN(place, pid), sizeof(struct bpf_place_record)},
};

/* What one list tells of one child. */
struct told {
	struct buffer bytes;
	size_t pid, size;
	uint32_t child;
	bool is_blocked;
};

static int keep(const union bpf_record *record, void *context)
{
	struct told *told = context;
	union bpf_record copy = *record;
	uint32_t pid;

	memcpy(&pid, copy.room + told->pid, sizeof(pid));
	if (pid != told->child)
		return 0;
	/* That is when it was asked. */
	if (told->is_blocked)
		copy.blocked.now = 0;
	buffer_add(&told->bytes, (const char *)copy.room, told->size);
	return 0;
}

/* Adds what each list tells of the child. */
static void list_all(struct bpf_programs *programs, const struct child *child,
		     struct buffer *ret_bytes)
{
	for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
		struct told told = {
			.pid = lists[i].pid,
			.size = lists[i].size,
			.child = (uint32_t)child->pid,
			.is_blocked = lists[i].list == BPF_SOURCE_BLOCKED,
		};

		assert_int_equal(bpf_programs_run(programs, lists[i].list, 0, keep, &told), 0);
		/* It was made so that there is something in each. */
		assert_true(told.bytes.length > 0);
		buffer_add_text(ret_bytes, buffer_text(&told.bytes));
		buffer_deinit(&told.bytes);
	}
}

static size_t count_descriptors(void)
{
	_cleanup_closedir_ DIR *directory = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	return count;
}

static void assert_ended(struct bpf_programs *programs, size_t descriptors)
{
	bpf_programs_deinit(programs);
	assert_null(programs->object);
	assert_null(programs->records);
	bpf_programs_deinit(programs);
	assert_int_equal(count_descriptors(), descriptors);
}

/* Its standard streams can be pipes, and what is in these changes while others write. */
static void leave_standard_streams(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
}

/* Holds a semaphore, has a segment and a pipe, and sleeps. */
static int64_t use_everything(int semid)
{
	static struct sembuf take = {0, -1, SEM_UNDO}, wait = {1, -1, 0};
	int ends[2], id = shmget(IPC_PRIVATE, 4096, 0600);

	leave_standard_streams();
	if (id < 0 || shmat(id, NULL, 0) == (void *)-1 || shmctl(id, IPC_RMID, NULL) < 0 ||
	    pipe(ends) < 0 || semop(semid, &take, 1) < 0)
		return -1;
	child_tell(0);
	syscall(SYS_semtimedop, semid, &wait, 1, NULL);
	return -1;
}

static int semid;

static struct child start_child(void)
{
	struct child child;

	semid = semget(IPC_PRIVATE, 2, 0600);
	assert_int_equal(semctl(semid, 0, SETVAL, 5), 0);
	child = child_start(use_everything, semid);
	await_call(child.pid, child.pid, SYS_semtimedop);
	return child;
}

static void end_child(const struct child *child)
{
	child_end(child);
	assert_int_equal(semctl(semid, 0, IPC_RMID), 0);
}

/* The expected bytes are what programs tell that were loaded the usual way. */
static void assert_loads_without(const char *path, const struct child *child, struct text expected)
{
	_cleanup_buffer_ struct buffer told = {0};
	size_t descriptors = count_descriptors();
	struct bpf_programs programs = {};

	assert_int_equal(bpf_programs_load_by(&programs, BPF_SOURCE_ALL, path), 0);
	assert_false(programs.is_by_cut);
	list_all(&programs, child, &told);
	assert_true(text_equals(buffer_text(&told), expected));
	assert_ended(&programs, descriptors);
}

/* A file of these bytes, then as many zeroes as it takes. */
static void assert_loads_without_bytes(struct text bytes, size_t size, const struct child *child,
				       struct text expected)
{
	_cleanup_close_ int fd = memfd_create("types", MFD_CLOEXEC);
	char path[32];

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.bytes, bytes.length), bytes.length);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_loads_without(path, child, expected);
}

/* A good table, but of none of what the programs read. */
static void assert_loads_without_types(const struct child *child, struct text expected)
{
	CLEANUP(type_builder_deinit) struct type_builder builder = {};
	_cleanup_buffer_ struct buffer bytes = {0};

	add_int(&builder, "int", 4);
	write_types(&builder, &bytes);
	assert_loads_without_bytes(buffer_text(&bytes), bytes.length, child, expected);
}

TEST(by_whatever_types_they_tell_the_same)
{
	_cleanup_buffer_ struct buffer told = {0};
	size_t descriptors = count_descriptors();
	struct child child = start_child();
	struct bpf_programs programs = {};
	struct text text;

	assert_int_equal(bpf_programs_load(&programs, BPF_SOURCE_ALL), 0);
	assert_true(programs.is_by_cut);
	list_all(&programs, &child, &told);
	assert_ended(&programs, descriptors);
	text = buffer_text(&told);
	assert_loads_without("/dev/null", &child, text);
	assert_loads_without("/no/such/file", &child, text);
	assert_loads_without("/proc", &child, text);
	/* It has a size, and cannot be mapped. */
	assert_loads_without("/sys/kernel/notes", &child, text);
	assert_loads_without_bytes(TEXT_LITERAL("rubbish, of some length"), 23, &child, text);
	assert_loads_without_bytes(TEXT_LITERAL("\x9f\xeb\x01"), 1 << 16, &child, text);
	/* More than any kernel has. */
	assert_loads_without_bytes(TEXT_LITERAL(""), (size_t)1 << 30, &child, text);
	assert_loads_without_types(&child, text);
	end_child(&child);
}

static void *load_often(void *failures)
{
	for (int i = 0; i < 3; i++) {
		struct bpf_programs programs = {};

		if (bpf_programs_load(&programs, BPF_SOURCE_BLOCKED) || !programs.is_by_cut)
			__atomic_add_fetch((int *)failures, 1, __ATOMIC_RELAXED);
		bpf_programs_deinit(&programs);
	}
	return NULL;
}

TEST(threads_load_at_the_same_time)
{
	pthread_t threads[4];
	int failures = 0;

	for (size_t i = 0; i < ARRAY_LENGTH(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, load_often, &failures), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(threads); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(failures, 0);
}

/* Memory that has a descriptor is forbidden, as in a sandbox. */
static bool forbid_memory_files(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_create, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {ARRAY_LENGTH(filter), filter};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int load_without_memory_files(void)
{
	struct bpf_programs programs = {};

	if (!forbid_memory_files())
		return 1;
	if (bpf_programs_load(&programs, BPF_SOURCE_ALL) || programs.is_by_cut)
		return 2;
	bpf_programs_deinit(&programs);
	return 0;
}

/* Since its version 1.4 libbpf itself cannot do without. */
static bool library_does_without(void)
{
	void *library = dlopen(BPF_LIBRARY, RTLD_LAZY | RTLD_LOCAL);
	uint32_t (*minor_version)(void) = NULL;
	bool does;

	assert_non_null(library);
	*(void **)&minor_version = dlsym(library, "libbpf_minor_version");
	does = minor_version && minor_version() < 4;
	dlclose(library);
	return does;
}

TEST(without_memory_files_they_load_all_the_same)
{
	int status;
	pid_t child;

	if (!library_does_without()) {
		print_message("# " BPF_LIBRARY " takes files in memory itself\n");
		skip();
	}
	child = fork();
	assert_true(child >= 0);
	if (!child)
		_exit(load_without_memory_files());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_whatever_types_they_tell_the_same),
		cmocka_unit_test(threads_load_at_the_same_time),
		cmocka_unit_test(without_memory_files_they_load_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return run_with_source(run_all);
}
