/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "blocked_scene.h"

#include <string.h>

#define ARRAYS 8

struct snapshot *begin(void)
{
	struct snapshot *snapshot = snapshot_new();

	assert_non_null(snapshot);
	for (uint64_t id = 0; id < ARRAYS; id++) {
		struct object *array = snapshot_add_object(snapshot, KIND_SEM);

		assert_non_null(array);
		array->id = id;
		object_mark(array, OBJECT_ID);
	}
	snapshot->has_waits = snapshot->knows_holders = true;
	snapshot->sight.is_full = 1;
	return snapshot;
}

void add_process(struct snapshot *snapshot, int64_t pid, uint64_t threads)
{
	struct process *process = vector_add(&snapshot->processes);

	assert_non_null(process);
	process->pid = pid;
	process->threads = threads;
	process->command = TEXT_LITERAL("app");
	record_mark(&process->record, PROCESS_PID);
	record_mark(&process->record, PROCESS_THREADS);
	record_mark(&process->record, PROCESS_COMMAND);
}

struct wait *add_wait(struct snapshot *snapshot, int64_t pid, int64_t tid, size_t array,
		      const int64_t *holders, size_t count)
{
	struct wait *wait = vector_add(&snapshot->waits);

	assert_non_null(wait);
	wait->pid = pid;
	wait->tid = tid;
	wait->object = array;
	wait->object_ref = TEXT_LITERAL("sem:N");
	wait->operation = WAIT_TAKE;
	wait->amount = 1;
	wait->released_by = (struct record_list){(void *)holders, count};
	record_mark(&wait->record, WAIT_SEMNUM);
	record_mark(&wait->record, WAIT_RELEASED_BY);
	return wait;
}

struct findings judge(const struct snapshot *snapshot)
{
	_cleanup_blocked_graph_ struct blocked_graph graph = {0};
	struct findings findings = {0};

	assert_int_equal(blocked_graph_make(snapshot, &graph), 0);
	assert_int_equal(blocked_judge(&graph, &findings), 0);
	return findings;
}

void assert_only(const struct findings *findings, enum finding_code code,
		 enum finding_certainty certainty)
{
	assert_int_equal(findings->items.count, 1);
	assert_int_equal(findings->items.items[0].code, code);
	assert_int_equal(findings->items.items[0].certainty, certainty);
}

bool has_evidence(const struct findings *findings, const char *words)
{
	const struct finding *finding = findings->items.items;
	const struct text *evidence = finding->evidence.items;

	for (size_t i = 0; i < finding->evidence.count; i++)
		if (memmem(evidence[i].bytes, evidence[i].length, words, strlen(words)))
			return true;
	return false;
}
