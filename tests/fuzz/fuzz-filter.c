/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A condition, asked of objects of each kind; or keys to sort by. */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "query/select.h"

/* An object that has every stored field, with the number in each. */
static struct object full_object(enum kind kind, uint64_t number)
{
	struct object object = {.kind = kind, .user = TEXT_LITERAL("root")};

	object.id = object.key = object.uid = number;
	object.mode = number & 0777;
	object.changed_at = (int64_t)number;
	object.size = object.shm.nattch = number;
	object.group = object.cuser = object.cgroup = object.name = object.user;
	for (unsigned int i = 0; i < OBJECT_FIELD_COUNT; i++)
		if (object_fields.fields[i].kinds & KIND_BIT(kind) && i != OBJECT_SEMAPHORES)
			object_mark(&object, i);
	return object;
}

/* Of = and !=, < and >=, > and <=, exactly one holds where the field is there. */
static void check_opposite(const struct filter *filter, const struct object *object, int result)
{
	static const enum filter_operator opposites[] = {
		[FILTER_EQUAL] = FILTER_NOT_EQUAL, [FILTER_NOT_EQUAL] = FILTER_EQUAL,
		[FILTER_LESS] = FILTER_AT_LEAST,   [FILTER_AT_LEAST] = FILTER_LESS,
		[FILTER_GREATER] = FILTER_AT_MOST, [FILTER_AT_MOST] = FILTER_GREATER,
	};
	struct filter opposite = *filter;
	struct value_scratch scratch;
	bool is_present = field_value(&object_fields, filter->field, object, &scratch).is_present;

	opposite.comparison = opposites[filter->comparison];
	REQUIRE(filter_matches(&opposite, &object_fields, object) == (is_present && !result));
}

static void ask(const struct filter *filter)
{
	static const uint64_t numbers[] = {0, 1, 1024, UINT32_MAX, UINT64_MAX};

	for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			const struct object object = full_object(kind, numbers[i]);
			int result = filter_matches(filter, &object_fields, &object);

			REQUIRE(result == 0 || result == 1);
			if (filter->comparison != FILTER_MATCHES)
				check_opposite(filter, &object, result);
		}
	}
}

/* Expressions like "a{1,255}{1,255}" and "a++++++" take the C library any time and memory. */
static bool is_costly(struct text text)
{
	size_t repetitions = 0;

	for (size_t i = 0; i < text.length; i++) {
		if (text.bytes[i] == '{' || text.bytes[i] == '\\')
			return true;
		repetitions += text.bytes[i] == '+';
	}
	return text.length > 100 || repetitions > 3;
}

static void check_filter(struct text text)
{
	struct ipclens_error error = {0};
	struct filter filter;
	int r;

	if (is_costly(text))
		return;
	r = filter_parse(&object_fields, text, &filter, &error);
	if (r < 0) {
		REQUIRE(r == -EINVAL && error.number == r && error.text[0]);
		return;
	}
	REQUIRE(filter.field < OBJECT_FIELD_COUNT);
	ask(&filter);
	filter_deinit(&filter);
}

static void check_sort(struct text text)
{
	struct ipclens_error error = {0};
	struct sort_keys keys = {0};
	int r = sort_parse(text, &keys, &error);

	REQUIRE(r == 0 || (r == -EINVAL && error.text[0]));
	if (r == 0)
		vector_for_each (&keys.keys, key)
			REQUIRE(key->field < OBJECT_FIELD_COUNT);
	vector_deinit(&keys.keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = fuzz_input(data, size);

	if (fuzz_choose(&text, 2))
		check_filter(text);
	else
		check_sort(text);
	return 0;
}
