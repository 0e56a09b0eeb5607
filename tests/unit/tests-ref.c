/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "model/ref.h"

#define ID(kinds_, number_)                            \
	{                                              \
		.kinds = (kinds_), .number = (number_) \
	}
#define BY_KEY(kinds_, number_)                                        \
	{                                                              \
		.kinds = (kinds_), .is_key = true, .number = (number_) \
	}
#define ID_IN(kinds_, number_, namespace_)                                     \
	{                                                                      \
		.kinds = (kinds_), .number = (number_), .has_namespace = true, \
		.namespace = (namespace_)                                      \
	}

static const struct {
	const char *text;
	struct ref ref;
} accepted[] = {
	{"shm:32768", ID(KIND_BIT(KIND_SHM), 32768)},
	{"sem:0", ID(KIND_BIT(KIND_SEM), 0)},
	{"msg:2147483647", ID(KIND_BIT(KIND_MSG), INT32_MAX)},
	{"0", ID(KINDS_ALL, 0)},
	{"7", ID(KINDS_ALL, 7)},
	{"shm:0x4d2", BY_KEY(KIND_BIT(KIND_SHM), 0x4d2)},
	{"shm:0X4D2", BY_KEY(KIND_BIT(KIND_SHM), 0x4d2)},
	{"0x1", BY_KEY(KINDS_ALL, 1)},
	{"msg:0xfa5e4c62", BY_KEY(KIND_BIT(KIND_MSG), 0xfa5e4c62)},
	{"sem:0xffffffff", BY_KEY(KIND_BIT(KIND_SEM), UINT32_MAX)},
	{"shm:0@4026532281", ID_IN(KIND_BIT(KIND_SHM), 0, 4026532281)},
	{"5@4294967295", ID_IN(KINDS_ALL, 5, UINT32_MAX)},
};

static bool is_same(const struct ref *a, const struct ref *b)
{
	return a->kinds == b->kinds && a->is_key == b->is_key && a->number == b->number &&
	       a->has_namespace == b->has_namespace &&
	       (!a->has_namespace || a->namespace == b->namespace);
}

TEST(what_names_an_object_is_read)
{
	for (size_t i = 0; i < ARRAY_LENGTH(accepted); i++) {
		struct ipclens_error error = {0};
		struct ref ref;

		if (ref_parse(text_of(accepted[i].text), &ref, &error) != 0)
			fail_msg("\"%s\": %s", accepted[i].text, error.text);
		if (!is_same(&ref, &accepted[i].ref))
			fail_msg("\"%s\" is read as something else", accepted[i].text);
	}
}

TEST(a_key_can_have_a_namespace)
{
	struct ref ref;

	assert_int_equal(ref_parse(text_of("sem:0x4d2@4026531839"), &ref, NULL), 0);
	assert_true(ref.is_key && ref.has_namespace);
	assert_int_equal(ref.number, 0x4d2);
	assert_int_equal(ref.namespace, 4026531839);
}

/* Each is refused, and the reason has this word. */
static const struct {
	const char *text, *word;
} refused[] = {
	{"", "empty"},
	{":", "kind"},
	{":1", "kind"},
	{"foo:1", "kind"},
	{"SHM:1", "kind"},
	{" shm:1", "kind"},
	{"1@2:3", "kind"},
	{"shm:", "REF"},
	{"shm::1", "REF"},
	{"shm:shm:1", "REF"},
	{"shm: 1", "REF"},
	{"shm:1 ", "REF"},
	{"shm:+1", "REF"},
	{"shm:-1", "REF"},
	{"-1", "REF"},
	{"shm:1x", "REF"},
	{"shm:x4d2", "REF"},
	{"shm:4d2", "REF"},
	{"0x", "REF"},
	{"0x4d2g", "REF"},
	{"shm:0x-1", "REF"},
	{"2147483648", "2147483647"},
	{"shm:4294967296", "2147483647"},
	{"99999999999999999999999", "2147483647"},
	{"0x100000000", "8 hexadecimal"},
	{"msg:0x1000004d2", "8 hexadecimal"},
	{"0x10000000000000000000", "8 hexadecimal"},
	{"0x0", "private"},
	{"shm:0x00000000", "private"},
	{"shm:0@", "namespace"},
	{"shm:0@x", "namespace"},
	{"shm:0@-1", "namespace"},
	{"shm:0@4294967296", "namespace"},
	{"shm:0@0x10", "namespace"},
	{"shm:0@1@2", "namespace"},
	{"@4026531839", "REF"},
	{"shm:@4026531839", "REF"},
};

TEST(what_names_nothing_is_refused_with_a_reason)
{
	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
		struct ipclens_error error = {0};
		struct ref ref = {.number = 42};
		int r = ref_parse(text_of(refused[i].text), &ref, &error);

		if (r != -EINVAL || ref.number != 42 || !strstr(error.text, refused[i].word))
			fail_msg("\"%s\": %d, \"%s\"", refused[i].text, r, error.text);
	}
}

TEST(a_nul_inside_is_no_end)
{
	struct ref ref;

	assert_int_equal(ref_parse(TEXT_LITERAL("shm:1\0"), &ref, NULL), -EINVAL);
	assert_int_equal(ref_parse(TEXT_LITERAL("shm\0:1"), &ref, NULL), -EINVAL);
	assert_int_equal(ref_parse(TEXT_LITERAL("0x1@2\0"), &ref, NULL), -EINVAL);
}

static struct object example(enum kind kind, uint64_t id, uint64_t key)
{
	struct object object = {.kind = kind, .id = id, .key = key, .namespace = 4026531839};

	object_mark(&object, OBJECT_ID);
	object_mark(&object, OBJECT_KEY);
	object_mark(&object, OBJECT_NAMESPACE);
	return object;
}

static bool matches(const char *text, const struct object *object)
{
	struct ref ref;

	assert_int_equal(ref_parse(text_of(text), &ref, NULL), 0);
	return ref_matches(&ref, object);
}

TEST(a_ref_matches_its_object_alone)
{
	const struct object segment = example(KIND_SHM, 5, 0x4d2);

	assert_true(matches("shm:5", &segment));
	assert_true(matches("5", &segment));
	assert_true(matches("shm:0x4d2", &segment));
	assert_true(matches("0x4d2", &segment));
	assert_true(matches("shm:5@4026531839", &segment));
	assert_false(matches("shm:6", &segment));
	assert_false(matches("sem:5", &segment));
	assert_false(matches("shm:0x5", &segment));
	assert_false(matches("shm:1234", &segment));
	assert_false(matches("shm:5@4026531840", &segment));
}

TEST(what_an_object_does_not_have_does_not_match)
{
	struct object object = example(KIND_MSG, 0, 0);

	record_unmark(&object.record, OBJECT_NAMESPACE);
	assert_true(matches("msg:0", &object));
	assert_false(matches("msg:0@4026531839", &object));
	record_unmark(&object.record, OBJECT_ID);
	assert_false(matches("msg:0", &object));
	object.key = 1;
	assert_true(matches("msg:0x1", &object));
	record_unmark(&object.record, OBJECT_KEY);
	assert_false(matches("msg:0x1", &object));
}

TEST(the_ref_of_an_object_names_it)
{
	static const struct {
		enum kind kind;
		uint64_t id;
		const char *text;
	} cases[] = {{KIND_SHM, 0, "shm:0"},
		     {KIND_SEM, 32768, "sem:32768"},
		     {KIND_MSG, INT32_MAX, "msg:2147483647"}};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct object object = example(cases[i].kind, cases[i].id, 0);
		char bytes[REF_MAX];

		assert_text(ref_of_object(&object, bytes), cases[i].text);
		assert_true(matches(cases[i].text, &object));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_names_an_object_is_read),
		cmocka_unit_test(a_key_can_have_a_namespace),
		cmocka_unit_test(what_names_nothing_is_refused_with_a_reason),
		cmocka_unit_test(a_nul_inside_is_no_end),
		cmocka_unit_test(a_ref_matches_its_object_alone),
		cmocka_unit_test(what_an_object_does_not_have_does_not_match),
		cmocka_unit_test(the_ref_of_an_object_names_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
