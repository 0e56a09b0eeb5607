/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process_tree.h"

#include "unit.h"

#include "collect/users.h"

void process_tree_init(struct tree *tree)
{
	_cleanup_buffer_ struct buffer text = {0};

	tree_init(tree);
	tree_link(tree, "proc/self/ns/ipc", TREE_NAMESPACE);
	tree_write(tree, "ipclens/devices", "0:1\n");
	buffer_add_format(&text, "cpu 1 2 3\nbtime %d\nprocesses 5\n", TREE_BOOT_TIME);
	tree_write_text(tree, "proc/stat", buffer_text(&text));
}

void process_tree_write_segments(const struct tree *tree, const struct tree_segment *segments,
				 size_t count)
{
	_cleanup_buffer_ struct buffer text = {0};

	buffer_add_string(&text, SHM_HEADER);
	for (size_t i = 0; i < count; i++)
		buffer_add_format(
			&text, "%d %u %o 4096 %lld %lld %u 0 0 0 0 %lld %lld %lld 0 0\n",
			(int)segments[i].key, segments[i].id,
			segments[i].mode ? segments[i].mode : 0600U,
			(long long)segments[i].creator_pid, (long long)segments[i].last_pid,
			segments[i].nattch, (long long)segments[i].attached_at,
			(long long)segments[i].detached_at, (long long)segments[i].changed_at);
	tree_write_text(tree, "proc/sysvipc/shm", buffer_text(&text));
}

void process_tree_write(const struct tree *tree, int64_t pid, const char *name, const char *string)
{
	char path[128];

	snprintf(path, sizeof(path), "proc/%lld/%s", (long long)pid, name);
	tree_write(tree, path, string);
}

void process_tree_link(const struct tree *tree, int64_t pid, const char *name, const char *target)
{
	char path[128];

	snprintf(path, sizeof(path), "proc/%lld/%s", (long long)pid, name);
	tree_link(tree, path, target);
}

void process_tree_add(const struct tree *tree, int64_t pid, const char *maps, uint64_t started)
{
	char stat[256];

	snprintf(stat, sizeof(stat),
		 "%lld (user %lld) S 1 1 1 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 %llu 0 0\n",
		 (long long)pid, (long long)pid, (unsigned long long)started * 100);
	process_tree_write(tree, pid, "maps", maps);
	process_tree_write(tree, pid, "stat", stat);
	process_tree_write(tree, pid, "status", "Name:\tuser\nUid:\t1\t1000\t1\t1\n");
	process_tree_link(tree, pid, "ns/ipc", TREE_NAMESPACE);
}

struct snapshot *process_tree_collect(const struct tree *tree, struct scope scope,
				      int (*inject)(const char *path))
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	struct snapshot *snapshot = snapshot_new();
	struct collector collector = {.snapshot = snapshot, .scope = scope};

	assert_int_equal(rooted_init(&root, tree->path, NULL), 0);
	collector.root = root;
	assert_int_equal(sight_find_namespaces(&collector), 0);
	assert_int_equal(sysv_collect(&collector, &sysv_shm), 0);
	collector.root.inject = inject;
	assert_int_equal(users_collect(&collector), 0);
	return snapshot;
}

const struct scope tree_users = {
	.kinds = KIND_BIT(KIND_SHM), .link_kinds = KIND_BIT(KIND_SHM), .names = SCOPE_PROCESS_USER};

void process_tree_init_segment(struct tree *tree, unsigned int nattch)
{
	const struct tree_segment segment = {
		.id = 98311, .key = 0x4d2, .nattch = nattch, .creator_pid = 10, .last_pid = 20};

	process_tree_init(tree);
	process_tree_write_segments(tree, &segment, 1);
}

void process_tree_init_two(struct tree *tree, unsigned int nattch)
{
	process_tree_init_segment(tree, nattch);
	process_tree_add(tree, 20, NOISE SEGMENT("7f0000001000-7f0000002000"), 6);
	process_tree_add(tree, 10, SEGMENT("7f0000000000-7f0000001000") NOISE, 5);
}

void assert_accounting(const struct snapshot *snapshot, uint64_t found, uint64_t expected,
		       bool is_complete, unsigned int doubts)
{
	const struct accounting *accounting =
		snapshot_accounting(snapshot, snapshot->objects.items);

	assert_int_equal(snapshot->accountings.count, 1);
	assert_non_null(accounting);
	for (unsigned int i = 0; i < ACCOUNTING_FIELD_COUNT; i++)
		assert_int_equal(record_has(&accounting->record, i), i != ACCOUNTING_SEMNUM);
	assert_int_equal(accounting->what, ACCOUNTING_ATTACHMENTS);
	assert_text(accounting->object_ref, "shm:" SEGMENT_ID);
	assert_int_equal(accounting->found, found);
	assert_int_equal(accounting->expected, expected);
	assert_int_equal(accounting->doubts, doubts);
	assert_int_equal(accounting->is_complete, is_complete);
}

void assert_processes(const struct snapshot *snapshot, const int64_t *pids, size_t count)
{
	const struct object *object = &snapshot->objects.items[0];

	assert_int_equal(snapshot->processes.count, count);
	assert_true(object_has(object, OBJECT_PROCESSES));
	assert_int_equal(object->processes.count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(((int64_t *)object->processes.items)[i], pids[i]);
		assert_int_equal(snapshot->processes.items[i].pid, pids[i]);
	}
}
