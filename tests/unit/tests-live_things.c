/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who uses POSIX objects, pipes, FIFOs and unnamed memory on this machine: by both ways of reading
 * the mappings of processes, which have to tell the same.
 */
#include "unit.h"

#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors.h"
#include "collect/collect.h"
#include "private_ipc.h"

#define BOTH (PROT_READ | PROT_WRITE)

/* What the actors of a test have in common. */
static int shared_fd, ends[2];

static struct snapshot *collect_as(unsigned int kinds, bool reads_text)
{
	const struct collect_options options = {
		.reads_maps_as_text = reads_text,
		.scope = {.kinds = kinds, .link_kinds = kinds, .nameless_kinds = kinds}};
	struct snapshot *snapshot = NULL;
	struct ipclens_error error;

	if (collect_snapshot(&options, &snapshot, &error) != 0)
		fail_msg("%s", error.text);
	return snapshot;
}

/* The next link of the process from that index on; the count where there is none. */
static size_t next_link(const struct snapshot *snapshot, int64_t pid, size_t index)
{
	while (index < snapshot->links.count && snapshot->links.items[index].pid != pid)
		index++;
	return index;
}

static struct text ref_at(const struct snapshot *snapshot, const struct link *link, char *room)
{
	return ref_of_object(&snapshot->objects.items[link->object], room);
}

static void assert_same_link(const struct snapshot *a, const struct link *one,
			     const struct snapshot *b, const struct link *other)
{
	char room_a[REF_MAX], room_b[REF_MAX];

	assert_true(text_equals(ref_at(a, one, room_a), ref_at(b, other, room_b)));
	assert_true(one->record.present == other->record.present);
	assert_int_equal(one->how, other->how);
	assert_int_equal(one->access, other->access);
	assert_true(one->address == other->address && one->length == other->length);
	assert_true(one->fd == other->fd);
	assert_true(pids_are_equal(one->shared_by, other->shared_by));
}

/* Of one process: those of others come and go. Returns how many there are. */
static size_t compare_links(const struct snapshot *a, const struct snapshot *b, int64_t pid)
{
	size_t at_a = next_link(a, pid, 0), at_b = next_link(b, pid, 0), count = 0;

	for (; at_a < a->links.count && at_b < b->links.count; count++) {
		assert_same_link(a, &a->links.items[at_a], b, &b->links.items[at_b]);
		at_a = next_link(a, pid, at_a + 1);
		at_b = next_link(b, pid, at_b + 1);
	}
	assert_int_equal(at_a, a->links.count);
	assert_int_equal(at_b, b->links.count);
	return count;
}

/* The kinds of these processes' uses by both ways, and with each of the kinds alone. */
static struct snapshot *collect_both(unsigned int kinds, const struct actor *actors, size_t count,
				     size_t links)
{
	struct snapshot *asked = collect_as(kinds, false);
	_cleanup_snapshot_ struct snapshot *read = collect_as(kinds, true);
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += compare_links(asked, read, actors[i].pid);
	if (found != links)
		fail_msg("%zu links instead of %zu", found, links);
	return asked;
}

static size_t count_links(const struct snapshot *snapshot, int64_t pid, enum link_how how,
			  uint64_t access)
{
	size_t count = 0;

	vector_for_each (&snapshot->links, link)
		count += link->pid == pid && link->how == how && link->access == access;
	return count;
}

static void done(const struct work *work)
{
	int64_t number = 0;

	if (write(work->report, &number, sizeof(number)) != sizeof(number))
		_exit(1);
	close(work->report);
}

static void map(int fd, size_t pages, int protection, int flags, off_t page)
{
	if (mmap(NULL, pages * PAGE, protection, flags, fd, page * PAGE) == MAP_FAILED)
		_exit(1);
}

static void map_in_every_way(const struct work *work)
{
	map(shared_fd, 3, BOTH, MAP_SHARED, 0);
	map(shared_fd, 1, PROT_READ, MAP_SHARED, 1);
	map(shared_fd, 2, BOTH, MAP_PRIVATE, 0);
	map(shared_fd, 1, PROT_NONE, MAP_SHARED, 2);
	close(shared_fd);
	done(work);
}

static void keep_open(const struct work *work)
{
	done(work);
}

static int make_shm(const char *name)
{
	int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 3 * PAGE), 0);
	return fd;
}

static void check_shm(bool is_unlinked)
{
	struct actor actors[2];
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	shared_fd = make_shm("/things");
	actors[0] = actor_start(map_in_every_way, 0);
	actors[1] = actor_start(keep_open, 0);
	if (is_unlinked)
		assert_int_equal(shm_unlink("/things"), 0);
	snapshot = collect_both(KIND_BIT(KIND_PSHM), actors, 2, 5);
	assert_int_equal(count_links(snapshot, actors[0].pid, LINK_MAPPED, LINK_READ | LINK_WRITE),
			 1);
	assert_int_equal(count_links(snapshot, actors[0].pid, LINK_MAPPED, LINK_READ), 1);
	assert_int_equal(count_links(snapshot, actors[0].pid, LINK_MAPPED, 0), 1);
	assert_int_equal(count_links(snapshot, actors[0].pid, LINK_MAPPED,
				     LINK_READ | LINK_WRITE | LINK_PRIVATE),
			 1);
	assert_int_equal(count_links(snapshot, actors[1].pid, LINK_OPEN, LINK_READ | LINK_WRITE),
			 1);
	assert_int_equal(snapshot->objects.count, 1);
	assert_int_equal(snapshot->objects.items[0].status, is_unlinked ? STATUS_UNLINKED : 0);
	/* This process has it open, too. */
	assert_int_equal(snapshot->objects.items[0].processes.count, 3);
	actor_end(&actors[0]);
	actor_end(&actors[1]);
	close(shared_fd);
	if (!is_unlinked)
		shm_unlink("/things");
}

TEST(shared_memory_is_mapped_in_every_way)
{
	check_shm(false);
}

TEST(so_it_is_once_it_was_unlinked)
{
	check_shm(true);
}

static void open_semaphore(const struct work *work)
{
	if (sem_open("/things", 0) == SEM_FAILED)
		_exit(1);
	done(work);
}

TEST(a_semaphore_is_mapped)
{
	sem_t *semaphore = sem_open("/things", O_CREAT | O_EXCL, 0600, 1);
	struct actor actors[2];
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	assert_true(semaphore != SEM_FAILED);
	assert_int_equal(sem_close(semaphore), 0);
	for (size_t i = 0; i < 2; i++)
		actors[i] = actor_start(open_semaphore, 0);
	snapshot = collect_both(KIND_BIT(KIND_PSEM), actors, 2, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(
			count_links(snapshot, actors[i].pid, LINK_MAPPED, LINK_READ | LINK_WRITE),
			1);
		actor_end(&actors[i]);
	}
	assert_int_equal(sem_unlink("/things"), 0);
}

static void map_memory(const struct work *work)
{
	map(shared_fd, 1, BOTH, MAP_SHARED, 0);
	done(work);
}

/* A name as those of segments have it, which does not make it one. */
TEST(unnamed_memory_is_found_where_two_have_it)
{
	struct actor actors[2];
	_cleanup_snapshot_ struct snapshot *two = NULL, *one = NULL;
	const unsigned int kinds = KIND_BIT(KIND_MAP) | KIND_BIT(KIND_SHM);

	shared_fd = memfd_create("SYSV00000000", MFD_CLOEXEC);
	assert_true(shared_fd >= 0);
	assert_int_equal(ftruncate(shared_fd, PAGE), 0);
	for (size_t i = 0; i < 2; i++)
		actors[i] = actor_start(map_memory, 0);
	close(shared_fd);
	two = collect_both(kinds, actors, 2, 4);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
			count_links(two, actors[i].pid, LINK_MAPPED, LINK_READ | LINK_WRITE), 1);
	actor_end(&actors[1]);
	one = collect_both(kinds, actors, 1, 0);
	actor_end(&actors[0]);
}

static void keep_reader(const struct work *work)
{
	close(ends[1]);
	done(work);
}

static void keep_writer(const struct work *work)
{
	close(ends[0]);
	done(work);
}

/* No mapping tells of them: it is the descriptors that must not depend on how those are read. */
TEST(ends_of_pipes_fifos_and_queues_are_found)
{
	const unsigned int kinds =
		KIND_BIT(KIND_PIPE) | KIND_BIT(KIND_FIFO) | KIND_BIT(KIND_MQ) | KIND_BIT(KIND_PSHM);
	struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 1};
	struct actor actors[2];
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	int fifo;
	mqd_t queue;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(mkfifo("/dev/shm/fifo", 0600), 0);
	fifo = open("/dev/shm/fifo", O_RDWR);
	queue = mq_open("/things", O_CREAT | O_EXCL | O_RDONLY, 0600, &attributes);
	assert_true(fifo >= 0);
	assert_true(queue >= 0);
	actors[0] = actor_start(keep_reader, 0);
	actors[1] = actor_start(keep_writer, 0);
	/* That of stdout may be a pipe, so that only the first kinds are counted. */
	snapshot = collect_as(kinds, false);
	for (size_t i = 0; i < 2; i++) {
		_cleanup_snapshot_ struct snapshot *read = collect_as(kinds, true);

		compare_links(snapshot, read, actors[i].pid);
		assert_true(count_links(snapshot, actors[i].pid, LINK_OPEN,
					LINK_READ | LINK_WRITE) >= 1);
		assert_true(count_links(snapshot, actors[i].pid, LINK_OPEN,
					i ? LINK_WRITE : LINK_READ) >= 1);
		actor_end(&actors[i]);
	}
	close(ends[0]);
	close(ends[1]);
	close(fifo);
	unlink("/dev/shm/fifo");
	mq_close(queue);
	mq_unlink("/things");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shared_memory_is_mapped_in_every_way),
		cmocka_unit_test(so_it_is_once_it_was_unlinked),
		cmocka_unit_test(a_semaphore_is_mapped),
		cmocka_unit_test(unnamed_memory_is_found_where_two_have_it),
		cmocka_unit_test(ends_of_pipes_fifos_and_queues_are_found),
	};
	const char *reason = private_shm_enter();

	if (reason)
		return private_ipc_skip(reason);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
