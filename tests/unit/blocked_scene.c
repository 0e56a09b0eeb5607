/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "blocked_scene.h"

#include <string.h>

#define ARRAYS 8

struct snapshot *begin(void)
{
	struct snapshot *snapshot = scene_begin();

	for (uint64_t id = 0; id < ARRAYS; id++)
		scene_add_object(snapshot, KIND_SEM, id);
	return snapshot;
}

void add_process(struct snapshot *snapshot, int64_t pid, uint64_t threads)
{
	scene_add_process(snapshot, pid, "app")->threads = threads;
}

struct wait *add_wait(struct snapshot *snapshot, int64_t pid, int64_t tid, size_t array,
		      const int64_t *holders, size_t count)
{
	struct wait *wait = scene_add_wait(snapshot, array, pid, holders, count);

	wait->tid = tid;
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

void assert_found(const struct snapshot *snapshot, enum finding_code code,
		  enum finding_certainty certainty, const char *evidence)
{
	_cleanup_findings_ struct findings findings = judge(snapshot);

	assert_only(&findings, code, certainty);
	assert_true(!evidence || has_evidence(&findings, evidence));
}

void assert_nothing(const struct snapshot *snapshot)
{
	_cleanup_findings_ struct findings findings = judge(snapshot);

	assert_int_equal(findings.items.count, 0);
}
