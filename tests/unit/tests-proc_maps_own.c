/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mappings of this process, of every sort, by the kernel's call and by its text. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "found_maps.h"
#include "model/process.h"
#include "private_ipc.h"
#include "tree.h"

static const struct mapping_filter all_shared = {.has_private = false};

static const char *not_private; /* why there is no IPC namespace of our own */

/* All kinds of mappings in this process. */
static void map_memfd(const char *name, int protection, int flags)
{
	_cleanup_close_ int fd = memfd_create(name, MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 8192), 0);
	assert_true(mmap(NULL, 8192, protection, flags, fd, 0) != MAP_FAILED);
}

static void map_file(const struct tree *tree, const char *name, int flags)
{
	char path[2 * PROC_MAPS_NAME_MAX];
	_cleanup_close_ int fd = -1;

	tree_write(tree, name, "content");
	snprintf(path, sizeof(path), "%s/%s", tree->path, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(mmap(NULL, 1, PROT_READ | PROT_WRITE, flags, fd, 0) != MAP_FAILED);
}

static void map_segments(void)
{
	int id = shmget(IPC_PRIVATE, 3 * 4096, 0600);
	char *whole = shmat(id, NULL, 0);

	assert_true(id >= 0);
	assert_true(whole != (void *)-1);
	assert_true(shmat(id, NULL, SHM_RDONLY) != (void *)-1);
	assert_true(shmat(id, NULL, SHM_EXEC) != (void *)-1);
	/* Three mappings of one. */
	assert_int_equal(mprotect(whole + 4096, 4096, PROT_NONE), 0);
	assert_int_equal(shmctl(id, IPC_RMID, NULL), 0);
}

static int map_everything(void **state)
{
	static struct tree tree;
	char name[2 * PROC_MAPS_NAME_MAX];
	size_t start;

	*state = &tree;
	tree_init(&tree);
	if (!not_private)
		map_segments();
	map_memfd("short", PROT_READ | PROT_WRITE, MAP_SHARED);
	map_memfd("executable", PROT_READ | PROT_EXEC, MAP_SHARED);
	map_memfd("private", PROT_READ, MAP_PRIVATE);
	map_memfd("line\nbreak", PROT_READ, MAP_SHARED);
	map_memfd("", PROT_NONE, MAP_SHARED);
	memset(name, 'n', sizeof(name));
	/* Folders, for no part of a path may be so long; the tree's own path is in front. */
	for (size_t i = 100; i < sizeof(name); i += 100)
		name[i] = '/';
	start = PROC_MAPS_NAME_MAX - strlen(tree.path) - 1;
	for (size_t length = start - 14; length < start + 14; length++) {
		name[length] = '\0';
		map_file(&tree, name, MAP_SHARED);
		name[length] = 'n';
	}
	map_file(&tree, "SYSV00000000", MAP_SHARED);
	map_file(&tree, "private", MAP_PRIVATE);
	map_file(&tree, "new\nline", MAP_SHARED);
	assert_true(mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
	return 0;
}

static int unmap_nothing(void **state)
{
	tree_deinit(*state);
	return 0;
}

/* The memory of the test itself grows meanwhile, but that is private. */
TEST(both_ways_tell_the_same_of_this_process)
{
	_cleanup_close_ int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	struct found_list asked = {0}, read = {0};

	assert_int_equal(proc_maps_query(fd, &all_shared, found_maps_keep, &asked), 0);
	assert_int_equal(proc_maps_read(fd, &all_shared, found_maps_keep, &read), 0);
	assert_in_range(read.items.count, 35, 1000);
	assert_int_equal(asked.items.count, read.items.count);
	for (size_t i = 0; i < read.items.count; i++) {
		const struct found *a = &asked.items.items[i], *b = &read.items.items[i];

		assert_true(a->mapping.start == b->mapping.start);
		assert_true(a->mapping.end == b->mapping.end);
		assert_int_equal(a->mapping.access, b->mapping.access);
		assert_true(a->mapping.is_shared && b->mapping.is_shared);
		assert_int_equal(a->mapping.device, b->mapping.device);
		assert_int_equal(a->mapping.inode, b->mapping.inode);
		/* A name that does not fit is told by the text alone, its beginning. */
		if (b->mapping.name.length < PROC_MAPS_NAME_MAX)
			assert_true(text_equals(found_name(a), found_name(b)));
		else
			assert_int_equal(a->mapping.name.length, 0);
	}
	vector_deinit(&asked.items);
	vector_deinit(&read.items);
}

static size_t count_named(const struct found_list *list, const char *start, uint64_t access)
{
	size_t count = 0;

	vector_for_each (&list->items, found)
		count += found->mapping.name.length >= strlen(start) &&
			 memcmp(found->name, start, strlen(start)) == 0 &&
			 found->mapping.access == access;
	return count;
}

/* Two empty lists would be the same, too. */
TEST(the_text_tells_what_was_mapped)
{
	_cleanup_close_ int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	struct found_list list = {0};

	assert_int_equal(proc_maps_read(fd, &all_shared, found_maps_keep, &list), 0);
	if (!not_private) {
		/* Two ends of the first one, its middle, read-only, executable. */
		assert_int_equal(count_named(&list, "/SYSV00000000", LINK_READ | LINK_WRITE), 2);
		assert_int_equal(count_named(&list, "/SYSV00000000", 0), 1);
		assert_int_equal(count_named(&list, "/SYSV00000000", LINK_READ), 1);
		assert_int_equal(
			count_named(&list, "/SYSV00000000", LINK_READ | LINK_WRITE | LINK_EXECUTE),
			1);
	}
	assert_int_equal(count_named(&list, "/memfd:short", LINK_READ | LINK_WRITE), 1);
	assert_int_equal(count_named(&list, "/memfd:executable", LINK_READ | LINK_EXECUTE), 1);
	assert_int_equal(count_named(&list, "/memfd:private", LINK_READ), 0);
	assert_int_equal(count_named(&list, "/memfd:line\nbreak", LINK_READ), 1);
	assert_int_equal(count_named(&list, "/dev/zero", LINK_READ), 1);
	vector_deinit(&list.items);
}

TEST(an_error_of_the_handler_ends_the_asking)
{
	_cleanup_close_ int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	struct found_list list = {.stop_at = 3};

	assert_int_equal(proc_maps_query(fd, &all_shared, found_maps_keep, &list), -EIO);
	assert_int_equal(list.items.count, 3);
	vector_deinit(&list.items);
}

TEST(the_mapping_at_an_address_is_the_one_that_the_text_has_there)
{
	_cleanup_close_ int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	struct found_list list = {0};
	char room[PROC_MAPS_NAME_MAX];
	struct mapping mapping;

	assert_int_equal(proc_maps_read(fd, &all_shared, found_maps_keep, &list), 0);
	vector_for_each (&list.items, found) {
		const uint64_t addresses[] = {found->mapping.start, found->mapping.end - 1};

		for (size_t i = 0; i < ARRAY_LENGTH(addresses); i++) {
			assert_int_equal(proc_maps_query_at(fd, addresses[i], room, &mapping), 0);
			assert_true(mapping.start == found->mapping.start);
			assert_true(mapping.end == found->mapping.end);
			assert_int_equal(mapping.inode, found->mapping.inode);
			if (found->mapping.name.length < PROC_MAPS_NAME_MAX)
				assert_true(text_equals(mapping.name, found_name(found)));
		}
	}
	/* In front of all, private, and behind all. */
	assert_int_equal(proc_maps_query_at(fd, 0, room, &mapping), OUTCOME_GONE);
	assert_int_equal(proc_maps_query_at(fd, (uintptr_t)room, room, &mapping), OUTCOME_GONE);
	assert_int_equal(proc_maps_query_at(fd, UINT64_MAX, room, &mapping), OUTCOME_GONE);
	vector_deinit(&list.items);
}

/* Anything but maps has no such call, as in an older kernel. */
TEST(a_file_without_the_call_is_said_to_have_none)
{
	_cleanup_close_ int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	struct found_list list = {0};
	char room[PROC_MAPS_NAME_MAX];
	struct mapping mapping;

	assert_int_equal(proc_maps_query(fd, &all_shared, found_maps_keep, &list),
			 OUTCOME_UNSUPPORTED);
	assert_int_equal(list.items.count, 0);
	assert_int_equal(proc_maps_query_at(fd, 4096, room, &mapping), OUTCOME_UNSUPPORTED);
}

static int ignore(const struct mapping *mapping, void *context)
{
	(void)mapping;
	(void)context;
	return 0;
}

static bool has_query(void)
{
	_cleanup_close_ int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	return proc_maps_query(fd, &all_shared, ignore, NULL) != OUTCOME_UNSUPPORTED;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_tells_what_was_mapped),
		cmocka_unit_test(a_file_without_the_call_is_said_to_have_none),
		/* The last ones, left out where the kernel has no such call. */
		cmocka_unit_test(both_ways_tell_the_same_of_this_process),
		cmocka_unit_test(an_error_of_the_handler_ends_the_asking),
		cmocka_unit_test(the_mapping_at_an_address_is_the_one_that_the_text_has_there),
	};
	size_t count = ARRAY_LENGTH(tests);

	not_private = private_ipc_enter();
	if (not_private)
		printf("# without segments: %s\n", not_private);
	if (!has_query()) {
		printf("# without PROCMAP_QUERY, which this kernel does not have (6.11)\n");
		count -= 3;
	}
	return _cmocka_run_group_tests("tests", tests, count, map_everything, unmap_nothing);
}
