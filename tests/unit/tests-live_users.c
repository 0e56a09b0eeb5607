/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who has segments attached on this machine: processes of every sort, in a namespace of our own. */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/shm.h>
#include <time.h>
#include <unistd.h>

#include "actors.h"
#include "collect/users.h"
#include "private_ipc.h"
#include "same_users.h"

static const struct scope scope = {.kinds = KIND_BIT(KIND_SHM),
				   .link_kinds = KIND_BIT(KIND_SHM),
				   .has_history = true,
				   .names = SCOPE_PROCESS_USER};

static enum backend backend;

static struct snapshot *collect_as(struct scope wanted, bool reads_text)
{
	const struct collect_options options = {
		.reads_maps_as_text = reads_text, .scope = wanted, .backend = backend};
	struct snapshot *snapshot = NULL;
	struct ipclens_error error;

	if (collect_snapshot(&options, &snapshot, &error) != 0)
		fail_msg("%s", error.text);
	return snapshot;
}

/* By both ways of reading, which tell the same. */
static struct snapshot *collect(void)
{
	struct snapshot *asked = collect_as(scope, false);
	_cleanup_snapshot_ struct snapshot *read = collect_as(scope, true);
	struct scope of_names = scope;

	assert_same_links(asked, read);
	of_names.has_history = false;
	of_names.has_no_links = true;
	of_names.has_no_starts = true;
	snapshot_free(read);
	read = collect_as(of_names, false);
	assert_same_names(read, asked);
	return asked;
}

/* The only segment has all its users. */
static void assert_complete(const struct snapshot *snapshot, uint64_t found)
{
	const struct accounting *accounting = snapshot->accountings.items;

	assert_int_equal(snapshot->accountings.count, 1);
	if (accounting->found != found || accounting->expected != found ||
	    !accounting->is_complete || accounting->doubts)
		fail_msg("%ju found of %ju, %ju expected, doubts %ju", (uintmax_t)accounting->found,
			 (uintmax_t)accounting->expected, (uintmax_t)found,
			 (uintmax_t)accounting->doubts);
}

static size_t count_mappings(const struct snapshot *snapshot, int64_t pid)
{
	size_t count = 0;

	vector_for_each (&snapshot->links, link)
		count += link->how == LINK_MAPPED && link->pid == pid;
	return count;
}

static const struct link *mapping_of(const struct snapshot *snapshot, int64_t pid)
{
	vector_for_each (&snapshot->links, link)
		if (link->how == LINK_MAPPED && link->pid == pid)
			return link;
	fail_msg("%lld maps nothing", (long long)pid);
	return NULL;
}

TEST(each_process_that_attached_is_found)
{
	int segment = make_segment();
	const struct actor actors[] = {actor_start(attach_once, segment),
				       actor_start(attach_once, segment),
				       actor_start(attach_once, segment)};
	_cleanup_snapshot_ struct snapshot *snapshot = collect();

	assert_complete(snapshot, 3);
	for (size_t i = 0; i < ARRAY_LENGTH(actors); i++) {
		const struct link *link = mapping_of(snapshot, actors[i].pid);
		const struct process *process = snapshot_process(snapshot, actors[i].pid);

		assert_true(link->address == (uint64_t)actors[i].reported);
		assert_int_equal(link->length, 3 * PAGE);
		assert_int_equal(link->access, LINK_READ | LINK_WRITE);
		assert_text(process->command, "tests-live_user");
		assert_int_equal(process->uid, geteuid());
		assert_true(record_has(&process->record, PROCESS_STARTED_AT));
		assert_in_range(process->started_at, time(NULL) - 60, time(NULL) + 2);
		actor_end(&actors[i]);
	}
	remove_segment(segment);
}

/* Forked processes have it at the same address, each in a space of its own. */
TEST(an_inherited_attachment_counts_for_each)
{
	int segment = make_segment();
	char *address = shmat(segment, NULL, 0);
	struct actor actors[3];
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	assert_true(address != (void *)-1);
	for (size_t i = 0; i < ARRAY_LENGTH(actors); i++)
		actors[i] = actor_start(attach_once, segment);
	snapshot = collect();
	assert_complete(snapshot, 7);
	assert_int_equal(count_mappings(snapshot, getpid()), 1);
	for (size_t i = 0; i < ARRAY_LENGTH(actors); i++) {
		assert_int_equal(count_mappings(snapshot, actors[i].pid), 2);
		actor_end(&actors[i]);
	}
	assert_int_equal(shmdt(address), 0);
	remove_segment(segment);
}

static void check_shared_space(actor_work *act)
{
	int segment = make_segment();
	struct actor actor = actor_start(act, segment);
	_cleanup_snapshot_ struct snapshot *snapshot = collect();
	const struct link *link = mapping_of(snapshot, actor.pid);
	const int64_t *processes = snapshot->objects.items[0].processes.items;

	assert_complete(snapshot, 1);
	assert_int_equal(count_mappings(snapshot, actor.reported), 0);
	assert_int_equal(link->shared_by.count, 1);
	assert_int_equal(*(int64_t *)link->shared_by.items, actor.reported);
	assert_int_equal(snapshot->objects.items[0].processes.count, 2);
	assert_int_equal(processes[0] + processes[1], actor.pid + actor.reported);
	assert_non_null(snapshot_process(snapshot, actor.reported));
	/* The other one is nobody's child once its parent is gone. */
	kill((pid_t)actor.reported, SIGKILL);
	actor_end(&actor);
	await_detached(segment);
	remove_segment(segment);
}

TEST(a_clone_that_shares_memory_counts_once_and_is_named)
{
	check_shared_space(attach_and_clone);
}

TEST(a_vfork_child_counts_once_and_is_named)
{
	check_shared_space(attach_and_vfork);
}

TEST(a_process_whose_leader_has_exited_is_found)
{
	int segment = make_segment();
	struct actor actor = actor_start(attach_and_leave_a_thread, segment);
	_cleanup_snapshot_ struct snapshot *snapshot = collect();

	assert_complete(snapshot, 1);
	assert_int_equal(count_mappings(snapshot, actor.pid), 1);
	assert_int_equal(snapshot->objects.items[0].processes.count, 1);
	assert_int_equal(mapping_of(snapshot, actor.pid)->shared_by.count, 0);
	actor_end(&actor);
	remove_segment(segment);
}

/* Neither has a leader's memory, which does not make it one memory. */
TEST(two_without_leaders_are_two)
{
	int segment = make_segment();
	char *address = shmat(segment, NULL, 0);
	struct actor actors[2];
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	assert_true(address != (void *)-1);
	for (size_t i = 0; i < 2; i++)
		actors[i] = actor_start(leave_a_thread, segment);
	snapshot = collect();
	assert_complete(snapshot, 3);
	for (size_t i = 0; i < 2; i++) {
		const struct link *link = mapping_of(snapshot, actors[i].pid);

		assert_int_equal(link->shared_by.count, 0);
		assert_true(link->address == (uint64_t)(uintptr_t)address);
		actor_end(&actors[i]);
	}
	assert_int_equal(shmdt(address), 0);
	remove_segment(segment);
}

TEST(read_only_and_executable_attachments_are_found)
{
	int segment = make_segment();
	struct actor actor = actor_start(attach_read_only_and_to_execute, segment);
	_cleanup_snapshot_ struct snapshot *snapshot = collect();
	uint64_t seen = 0;

	assert_complete(snapshot, 2);
	vector_for_each (&snapshot->links, link)
		if (link->how == LINK_MAPPED)
			seen |= UINT64_C(1) << link->access;
	assert_int_equal(seen, 1 << LINK_READ | 1 << (LINK_READ | LINK_WRITE | LINK_EXECUTE));
	actor_end(&actor);
	remove_segment(segment);
}

TEST(a_split_mapping_counts_as_the_kernel_counts)
{
	int segment = make_segment();
	struct actor actor = actor_start(split_a_mapping, segment);
	_cleanup_snapshot_ struct snapshot *snapshot = collect();

	assert_complete(snapshot, 3);
	assert_int_equal(count_mappings(snapshot, actor.pid), 3);
	assert_int_equal(snapshot->objects.items[0].processes.count, 1);
	actor_end(&actor);
	remove_segment(segment);
}

TEST(a_removed_segment_has_its_users)
{
	int segment = shmget(0x4d2, PAGE, IPC_CREAT | 0600);
	struct actor actor = actor_start(attach_once, segment);
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	remove_segment(segment);
	snapshot = collect();
	assert_int_equal(snapshot->objects.items[0].status, SHM_STATUS_DEST);
	assert_complete(snapshot, 1);
	assert_int_equal(count_mappings(snapshot, actor.pid), 1);
	actor_end(&actor);
}

/* Ids are given out anew in each namespace, from the same number on. */
TEST(a_segment_of_the_same_id_elsewhere_is_another)
{
	struct actor elsewhere = actor_start(attach_elsewhere, 0);
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	struct actor here;
	int segment = make_segment();

	/* Their ids go up until they meet. */
	for (int i = 0; segment != elsewhere.reported; i++) {
		assert_in_range(i, 0, 100000);
		if (segment > elsewhere.reported) {
			actor_end(&elsewhere);
			fail_msg("%d is beyond %d", segment, (int)elsewhere.reported);
		}
		remove_segment(segment);
		segment = make_segment();
	}
	here = actor_start(attach_once, segment);
	snapshot = collect();
	assert_complete(snapshot, 1);
	assert_int_equal(count_mappings(snapshot, here.pid), 1);
	assert_int_equal(count_mappings(snapshot, elsewhere.pid), 0);
	assert_null(snapshot_process(snapshot, elsewhere.pid));
	actor_end(&here);
	actor_end(&elsewhere);
	remove_segment(segment);
}

/* It still has our segment, but so it could have one of the same id of where it is now. */
TEST(a_process_that_moved_away_leaves_a_doubt)
{
	int segment = make_segment();
	struct actor actor = actor_start(attach_and_move, segment);
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	const struct accounting *accounting;

	backend = BACKEND_PROCFS;
	snapshot = collect();
	backend = BACKEND_AUTO;
	accounting = snapshot->accountings.items;
	assert_int_equal(accounting->found, 0);
	assert_int_equal(accounting->expected, 1);
	assert_false(accounting->is_complete);
	assert_true(accounting->doubts & DOUBT_ELSEWHERE);
	actor_end(&actor);
	remove_segment(segment);
}

static const struct link *find_past(const struct snapshot *snapshot, enum link_how how)
{
	vector_for_each (&snapshot->links, link)
		if (link->how == how)
			return link;
	return NULL;
}

TEST(history_tells_the_living_from_the_dead)
{
	int segment = make_segment();
	struct actor actor = actor_start(attach_once, segment);
	_cleanup_snapshot_ struct snapshot *living = collect(), *dead = NULL;

	assert_int_equal(find_past(living, LINK_CREATED)->pid, getpid());
	assert_int_equal(find_past(living, LINK_CREATED)->state, LINK_ALIVE);
	assert_int_equal(find_past(living, LINK_LAST_OP)->pid, actor.pid);
	assert_int_equal(find_past(living, LINK_LAST_OP)->state, LINK_ALIVE);
	actor_end(&actor);
	dead = collect();
	assert_complete(dead, 0);
	assert_int_equal(find_past(dead, LINK_LAST_OP)->pid, actor.pid);
	assert_int_equal(find_past(dead, LINK_LAST_OP)->state, LINK_DEAD);
	assert_null(snapshot_process(dead, actor.pid));
	remove_segment(segment);
}

/* Whoever asks about one segment is told the same as whoever asks about all. */
TEST(one_segment_has_the_same_users_by_itself)
{
	int others[2] = {make_segment(), make_segment()};
	struct actor actors[4];
	const struct ref ref = {.kinds = KIND_BIT(KIND_SHM), .number = (uint64_t)others[1]};
	_cleanup_snapshot_ struct snapshot *all = NULL, *one = NULL;
	struct scope narrow = scope;

	for (size_t i = 0; i < ARRAY_LENGTH(actors); i++)
		actors[i] = actor_start(attach_once, others[i % 2]);
	all = collect();
	narrow.details = narrow.only = &ref;
	narrow.detail_count = 1;
	for (int has_residence = 0; has_residence < 2; has_residence++) {
		narrow.has_no_residence = !has_residence;
		one = snapshot_free(one);
		one = collect_as(narrow, false);
		assert_int_equal(one->objects.count, 1);
		assert_int_equal(one->accountings.count, 1);
		assert_complete(one, 2);
		assert_int_equal(count_mappings(one, actors[1].pid), 1);
		assert_int_equal(count_mappings(one, actors[3].pid), 1);
		assert_int_equal(count_mappings(one, actors[0].pid), 0);
	}
	assert_int_equal(all->accountings.count, 2);
	for (size_t i = 0; i < ARRAY_LENGTH(actors); i++)
		actor_end(&actors[i]);
	remove_segment(others[0]);
	remove_segment(others[1]);
}

/* For functions that stand in for what happens while processes are looked at. */
static int watched_segment;
static pid_t hidden_process;
static bool hides_mounts;

/* By hand, where something happens on the way. */
static struct snapshot *collect_while(int (*inject)(const char *path))
{
	_cleanup_rooted_ struct rooted root = ROOTED_NONE;
	struct snapshot *snapshot = snapshot_new();
	struct collector collector = {.snapshot = snapshot, .scope = scope};

	assert_int_equal(rooted_init(&root, NULL, NULL), 0);
	collector.root = root;
	assert_int_equal(sight_find_namespaces(&collector), 0);
	assert_int_equal(sysv_collect(&collector, &sysv_shm), 0);
	collector.root.inject = inject;
	assert_int_equal(users_collect(&collector), 0);
	return snapshot;
}

static int come_and_go(const char *path)
{
	if (strcmp(path, "proc") == 0)
		assert_int_equal(shmdt(shmat(watched_segment, NULL, 0)), 0);
	return 0;
}

TEST(who_comes_and_goes_meanwhile_leaves_a_doubt)
{
	struct actor actor;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	watched_segment = make_segment();
	actor = actor_start(attach_once, watched_segment);
	snapshot = collect_while(come_and_go);
	assert_int_equal(snapshot->accountings.items[0].found, 1);
	assert_int_equal(snapshot->accountings.items[0].expected, 1);
	assert_int_equal(snapshot->accountings.items[0].doubts, DOUBT_CHANGED);
	assert_false(snapshot->accountings.items[0].is_complete);
	actor_end(&actor);
	remove_segment(watched_segment);
}

/* As hidepid does, and a PID namespace; the first process may not be read in some containers. */
static int hide(const char *path)
{
	char start[64];

	if (hides_mounts && strcmp(path, "proc/self/mountinfo") == 0)
		return EACCES;
	snprintf(start, sizeof(start), "proc/%d", (int)hidden_process);
	if (strncmp(path, start, strlen(start)) == 0)
		return ENOENT;
	return strncmp(path, "proc/1/", 7) == 0 || strcmp(path, "proc/1") == 0 ? ENOENT : 0;
}

/* Two of one address space and one that is not seen would make two, as the kernel counts. */
TEST(where_processes_can_be_hidden_spaces_are_compared)
{
	int segment = make_segment();
	struct actor pair = actor_start(attach_and_clone, segment);
	struct actor hidden = actor_start(attach_once, segment);
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	hidden_process = hidden.pid;
	hides_mounts = true;
	snapshot = collect_while(hide);
	assert_int_equal(snapshot->accountings.items[0].found, 1);
	assert_int_equal(snapshot->accountings.items[0].expected, 2);
	assert_false(snapshot->accountings.items[0].is_complete);
	kill((pid_t)pair.reported, SIGKILL);
	actor_end(&pair);
	actor_end(&hidden);
	await_detached(segment);
	remove_segment(segment);
}

/* As another user, who may not look into our processes. */
TEST(who_may_not_look_is_told_so)
{
	int segment = make_segment();
	struct actor actor;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	if (!become_nobody()) {
		remove_segment(segment);
		print_message("only root can be another user\n");
		skip();
	}
	regain_power();
	actor = actor_start(attach_once, segment);
	assert_true(become_nobody());
	snapshot = collect_as(scope, false);
	regain_power();
	assert_int_equal(snapshot->accountings.items[0].found, 0);
	assert_int_equal(snapshot->accountings.items[0].doubts, DOUBT_UNREADABLE);
	assert_false(snapshot->accountings.items[0].is_complete);
	actor_end(&actor);
	remove_segment(segment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* The first one: later on, ids here are ahead of those of a new namespace. */
		cmocka_unit_test(a_segment_of_the_same_id_elsewhere_is_another),
		cmocka_unit_test(each_process_that_attached_is_found),
		cmocka_unit_test(an_inherited_attachment_counts_for_each),
		cmocka_unit_test(a_clone_that_shares_memory_counts_once_and_is_named),
		cmocka_unit_test(a_vfork_child_counts_once_and_is_named),
		cmocka_unit_test(a_process_whose_leader_has_exited_is_found),
		cmocka_unit_test(two_without_leaders_are_two),
		cmocka_unit_test(read_only_and_executable_attachments_are_found),
		cmocka_unit_test(a_split_mapping_counts_as_the_kernel_counts),
		cmocka_unit_test(a_removed_segment_has_its_users),
		cmocka_unit_test(a_process_that_moved_away_leaves_a_doubt),
		cmocka_unit_test(history_tells_the_living_from_the_dead),
		cmocka_unit_test(one_segment_has_the_same_users_by_itself),
		cmocka_unit_test(who_comes_and_goes_meanwhile_leaves_a_doubt),
		cmocka_unit_test(where_processes_can_be_hidden_spaces_are_compared),
		cmocka_unit_test(who_may_not_look_is_told_so),
	};
	const char *reason = private_ipc_enter();

	if (reason)
		return private_ipc_skip(reason);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
