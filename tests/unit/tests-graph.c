/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Graphs of snapshots that are made up: what is joined, what is near, what is a ring. */
#include "unit.h"

#include "graph_scene.h"

static const struct graph_options apart = {.is_apart = true};

TEST(nothing_is_an_empty_graph)
{
	_cleanup_snapshot_ struct snapshot *snapshot = scene_begin();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = scene_graph(snapshot, &findings, &apart);

	assert_int_equal(graph.nodes.count, 0);
	assert_int_equal(graph.edges.count, 0);
	assert_int_equal(graph.summary.without_links, 0);
}

TEST(processes_are_joined_to_what_they_map)
{
	_cleanup_snapshot_ struct snapshot *snapshot = scene_begin();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};
	const struct graph_edge *edge;

	scene_add_object(snapshot, KIND_SHM, 3);
	scene_add_process(snapshot, 10, "app");
	scene_add_link(snapshot, 0, 10, LINK_MAPPED, READ_WRITE);
	graph = scene_graph(snapshot, &findings, &apart);
	edge = scene_edge(&graph, "pid:10", "shm:3", GRAPH_MAPPED);
	assert_non_null(edge);
	assert_int_equal(edge->access, READ_WRITE);
	assert_int_equal(edge->count, 1);
	assert_text(scene_node(&graph, "pid:10")->command, "app");
	assert_int_equal(scene_node(&graph, "shm:3")->size, 4096);
	assert_int_equal(graph.summary.processes, 1);
	assert_int_equal(graph.summary.objects, 1);
}

TEST(mappings_that_are_alike_are_one_edge)
{
	_cleanup_snapshot_ struct snapshot *snapshot = scene_begin();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};

	scene_add_object(snapshot, KIND_SHM, 3);
	scene_add_process(snapshot, 10, "app");
	for (int i = 0; i < 40; i++)
		scene_add_link(snapshot, 0, 10, LINK_MAPPED, READ_WRITE);
	scene_add_link(snapshot, 0, 10, LINK_MAPPED, LINK_READ);
	graph = scene_graph(snapshot, &findings, &apart);
	assert_int_equal(graph.edges.count, 2);
	assert_int_equal(graph.edges.items[0].count + graph.edges.items[1].count, 41);
}

TEST(who_shares_what_a_link_is_about_is_joined_too)
{
	static int64_t sharer = 11;
	_cleanup_snapshot_ struct snapshot *snapshot = scene_begin();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};

	scene_add_object(snapshot, KIND_SHM, 3);
	scene_add_process(snapshot, 10, "app");
	scene_add_link(snapshot, 0, 10, LINK_MAPPED, READ_WRITE)->shared_by =
		(struct record_list){&sharer, 1};
	graph = scene_graph(snapshot, &findings, &apart);
	assert_non_null(scene_edge(&graph, "pid:11", "shm:3", GRAPH_MAPPED));
	/* Of which no more than the PID is known. */
	assert_false(graph_node_has(scene_node(&graph, "pid:11"), GRAPH_NODE_COMMAND));
}

TEST(data_goes_through_a_pipe)
{
	_cleanup_snapshot_ struct snapshot *snapshot = scene_begin();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};

	scene_add_object(snapshot, KIND_PIPE, 77);
	scene_add_process(snapshot, 10, "cat");
	scene_add_process(snapshot, 11, "wc");
	scene_add_process(snapshot, 12, "loop");
	scene_add_link(snapshot, 0, 10, LINK_OPEN, LINK_WRITE);
	scene_add_link(snapshot, 0, 11, LINK_OPEN, LINK_READ);
	scene_add_link(snapshot, 0, 12, LINK_OPEN, LINK_READ);
	scene_add_link(snapshot, 0, 12, LINK_OPEN, LINK_WRITE);
	graph = scene_graph(snapshot, &findings, &apart);
	assert_non_null(scene_edge(&graph, "pid:10", "pipe:77", GRAPH_OPEN));
	assert_non_null(scene_edge(&graph, "pipe:77", "pid:11", GRAPH_OPEN));
	/* Who has both ends is joined once. */
	assert_int_equal(graph.edges.count, 3);
	assert_int_equal(scene_edge(&graph, "pid:12", "pipe:77", GRAPH_OPEN)->access, READ_WRITE);
}

/* 10 and 20 hold what the other one wants; 30 only waits. */
static struct snapshot *make_ring(void)
{
	static const int64_t first = 10, second = 20;
	struct snapshot *snapshot = scene_begin();

	for (uint64_t id = 0; id < 2; id++)
		scene_add_object(snapshot, KIND_SEM, id);
	for (int64_t pid = 10; pid <= 30; pid += 10)
		scene_add_process(snapshot, pid, "app");
	scene_add_link(snapshot, 0, first, LINK_HOLDS, 0);
	scene_add_link(snapshot, 1, second, LINK_HOLDS, 0);
	scene_add_wait(snapshot, 0, second, &first, 1);
	scene_add_wait(snapshot, 0, 30, &first, 1);
	scene_add_wait(snapshot, 1, first, &second, 1);
	return snapshot;
}

TEST(a_deadlock_is_a_ring)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_ring();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph =
		scene_graph(snapshot, &findings, &(struct graph_options){0});
	const struct graph_node *node = scene_node(&graph, "sem:1");
	const struct text *pointers = node->findings.items, *codes = node->codes.items;

	assert_true(scene_edge(&graph, "pid:20", "sem:0", GRAPH_WAITS)->is_in_cycle);
	assert_true(scene_edge(&graph, "sem:0", "pid:10", GRAPH_HOLDS)->is_in_cycle);
	assert_true(scene_edge(&graph, "pid:10", "sem:1", GRAPH_WAITS)->is_in_cycle);
	assert_true(scene_edge(&graph, "sem:1", "pid:20", GRAPH_HOLDS)->is_in_cycle);
	assert_false(scene_edge(&graph, "pid:30", "sem:0", GRAPH_WAITS)->is_in_cycle);
	assert_true(scene_node(&graph, "pid:10")->is_in_cycle);
	assert_false(scene_node(&graph, "pid:30")->is_in_cycle);
	assert_true(node->is_in_cycle);
	assert_int_equal(node->severity, FINDING_CRITICAL);
	assert_int_equal(node->findings.count, 1);
	assert_text(codes[0], "deadlock");
	assert_text(pointers[0], "/findings/0");
	assert_int_equal(graph.findings.items[0]->code, FINDING_DEADLOCK);
}

TEST(a_ring_without_a_link_of_who_could_release_it_is_closed)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_ring();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};
	const struct graph_edge *edge;

	snapshot->links.count = 1; /* the second holder's is not known */
	graph = scene_graph(snapshot, &findings, &apart);
	edge = scene_edge(&graph, "sem:1", "pid:20", GRAPH_RELEASED_BY);
	assert_non_null(edge);
	assert_true(edge->is_in_cycle);
	assert_int_equal(edge->rests_on, GRAPH_ON_UNDO);
	assert_null(scene_edge(&graph, "sem:0", "pid:10", GRAPH_RELEASED_BY));
}

TEST(a_lock_leads_to_its_owner)
{
	_cleanup_snapshot_ struct snapshot *snapshot = scene_begin();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};
	struct wait *wait;

	scene_add_object(snapshot, KIND_SHM, 3);
	wait = scene_add_wait(snapshot, 0, 10, BY(11));
	wait->operation = WAIT_FUTEX;
	wait->flags = WAIT_IS_MUTEX;
	graph = scene_graph(snapshot, &findings, &apart);
	assert_int_equal(scene_edge(&graph, "shm:3", "pid:11", GRAPH_RELEASED_BY)->rests_on,
			 GRAPH_ON_MEMORY);
	assert_false(scene_node(&graph, "shm:3")->is_in_cycle);
}

TEST(a_wait_for_something_unknown_leads_to_who_could_end_it)
{
	_cleanup_snapshot_ struct snapshot *snapshot = scene_begin();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};

	scene_add_object(snapshot, KIND_SEM, 0);
	scene_add_wait(snapshot, 0, 10, BY(11))->object = WAIT_NO_OBJECT;
	graph = scene_graph(snapshot, &findings, &apart);
	assert_non_null(scene_edge(&graph, "pid:10", "pid:11", GRAPH_WAITS));
}

/* A chain: 10 - shm:0 - 11 - shm:1 - 12 - shm:2, and shm:3 alone. */
static struct snapshot *make_chain(void)
{
	struct snapshot *snapshot = scene_begin();

	for (uint64_t id = 0; id < 4; id++)
		scene_add_object(snapshot, KIND_SHM, id);
	for (int64_t pid = 10; pid < 13; pid++)
		scene_add_process(snapshot, pid, "app");
	for (size_t id = 0; id < 3; id++) {
		scene_add_link(snapshot, id, 10 + (int64_t)id, LINK_MAPPED, READ_WRITE);
		if (id < 2)
			scene_add_link(snapshot, id, 11 + (int64_t)id, LINK_MAPPED, READ_WRITE);
	}
	return snapshot;
}

TEST(what_nothing_joins_is_left_out_and_counted)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_chain();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = scene_graph(snapshot, &findings, &apart);

	assert_null(scene_node(&graph, "shm:3"));
	assert_int_equal(graph.summary.without_links, 1);
	assert_int_equal(graph.nodes.count, 6);
}

TEST(all_shows_it)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_chain();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph =
		scene_graph(snapshot, &findings, &(struct graph_options){.has_all = true});

	assert_non_null(scene_node(&graph, "shm:3"));
	assert_int_equal(graph.summary.without_links, 0);
}

TEST(so_does_its_name)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_chain();
	_cleanup_findings_ struct findings findings = {0};
	const struct object *object = &snapshot->objects.items[3];
	const struct graph_options options = {.objects = &object, .object_count = 1};
	_cleanup_graph_ struct graph graph = scene_graph(snapshot, &findings, &options);

	assert_int_equal(graph.nodes.count, 1);
	assert_true(scene_node(&graph, "shm:3")->is_named);
	assert_int_equal(graph.summary.farther_away, 6);
}

TEST(depth_counts_steps)
{
	static const size_t expected[] = {1, 3, 5, 6, 6};
	_cleanup_snapshot_ struct snapshot *snapshot = make_chain();
	const struct object *object = &snapshot->objects.items[1];

	for (size_t depth = 0; depth < sizeof(expected) / sizeof(expected[0]); depth++) {
		const struct graph_options options = {
			.objects = &object, .object_count = 1, .depth = depth, .is_apart = true};
		_cleanup_findings_ struct findings findings = {0};
		_cleanup_graph_ struct graph graph = scene_graph(snapshot, &findings, &options);

		assert_int_equal(graph.nodes.count, expected[depth]);
		assert_int_equal(graph.summary.farther_away, 6 - expected[depth]);
		assert_int_equal(graph.summary.without_links, 1);
	}
}

TEST(a_process_can_be_the_centre)
{
	static const int64_t pid = 10;
	_cleanup_snapshot_ struct snapshot *snapshot = make_chain();
	_cleanup_findings_ struct findings findings = {0};
	const struct graph_options options = {.pids = &pid, .pid_count = 1, .depth = 2};
	_cleanup_graph_ struct graph graph = scene_graph(snapshot, &findings, &options);

	assert_int_equal(graph.nodes.count, 3);
	assert_non_null(scene_node(&graph, "pid:11"));
}

/* A segment that was made by a process that is dead, used last by one that can live. */
static struct snapshot *make_history(void)
{
	struct snapshot *snapshot = scene_begin();

	scene_add_object(snapshot, KIND_SHM, 0);
	scene_add_process(snapshot, 10, "app");
	scene_add_link(snapshot, 0, 9, LINK_CREATED, 0)->state = LINK_DEAD;
	scene_add_link(snapshot, 0, 10, LINK_LAST_OP, 0)->state = LINK_ALIVE;
	scene_add_link(snapshot, 0, 10, LINK_CREATED, 0)->state = LINK_REUSED;
	return snapshot;
}

TEST(history_is_left_out)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_history();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = scene_graph(snapshot, &findings, &apart);

	assert_int_equal(graph.edges.count, 0);
}

TEST(history_never_joins_a_process_that_it_does_not_mean)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_history();
	_cleanup_findings_ struct findings findings = {0};
	const struct graph_options options = {.has_history = true};
	_cleanup_graph_ struct graph graph = scene_graph(snapshot, &findings, &options);

	assert_non_null(scene_edge(&graph, "dead:9", "shm:0", GRAPH_CREATED));
	assert_non_null(scene_edge(&graph, "pid:10", "shm:0", GRAPH_LAST_OP));
	assert_non_null(scene_edge(&graph, "reused:10", "shm:0", GRAPH_CREATED));
	assert_null(scene_edge(&graph, "pid:10", "shm:0", GRAPH_CREATED));
	assert_null(scene_node(&graph, "reused:10")->process);
}

static void put(struct snapshot *snapshot, size_t process, uint64_t namespace, const char *unit)
{
	struct process *placed = &snapshot->processes.items[process];

	placed->namespace = namespace;
	placed->unit = text_of(unit);
	record_mark(&placed->record, PROCESS_NAMESPACE);
	record_mark(&placed->record, PROCESS_UNIT);
}

TEST(one_place_is_no_cluster)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_chain();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};

	for (size_t i = 0; i < 3; i++)
		put(snapshot, i, 1, "a.service");
	graph = scene_graph(snapshot, &findings, &apart);
	assert_int_equal(graph.clusters.count, 0);
	assert_false(graph_node_has(scene_node(&graph, "pid:10"), GRAPH_NODE_CLUSTER));
}

TEST(units_stand_in_their_namespaces)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_chain();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};

	put(snapshot, 0, 1, "a.service");
	put(snapshot, 1, 1, "a.service");
	put(snapshot, 2, 2, "docker:1");
	graph = scene_graph(snapshot, &findings, &apart);
	assert_int_equal(graph.clusters.count, 4);
	assert_text(scene_node(&graph, "pid:10")->cluster, "unit:a.service@1");
	assert_text(graph.clusters.items[1].parent, "namespace:1");
	/* What one unit alone uses stands there, what two use nowhere. */
	assert_text(scene_node(&graph, "shm:0")->cluster, "unit:a.service@1");
	assert_text(scene_node(&graph, "shm:2")->cluster, "unit:docker:1@2");
	assert_false(graph_node_has(scene_node(&graph, "shm:1"), GRAPH_NODE_CLUSTER));
}

TEST(an_object_stays_in_its_namespace)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_chain();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};

	put(snapshot, 0, 1, "a.service");
	put(snapshot, 1, 1, "a.service");
	put(snapshot, 2, 2, "docker:1");
	snapshot->objects.items[2].namespace = 1;
	object_mark(&snapshot->objects.items[2], OBJECT_NAMESPACE);
	graph = scene_graph(snapshot, &findings, &apart);
	assert_text(scene_node(&graph, "shm:2")->cluster, "namespace:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_an_empty_graph),
		cmocka_unit_test(processes_are_joined_to_what_they_map),
		cmocka_unit_test(mappings_that_are_alike_are_one_edge),
		cmocka_unit_test(who_shares_what_a_link_is_about_is_joined_too),
		cmocka_unit_test(data_goes_through_a_pipe),
		cmocka_unit_test(a_deadlock_is_a_ring),
		cmocka_unit_test(a_ring_without_a_link_of_who_could_release_it_is_closed),
		cmocka_unit_test(a_lock_leads_to_its_owner),
		cmocka_unit_test(a_wait_for_something_unknown_leads_to_who_could_end_it),
		cmocka_unit_test(what_nothing_joins_is_left_out_and_counted),
		cmocka_unit_test(all_shows_it),
		cmocka_unit_test(so_does_its_name),
		cmocka_unit_test(depth_counts_steps),
		cmocka_unit_test(a_process_can_be_the_centre),
		cmocka_unit_test(history_is_left_out),
		cmocka_unit_test(history_never_joins_a_process_that_it_does_not_mean),
		cmocka_unit_test(one_place_is_no_cluster),
		cmocka_unit_test(units_stand_in_their_namespaces),
		cmocka_unit_test(an_object_stays_in_its_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
