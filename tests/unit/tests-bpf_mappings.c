/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attachments of segments and the namespaces of these, as bpf sees them. */
#include "unit.h"

#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "actors.h"
#include "bpf_children.h"

#define KEY 0x4d2

DEFINE_KEPT(bpf_mapping, mappings);

/* At that process, or with 0 at all. */
static void look_at(int64_t pid)
{
	mappings.count = 0;
	assert_int_equal(bpf_source_mappings(source, pid, keep, NULL), 0);
}

static void look(void)
{
	look_at(0);
}

static size_t count(int64_t pid)
{
	size_t found = 0;

	vector_for_each (&mappings, mapping)
		found += mapping->pid == pid;
	return found;
}

/* The mapping at the address; it must be there, and once. */
static const struct bpf_mapping *find(int64_t pid, int64_t address)
{
	const struct bpf_mapping *found = NULL;

	vector_for_each (&mappings, mapping) {
		if (mapping->pid != pid || mapping->address != (uint64_t)address)
			continue;
		assert_null(found);
		found = mapping;
	}
	assert_non_null(found);
	return found;
}

static void assert_mapping(int64_t pid, int64_t address, uint64_t namespace, int id)
{
	const struct bpf_mapping *mapping = find(pid, address);

	assert_int_equal(mapping->tid, pid);
	assert_int_equal(mapping->namespace, namespace);
	assert_int_equal(mapping->id, id);
	assert_true(mapping->space != 0);
}

static int64_t attach(int id)
{
	return (int64_t)(intptr_t)shmat(id, NULL, 0);
}

TEST(who_attached_is_told)
{
	int segment = make_segment();
	struct child child = child_start(attach, segment);

	look();
	assert_int_equal(count(child.pid), 1);
	assert_mapping(child.pid, child.told, own_namespace, segment);
	child_end(&child);
	look();
	assert_int_equal(count(child.pid), 0);
	remove_segment(segment);
}

TEST(of_one_process_its_own_are_told)
{
	int segment = make_segment();
	struct child child = child_start(attach, segment), other = child_start(attach, segment);

	look_at(child.pid);
	assert_mapping(child.pid, child.told, own_namespace, segment);
	/* An older kernel tells of all. */
	if (mappings.count != 1)
		assert_int_equal(count(other.pid), 1);
	child_end(&child);
	look_at(child.pid);
	assert_int_equal(count(child.pid), 0);
	child_end(&other);
	remove_segment(segment);
}

static int64_t attach_to_read(int id)
{
	return (int64_t)(intptr_t)shmat(id, NULL, SHM_RDONLY);
}

TEST(who_only_reads_is_told)
{
	int segment = make_segment();
	struct child child = child_start(attach_to_read, segment);

	look();
	assert_mapping(child.pid, child.told, own_namespace, segment);
	child_end(&child);
	remove_segment(segment);
}

static int64_t attach_and_go(int id)
{
	int64_t address = attach(id);

	return address > 0 && unshare(CLONE_NEWIPC) == 0 ? address : -1;
}

TEST(who_goes_elsewhere_takes_it_along)
{
	int segment = make_segment();
	struct child child = child_start(attach_and_go, segment);

	look();
	assert_mapping(child.pid, child.told, own_namespace, segment);
	child_end(&child);
	remove_segment(segment);
}

/* The first segment of another namespace has the id 0, too. */
static int64_t attach_both(int id)
{
	int64_t address = attach_and_go(id);
	int other = shmget(KEY, PAGE, IPC_CREAT | IPC_EXCL | 0600);

	return address > 0 && other == 0 && attach(other) > 0 ? address : -1;
}

TEST(the_same_id_and_key_of_two_namespaces_are_told_apart)
{
	int segment = shmget(KEY, PAGE, IPC_CREAT | IPC_EXCL | 0600);
	struct child child = child_start(attach_both, segment);
	uint64_t there = namespace_of(child.pid, child.pid, "ipc");

	assert_true(there != own_namespace);
	look();
	assert_int_equal(count(child.pid), 2);
	assert_mapping(child.pid, child.told, own_namespace, segment);
	vector_for_each (&mappings, mapping)
		if (mapping->pid == child.pid && mapping->address != (uint64_t)child.told) {
			assert_int_equal(mapping->namespace, there);
			assert_int_equal(mapping->id, 0);
		}
	child_end(&child);
	remove_segment(segment);
}

TEST(a_removed_segment_is_told_while_it_is_attached)
{
	int segment = make_segment();
	struct child child = child_start(attach, segment);

	remove_segment(segment);
	look();
	assert_mapping(child.pid, child.told, own_namespace, segment);
	child_end(&child);
}

/* Of the same file systems, and one has the name of an attachment. */
static int64_t map_others(int unused)
{
	int file = memfd_create("SYSV000004d2", 0);
	void *memory = mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	FILE *named = fopen("/dev/shm/SYSV000004d2", "w+");
	int64_t result = 0;

	(void)unused;
	if (file < 0 || ftruncate(file, PAGE) < 0 || memory == MAP_FAILED || !named ||
	    mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, 0) == MAP_FAILED ||
	    mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fileno(named), 0) == MAP_FAILED)
		result = -1;
	unlink("/dev/shm/SYSV000004d2");
	return result;
}

TEST(other_memory_is_no_attachment)
{
	struct child child = child_start(map_others, 0);

	look();
	assert_int_equal(count(child.pid), 0);
	child_end(&child);
}

TEST(parts_of_one_attachment_are_told_each)
{
	int segment = make_segment();
	struct actor actor = actor_start(split_a_mapping, segment);

	look();
	assert_int_equal(count(actor.pid), 3);
	actor_end(&actor);
	remove_segment(segment);
}

TEST(who_shares_an_address_space_has_the_same)
{
	int segment = make_segment();
	struct actor actor = actor_start(attach_and_clone, segment);
	uint64_t space = 0, other = 0;

	look();
	vector_for_each (&mappings, mapping) {
		if (mapping->pid == actor.pid)
			space = mapping->space;
		if (mapping->pid == actor.reported)
			other = mapping->space;
	}
	assert_true(space && space == other);
	actor_end(&actor);
	await_detached(segment);
	remove_segment(segment);
}

TEST(of_a_process_without_a_leader_a_thread_tells)
{
	int segment = make_segment();
	struct actor actor = actor_start(attach_and_leave_a_thread, segment);

	look();
	assert_int_equal(count(actor.pid), 1);
	vector_for_each (&mappings, mapping)
		if (mapping->pid == actor.pid) {
			assert_int_equal(mapping->tid, actor.reported);
			assert_int_equal(mapping->namespace, own_namespace);
		}
	actor_end(&actor);
	remove_segment(segment);
}

#define MANY 5000

static int64_t attach_often(int id)
{
	for (int i = 0; i < MANY; i++)
		if (attach(id) < 0)
			return -1;
	return 0;
}

static int compare(const void *first, const void *second)
{
	const struct bpf_mapping *a = first, *b = second;

	return a->address < b->address ? -1 : a->address > b->address;
}

TEST(more_than_there_are_slots_are_told_once_each)
{
	int segment = make_segment();
	struct child child = child_start(attach_often, segment);
	uint64_t last = 0;

	look();
	assert_int_equal(count(child.pid), MANY);
	qsort(mappings.items, mappings.count, sizeof(*mappings.items), compare);
	vector_for_each (&mappings, mapping) {
		if (mapping->pid != child.pid)
			continue;
		assert_true(mapping->address > last);
		assert_int_equal(mapping->id, segment);
		last = mapping->address;
	}
	child_end(&child);
	remove_segment(segment);
}

/* Nobody need have huge pages for it: none is touched, and none reserved. */
static int64_t attach_huge(int unused)
{
	int id = shmget(IPC_PRIVATE, (size_t)2 << 20,
			IPC_CREAT | SHM_HUGETLB | SHM_NORESERVE | 0600);
	int64_t address = id < 0 ? 0 : attach(id);

	(void)unused;
	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	return address;
}

TEST(segments_of_huge_pages_are_told)
{
	struct child child = child_start(attach_huge, 0);

	look();
	if (child.told)
		assert_int_equal(find(child.pid, child.told)->namespace, own_namespace);
	child_end(&child);
	if (!child.told)
		skip();
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_attached_is_told),
		cmocka_unit_test(of_one_process_its_own_are_told),
		cmocka_unit_test(who_only_reads_is_told),
		cmocka_unit_test(who_goes_elsewhere_takes_it_along),
		cmocka_unit_test(the_same_id_and_key_of_two_namespaces_are_told_apart),
		cmocka_unit_test(a_removed_segment_is_told_while_it_is_attached),
		cmocka_unit_test(other_memory_is_no_attachment),
		cmocka_unit_test(parts_of_one_attachment_are_told_each),
		cmocka_unit_test(who_shares_an_address_space_has_the_same),
		cmocka_unit_test(of_a_process_without_a_leader_a_thread_tells),
		cmocka_unit_test(more_than_there_are_slots_are_told_once_each),
		cmocka_unit_test(segments_of_huge_pages_are_told),
	};
	int result = cmocka_run_group_tests(tests, NULL, NULL);

	vector_deinit(&mappings);
	return result;
}

int main(void)
{
	return run_with_source(run_all);
}
