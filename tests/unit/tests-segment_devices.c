/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "collect/segment_devices.h"
#include "tree.h"

static int learn(const char *recorded, struct segment_devices *ret_devices)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	_cleanup_tree_ struct tree tree;

	tree_init(&tree);
	if (recorded)
		tree_write(&tree, "ipclens/devices", recorded);
	assert_int_equal(rooted_init(&root, tree.path, NULL), 0);
	return segment_devices_learn(&root, ret_devices);
}

TEST(the_recorded_devices_are_those)
{
	struct segment_devices devices;

	assert_int_equal(learn("0:1\n0:17\n", &devices), 0);
	assert_int_equal(devices.count, 2);
	assert_true(segment_devices_have(&devices, makedev(0, 1)));
	assert_true(segment_devices_have(&devices, makedev(0, 17)));
	assert_false(segment_devices_have(&devices, makedev(1, 0)));
	assert_false(segment_devices_have(&devices, makedev(0, 2)));
	assert_false(segment_devices_have(&devices, 0));
}

TEST(a_device_counts_once_and_there_is_an_end)
{
	_cleanup_buffer_ struct buffer lines = {0};
	struct segment_devices devices;

	assert_int_equal(learn("0:1\n0:1\n0:1\n", &devices), 0);
	assert_int_equal(devices.count, 1);
	for (unsigned int i = 0; i < 300; i++)
		buffer_add_format(&lines, "0:%u\n", i + 1);
	assert_int_equal(learn(buffer_string(&lines), &devices), 0);
	assert_int_equal(devices.count, SEGMENT_DEVICES_MAX);
}

TEST(a_tree_that_does_not_tell_is_said_to_be_unsupported)
{
	struct segment_devices devices = {.count = 77};

	assert_int_equal(learn(NULL, &devices), OUTCOME_UNSUPPORTED);
	assert_int_equal(learn("", &devices), OUTCOME_UNSUPPORTED);
	assert_int_equal(learn("devices\n", &devices), OUTCOME_UNSUPPORTED);
	assert_int_equal(learn("0 1\n", &devices), OUTCOME_UNSUPPORTED);
	assert_int_equal(devices.count, 77);
}

TEST(what_follows_a_malformed_line_is_not_taken)
{
	struct segment_devices devices;

	assert_int_equal(learn("0:1\nodd\n0:2\n", &devices), 0);
	assert_int_equal(devices.count, 1);
}

TEST(the_machine_has_that_of_memfds)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	struct segment_devices devices;
	struct stat status;
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	close(fd);
	assert_int_equal(rooted_init(&root, NULL, NULL), 0);
	assert_int_equal(segment_devices_learn(&root, &devices), 0);
	assert_true(segment_devices_have(&devices, status.st_dev));
	assert_int_equal(stat("/proc/self/exe", &status), 0);
	assert_false(segment_devices_have(&devices, status.st_dev));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_recorded_devices_are_those),
		cmocka_unit_test(a_device_counts_once_and_there_is_an_end),
		cmocka_unit_test(a_tree_that_does_not_tell_is_said_to_be_unsupported),
		cmocka_unit_test(what_follows_a_malformed_line_is_not_taken),
		cmocka_unit_test(the_machine_has_that_of_memfds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
