/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "collect/places_find.h"

static bool parse(const char *line, uint64_t *ret_number, char room[static 64])
{
	struct text path;

	if (!places_parse_mount(text_of(line), room, 64, ret_number, &path))
		return false;
	assert_ptr_equal(path.bytes, room);
	assert_int_equal(path.length, strlen(room));
	return true;
}

TEST(a_mounted_namespace_is_told_with_its_path)
{
	uint64_t number = 0;
	char path[64];

	assert_true(
		parse("300 29 0:4 ipc:[4026532281] /run/ns/x rw - nsfs nsfs rw", &number, path));
	assert_int_equal(number, 4026532281);
	assert_string_equal(path, "/run/ns/x");
	assert_true(parse("300 29 0:4 ipc:[4026532281] /run/a\\040b\\134 rw shared:1 master:2 - "
			  "nsfs nsfs rw",
			  &number, path));
	assert_string_equal(path, "/run/a b\\");
}

TEST(other_mounts_are_none)
{
	static const char *const lines[] = {
		"",
		"22 29 0:20 / /proc rw,nosuid - proc proc rw",
		"300 29 0:4 net:[4026532281] /run/netns/x rw - nsfs nsfs rw",
		"300 29 0:4 ipc:[x] /run/ns/x rw - nsfs nsfs rw",
		"300 29 0:4 ipc:[4026532281 /run/ns/x rw - nsfs nsfs rw",
		/* a file of that name, mounted from somewhere else */
		"300 29 8:1 ipc:[4026532281] /run/ns/x rw - ext4 /dev/sda1 rw",
		"300 29 0:4 ipc:[4026532281] /run/ns/x rw",
		"300 29 0:4 ipc:[4026532281]",
		("300 29 0:4 ipc:[4026532281] "
		 "/a/path/that/is/longer/than/there/is/room/for/so/that/it/is/left/out rw - nsfs nsfs rw"),
	};
	uint64_t number = 7;
	char path[64];

	for (size_t i = 0; i < ARRAY_LENGTH(lines); i++)
		if (parse(lines[i], &number, path))
			fail_msg("\"%s\" is taken for a namespace", lines[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mounted_namespace_is_told_with_its_path),
		cmocka_unit_test(other_mounts_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
