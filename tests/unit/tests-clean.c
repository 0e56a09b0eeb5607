/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be removed of snapshots that are made up, and what is kept. */
#include "unit.h"

#include "query/clean.h"
#include "query/software.h"

#define NOW 1000000

/* A private segment, with full sight, whose creator is dead: that is certain. */
static struct snapshot *begin(void)
{
	struct snapshot *snapshot = snapshot_new();
	struct accounting *accounting;
	struct object *segment;
	struct link *link;

	assert_non_null(snapshot);
	snapshot->taken_at = NOW;
	snapshot->has_users = snapshot->has_waits = true;
	snapshot->sight.is_full = 1;
	segment = snapshot_add_object(snapshot, KIND_SHM);
	accounting = vector_add(&snapshot->accountings);
	link = vector_add(&snapshot->links);
	assert_true(segment && accounting && link);
	segment->id = 7;
	segment->uid = segment->cuid = 500;
	segment->changed_at = NOW - 100000;
	segment->user = TEXT_LITERAL("app");
	object_mark(segment, OBJECT_ID);
	object_mark(segment, OBJECT_UID);
	object_mark(segment, OBJECT_USER);
	object_mark(segment, OBJECT_CUID);
	object_mark(segment, OBJECT_NATTCH);
	object_mark(segment, OBJECT_CHANGED_AT);
	accounting->is_complete = true;
	link->pid = 42;
	link->how = LINK_CREATED;
	link->state = LINK_DEAD;
	return snapshot;
}

static void add_process(struct snapshot *snapshot, uint64_t uid, const char *command)
{
	struct process *process = vector_add(&snapshot->processes);

	assert_non_null(process);
	process->pid = 99;
	process->uid = uid;
	process->command = text_of(command);
	record_mark(&process->record, PROCESS_UID);
	record_mark(&process->record, PROCESS_COMMAND);
}

static struct clean_rules usual_rules(void)
{
	return (struct clean_rules){.bounds = check_usual_bounds, .kinds = KINDS_LISTED};
}

/* The only item is to be removed (NULL), or is kept for a reason that has these words. */
static void assert_item(const struct snapshot *snapshot, const struct clean_rules *rules,
			const char *words)
{
	_cleanup_clean_plan_ struct clean_plan plan = {0};
	struct text why;

	assert_int_equal(clean_make_plan(snapshot, rules, &plan), 0);
	assert_int_equal(plan.items.count, 1);
	why = plan.items.items[0].why_kept;
	if (!words)
		assert_int_equal(why.length, 0);
	else if (!why.bytes || !memmem(why.bytes, why.length, words, strlen(words)))
		fail_msg("\"%.*s\" has no \"%s\"", (int)why.length, why.bytes ? why.bytes : "",
			 words);
}

static void assert_no_item(const struct snapshot *snapshot, const struct clean_rules *rules)
{
	_cleanup_clean_plan_ struct clean_plan plan = {0};

	assert_int_equal(clean_make_plan(snapshot, rules, &plan), 0);
	assert_int_equal(plan.items.count, 0);
}

TEST(what_is_certain_may_be_removed)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	const struct clean_rules rules = usual_rules();

	assert_item(snapshot, &rules, NULL);
}

TEST(what_is_only_likely_is_kept_unless_it_is_asked_for)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct clean_rules rules = usual_rules();

	snapshot->objects.items[0].key = 5;
	assert_item(snapshot, &rules, "--include-likely");
	rules.has_likely = true;
	assert_item(snapshot, &rules, NULL);
}

TEST(what_is_unknown_is_always_kept)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct clean_rules rules = usual_rules();

	rules.has_likely = true;
	snapshot->links.items[0].state = LINK_UNKNOWN;
	assert_item(snapshot, &rules, "too little");
}

TEST(who_lives_keeps_it)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	const struct clean_rules rules = usual_rules();

	snapshot->links.items[0].state = LINK_ALIVE;
	assert_no_item(snapshot, &rules);
}

TEST(kinds_owners_and_keys_choose)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct clean_rules rules = usual_rules();
	struct ref key;

	rules.kinds = KIND_BIT(KIND_SEM);
	assert_no_item(snapshot, &rules);
	rules = usual_rules();
	rules.owner = TEXT_LITERAL("app");
	assert_item(snapshot, &rules, NULL);
	rules.owner = TEXT_LITERAL("other");
	assert_no_item(snapshot, &rules);
	rules = usual_rules();
	assert_int_equal(ref_parse(TEXT_LITERAL("0x5"), &key, NULL), 0);
	rules.wanted = &key;
	assert_no_item(snapshot, &rules);
}

TEST(what_is_to_be_kept_is)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	struct clean_rules rules = usual_rules();
	struct ref refs[2];

	assert_int_equal(ref_parse(TEXT_LITERAL("shm:8"), &refs[0], NULL), 0);
	assert_int_equal(ref_parse(TEXT_LITERAL("shm:7"), &refs[1], NULL), 0);
	rules.kept = refs;
	rules.kept_count = 1;
	assert_item(snapshot, &rules, NULL);
	rules.kept_count = 2;
	assert_item(snapshot, &rules, "asked to be kept");
}

TEST(a_living_server_of_that_user_protects_it)
{
	static const struct {
		const char *command, *name;
	} cases[] = {{"postgres", "PostgreSQL"},  {"ora_pmon_ORCL", "Oracle"},
		     {"zabbix_server", "Zabbix"}, {"amqzxma0", "IBM MQ"},
		     {"disp+work", "SAP"},	  {"BBL", "Tuxedo"}};
	const struct clean_rules rules = usual_rules();

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		_cleanup_snapshot_ struct snapshot *snapshot = begin();

		add_process(snapshot, 500, cases[i].command);
		assert_item(snapshot, &rules, cases[i].name);
		snapshot->processes.items[0].uid = 501;
		assert_item(snapshot, &rules, NULL);
		snapshot->objects.items[0].cuid = 501;
		assert_item(snapshot, &rules, cases[i].name);
	}
}

TEST(a_name_that_only_begins_so_is_another_program)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	const struct process *process;

	add_process(snapshot, 500, "postgresql-tool");
	assert_null(software_of(snapshot, snapshot->objects.items, &process));
}

TEST(the_same_object_is_found_again_and_no_other)
{
	_cleanup_snapshot_ struct snapshot *snapshot = begin();
	_cleanup_clean_plan_ struct clean_plan plan = {0};
	const struct clean_rules rules = usual_rules();
	struct object object = snapshot->objects.items[0];

	assert_int_equal(clean_make_plan(snapshot, &rules, &plan), 0);
	assert_non_null(clean_find(&plan, &object));
	object.key = 1;
	assert_null(clean_find(&plan, &object));
	object.key = 0;
	object.shm.creator_pid = 5;
	assert_null(clean_find(&plan, &object));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_certain_may_be_removed),
		cmocka_unit_test(what_is_only_likely_is_kept_unless_it_is_asked_for),
		cmocka_unit_test(what_is_unknown_is_always_kept),
		cmocka_unit_test(who_lives_keeps_it),
		cmocka_unit_test(kinds_owners_and_keys_choose),
		cmocka_unit_test(what_is_to_be_kept_is),
		cmocka_unit_test(a_living_server_of_that_user_protects_it),
		cmocka_unit_test(a_name_that_only_begins_so_is_another_program),
		cmocka_unit_test(the_same_object_is_found_again_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
