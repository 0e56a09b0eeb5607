/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is alike in a graph becomes one node, and nothing else does. */
#include "unit.h"

#include <stdlib.h>
#include <time.h>

#include "graph_scene.h"

static const struct graph_options usual;

/* Processes from 100 on, each of which has those segments mapped. */
static struct snapshot *make_workers(size_t workers, size_t segments)
{
	struct snapshot *snapshot = scene_begin();

	for (size_t i = 0; i < segments; i++)
		scene_add_object(snapshot, KIND_SHM, i);
	for (size_t i = 0; i < workers; i++)
		scene_add_process(snapshot, 100 + (int64_t)i, "worker");
	for (size_t object = 0; object < segments; object++)
		for (size_t i = 0; i < workers; i++)
			scene_add_link(snapshot, object, 100 + (int64_t)i, LINK_MAPPED, READ_WRITE);
	return snapshot;
}

TEST(workers_become_one_and_so_do_segments)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_workers(200, 40);
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = scene_graph(snapshot, &findings, &usual);
	const struct graph_node *worker = scene_node(&graph, "pid:100");
	const struct graph_node *segment = scene_node(&graph, "shm:0");
	const int64_t *pids = worker->pids.items;
	const struct text *refs = segment->refs.items;

	assert_int_equal(graph.nodes.count, 2);
	assert_int_equal(worker->count, 200);
	assert_int_equal(worker->pids.count, 200);
	assert_int_equal(pids[199], 299);
	assert_int_equal(segment->count, 40);
	assert_int_equal(segment->size, 40 * 4096);
	assert_text(refs[39], "shm:39");
	assert_int_equal(graph.edges.count, 1);
	assert_int_equal(graph.edges.items[0].count, 8000);
	assert_int_equal(graph.summary.processes, 200);
	assert_int_equal(graph.summary.objects, 40);
}

TEST(they_stay_apart_where_that_is_wanted)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_workers(20, 4);
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph =
		scene_graph(snapshot, &findings, &(struct graph_options){.is_apart = true});

	assert_int_equal(graph.nodes.count, 24);
	assert_int_equal(graph.edges.count, 80);
}

static size_t count_processes(struct snapshot *snapshot, const struct graph_options *options)
{
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = scene_graph(snapshot, &findings, options);
	size_t count = 0;

	vector_for_each (&graph.nodes, node)
		count += node->type == GRAPH_PROCESS;
	return count;
}

TEST(another_command_is_another_node)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_workers(4, 1);

	snapshot->processes.items[2].command = TEXT_LITERAL("other");
	assert_int_equal(count_processes(snapshot, &usual), 2);
}

TEST(another_user_is_another_node)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_workers(4, 1);

	snapshot->processes.items[2].uid = 33;
	assert_int_equal(count_processes(snapshot, &usual), 2);
}

TEST(another_unit_is_another_node)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_workers(4, 1);

	for (size_t i = 0; i < 4; i++) {
		snapshot->processes.items[i].unit = text_of(i == 2 ? "b.service" : "a.service");
		record_mark(&snapshot->processes.items[i].record, PROCESS_UNIT);
	}
	assert_int_equal(count_processes(snapshot, &usual), 2);
}

TEST(another_access_is_another_node)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_workers(4, 1);

	snapshot->links.items[2].access = LINK_READ;
	assert_int_equal(count_processes(snapshot, &usual), 2);
}

TEST(another_object_is_another_node)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_workers(4, 1);

	scene_add_object(snapshot, KIND_SHM, 9);
	snapshot->links.items[2].object = 1;
	assert_int_equal(count_processes(snapshot, &usual), 2);
}

TEST(a_wait_is_another_node)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_workers(4, 1);

	scene_add_wait(snapshot, 0, 102, NULL, 0);
	assert_int_equal(count_processes(snapshot, &usual), 2);
	scene_add_wait(snapshot, 0, 103, NULL, 0);
	assert_int_equal(count_processes(snapshot, &usual), 2);
	scene_add_wait(snapshot, 0, 101, NULL, 0)->amount = 7;
	assert_int_equal(count_processes(snapshot, &usual), 3);
}

TEST(another_number_of_descriptor_is_the_same_node)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_workers(4, 1);
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};

	for (uint64_t i = 0; i < 4; i++) {
		snapshot->links.items[i].how = LINK_OPEN;
		snapshot->links.items[i].fd = 3 + i;
		record_mark(&snapshot->links.items[i].record, LINK_FD);
	}
	graph = scene_graph(snapshot, &findings, &usual);
	assert_int_equal(graph.edges.count, 1);
	assert_false(graph_edge_has(&graph.edges.items[0], GRAPH_EDGE_FD));
}

TEST(what_was_named_stays_by_itself)
{
	static const int64_t pid = 102;
	const struct graph_options options = {.pids = &pid, .pid_count = 1, .depth = 2};
	_cleanup_snapshot_ struct snapshot *snapshot = make_workers(4, 1);

	assert_int_equal(count_processes(snapshot, &options), 2);
}

TEST(who_is_in_a_ring_stays_by_itself)
{
	static const int64_t first = 100, second = 101;
	_cleanup_snapshot_ struct snapshot *snapshot = scene_begin();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};

	scene_add_object(snapshot, KIND_SEM, 0);
	for (int64_t pid = 100; pid < 104; pid++)
		scene_add_process(snapshot, pid, "worker");
	scene_add_wait(snapshot, 0, first, &second, 1);
	scene_add_wait(snapshot, 0, second, &first, 1)->semnum = 0;
	scene_add_wait(snapshot, 0, 102, &first, 1);
	scene_add_wait(snapshot, 0, 103, &first, 1);
	graph = scene_graph(snapshot, &findings, &usual);
	assert_int_equal(scene_node(&graph, "pid:100")->count, 1);
	assert_int_equal(scene_node(&graph, "pid:101")->count, 1);
	assert_int_equal(scene_node(&graph, "pid:102")->count, 2);
}

TEST(another_finding_is_another_node)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_workers(1, 4);
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};
	struct finding *finding;

	for (size_t i = 1; i < 3; i++) {
		finding = findings_add(&findings, FINDING_ORPHAN_SHM, FINDING_LIKELY);
		assert_non_null(finding);
		assert_int_equal(finding_set(&findings, finding, FINDING_OBJECT, "shm:%zu", i), 0);
	}
	assert_int_equal(graph_make(snapshot, &findings, &usual, &graph), 0);
	assert_int_equal(scene_node(&graph, "shm:0")->count, 2);
	assert_int_equal(scene_node(&graph, "shm:0")->codes.count, 0);
	assert_int_equal(scene_node(&graph, "shm:1")->count, 2);
	assert_int_equal(scene_node(&graph, "shm:1")->codes.count, 1);
	assert_int_equal(scene_node(&graph, "shm:1")->findings.count, 2);
}

TEST(another_kind_is_another_node)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_workers(1, 1);
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};

	scene_add_object(snapshot, KIND_PSHM, 7);
	scene_add_link(snapshot, 1, 100, LINK_MAPPED, READ_WRITE);
	graph = scene_graph(snapshot, &findings, &usual);
	assert_int_equal(graph.nodes.count, 3);
}

TEST(many_semaphores_of_one_array_are_one_edge)
{
	_cleanup_snapshot_ struct snapshot *snapshot = scene_begin();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};

	scene_add_object(snapshot, KIND_SEM, 0);
	for (uint64_t num = 0; num < 250; num++)
		scene_add_link(snapshot, 0, 100, LINK_HOLDS, 0)->semnum = num;
	for (uint64_t num = 0; num < 4; num++)
		scene_add_link(snapshot, 0, 101, LINK_HOLDS, 0)->semnum = num;
	graph = scene_graph(snapshot, &findings, &usual);
	assert_int_equal(graph.edges.count, 5);
	assert_int_equal(scene_edge(&graph, "sem:0", "pid:100", GRAPH_HOLDS)->count, 250);
	assert_false(graph_edge_has(scene_edge(&graph, "sem:0", "pid:100", GRAPH_HOLDS),
				    GRAPH_EDGE_SEMNUM));
}

/* The order in which links come must not show. */
TEST(the_answer_is_always_the_same)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_workers(30, 7);
	_cleanup_findings_ struct findings findings = {0}, again = {0};
	_cleanup_graph_ struct graph first = {0}, second = {0};

	snapshot->links.items[5].access = LINK_READ;
	first = scene_graph(snapshot, &findings, &usual);
	for (size_t i = 0; i < snapshot->links.count / 2; i++) {
		struct link *a = &snapshot->links.items[i];
		struct link *b = &snapshot->links.items[snapshot->links.count - 1 - i];
		struct link swapped = *a;

		*a = *b;
		*b = swapped;
	}
	second = scene_graph(snapshot, &again, &usual);
	assert_int_equal(first.nodes.count, second.nodes.count);
	assert_int_equal(first.edges.count, second.edges.count);
	for (size_t i = 0; i < first.nodes.count; i++)
		assert_true(text_equals(first.nodes.items[i].id, second.nodes.items[i].id));
	for (size_t i = 0; i < first.edges.count; i++)
		assert_int_equal(first.edges.items[i].count, second.edges.items[i].count);
}

/* Workers that share a segment, and each have so many pipes of their own. */
static struct snapshot *make_own(size_t workers, size_t pipes)
{
	struct snapshot *snapshot = make_workers(workers, 1);

	for (size_t i = 0; i < workers * pipes; i++) {
		size_t pipe = scene_add_object(snapshot, KIND_PIPE, 1000 + i);

		scene_add_link(snapshot, pipe, 100 + (int64_t)(i / pipes), LINK_OPEN,
			       i % pipes ? LINK_WRITE : LINK_READ);
	}
	return snapshot;
}

TEST(an_object_of_its_own_keeps_nobody_apart)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_own(20, 3);
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = scene_graph(snapshot, &findings, &usual);

	/* One pipe of each is read from, two are written to. */
	assert_int_equal(graph.nodes.count, 4);
	assert_int_equal(scene_node(&graph, "pid:100")->count, 20);
	assert_int_equal(scene_node(&graph, "pipe:1000")->count, 20);
	assert_int_equal(scene_node(&graph, "pipe:1000")->per_process, 1);
	assert_int_equal(scene_node(&graph, "pipe:1001")->count, 40);
	assert_int_equal(scene_node(&graph, "pipe:1001")->per_process, 2);
	assert_int_equal(scene_edge(&graph, "pid:100", "pipe:1001", GRAPH_OPEN)->count, 40);
	assert_false(graph_node_has(scene_node(&graph, "shm:0"), GRAPH_NODE_PER_PROCESS));
}

TEST(more_of_its_own_is_another_node)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_own(4, 1);
	size_t pipe = scene_add_object(snapshot, KIND_PIPE, 2000);

	scene_add_link(snapshot, pipe, 102, LINK_OPEN, LINK_READ);
	assert_int_equal(count_processes(snapshot, &usual), 2);
}

TEST(an_object_of_two_is_nobodys_own)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_own(4, 1);

	scene_add_link(snapshot, 1, 103, LINK_OPEN, LINK_READ);
	/* That is the first one's pipe; the last one has its own as well. */
	assert_int_equal(count_processes(snapshot, &usual), 3);
}

TEST(what_is_ones_own_and_was_named_keeps_it_apart)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_own(4, 1);
	const struct object *object = &snapshot->objects.items[2];
	const struct graph_options options = {.objects = &object, .object_count = 1, .depth = 3};

	assert_int_equal(count_processes(snapshot, &options), 2);
}

TEST(pipes_of_one_process_are_not_one_each)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_own(1, 5);
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = scene_graph(snapshot, &findings, &usual);

	assert_int_equal(scene_node(&graph, "pipe:1001")->count, 4);
	assert_false(graph_node_has(scene_node(&graph, "pipe:1001"), GRAPH_NODE_PER_PROCESS));
}

static double seconds_for(size_t processes)
{
	_cleanup_snapshot_ struct snapshot *snapshot = scene_begin();
	_cleanup_findings_ struct findings findings = {0};
	_cleanup_graph_ struct graph graph = {0};
	struct timespec begin, end;

	/* Half of them alike, the others each with a pipe that one more process has. */
	scene_add_process(snapshot, 1, "main");
	scene_add_object(snapshot, KIND_SHM, 0);
	for (size_t i = 0; i < processes; i++) {
		scene_add_process(snapshot, 100 + (int64_t)i, "worker");
		scene_add_link(snapshot, 0, 100 + (int64_t)i, LINK_MAPPED, READ_WRITE);
		if (i % 2) {
			size_t pipe = scene_add_object(snapshot, KIND_PIPE, 1000 + i);

			scene_add_link(snapshot, pipe, 100 + (int64_t)i, LINK_OPEN, LINK_READ);
			scene_add_link(snapshot, pipe, 1, LINK_OPEN, LINK_WRITE);
		}
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	assert_int_equal(graph_make(snapshot, &findings, &usual, &graph), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	assert_int_equal(graph.nodes.count, 3 + processes / 2 * 2);
	return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}

/* Were it quadratic, 20,000 would take a minute. */
TEST(thousands_take_little_time)
{
	assert_true(seconds_for(20000) < 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(workers_become_one_and_so_do_segments),
		cmocka_unit_test(they_stay_apart_where_that_is_wanted),
		cmocka_unit_test(another_command_is_another_node),
		cmocka_unit_test(another_user_is_another_node),
		cmocka_unit_test(another_unit_is_another_node),
		cmocka_unit_test(another_access_is_another_node),
		cmocka_unit_test(another_object_is_another_node),
		cmocka_unit_test(a_wait_is_another_node),
		cmocka_unit_test(another_number_of_descriptor_is_the_same_node),
		cmocka_unit_test(what_was_named_stays_by_itself),
		cmocka_unit_test(who_is_in_a_ring_stays_by_itself),
		cmocka_unit_test(another_finding_is_another_node),
		cmocka_unit_test(another_kind_is_another_node),
		cmocka_unit_test(many_semaphores_of_one_array_are_one_edge),
		cmocka_unit_test(the_answer_is_always_the_same),
		cmocka_unit_test(an_object_of_its_own_keeps_nobody_apart),
		cmocka_unit_test(more_of_its_own_is_another_node),
		cmocka_unit_test(an_object_of_two_is_nobodys_own),
		cmocka_unit_test(what_is_ones_own_and_was_named_keeps_it_apart),
		cmocka_unit_test(pipes_of_one_process_are_not_one_each),
		cmocka_unit_test(thousands_take_little_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
