/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors of pipes, FIFOs and queues, as bpf sees them. */
#include "unit.h"

#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "bpf_children.h"
#include "model/process.h"

#define QUEUE "/ipclens-test"

DEFINE_KEPT(bpf_end, ends);

static void look(void)
{
	ends.count = 0;
	assert_int_equal(bpf_source_ends(source, keep, NULL), 0);
}

/* The end behind this descriptor of the process; it must be there, and once. */
static const struct bpf_end *find(int64_t pid, int fd)
{
	const struct bpf_end *found = NULL;

	vector_for_each (&ends, end) {
		if (end->pid != pid || end->fd != (uint64_t)fd)
			continue;
		assert_null(found);
		found = end;
	}
	assert_non_null(found);
	return found;
}

static const struct bpf_end *look_at(int fd)
{
	const struct bpf_end *end;
	struct stat status;

	look();
	end = find(getpid(), fd);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(end->inode, status.st_ino);
	assert_int_equal(end->device_major, major(status.st_dev));
	assert_int_equal(end->device_minor, minor(status.st_dev));
	assert_int_equal(end->tid, getpid());
	return end;
}

static void fill(int fd, size_t size)
{
	static char bytes[4096];

	while (size) {
		size_t part = size < sizeof(bytes) ? size : sizeof(bytes);

		assert_int_equal(write(fd, bytes, part), part);
		size -= part;
	}
}

TEST(both_ends_of_a_pipe)
{
	const struct bpf_end *end;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	end = look_at(fds[0]);
	assert_true(end->is_pipe && !end->is_fifo && !end->is_queue);
	assert_int_equal(end->access, LINK_READ);
	assert_int_equal(end->readers, 1);
	assert_int_equal(end->writers, 1);
	assert_int_equal(end->used_bytes, 0);
	assert_int_equal(end->used_slots, 0);
	assert_int_equal(end->slots, fcntl(fds[0], F_GETPIPE_SZ) / getpagesize());
	assert_int_equal(look_at(fds[1])->access, LINK_WRITE);
	close(fds[0]);
	close(fds[1]);
}

TEST(how_full_a_pipe_is)
{
	char room[1000];
	const struct bpf_end *end;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	fill(fds[1], 10000);
	end = look_at(fds[0]);
	assert_int_equal(end->used_bytes, 10000);
	assert_int_equal(end->used_slots, 3);
	assert_int_equal(read(fds[0], room, sizeof(room)), sizeof(room));
	assert_int_equal(look_at(fds[1])->used_bytes, 9000);
	close(fds[0]);
	close(fds[1]);
}

/* Often enough that the ring was gone round, and the kernel's counters with it. */
TEST(how_full_a_used_pipe_is)
{
	char room[4096];
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	for (int i = 0; i < 37; i++) {
		fill(fds[1], sizeof(room));
		assert_int_equal(read(fds[0], room, sizeof(room)), sizeof(room));
	}
	fill(fds[1], 40001);
	assert_int_equal(look_at(fds[0])->used_bytes, 40001);
	close(fds[0]);
	close(fds[1]);
}

TEST(a_pipe_of_a_mebibyte_that_is_full)
{
	const struct bpf_end *end;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fcntl(fds[1], F_SETPIPE_SZ, 1 << 20), 1 << 20);
	fill(fds[1], 1 << 20);
	end = look_at(fds[0]);
	assert_int_equal(end->used_bytes, 1 << 20);
	assert_int_equal(end->used_slots, end->slots);
	assert_int_equal(end->slots, (1 << 20) / getpagesize());
	close(fds[0]);
	close(fds[1]);
}

static int64_t keep_open(int fd)
{
	(void)fd;
	return 0;
}

TEST(descriptors_of_others_and_copies)
{
	const struct bpf_end *own, *others;
	struct child child;
	int fds[2], copy;

	assert_int_equal(pipe(fds), 0);
	copy = dup(fds[0]);
	child = child_start(keep_open, fds[0]);
	close(fds[1]);
	look();
	own = find(getpid(), fds[0]);
	others = find(child.pid, fds[1]);
	assert_true(own->inode == others->inode);
	assert_true(own->table != others->table);
	assert_int_equal(find(getpid(), copy)->inode, own->inode);
	/* A copy and the child's are the same end. */
	assert_int_equal(own->readers, 1);
	assert_int_equal(own->writers, 1);
	child_end(&child);
	assert_int_equal(look_at(fds[0])->writers, 0);
	close(fds[0]);
	close(copy);
}

static int64_t share_descriptors(int fd)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);

	(void)fd;
	if (!pid)
		for (;;)
			pause();
	return pid;
}

TEST(who_shares_descriptors_has_the_same_table)
{
	struct child child;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	child = child_start(share_descriptors, fds[0]);
	look();
	assert_true(find(child.pid, fds[0])->table == find(child.told, fds[0])->table);
	kill((pid_t)child.told, SIGKILL);
	child_end(&child);
	close(fds[0]);
	close(fds[1]);
}

TEST(a_fifo)
{
	char folder[] = "/tmp/ipclens-test-XXXXXX", path[64];
	const struct bpf_end *end;
	int fd;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/fifo", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	fill(fd, 10);
	end = look_at(fd);
	assert_true(end->is_fifo && !end->is_pipe && !end->is_queue);
	assert_int_equal(end->access, LINK_READ | LINK_WRITE);
	assert_int_equal(end->readers, 1);
	assert_int_equal(end->writers, 1);
	assert_int_equal(end->used_bytes, 10);
	close(fd);
	unlink(path);
	rmdir(folder);
}

TEST(a_queue)
{
	struct mq_attr limits = {.mq_maxmsg = 5, .mq_msgsize = 100};
	struct sigevent none = {.sigev_notify = SIGEV_NONE};
	mqd_t queue = mq_open(QUEUE, O_CREAT | O_EXCL | O_WRONLY, 0600, &limits);
	const struct bpf_end *end;

	assert_true(queue >= 0);
	assert_int_equal(mq_send(queue, "hello", 5, 0), 0);
	assert_int_equal(mq_send(queue, "you", 3, 1), 0);
	end = look_at(queue);
	assert_true(end->is_queue && !end->is_pipe && !end->is_fifo);
	assert_int_equal(end->access, LINK_WRITE);
	assert_int_equal(end->namespace, own_namespace);
	assert_int_equal(end->messages, 2);
	assert_int_equal(end->used_bytes, 8);
	assert_int_equal(end->notify_pid, 0);
	assert_int_equal(mq_notify(queue, &none), 0);
	assert_int_equal(mq_unlink(QUEUE), 0);
	end = look_at(queue);
	assert_int_equal(end->notify_pid, getpid());
	assert_int_equal(end->messages, 2);
	mq_close(queue);
}

TEST(other_files_are_left_out)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	look();
	vector_for_each (&ends, end) {
		assert_true(end->pid != getpid() || end->fd != (uint64_t)fd);
	}
	close(fd);
}

#define FIRST 300
#define PIPES 300

static int64_t open_many(int unused)
{
	int fds[2];

	(void)unused;
	for (int fd = FIRST; fd < FIRST + 2 * PIPES; fd += 2) {
		if (pipe(fds) < 0 || dup2(fds[0], fd) < 0 || dup2(fds[1], fd + 1) < 0)
			return -1;
		close(fds[0]);
		close(fds[1]);
	}
	return 0;
}

TEST(more_ends_than_there_are_slots)
{
	struct child children[8];

	for (size_t i = 0; i < ARRAY_LENGTH(children); i++)
		children[i] = child_start(open_many, 0);
	look();
	for (size_t i = 0; i < ARRAY_LENGTH(children); i++)
		for (int fd = FIRST; fd < FIRST + 2 * PIPES; fd++)
			find(children[i].pid, fd);
	for (size_t i = 0; i < ARRAY_LENGTH(children); i++)
		child_end(&children[i]);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_of_a_pipe),
		cmocka_unit_test(how_full_a_pipe_is),
		cmocka_unit_test(how_full_a_used_pipe_is),
		cmocka_unit_test(a_pipe_of_a_mebibyte_that_is_full),
		cmocka_unit_test(descriptors_of_others_and_copies),
		cmocka_unit_test(who_shares_descriptors_has_the_same_table),
		cmocka_unit_test(a_fifo),
		cmocka_unit_test(a_queue),
		cmocka_unit_test(other_files_are_left_out),
		cmocka_unit_test(more_ends_than_there_are_slots),
	};
	int result = cmocka_run_group_tests(tests, NULL, NULL);

	vector_deinit(&ends);
	return result;
}

int main(void)
{
	return run_with_source(run_all);
}
