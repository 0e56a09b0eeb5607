/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "collect/collector.h"
#include "tree.h"

TEST(a_namespace_link_has_its_number)
{
	uint64_t number;

	assert_int_equal(sight_parse_namespace(TEXT_LITERAL("ipc:[4026531839]"), &number), 0);
	assert_int_equal(number, 4026531839);
	assert_int_equal(sight_parse_namespace(TEXT_LITERAL("pid:[0]"), &number), 0);
	assert_int_equal(number, 0);
	assert_int_equal(sight_parse_namespace(TEXT_LITERAL("x:[4294967295]"), &number), 0);
	assert_int_equal(number, UINT32_MAX);
}

TEST(another_link_is_refused)
{
	static const char *const links[] = {"",
					    "[",
					    "]",
					    "[]",
					    "ipc:",
					    "ipc:4026531839",
					    "ipc:[",
					    "ipc:[]",
					    "ipc:[1",
					    "ipc:1]",
					    "ipc:[-1]",
					    "ipc:[1]x",
					    "ipc:[1] ",
					    "ipc:[ 1]",
					    "ipc:[0x1]",
					    "ipc:[1][2]",
					    "ipc:[4294967296]",
					    "/proc/1/ns/ipc"};
	uint64_t number = 42;

	for (size_t i = 0; i < ARRAY_LENGTH(links); i++)
		if (sight_parse_namespace(text_of(links[i]), &number) != -EINVAL)
			fail_msg("\"%s\" is taken for a namespace", links[i]);
	assert_int_equal(sight_parse_namespace(TEXT_NONE, &number), -EINVAL);
	assert_int_equal(number, 42);
}

#define ROOT_MOUNT "21 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
#define PROC(super) "22 21 0:20 / /proc rw,nosuid - proc proc " super "\n"

static const struct {
	const char *mountinfo;
	uint64_t hidepid;
} mounts[] = {
	{"", 0},
	{ROOT_MOUNT, 0},
	{PROC("rw"), 0},
	{PROC("rw,hidepid=0"), 0},
	{PROC("rw,hidepid=off"), 0},
	{PROC("rw,hidepid=1"), 1},
	{PROC("rw,hidepid=noaccess"), 1},
	{PROC("rw,hidepid=2"), 2},
	{PROC("rw,hidepid=invisible"), 2},
	{PROC("rw,hidepid=4"), 4},
	{PROC("rw,hidepid=ptraceable"), 4},
	{PROC("rw,gid=5,hidepid=invisible,subset=pid"), 2},
	{PROC("hidepid=2"), 2},
	/* optional fields in front of the dash */
	{"22 21 0:20 / /proc rw shared:5 master:2 - proc proc rw,hidepid=2\n", 2},
	/* the last line without its newline */
	{"22 21 0:20 / /proc rw - proc proc rw,hidepid=2", 2},
	{ROOT_MOUNT PROC("rw,hidepid=2") "23 21 0:21 / /sys rw - sysfs sysfs rw\n", 2},
	/* elsewhere, or not a procfs, or another option */
	{"22 21 0:20 / /mnt/proc rw - proc proc rw,hidepid=2\n", 0},
	{"22 21 0:20 / /proc/sys rw - proc proc rw,hidepid=2\n", 0},
	{"22 21 0:20 / /proc rw - tmpfs tmpfs rw,hidepid=2\n", 0},
	{"22 21 0:20 / /proc rw,hidepid=2 - proc proc rw\n", 0},
	{"22 21 0:20 / /proc rw - proc hidepid=2 rw\n", 0},
	{PROC("rw,nohidepid=2"), 0},
	/* what lies on top counts */
	{PROC("rw") PROC("rw,hidepid=2"), 2},
	{PROC("rw,hidepid=2") PROC("rw"), 0},
	{PROC("rw,hidepid=1") PROC("rw,hidepid=4"), 4},
	{PROC("rw,hidepid=2") "22 21 0:20 / /proc/sys rw - proc proc rw\n", 2},
	/* lines that end too early */
	{"22 21 0:20 / /proc", 0},
	{"22 21 0:20 / /proc rw -", 0},
	{"22 21 0:20 / /proc rw - proc", 0},
	{"22 21 0:20 / /proc rw - proc proc", 0},
	{"\n\n" PROC("rw,hidepid=2"), 2},
};

TEST(hidepid_is_that_of_the_mount_on_top)
{
	for (size_t i = 0; i < ARRAY_LENGTH(mounts); i++) {
		uint64_t hidepid = 42;
		int r = sight_parse_hidepid(text_of(mounts[i].mountinfo), &hidepid);

		if (r != 0 || hidepid != mounts[i].hidepid)
			fail_msg("case %zu: %d, %ju", i, r, (uintmax_t)hidepid);
	}
}

TEST(a_way_to_hide_that_is_not_known_is_refused)
{
	uint64_t hidepid = 42;

	assert_int_equal(sight_parse_hidepid(text_of(PROC("rw,hidepid=9")), &hidepid), -EINVAL);
	assert_int_equal(sight_parse_hidepid(text_of(PROC("rw,hidepid=")), &hidepid), -EINVAL);
	assert_int_equal(hidepid, 42);
	assert_int_equal(sight_parse_hidepid(text_of(PROC("rw,hidepid=9") PROC("rw")), &hidepid),
			 0);
	assert_int_equal(hidepid, 0);
}

static const struct {
	const char *status;
	int result;
	uint64_t capabilities;
} statuses[] = {
	{"Name:\tx\nCapEff:\t0000000000000000\n", 0, 0},
	{"CapEff:\t000001ffffffffff\n", 0, 63},
	{"CapEff:\tffffffffffffffff", 0, 63},
	{"CapEff:\t0000000000200000\n", 0, SIGHT_CAP_SYS_ADMIN},
	{"CapEff:\t0000000000080000\n", 0, SIGHT_CAP_SYS_PTRACE},
	{"CapEff:\t0000000000008000\n", 0, SIGHT_CAP_IPC_OWNER},
	{"CapEff:\t0000000000000002\n", 0, SIGHT_CAP_DAC_OVERRIDE},
	{"CapEff:\t0000008000000000\n", 0, SIGHT_CAP_BPF},
	{"CapEff:\t0000004000000000\n", 0, SIGHT_CAP_PERFMON},
	{"CapInh:\t0\nCapPrm:\tffffffffffffffff\nCapEff:\t0\nCapBnd:\tffffffffffffffff\n", 0, 0},
	{"", -EINVAL, 0},
	{"Name:\tCapEff:\t1\n", -EINVAL, 0},
	{"CapEff:\t\n", -EINVAL, 0},
	{"CapEff:\txyz\n", -EINVAL, 0},
	{"CapEff:\t0x1\n", -EINVAL, 0},
	{"CapEff:\t1ffffffffffffffff\n", -EINVAL, 0},
	{"CapEff: 1\n", -EINVAL, 0},
	{"CapEff", -EINVAL, 0},
};

TEST(capabilities_are_the_effective_ones)
{
	for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
		uint64_t capabilities = 42;
		int r = sight_parse_capabilities(text_of(statuses[i].status), &capabilities);

		if (r != statuses[i].result || capabilities != (r ? 42 : statuses[i].capabilities))
			fail_msg("case %zu: %d, %ju", i, r, (uintmax_t)capabilities);
	}
}

/* The view of root in the initial namespaces. */
static void make_full_sight(struct tree *tree)
{
	tree_init(tree);
	tree_link(tree, "proc/self/ns/ipc", "ipc:[4026531839]");
	tree_link(tree, "proc/self/ns/pid", "pid:[4026531836]");
	tree_link(tree, "proc/self/ns/user", "user:[4026531837]");
	tree_write(tree, "proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\n");
	tree_write(tree, "proc/self/mountinfo", ROOT_MOUNT PROC("rw"));
	tree_write(tree, "proc/sys/kernel/hostname", "box\n");
	tree_write(tree, "proc/sys/kernel/osrelease", "6.1.0-test\n");
	tree_write(tree, "proc/sys/kernel/random/boot_id", "0a1b2c3d\n");
}

/* As of the running machine, but in the tree: sight of a recorded tree is never full. */
static void look(const struct tree *tree, int (*inject)(const char *path),
		 struct snapshot *snapshot)
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	struct collector collector = {.snapshot = snapshot};

	assert_int_equal(rooted_init(&root, tree->path, NULL), 0);
	root.is_live = true;
	root.inject = inject;
	collector.root = root;
	assert_int_equal(sight_find_namespaces(&collector), 0);
	assert_int_equal(sight_collect(&collector), 0);
}

TEST(root_on_the_machine_itself_has_full_sight)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();

	make_full_sight(&tree);
	look(&tree, NULL, snapshot);
	assert_true(snapshot->sight.is_full);
	assert_int_equal(snapshot->sight.reasons, 0);
	assert_true(snapshot->sight.is_initial_pid_namespace);
	assert_int_equal(snapshot->sight.capabilities, 63);
	assert_text(snapshot->sight.backend, "procfs");
	assert_text(snapshot->host.name, "box");
	assert_text(snapshot->host.kernel, "6.1.0-test");
	assert_text(snapshot->host.boot_id, "0a1b2c3d");
	assert_int_equal(snapshot->host.ipc_namespace, 4026531839);
	assert_int_equal(snapshot->host.pid_namespace, 4026531836);
	for (unsigned int field = 0; field < SIGHT_FIELD_COUNT; field++)
		assert_true(record_has(&snapshot->sight.record, field));
}

static void assert_reasons(const char *path, const char *content, const char *target,
			   uint64_t reasons)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	char place[128];

	make_full_sight(&tree);
	snprintf(place, sizeof(place), "%s/%s", tree.path, path);
	assert_int_equal(remove(place), 0);
	if (content)
		tree_write(&tree, path, content);
	if (target)
		tree_link(&tree, path, target);
	look(&tree, NULL, snapshot);
	if (snapshot->sight.reasons != reasons)
		fail_msg("%s: reasons %ju instead of %ju", path, (uintmax_t)snapshot->sight.reasons,
			 (uintmax_t)reasons);
	assert_int_equal(snapshot->sight.is_full, !reasons);
}

TEST(whatever_limits_sight_is_a_reason)
{
	const char *no_ptrace = "CapEff:\t0000000000008000\n";
	const char *no_owner = "CapEff:\t0000000000080000\n";

	assert_reasons("proc/self/ns/pid", NULL, "pid:[4026532000]", SIGHT_NESTED_PID_NAMESPACE);
	assert_reasons("proc/self/ns/user", NULL, "user:[4026532000]", SIGHT_NESTED_USER_NAMESPACE);
	assert_reasons("proc/self/status", no_ptrace, NULL, SIGHT_MISSING_CAPABILITIES);
	assert_reasons("proc/self/status", no_owner, NULL, SIGHT_MISSING_CAPABILITIES);
	/* Who may trace sees through hidepid. */
	assert_reasons("proc/self/mountinfo", PROC("rw,hidepid=2"), NULL, 0);
}

TEST(what_cannot_be_known_does_not_count_as_full)
{
	assert_reasons("proc/self/ns/pid", NULL, NULL, SIGHT_UNKNOWN);
	assert_reasons("proc/self/ns/pid", NULL, "nonsense", SIGHT_UNKNOWN);
	assert_reasons("proc/self/ns/user", NULL, "nonsense", SIGHT_UNKNOWN);
	/* A kernel without user namespaces. */
	assert_reasons("proc/self/ns/user", NULL, NULL, 0);
	assert_reasons("proc/self/status", NULL, NULL, SIGHT_UNKNOWN);
	assert_reasons("proc/self/status", "Name:\tx\n", NULL, SIGHT_UNKNOWN);
	assert_reasons("proc/self/mountinfo", NULL, NULL, SIGHT_UNKNOWN);
	assert_reasons("proc/self/mountinfo", PROC("rw,hidepid=9"), NULL, SIGHT_UNKNOWN);
}

TEST(hidepid_hides_from_who_may_not_trace)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();

	make_full_sight(&tree);
	tree_write(&tree, "proc/self/status", "CapEff:\t0\n");
	tree_write(&tree, "proc/self/mountinfo", PROC("rw,hidepid=2"));
	look(&tree, NULL, snapshot);
	assert_int_equal(snapshot->sight.hidepid, 2);
	assert_int_equal(snapshot->sight.reasons, SIGHT_MISSING_CAPABILITIES | SIGHT_HIDEPID_MOUNT);
}

static int deny_all(const char *path)
{
	(void)path;
	return EACCES;
}

TEST(who_is_denied_everything_knows_that)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();

	make_full_sight(&tree);
	look(&tree, deny_all, snapshot);
	assert_int_equal(snapshot->host.record.present, 0);
	assert_false(snapshot->sight.is_full);
	assert_true(snapshot->sight.reasons & SIGHT_UNKNOWN);
	assert_false(record_has(&snapshot->sight.record, SIGHT_CAPABILITIES));
	assert_false(record_has(&snapshot->sight.record, SIGHT_HIDEPID));
	assert_false(record_has(&snapshot->sight.record, SIGHT_INITIAL_PID_NAMESPACE));
}

TEST(a_recorded_tree_is_never_full_sight)
{
	_cleanup_tree_ struct tree tree;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	make_full_sight(&tree);
	snapshot = tree_collect(&tree, scope_everything);
	assert_false(snapshot->sight.is_full);
	assert_int_equal(snapshot->sight.reasons, SIGHT_RECORDED_TREE);
	assert_text(snapshot->sight.backend_reason, "a recorded tree has nothing else");
}

static bool has_namespaces(const struct tree *tree, struct scope scope)
{
	_cleanup_snapshot_ struct snapshot *snapshot = tree_collect(tree, scope);
	bool has_host = record_has(&snapshot->host.record, HOST_IPC_NAMESPACE);

	assert_int_equal(snapshot->objects.count, 1);
	assert_int_equal(object_has(&snapshot->objects.items[0], OBJECT_NAMESPACE), has_host);
	assert_int_equal(record_has(&snapshot->host.record, HOST_PID_NAMESPACE), has_host);
	return has_host;
}

TEST(namespaces_are_looked_at_only_where_they_are_asked_for)
{
	const struct ref here = {
		.kinds = KINDS_ALL, .has_namespace = true, .namespace = UINT64_C(4026531839)};
	const struct ref anywhere = {.kinds = KINDS_ALL};
	struct scope scope = {.kinds = KINDS_SYSV};
	_cleanup_tree_ struct tree tree;

	make_full_sight(&tree);
	tree_write(&tree, "proc/sysvipc/msg", MSG_HEADER "0 0 600 0 0 0 0 0 0 0 0 0 0 0\n");
	assert_false(has_namespaces(&tree, scope));
	scope.only = &anywhere;
	assert_false(has_namespaces(&tree, scope));
	scope.only = &here;
	assert_true(has_namespaces(&tree, scope));
	assert_true(has_namespaces(&tree, (struct scope){.kinds = KINDS_ALL, .has_sight = true}));
	assert_true(has_namespaces(&tree, scope_everything));
	/* The REF of a queue can have it. */
	assert_true(has_namespaces(&tree, (struct scope){.kinds = KINDS_ALL}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_namespace_link_has_its_number),
		cmocka_unit_test(another_link_is_refused),
		cmocka_unit_test(hidepid_is_that_of_the_mount_on_top),
		cmocka_unit_test(a_way_to_hide_that_is_not_known_is_refused),
		cmocka_unit_test(capabilities_are_the_effective_ones),
		cmocka_unit_test(root_on_the_machine_itself_has_full_sight),
		cmocka_unit_test(whatever_limits_sight_is_a_reason),
		cmocka_unit_test(what_cannot_be_known_does_not_count_as_full),
		cmocka_unit_test(hidepid_hides_from_who_may_not_trace),
		cmocka_unit_test(who_is_denied_everything_knows_that),
		cmocka_unit_test(a_recorded_tree_is_never_full_sight),
		cmocka_unit_test(namespaces_are_looked_at_only_where_they_are_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
