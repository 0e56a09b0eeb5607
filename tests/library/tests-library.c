/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The public library as a stranger uses it: by its header and its shared object alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <ipclens.h>

/* A private IPC namespace with one object of each kind of System V. */
struct scene {
	int segment, array, queue;
};

static int make_scene(void **state)
{
	static struct scene scene;

	/* A user namespace gives the right to have an IPC namespace of one's own. */
	if (unshare(CLONE_NEWIPC) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWIPC) < 0)
		return 0;
	scene.segment = shmget(0x4d2, 5000, IPC_CREAT | 0600);
	scene.array = semget(IPC_PRIVATE, 3, 0640);
	scene.queue = msgget((key_t)0xfa5e52a2, IPC_CREAT | 0622);
	if (scene.segment < 0 || scene.array < 0 || scene.queue < 0)
		return -1;
	*state = &scene;
	return 0;
}

static void needs_scene(void **state)
{
	if (*state)
		return;
	print_message("# no private IPC namespace is permitted here\n");
	skip();
}

/* What the namespace keeps apart from the rest of the machine: objects of System V. */
static struct ipclens_snapshot *take(void **state)
{
	struct ipclens_options *options = ipclens_options_new();
	struct ipclens_error *error = ipclens_error_new();
	struct ipclens_snapshot *snapshot = NULL;

	needs_scene(state);
	assert_int_equal(ipclens_options_set_kinds(options, "shm,sem,msg"), 0);
	assert_int_equal(ipclens_snapshot_take(options, &snapshot, error), 0);
	assert_string_equal(ipclens_error_get_text(error), "");
	assert_null(ipclens_options_free(options));
	assert_null(ipclens_error_free(error));
	return snapshot;
}

static struct ipclens_cursor *open_list(const struct ipclens_snapshot *snapshot, const char *list)
{
	struct ipclens_cursor *cursor = NULL;

	assert_int_equal(ipclens_cursor_new(snapshot, list, &cursor), 0);
	return cursor;
}

static void assert_text(const struct ipclens_cursor *cursor, const char *field, const char *text)
{
	char *got = NULL;

	assert_int_equal(ipclens_cursor_get_text(cursor, field, &got), 0);
	assert_string_equal(got, text);
	free(got);
}

static void test_objects(void **state)
{
	struct ipclens_snapshot *snapshot = take(state);
	const struct scene *scene = *state;
	struct ipclens_cursor *cursor = open_list(snapshot, "objects");
	uint64_t number;
	int64_t pid;

	assert_int_equal(ipclens_cursor_get_count(cursor), 3);
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "id", &number), -ENODATA);

	assert_true(ipclens_cursor_next(cursor));
	assert_text(cursor, "kind", "shm");
	assert_text(cursor, "key", "0x000004d2");
	assert_text(cursor, "mode", "0600");
	assert_text(cursor, "status", "");
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "size", &number), 0);
	assert_int_equal(number, 5000);
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "id", &number), 0);
	assert_int_equal(number, scene->segment);
	assert_int_equal(ipclens_cursor_get_signed(cursor, "creator_pid", &pid), 0);
	assert_int_equal(pid, getpid());
	assert_int_equal(ipclens_cursor_get_signed(cursor, "last_pid", &pid), IPCLENS_ABSENT);
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "last_pid", &number), -EINVAL);
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "nsems", &number), -ENOENT);

	assert_true(ipclens_cursor_next(cursor));
	assert_text(cursor, "kind", "sem");
	assert_true(ipclens_cursor_next(cursor));
	assert_text(cursor, "key", "0xfa5e52a2");
	assert_false(ipclens_cursor_next(cursor));
	assert_false(ipclens_cursor_next(cursor));
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "id", &number), -ENODATA);
	assert_null(ipclens_cursor_free(cursor));
	assert_null(ipclens_snapshot_free(snapshot));
}

static void test_records_inside(void **state)
{
	struct ipclens_snapshot *snapshot = take(state);
	struct ipclens_cursor *cursor = open_list(snapshot, "objects"), *inside = NULL;
	uint64_t number = 99;

	assert_true(ipclens_cursor_next(cursor));
	assert_int_equal(ipclens_cursor_new_inside(cursor, "semaphores", &inside), -ENOENT);
	assert_int_equal(ipclens_cursor_new_inside(cursor, "size", &inside), -EINVAL);
	assert_true(ipclens_cursor_next(cursor));
	assert_int_equal(ipclens_cursor_new_inside(cursor, "semaphores", &inside), 0);
	assert_int_equal(ipclens_cursor_get_count(inside), 3);
	while (ipclens_cursor_next(inside)) {
		assert_int_equal(ipclens_cursor_get_unsigned(inside, "value", &number), 0);
		assert_int_equal(number, 0);
	}
	ipclens_cursor_free(inside);
	ipclens_cursor_free(cursor);
	ipclens_snapshot_free(snapshot);
}

static void test_other_lists(void **state)
{
	struct ipclens_snapshot *snapshot = take(state);
	struct ipclens_cursor *cursor = open_list(snapshot, "limits");
	uint64_t number;

	assert_true(ipclens_cursor_next(cursor));
	assert_text(cursor, "name", "shmmni");
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "used", &number), 0);
	assert_int_equal(number, 1);
	ipclens_cursor_free(cursor);
	cursor = open_list(snapshot, "host");
	assert_true(ipclens_cursor_next(cursor));
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "page_size", &number), 0);
	assert_int_equal(number, sysconf(_SC_PAGESIZE));
	assert_false(ipclens_cursor_next(cursor));
	ipclens_cursor_free(cursor);
	assert_int_equal(ipclens_cursor_new(snapshot, "nonsense", &cursor), -ENOENT);
	ipclens_snapshot_free(snapshot);
}

static void find_pid(struct ipclens_cursor *cursor, int64_t pid, const char *how)
{
	int64_t found;

	while (ipclens_cursor_next(cursor)) {
		char *got = NULL;
		int is_it;

		assert_int_equal(ipclens_cursor_get_signed(cursor, "pid", &found), 0);
		if (!how && found == pid)
			return;
		if (!how)
			continue;
		assert_int_equal(ipclens_cursor_get_text(cursor, "how", &got), 0);
		is_it = found == pid && strcmp(got, how) == 0;
		free(got);
		if (is_it)
			return;
	}
	fail_msg("no process %lld", (long long)pid);
}

/* The test itself has the segment attached for reading. */
static void check_users(const struct ipclens_snapshot *snapshot, const void *address, int segment)
{
	struct ipclens_cursor *cursor = open_list(snapshot, "links");
	char text[64];
	uint64_t number;
	int64_t seconds;

	find_pid(cursor, getpid(), "mapped");
	snprintf(text, sizeof(text), "shm:%d", segment);
	assert_text(cursor, "object", text);
	assert_text(cursor, "access", "read");
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "address", &number), 0);
	assert_true(number == (uint64_t)(uintptr_t)address);
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "length", &number), 0);
	assert_int_equal(number, 8192);
	assert_text(cursor, "shared_by", "");
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "shared_by", &number), -EINVAL);
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "state", &number), IPCLENS_ABSENT);
	ipclens_cursor_free(cursor);

	cursor = open_list(snapshot, "links");
	find_pid(cursor, getpid(), "created");
	assert_text(cursor, "state", "alive");
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "address", &number), IPCLENS_ABSENT);
	ipclens_cursor_free(cursor);

	cursor = open_list(snapshot, "processes");
	find_pid(cursor, getpid(), NULL);
	assert_text(cursor, "command", "tests-library");
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "uid", &number), 0);
	assert_int_equal(number, geteuid());
	assert_int_equal(ipclens_cursor_get_signed(cursor, "started_at", &seconds), 0);
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "started_at", &number), -EINVAL);
	ipclens_cursor_free(cursor);

	cursor = open_list(snapshot, "accounting");
	assert_int_equal(ipclens_cursor_get_count(cursor), 1);
	assert_true(ipclens_cursor_next(cursor));
	assert_text(cursor, "object", text);
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "found", &number), 0);
	assert_int_equal(number, 1);
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "expected", &number), 0);
	assert_int_equal(number, 1);
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "complete", &number), 0);
	assert_int_equal(number, 1);
	assert_text(cursor, "complete", "true");
	assert_text(cursor, "doubts", "");
	ipclens_cursor_free(cursor);
}

static void test_users(void **state)
{
	struct ipclens_snapshot *snapshot = NULL, *loaded = NULL;
	const struct scene *scene = *state;
	char path[] = "/tmp/tests-library.XXXXXX", text[32];
	struct ipclens_cursor *cursor;
	const void *address;
	int fd;

	if (!*state)
		skip();
	address = shmat(scene->segment, NULL, SHM_RDONLY);
	assert_true(address != (void *)-1);
	snapshot = take(state);
	check_users(snapshot, address, scene->segment);
	cursor = open_list(snapshot, "objects");
	assert_true(ipclens_cursor_next(cursor));
	snprintf(text, sizeof(text), "%d", (int)getpid());
	assert_text(cursor, "processes", text);
	ipclens_cursor_free(cursor);

	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(ipclens_snapshot_save(snapshot, path, NULL), 0);
	assert_int_equal(ipclens_snapshot_load(path, &loaded, NULL), 0);
	check_users(loaded, address, scene->segment);
	unlink(path);
	ipclens_snapshot_free(loaded);
	ipclens_snapshot_free(snapshot);
	assert_int_equal(shmdt(address), 0);
}

/* Goes to the object of that kind and inode. */
static void find_file(struct ipclens_cursor *cursor, const char *kind, uint64_t inode)
{
	while (ipclens_cursor_next(cursor)) {
		uint64_t number;
		char *got = NULL;
		int is_it;

		assert_int_equal(ipclens_cursor_get_text(cursor, "kind", &got), 0);
		is_it = strcmp(got, kind) == 0;
		free(got);
		if (is_it && ipclens_cursor_get_unsigned(cursor, "inode", &number) == 0 &&
		    number == inode)
			return;
	}
	fail_msg("no %s with inode %llu", kind, (unsigned long long)inode);
}

/* A pipe of this process, both of whose ends it has. */
static void test_pipe(void **state)
{
	struct ipclens_snapshot *snapshot = NULL;
	struct ipclens_cursor *cursor;
	char text[64];
	struct stat status;
	uint64_t number;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(fstat(ends[0], &status), 0);
	assert_int_equal(ipclens_snapshot_take(NULL, &snapshot, NULL), 0);
	cursor = open_list(snapshot, "objects");
	find_file(cursor, "pipe", status.st_ino);
	snprintf(text, sizeof(text), "pipe:%llu", (unsigned long long)status.st_ino);
	assert_text(cursor, "ref", text);
	snprintf(text, sizeof(text), "%d", (int)getpid());
	assert_text(cursor, "readers", text);
	assert_text(cursor, "writers", text);
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "uid", &number), 0);
	assert_int_equal(number, geteuid());
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "id", &number), -ENOENT);
	/* How full it is cannot be seen without a copy of one of its ends. */
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "used_bytes", &number),
			 IPCLENS_ABSENT);
	ipclens_cursor_free(cursor);
	ipclens_snapshot_free(snapshot);
	close(ends[0]);
	close(ends[1]);
}

static void test_options(void **state)
{
	struct ipclens_options *options = ipclens_options_new();
	struct ipclens_error *error = ipclens_error_new();
	struct ipclens_snapshot *snapshot = NULL;
	struct ipclens_cursor *cursor;

	needs_scene(state);
	assert_int_equal(ipclens_options_set_kinds(options, "shm,nonsense"), -EINVAL);
	assert_int_equal(ipclens_options_set_kinds(options, ""), -EINVAL);
	assert_int_equal(ipclens_options_set_kinds(options, "msg,shm"), 0);
	assert_int_equal(ipclens_options_set_backend(options, "bpf"), -EINVAL);
	assert_int_equal(ipclens_options_set_backend(options, "syscall"), 0);
	assert_int_equal(ipclens_snapshot_take(options, &snapshot, error), 0);
	cursor = open_list(snapshot, "objects");
	assert_int_equal(ipclens_cursor_get_count(cursor), 2);
	ipclens_cursor_free(cursor);
	ipclens_snapshot_free(snapshot);

	assert_int_equal(ipclens_options_set_backend(options, "auto"), 0);
	assert_int_equal(ipclens_options_set_root(options, "/nonexistent"), 0);
	snapshot = NULL;
	assert_int_equal(ipclens_snapshot_take(options, &snapshot, error), -ENOENT);
	assert_null(snapshot);
	assert_non_null(strstr(ipclens_error_get_text(error), "/nonexistent"));
	assert_int_equal(ipclens_snapshot_take(options, &snapshot, NULL), -ENOENT);
	assert_null(ipclens_options_free(options));
	ipclens_error_free(error);
}

/* In a namespace of its own it makes a segment and waits to be killed. */
static pid_t start_neighbour(void)
{
	char byte = 0;
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWIPC) == 0 && shmget(IPC_PRIVATE, 12345, 0600) >= 0 &&
		    write(ends[1], &byte, 1) == 1)
			pause();
		_exit(1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	return pid;
}

/* Of another namespace, and no child is left that the caller could wait for. */
static void test_namespaces(void **state)
{
	struct ipclens_options *options = ipclens_options_new();
	struct ipclens_error *error = ipclens_error_new();
	struct ipclens_snapshot *snapshot = NULL;
	struct ipclens_cursor *cursor;
	uint64_t size = 0;
	char word[16];
	pid_t pid;

	needs_scene(state);
	pid = start_neighbour();
	snprintf(word, sizeof(word), "%d", pid);
	assert_int_equal(ipclens_options_set_kinds(options, "shm"), 0);
	assert_int_equal(ipclens_options_set_namespace(options, word), 0);
	assert_int_equal(ipclens_snapshot_take(options, &snapshot, error), 0);
	cursor = open_list(snapshot, "objects");
	assert_int_equal(ipclens_cursor_get_count(cursor), 1);
	assert_true(ipclens_cursor_next(cursor));
	assert_int_equal(ipclens_cursor_get_unsigned(cursor, "size", &size), 0);
	assert_int_equal(size, 12345);
	ipclens_cursor_free(cursor);
	ipclens_snapshot_free(snapshot);

	assert_int_equal(ipclens_options_set_namespace(options, "all"), 0);
	assert_int_equal(ipclens_snapshot_take(options, &snapshot, error), 0);
	cursor = open_list(snapshot, "namespaces");
	assert_true(ipclens_cursor_get_count(cursor) >= 2);
	ipclens_cursor_free(cursor);
	ipclens_snapshot_free(snapshot);

	assert_int_equal(ipclens_options_set_namespace(options, "no such unit"), 0);
	assert_int_equal(ipclens_snapshot_take(options, &snapshot, error), -ENOENT);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(-1, NULL, 0), pid);
	assert_int_equal(waitpid(-1, NULL, 0), -1);
	assert_null(ipclens_options_free(options));
	ipclens_error_free(error);
}

static void test_save_and_load(void **state)
{
	struct ipclens_snapshot *snapshot = take(state), *loaded = NULL;
	char path[] = "/tmp/tests-library.XXXXXX";
	struct ipclens_cursor *cursor;
	struct stat status;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(ipclens_snapshot_save(snapshot, path, NULL), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(ipclens_snapshot_load(path, &loaded, NULL), 0);
	assert_int_equal(ipclens_snapshot_get_time(loaded), ipclens_snapshot_get_time(snapshot));
	cursor = open_list(loaded, "objects");
	assert_int_equal(ipclens_cursor_get_count(cursor), 3);
	ipclens_cursor_free(cursor);
	ipclens_snapshot_free(loaded);
	ipclens_snapshot_free(snapshot);

	loaded = NULL;
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(ipclens_snapshot_load(path, &loaded, NULL), -EINVAL);
	assert_null(loaded);
	unlink(path);
}

/* Nothing but what the caller asked for stays behind, and NULL can be given back. */
static void test_ownership(void **state)
{
	(void)state;
	assert_null(ipclens_error_free(NULL));
	assert_null(ipclens_options_free(NULL));
	assert_null(ipclens_snapshot_free(NULL));
	assert_null(ipclens_cursor_free(NULL));
	assert_true(strlen(ipclens_version()) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects),	    cmocka_unit_test(test_records_inside),
		cmocka_unit_test(test_other_lists), cmocka_unit_test(test_options),
		cmocka_unit_test(test_namespaces),  cmocka_unit_test(test_save_and_load),
		cmocka_unit_test(test_users),	    cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_ownership),
	};

	return cmocka_run_group_tests_name("library", tests, make_scene, NULL);
}
