/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>

#include "collect/collector.h"
#include "tree.h"

#define ARRAY(id, owners) "0 " id " 600 1 " owners " 1 1\n"

static void make_tree(struct tree *tree)
{
	tree_init(tree);
	tree_write(tree, "proc/sysvipc/sem",
		   SEM_HEADER ARRAY("0", "1000 2000 1001 2001") ARRAY("1", "1000 2000 1000 2000")
			   ARRAY("2", "7 8 9 10") ARRAY("3", "4294967295 4294967295 0 0"));
	tree_write(tree, "etc/passwd",
		   "root:x:0:0:root:/root:/bin/sh\n"
		   "alice:x:1000:100::/:/bin/sh\n"
		   "second:x:1000:100::/:/bin/sh\n"
		   "a-name-that-is-longer-than-any-column:x:1001:100::/:/bin/sh\n");
	tree_write(tree, "etc/group", "root:x:0:\nusers:x:2000:alice,bob\nstaff:x:2001:\n");
}

static struct snapshot *collect_names(unsigned int names)
{
	_cleanup_tree_ struct tree tree;
	const struct scope scope = {.kinds = KIND_BIT(KIND_SEM), .names = names};

	make_tree(&tree);
	return tree_collect(&tree, scope);
}

static void assert_name(const struct object *object, enum object_field field, const char *expected)
{
	struct value_scratch scratch;
	struct value value = field_value(&object_fields, field, object, &scratch);

	assert_int_equal(value.is_present, expected != NULL);
	if (expected)
		assert_text(value.text, expected);
}

static void assert_names(const struct object *object, const char *user, const char *group,
			 const char *cuser, const char *cgroup)
{
	assert_name(object, OBJECT_USER, user);
	assert_name(object, OBJECT_GROUP, group);
	assert_name(object, OBJECT_CUSER, cuser);
	assert_name(object, OBJECT_CGROUP, cgroup);
}

TEST(ids_have_the_names_of_the_tree)
{
	_cleanup_snapshot_ struct snapshot *snapshot = collect_names(SCOPE_ALL_NAMES);
	const struct object *objects = snapshot->objects.items;

	assert_int_equal(snapshot->objects.count, 4);
	assert_names(&objects[0], "alice", "users", "a-name-that-is-longer-than-any-column",
		     "staff");
	assert_names(&objects[1], "alice", "users", "alice", "users");
	assert_names(&objects[2], NULL, NULL, NULL, NULL);
	assert_names(&objects[3], NULL, NULL, "root", "root");
	assert_int_equal(snapshot->issues.count, 0);
}

TEST(only_the_names_that_are_wanted_are_looked_up)
{
	_cleanup_snapshot_ struct snapshot *user = collect_names(SCOPE_USER);
	_cleanup_snapshot_ struct snapshot *group = collect_names(SCOPE_GROUP);
	_cleanup_snapshot_ struct snapshot *cuser = collect_names(SCOPE_CUSER);
	_cleanup_snapshot_ struct snapshot *cgroup = collect_names(SCOPE_CGROUP);
	_cleanup_snapshot_ struct snapshot *none = collect_names(0);

	assert_names(&user->objects.items[1], "alice", NULL, NULL, NULL);
	assert_names(&group->objects.items[1], NULL, "users", NULL, NULL);
	assert_names(&cuser->objects.items[1], NULL, NULL, "alice", NULL);
	assert_names(&cgroup->objects.items[1], NULL, NULL, NULL, "users");
	assert_names(&none->objects.items[1], NULL, NULL, NULL, NULL);
}

TEST(a_tree_without_databases_has_no_names)
{
	_cleanup_snapshot_ struct snapshot *snapshot =
		tree_collect_file("proc/sysvipc/sem", SEM_HEADER ARRAY("0", "0 0 0 0"));

	assert_int_equal(snapshot->objects.count, 1);
	assert_names(&snapshot->objects.items[0], NULL, NULL, NULL, NULL);
}

TEST(foreign_lines_in_a_database_are_passed_over)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	make_tree(&tree);
	tree_write(&tree, "etc/passwd",
		   "\n# comment\nnonsense\nx:x:notanumber:0::/:/bin/sh\n:::::\n"
		   "\x1b[2J:x:7:8::/:/bin/sh\nalice:x:1000:100::/:/bin/sh");
	snapshot = tree_collect(&tree, scope_everything);
	assert_name(&snapshot->objects.items[1], OBJECT_USER, "alice");
	assert_name(&snapshot->objects.items[2], OBJECT_USER, "\x1b[2J");
}

static int deny(const char *path)
{
	return strncmp(path, "etc/", 4) == 0 ? EACCES : 0;
}

/* Adds one object with these ids to a collector of the running machine or of the tree. */
static struct object *prepare(struct collector *collector, uint64_t uid, uint64_t gid)
{
	struct object *object = snapshot_add_object(collector->snapshot, KIND_SHM);

	object->uid = object->cuid = uid;
	object->gid = object->cgid = gid;
	for (enum object_field field = OBJECT_UID; field <= OBJECT_CGID; field += 2)
		object_mark(object, field);
	return object;
}

TEST(a_denied_database_leaves_the_names_out)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct collector collector = {.snapshot = snapshot, .scope.names = SCOPE_ALL_NAMES};
	const struct object *object = prepare(&collector, 0, 0);

	make_tree(&tree);
	assert_int_equal(rooted_init(&root, tree.path, NULL), 0);
	root.inject = deny;
	collector.root = root;
	assert_int_equal(names_collect(&collector), 0);
	assert_names(object, NULL, NULL, NULL, NULL);
	assert_int_equal(find_issue(snapshot, "etc/passwd")->code, OUTCOME_DENIED);
	assert_int_equal(find_issue(snapshot, "etc/group")->code, OUTCOME_DENIED);
}

TEST(the_machine_has_the_names_of_its_databases)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct collector collector = {.snapshot = snapshot, .scope.names = SCOPE_ALL_NAMES};
	struct object *root_owned = prepare(&collector, 0, 0);
	const struct passwd *user = getpwuid(0);
	const struct group *group = getgrgid(0);

	assert_int_equal(rooted_init(&root, NULL, NULL), 0);
	collector.root = root;
	assert_int_equal(names_collect(&collector), 0);
	assert_int_equal(snapshot->issues.count, 0);
	assert_name(root_owned, OBJECT_USER, user ? user->pw_name : NULL);
	assert_name(root_owned, OBJECT_CGROUP, group ? group->gr_name : NULL);
}

/* Who owns memory that is only mapped is not known; its 0 is not root. */
TEST(an_id_that_is_absent_has_no_name)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	struct collector collector = {.snapshot = snapshot, .scope.names = SCOPE_ALL_NAMES};
	const struct object *memory = snapshot_add_object(snapshot, KIND_MAP);

	assert_int_equal(rooted_init(&root, NULL, NULL), 0);
	collector.root = root;
	assert_int_equal(names_collect(&collector), 0);
	assert_names(memory, NULL, NULL, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_have_the_names_of_the_tree),
		cmocka_unit_test(only_the_names_that_are_wanted_are_looked_up),
		cmocka_unit_test(a_tree_without_databases_has_no_names),
		cmocka_unit_test(foreign_lines_in_a_database_are_passed_over),
		cmocka_unit_test(a_denied_database_leaves_the_names_out),
		cmocka_unit_test(the_machine_has_the_names_of_its_databases),
		cmocka_unit_test(an_id_that_is_absent_has_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
