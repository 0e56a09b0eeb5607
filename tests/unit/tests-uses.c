/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links joined with their processes, and what each process uses in total. */
#include "unit.h"

#include "query/process_totals.h"
#include "query/uses.h"

static struct link *add_link(struct snapshot *snapshot, size_t object, int64_t pid,
			     enum link_how how)
{
	struct link *link = vector_add(&snapshot->links);

	assert_non_null(link);
	link->object = object;
	link->object_ref = object ? TEXT_LITERAL("shm:2") : TEXT_LITERAL("shm:1");
	link->pid = pid;
	link->how = how;
	record_mark(&link->record, LINK_OBJECT);
	record_mark(&link->record, LINK_PID);
	record_mark(&link->record, LINK_HOW);
	return link;
}

static void add_mapping(struct snapshot *snapshot, size_t object, int64_t pid, uint64_t length)
{
	struct link *link = add_link(snapshot, object, pid, LINK_MAPPED);

	link->length = length;
	record_mark(&link->record, LINK_LENGTH);
}

static void add_past(struct snapshot *snapshot, size_t object, int64_t pid, enum link_state state)
{
	struct link *link = add_link(snapshot, object, pid, LINK_CREATED);

	link->state = state;
	record_mark(&link->record, LINK_STATE);
}

static int64_t sharers[] = {30, 40};

/*
 * Two segments. Process 10 maps the first twice and the second once, 20 the first, 30 and 40 share
 * 20's address space; 50 has created both, as far as anybody knows.
 */
static struct snapshot *make_snapshot(void)
{
	struct snapshot *snapshot = snapshot_new();

	for (uint64_t id = 1; id <= 2; id++) {
		struct object *object = snapshot_add_object(snapshot, KIND_SHM);

		object->id = id;
		object_mark(object, OBJECT_ID);
	}
	for (int64_t pid = 10; pid <= 50; pid += 10) {
		struct process *process = vector_add(&snapshot->processes);

		process->pid = pid;
		process->command = TEXT_LITERAL("user");
		process->uid = (uint64_t)pid + 1;
		record_mark(&process->record, PROCESS_PID);
		record_mark(&process->record, PROCESS_COMMAND);
		record_mark(&process->record, PROCESS_UID);
	}
	add_mapping(snapshot, 0, 10, 100);
	add_mapping(snapshot, 0, 10, 10);
	add_mapping(snapshot, 0, 20, 1000);
	snapshot->links.items[2].shared_by = (struct record_list){sharers, 2};
	record_mark(&snapshot->links.items[2].record, LINK_SHARED_BY);
	add_mapping(snapshot, 1, 10, UINT64_MAX - 50);
	return snapshot;
}

static void add_history(struct snapshot *snapshot)
{
	for (enum link_state state = LINK_ALIVE; state <= LINK_UNKNOWN; state++)
		add_past(snapshot, 0, 50, state);
	add_past(snapshot, 1, 60, LINK_DEAD);
}

static struct value value_of(const struct use *use, enum use_field field)
{
	struct value_scratch scratch;

	return field_value(&use_fields, field, use, &scratch);
}

TEST(the_uses_of_an_object_are_told_apart_by_proof)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_snapshot();
	_cleanup_uses_ struct uses proof = {0}, past = {0}, other = {0};

	add_history(snapshot);
	assert_int_equal(uses_of_object(snapshot, &snapshot->objects.items[0], USE_PROOF, &proof),
			 0);
	assert_int_equal(uses_of_object(snapshot, &snapshot->objects.items[0], USE_HISTORY, &past),
			 0);
	assert_int_equal(proof.items.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_ptr_equal(proof.items.items[i].link, &snapshot->links.items[i]);
	assert_int_equal(past.items.count, 4);
	assert_int_equal(uses_of_object(snapshot, &snapshot->objects.items[1], USE_PROOF, &other),
			 0);
	assert_int_equal(other.items.count, 1);
	/* More is added to what is there. */
	assert_int_equal(uses_of_object(snapshot, &snapshot->objects.items[1], USE_HISTORY, &other),
			 0);
	assert_int_equal(other.items.count, 2);
}

/* A PID that was given away since, or has no process, is nobody's command and user. */
TEST(only_a_process_that_can_be_the_one_is_joined)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_snapshot();
	_cleanup_uses_ struct uses past = {0};

	add_history(snapshot);
	assert_int_equal(uses_of_object(snapshot, &snapshot->objects.items[0], USE_HISTORY, &past),
			 0);
	vector_for_each (&past.items, use) {
		bool can_be = use->link->state == LINK_ALIVE || use->link->state == LINK_UNKNOWN;

		assert_int_equal(use->process != NULL, can_be);
		assert_int_equal(value_of(use, USE_COMMAND).is_present, can_be);
		assert_int_equal(value_of(use, USE_UID).is_present, can_be);
		assert_true(value_of(use, USE_PID).is_present);
		assert_int_equal(value_of(use, USE_PID).signed_number, 50);
		assert_int_equal(value_of(use, USE_STATE).number, use->link->state);
	}
}

TEST(fields_are_those_of_the_link_and_of_the_process)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_snapshot();
	_cleanup_uses_ struct uses uses = {0};
	const struct use *use;

	assert_int_equal(uses_of_process(snapshot, 20, &uses), 0);
	assert_int_equal(uses.items.count, 1);
	use = &uses.items.items[0];
	assert_int_equal(value_of(use, USE_PID).signed_number, 20);
	assert_text(value_of(use, USE_COMMAND).text, "user");
	assert_int_equal(value_of(use, USE_UID).number, 21);
	assert_false(value_of(use, USE_USER).is_present);
	assert_int_equal(value_of(use, USE_USER).type, VALUE_TEXT);
	assert_text(value_of(use, USE_REF).text, "shm:1");
	assert_int_equal(value_of(use, USE_HOW).number, LINK_MAPPED);
	assert_int_equal(value_of(use, USE_LENGTH).number, 1000);
	assert_int_equal(value_of(use, USE_SHARED_BY).records.count, 2);
	assert_false(value_of(use, USE_STATE).is_present);
	for (size_t i = 0; i < use_fields.count; i++)
		assert_int_equal(value_of(use, (enum use_field)i).type, use_fields.fields[i].type);
}

TEST(a_link_to_an_unknown_process_has_its_pid)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_snapshot();
	_cleanup_uses_ struct uses uses = {0};

	add_mapping(snapshot, 1, 70, 5);
	assert_int_equal(uses_of_process(snapshot, 70, &uses), 0);
	assert_int_equal(uses.items.count, 1);
	assert_null(uses.items.items[0].process);
	assert_int_equal(value_of(&uses.items.items[0], USE_PID).signed_number, 70);
	assert_false(value_of(&uses.items.items[0], USE_COMMAND).is_present);
}

TEST(a_process_uses_what_it_maps_or_shares_and_no_history)
{
	static const struct {
		int64_t pid;
		size_t count;
	} cases[] = {{10, 3}, {20, 1}, {30, 1}, {40, 1}, {50, 0}, {60, 0}, {0, 0}};
	_cleanup_snapshot_ struct snapshot *snapshot = make_snapshot();

	add_history(snapshot);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct process *process = snapshot_process(snapshot, cases[i].pid);
		_cleanup_uses_ struct uses uses = {0};

		assert_int_equal(uses_of_process(snapshot, cases[i].pid, &uses), 0);
		assert_int_equal(uses.items.count, cases[i].count);
		if (process)
			assert_int_equal(process_uses_something(snapshot, process),
					 cases[i].count > 0);
	}
}

TEST(totals_are_of_each_process_that_uses_something)
{
	static const struct {
		int64_t pid;
		uint64_t segments, mappings, bytes;
	} expected[] = {
		/* The bytes of the first would be more than fit. */
		{10, 2, 3, UINT64_MAX},
		{20, 1, 1, 1000},
		{30, 1, 1, 1000},
		{40, 1, 1, 1000},
	};
	_cleanup_snapshot_ struct snapshot *snapshot = make_snapshot();
	_cleanup_process_totals_ struct process_totals_list list = {0};
	struct value_scratch scratch;

	add_history(snapshot);
	assert_int_equal(process_totals_list(snapshot, &list), 0);
	assert_int_equal(list.items.count, ARRAY_LENGTH(expected));
	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
		const struct process_totals *totals = &list.items.items[i];

		assert_int_equal(totals->process->pid, expected[i].pid);
		assert_int_equal(totals->segments, expected[i].segments);
		assert_int_equal(totals->mappings, expected[i].mappings);
		assert_true(totals->bytes == expected[i].bytes);
		assert_int_equal(
			field_value(&process_totals_fields, PROCESS_TOTALS_PID, totals, &scratch)
				.signed_number,
			expected[i].pid);
		assert_int_equal(field_value(&process_totals_fields, PROCESS_TOTALS_SEGMENTS,
					     totals, &scratch)
					 .number,
				 expected[i].segments);
		for (size_t j = 0; j < process_totals_fields.count; j++)
			assert_int_equal(
				field_value(&process_totals_fields, j, totals, &scratch).type,
				process_totals_fields.fields[j].type);
	}
}

TEST(an_empty_snapshot_has_no_totals)
{
	_cleanup_snapshot_ struct snapshot *snapshot = snapshot_new();
	_cleanup_process_totals_ struct process_totals_list list = {0};

	assert_int_equal(process_totals_list(snapshot, &list), 0);
	assert_int_equal(list.items.count, 0);
	/* A link whose process is not known cannot be counted for one. */
	add_mapping(snapshot, 0, 10, 5);
	assert_int_equal(process_totals_list(snapshot, &list), 0);
	assert_int_equal(list.items.count, 0);
}

/* Who asks without users must not be told those that a saved snapshot has. */
TEST(a_scope_without_users_makes_the_column_absent)
{
	_cleanup_snapshot_ struct snapshot *snapshot = make_snapshot();
	struct scope scope = {.kinds = KINDS_ALL, .link_kinds = KINDS_ALL};

	object_mark(&snapshot->objects.items[0], OBJECT_PROCESSES);
	snapshot_narrow(snapshot, &scope);
	assert_true(object_has(&snapshot->objects.items[0], OBJECT_PROCESSES));
	scope.link_kinds = KIND_BIT(KIND_MSG);
	snapshot_narrow(snapshot, &scope);
	assert_false(object_has(&snapshot->objects.items[0], OBJECT_PROCESSES));
	assert_true(object_has(&snapshot->objects.items[0], OBJECT_ID));
}

static void add_accounting(struct snapshot *snapshot, size_t object, bool is_complete)
{
	struct accounting *accounting = vector_add(&snapshot->accountings);

	accounting->object = object;
	accounting->is_complete = is_complete;
}

TEST(an_issue_about_processes_matters_where_users_are_missing)
{
	static const struct ref first = {.kinds = KIND_BIT(KIND_SHM), .number = 1};
	_cleanup_snapshot_ struct snapshot *snapshot = make_snapshot();
	struct scope scope = {.kinds = KINDS_ALL, .link_kinds = KIND_BIT(KIND_SHM)};
	const struct issue *issue;

	assert_int_equal(snapshot_add_issue(snapshot, ISSUE_ABOUT_PROCESSES, OUTCOME_DENIED,
					    KIND_COUNT, NULL, "a", "b"),
			 0);
	issue = &snapshot->issues.items[0];
	/* Where nothing could be counted. */
	assert_true(scope_covers_issue(&scope, snapshot, issue));
	add_accounting(snapshot, 0, true);
	assert_false(scope_covers_issue(&scope, snapshot, issue));
	add_accounting(snapshot, 1, false);
	assert_true(scope_covers_issue(&scope, snapshot, issue));
	/* Of the first segment alone, all users are known. */
	scope.details = &first;
	scope.detail_count = 1;
	assert_false(scope_covers_issue(&scope, snapshot, issue));
	scope.details = NULL;
	scope.detail_count = 0;
	scope.link_kinds = 0;
	assert_false(scope_covers_issue(&scope, snapshot, issue));
	assert_ptr_equal(snapshot_accounting(snapshot, &snapshot->objects.items[1]),
			 &snapshot->accountings.items[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_uses_of_an_object_are_told_apart_by_proof),
		cmocka_unit_test(only_a_process_that_can_be_the_one_is_joined),
		cmocka_unit_test(fields_are_those_of_the_link_and_of_the_process),
		cmocka_unit_test(a_link_to_an_unknown_process_has_its_pid),
		cmocka_unit_test(a_process_uses_what_it_maps_or_shares_and_no_history),
		cmocka_unit_test(totals_are_of_each_process_that_uses_something),
		cmocka_unit_test(an_empty_snapshot_has_no_totals),
		cmocka_unit_test(a_scope_without_users_makes_the_column_absent),
		cmocka_unit_test(an_issue_about_processes_matters_where_users_are_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
