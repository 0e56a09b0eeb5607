/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "unit.h"

#include "model/field.h"
#include "model/machine.h"
#include "model/object.h"
#include "model/process.h"

static const struct field_table *const tables[] = {
	&object_fields, &semaphore_fields, &host_fields, &sight_fields,	    &limit_fields,
	&issue_fields,	&process_fields,   &link_fields, &accounting_fields};

static const struct {
	const struct field_table *table;
	size_t size, count;
} shapes[] = {
	{&object_fields, sizeof(struct object), OBJECT_FIELD_COUNT},
	{&semaphore_fields, sizeof(struct semaphore), SEMAPHORE_FIELD_COUNT},
	{&host_fields, sizeof(struct host), HOST_FIELD_COUNT},
	{&sight_fields, sizeof(struct sight), SIGHT_FIELD_COUNT},
	{&limit_fields, sizeof(struct limit), LIMIT_FIELD_COUNT},
	{&issue_fields, sizeof(struct issue), ISSUE_FIELD_COUNT},
	{&process_fields, sizeof(struct process), PROCESS_FIELD_COUNT},
	{&link_fields, sizeof(struct link), LINK_FIELD_COUNT},
	{&accounting_fields, sizeof(struct accounting), ACCOUNTING_FIELD_COUNT},
};

static size_t size_of_type(enum value_type type)
{
	switch (type) {
	case VALUE_TEXT:
		return sizeof(struct text);
	case VALUE_RECORDS:
	case VALUE_PIDS:
		return sizeof(struct record_list);
	default:
		return sizeof(uint64_t);
	}
}

TEST(tables_have_the_shape_of_their_records)
{
	for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
		assert_int_equal(shapes[i].table->record_size, shapes[i].size);
		assert_int_equal(shapes[i].table->count, shapes[i].count);
		assert_true(shapes[i].count < 64);
		assert_true(strlen(shapes[i].table->name));
	}
}

static void assert_described(const struct field *field)
{
	if (!field->name || !field->heading || !field->help || !field->source)
		fail_msg("%s lacks a name, heading, help or source", field->name);
	assert_int_equal(strspn(field->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(field->name));
	assert_int_equal(strcspn(field->heading, "abcdefghijklmnopqrstuvwxyz \n"),
			 strlen(field->heading));
	assert_null(strchr(field->help, '\n'));
	assert_in_range(strlen(field->help), 3, 90);
	if (field->metric && strcmp(field->metric, "gauge") != 0)
		assert_string_equal(field->metric, "counter");
}

TEST(every_field_is_described)
{
	for (size_t i = 0; i < ARRAY_LENGTH(tables); i++)
		for (size_t j = 0; j < tables[i]->count; j++)
			assert_described(&tables[i]->fields[j]);
}

TEST(names_are_unique_in_their_table)
{
	for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
		for (size_t j = 0; j < tables[i]->count; j++) {
			size_t index = SIZE_MAX;

			assert_true(
				field_find(tables[i], text_of(tables[i]->fields[j].name), &index));
			assert_int_equal(index, j);
		}
	}
}

TEST(stored_fields_lie_inside_of_their_record_and_apart)
{
	for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
		for (size_t j = 0; j < tables[i]->count; j++) {
			const struct field *field = &tables[i]->fields[j];

			if (field->compute)
				continue;
			assert_true(field->offset >= sizeof(struct record));
			assert_true(field->offset + size_of_type(field->type) <=
				    tables[i]->record_size);
			assert_int_equal(field->offset % sizeof(uint64_t), 0);
		}
	}
}

/* Two stored fields of the same kind at one place would overwrite each other. */
TEST(fields_of_one_kind_do_not_share_a_place)
{
	for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
		for (size_t j = 0; j < tables[i]->count; j++) {
			for (size_t k = j + 1; k < tables[i]->count; k++) {
				const struct field *a = &tables[i]->fields[j];
				const struct field *b = &tables[i]->fields[k];
				bool shares_kind = !a->kinds || (a->kinds & b->kinds);

				if (a->compute || b->compute || !shares_kind)
					continue;
				if (a->offset == b->offset)
					fail_msg("%s and %s are at the same place", a->name,
						 b->name);
			}
		}
	}
}

TEST(types_have_what_they_need)
{
	for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
		for (size_t j = 0; j < tables[i]->count; j++) {
			const struct field *field = &tables[i]->fields[j];

			assert_int_equal(field->type == VALUE_FLAGS || field->type == VALUE_CHOICE,
					 field->names != NULL);
			assert_int_equal(field->type == VALUE_RECORDS, field->records != NULL);
		}
	}
}

static void assert_explained(const struct field_table *table, size_t least)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct field *field = &table->fields[i];

		if (!field->explain || strlen(field->explain) < least ||
		    field->explain[strlen(field->explain) - 1] != '.' ||
		    strstr(field->explain, "  "))
			fail_msg("%s is not explained in sentences", field->name);
	}
}

TEST(fields_of_objects_and_of_their_users_are_explained)
{
	assert_explained(&object_fields, 40);
	assert_explained(&semaphore_fields, 40);
	assert_explained(&process_fields, 40);
	assert_explained(&link_fields, 20);
	assert_explained(&accounting_fields, 20);
}

static bool has_start(const char *string, const char *start)
{
	return strncmp(string, start, strlen(start)) == 0;
}

TEST(every_limit_is_described)
{
	for (enum limit_id id = 0; id < LIMIT_COUNT; id++) {
		const struct limit_info *info = limit_info(id);

		assert_true(info->name && info->unit && info->meaning);
		assert_true(info->kind < KIND_COUNT);
		assert_int_equal(has_start(info->sysctl, "kernel."), info->kind < KINDS_SYSV_COUNT);
		assert_true(has_start(info->sysctl, "kernel.") || has_start(info->sysctl, "fs.") ||
			    has_start(info->sysctl, "mount option ") ||
			    has_start(info->sysctl, "ulimit "));
		assert_true(strlen(info->explain) > 40);
		assert_null(strstr(info->explain, "  "));
		for (enum limit_id other = 0; other < id; other++)
			assert_string_not_equal(info->name, limit_info(other)->name);
	}
}

TEST(a_name_that_is_not_known_is_told_with_the_one_that_was_meant)
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{"siz", "there is no field \"siz\"; did you mean \"size\"?"},
		{"NATCH", "there is no field \"NATCH\"; did you mean \"nattch\"?"},
		/* a heading, too; the nearest one, not the first */
		{"CPDI", "there is no field \"CPDI\"; did you mean \"creator_pid\"?"},
		{"cgroupp", "there is no field \"cgroupp\"; did you mean \"cgroup\"?"},
		{"zork", "there is no field \"zork\"; \"ipclens explain\" lists them"},
		{"", "there is no field \"\"; \"ipclens explain\" lists them"},
	};
	struct ipclens_error error;
	char longest[500];
	size_t index = 7;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
			field_look_up(&object_fields, text_of(cases[i].name), &index, &error),
			-EINVAL);
		assert_string_equal(error.text, cases[i].text);
	}
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(field_look_up(&object_fields, (struct text){longest, sizeof(longest)},
				       &index, &error),
			 -EINVAL);
	assert_int_equal(index, 7);
	assert_int_equal(field_look_up(&object_fields, text_of("Size"), &index, &error), 0);
	assert_int_equal(index, OBJECT_SIZE);
}

/* The names in the output are a contract with everybody who reads them. */
static void assert_names(const struct field_table *table, unsigned int kind, const char *names)
{
	char copy[512], *rest = NULL;
	size_t index;

	strcpy(copy, names);
	for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		if (!field_find(table, text_of(name), &index))
			fail_msg("%s has no field %s", table->name, name);
		if (kind && !(table->fields[index].kinds & kind))
			fail_msg("%s is no field of kind %u", name, kind);
	}
}

TEST(the_promised_names_are_there)
{
	assert_names(&object_fields, KINDS_ALL,
		     "ref kind namespace id key name uid user gid group cuid cuser cgid cgroup "
		     "mode changed_at");
	assert_names(&object_fields, KIND_BIT(KIND_SHM),
		     "size nattch rss swap status creator_pid last_pid attached_at detached_at");
	assert_names(&object_fields, KIND_BIT(KIND_PSHM),
		     "inode device name size allocated created_at status processes");
	assert_names(&object_fields, KIND_BIT(KIND_PSEM),
		     "inode device name value waiters layout created_at status processes");
	assert_names(&object_fields, KIND_BIT(KIND_MQ),
		     "namespace inode device name used_bytes used_percent messages max_messages "
		     "max_message_bytes notify_pid status processes");
	assert_names(&object_fields, KIND_BIT(KIND_PIPE),
		     "inode device used_bytes max_bytes readers writers processes");
	assert_names(&object_fields, KIND_BIT(KIND_FIFO),
		     "inode device name used_bytes max_bytes readers writers status processes");
	assert_names(&object_fields, KIND_BIT(KIND_MAP),
		     "inode device name size allocated processes");
	assert_names(&object_fields, KIND_BIT(KIND_SEM), "nsems operated_at semaphores");
	assert_names(&object_fields, KIND_BIT(KIND_MSG),
		     "used_bytes max_bytes messages last_send_pid last_receive_pid sent_at "
		     "received_at");
	assert_names(&semaphore_fields, 0, "num value ncount zcount pid");
	assert_names(&object_fields, KIND_BIT(KIND_SHM), "processes");
	assert_names(&process_fields, 0,
		     "pid command uid user started_at start_ticks threads namespace unit");
	assert_names(&link_fields, 0,
		     "object pid how state operation at access address length fd semnum "
		     "shared_by");
	assert_names(&accounting_fields, 0, "object found expected complete doubts");
	assert_string_equal(process_fields.name, "processes");
	assert_string_equal(link_fields.name, "links");
	assert_string_equal(accounting_fields.name, "accounting");
	assert_string_equal(object_fields.name, "objects");
	assert_string_equal(semaphore_fields.name, "semaphores");
	assert_string_equal(limit_fields.name, "limits");
	assert_string_equal(issue_fields.name, "issues");
	assert_string_equal(host_fields.name, "host");
	assert_string_equal(sight_fields.name, "sight");
}

static void assert_choices(const struct field_table *table, size_t index, const char *const *names)
{
	const char *const *have = table->fields[index].names;

	for (; *names; names++, have++)
		assert_string_equal(*have, *names);
	assert_null(*have);
}

TEST(the_promised_words_are_there)
{
	assert_choices(&object_fields, OBJECT_STATUS,
		       (const char *[]){"dest", "locked", "hugetlb", "noreserve", "unlinked",
					"elsewhere", NULL});
	assert_choices(&object_fields, OBJECT_LAYOUT,
		       (const char *[]){"unknown", "glibc", "musl", NULL});
	assert_choices(
		&issue_fields, ISSUE_CODE,
		(const char *[]){"none", "denied", "gone", "unsupported", "malformed", NULL});
	assert_choices(&issue_fields, ISSUE_KIND,
		       (const char *[]){"shm", "sem", "msg", "pshm", "psem", "mq", "pipe", "fifo",
					"map", NULL});
	assert_choices(&link_fields, LINK_HOW,
		       (const char *[]){"mapped", "open", "opening", "holds", "takes-back",
					"created", "last-op", NULL});
	assert_choices(&link_fields, LINK_STATE,
		       (const char *[]){"alive", "dead", "reused", "unknown", NULL});
	assert_choices(&link_fields, LINK_OPERATION,
		       (const char *[]){"attach-or-detach", "send", "receive", "semaphore", NULL});
	assert_choices(&link_fields, LINK_ACCESS,
		       (const char *[]){"read", "write", "execute", "private", NULL});
}

TEST(kinds_have_only_their_own_fields)
{
	const struct field *size = &object_fields.fields[OBJECT_SIZE];
	const struct field *id = &object_fields.fields[OBJECT_ID];

	assert_true(field_applies(size, KIND_BIT(KIND_SHM)));
	assert_true(field_applies(size, KINDS_ALL));
	assert_false(field_applies(size, KIND_BIT(KIND_SEM) | KIND_BIT(KIND_MSG)));
	assert_false(field_applies(size, KIND_BIT(KIND_PSEM) | KIND_BIT(KIND_MQ)));
	assert_false(field_applies(id, KINDS_IN_PROCESSES));
	assert_true(field_applies(id, KIND_BIT(KIND_MSG)));
	assert_true(field_applies(&host_fields.fields[HOST_NAME], KIND_BIT(KIND_SHM)));
}

TEST(headings_name_their_field_and_no_other)
{
	for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
		for (size_t j = 0; j < tables[i]->count; j++) {
			size_t index = SIZE_MAX;

			assert_true(field_find(tables[i], text_of(tables[i]->fields[j].heading),
					       &index));
			if (index != j)
				fail_msg("%s finds %s", tables[i]->fields[j].heading,
					 tables[i]->fields[index].name);
		}
	}
}

TEST(names_are_found_whole_and_in_any_case)
{
	size_t index = 42;

	assert_true(field_find(&object_fields, TEXT_LITERAL("NATTCH"), &index));
	assert_int_equal(index, OBJECT_NATTCH);
	index = 42;
	assert_false(field_find(&object_fields, TEXT_LITERAL("nattc"), &index));
	assert_false(field_find(&object_fields, TEXT_LITERAL("nattchx"), &index));
	assert_false(field_find(&object_fields, TEXT_LITERAL(""), &index));
	assert_false(field_find(&object_fields, TEXT_LITERAL("id\0"), &index));
	assert_int_equal(index, 42);
}

TEST(a_stored_value_is_there_once_it_is_marked)
{
	struct object object = {.kind = KIND_SHM};
	struct value_scratch scratch;
	struct value value;

	object.shm.rss = 4096;
	value = field_value(&object_fields, OBJECT_RSS, &object, &scratch);
	assert_false(value.is_present || value.is_hidden);
	object_mark(&object, OBJECT_RSS);
	value = field_value(&object_fields, OBJECT_RSS, &object, &scratch);
	assert_true(value.is_present);
	assert_int_equal(value.type, VALUE_SIZE);
	assert_int_equal(value.number, 4096);
	record_unmark(&object.record, OBJECT_RSS);
	assert_false(field_value(&object_fields, OBJECT_RSS, &object, &scratch).is_present);
}

TEST(hidden_is_not_absent_and_not_present)
{
	struct object object = {.kind = KIND_SHM};
	struct value_scratch scratch;
	struct value value;

	record_mark_hidden(&object.record, OBJECT_CREATOR_PID);
	value = field_value(&object_fields, OBJECT_CREATOR_PID, &object, &scratch);
	assert_false(value.is_present);
	assert_true(value.is_hidden);
	assert_int_equal(value.type, VALUE_PID);
	assert_false(field_value(&object_fields, OBJECT_LAST_PID, &object, &scratch).is_hidden);
}

TEST(every_bit_stands_for_one_field)
{
	struct record record = {0};

	for (unsigned int field = 0; field < 64; field++) {
		assert_false(record_has(&record, field));
		record_mark(&record, field);
		record_mark_hidden(&record, field);
		assert_true(record_has(&record, field));
		assert_true(record_hides(&record, field));
	}
	record_unmark(&record, 63);
	assert_false(record_has(&record, 63));
	assert_true(record_has(&record, 62));
}

TEST(texts_signs_and_lists_are_read)
{
	struct semaphore semaphores[2] = {{.num = 0}, {.num = 1}};
	struct object object = {.kind = KIND_SEM, .user = TEXT_LITERAL("root")};
	struct value_scratch scratch;
	struct value value;

	object.sem.operated_at = -5;
	object.sem.semaphores = (struct record_list){semaphores, 2};
	object_mark(&object, OBJECT_USER);
	object_mark(&object, OBJECT_OPERATED_AT);
	object_mark(&object, OBJECT_SEMAPHORES);
	assert_text(field_value(&object_fields, OBJECT_USER, &object, &scratch).text, "root");
	value = field_value(&object_fields, OBJECT_OPERATED_AT, &object, &scratch);
	assert_true(value.signed_number == -5);
	value = field_value(&object_fields, OBJECT_SEMAPHORES, &object, &scratch);
	assert_ptr_equal(value.records.items, semaphores);
	assert_int_equal(value.records.count, 2);
}

TEST(computed_values_need_no_mark)
{
	struct object object = {.kind = KIND_MSG, .id = 3};
	struct value_scratch scratch;

	assert_text(field_value(&object_fields, OBJECT_REF, &object, &scratch).text, "msg:3");
	assert_text(field_value(&object_fields, OBJECT_KIND, &object, &scratch).text, "msg");
}

static struct value fullness(const struct object *object)
{
	struct value_scratch scratch;

	return field_value(&object_fields, OBJECT_USED_PERCENT, object, &scratch);
}

TEST(a_queue_is_as_full_as_both_numbers_say)
{
	struct object object = {.kind = KIND_MSG};

	object.used_bytes = 1;
	object.max_bytes = 3;
	assert_false(fullness(&object).is_present);
	object_mark(&object, OBJECT_USED_BYTES);
	assert_false(fullness(&object).is_present);
	object_mark(&object, OBJECT_MAX_BYTES);
	assert_true(fullness(&object).is_present);
	assert_int_equal(fullness(&object).number, 333);
	object.max_bytes = 0;
	assert_false(fullness(&object).is_present);
	object.kind = KIND_SHM;
	assert_false(fullness(&object).is_present);
}

TEST(a_limit_tells_its_percentage_and_texts)
{
	struct limit limit = {.id = LIMIT_SEMMNI, .value = 200, .used = 50};
	struct value_scratch scratch;
	struct value value;

	assert_text(field_value(&limit_fields, LIMIT_NAME, &limit, &scratch).text, "semmni");
	assert_text(field_value(&limit_fields, LIMIT_KIND, &limit, &scratch).text, "sem");
	assert_text(field_value(&limit_fields, LIMIT_UNIT, &limit, &scratch).text, "arrays");
	assert_text(field_value(&limit_fields, LIMIT_SYSCTL, &limit, &scratch).text,
		    "kernel.sem (4th)");
	record_mark(&limit.record, LIMIT_VALUE);
	assert_false(field_value(&limit_fields, LIMIT_USED_PERCENT, &limit, &scratch).is_present);
	record_mark(&limit.record, LIMIT_USED);
	value = field_value(&limit_fields, LIMIT_USED_PERCENT, &limit, &scratch);
	assert_int_equal(value.number, 250);
	limit.value = 0;
	assert_false(field_value(&limit_fields, LIMIT_USED_PERCENT, &limit, &scratch).is_present);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_have_the_shape_of_their_records),
		cmocka_unit_test(every_field_is_described),
		cmocka_unit_test(names_are_unique_in_their_table),
		cmocka_unit_test(stored_fields_lie_inside_of_their_record_and_apart),
		cmocka_unit_test(fields_of_one_kind_do_not_share_a_place),
		cmocka_unit_test(types_have_what_they_need),
		cmocka_unit_test(fields_of_objects_and_of_their_users_are_explained),
		cmocka_unit_test(every_limit_is_described),
		cmocka_unit_test(a_name_that_is_not_known_is_told_with_the_one_that_was_meant),
		cmocka_unit_test(the_promised_names_are_there),
		cmocka_unit_test(the_promised_words_are_there),
		cmocka_unit_test(kinds_have_only_their_own_fields),
		cmocka_unit_test(headings_name_their_field_and_no_other),
		cmocka_unit_test(names_are_found_whole_and_in_any_case),
		cmocka_unit_test(a_stored_value_is_there_once_it_is_marked),
		cmocka_unit_test(hidden_is_not_absent_and_not_present),
		cmocka_unit_test(every_bit_stands_for_one_field),
		cmocka_unit_test(texts_signs_and_lists_are_read),
		cmocka_unit_test(computed_values_need_no_mark),
		cmocka_unit_test(a_queue_is_as_full_as_both_numbers_say),
		cmocka_unit_test(a_limit_tells_its_percentage_and_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
