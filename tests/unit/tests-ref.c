/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>

#include "model/ref.h"

#define ID(kinds_, number_)                            \
	{                                              \
		.kinds = (kinds_), .number = (number_) \
	}
#define BY_KEY(kinds_, number_)                                            \
	{                                                                  \
		.kinds = (kinds_), .form = REF_BY_KEY, .number = (number_) \
	}
#define ID_IN(kinds_, number_, namespace_)                                     \
	{                                                                      \
		.kinds = (kinds_), .number = (number_), .has_namespace = true, \
		.namespace = (namespace_)                                      \
	}

#define NAMED(kind_, name_)                                              \
	{                                                                \
		.kinds = KIND_BIT(kind_), .form = REF_BY_NAME, .name = { \
			(name_),                                         \
			sizeof(name_) - 1                                \
		}                                                        \
	}
#define NAMED_IN(kind_, name_, namespace_)                                   \
	{                                                                    \
		.kinds = KIND_BIT(kind_), .form = REF_BY_NAME,               \
		.name = {(name_), sizeof(name_) - 1}, .has_namespace = true, \
		.namespace = (namespace_)                                    \
	}
#define BY_INODE(kind_, number_)                                                    \
	{                                                                           \
		.kinds = KIND_BIT(kind_), .form = REF_BY_INODE, .number = (number_) \
	}
#define BY_DEVICE(kind_, major_, minor_, number_)                                    \
	{                                                                            \
		.kinds = KIND_BIT(kind_), .form = REF_BY_INODE, .number = (number_), \
		.has_device = true, .device = (uint64_t)(major_) << 32 | (minor_)    \
	}

static const struct {
	const char *text;
	struct ref ref;
} accepted[] = {
	{"shm:32768", ID(KIND_BIT(KIND_SHM), 32768)},
	{"sem:0", ID(KIND_BIT(KIND_SEM), 0)},
	{"msg:2147483647", ID(KIND_BIT(KIND_MSG), INT32_MAX)},
	{"0", ID(KINDS_SYSV, 0)},
	{"7", ID(KINDS_SYSV, 7)},
	{"shm:0x4d2", BY_KEY(KIND_BIT(KIND_SHM), 0x4d2)},
	{"shm:0X4D2", BY_KEY(KIND_BIT(KIND_SHM), 0x4d2)},
	{"0x1", BY_KEY(KINDS_SYSV, 1)},
	{"msg:0xfa5e4c62", BY_KEY(KIND_BIT(KIND_MSG), 0xfa5e4c62)},
	{"sem:0xffffffff", BY_KEY(KIND_BIT(KIND_SEM), UINT32_MAX)},
	{"shm:0@4026532281", ID_IN(KIND_BIT(KIND_SHM), 0, 4026532281)},
	{"5@4294967295", ID_IN(KINDS_SYSV, 5, UINT32_MAX)},
	{"pshm:/cache", NAMED(KIND_PSHM, "/cache")},
	{"psem:/a:b", NAMED(KIND_PSEM, "/a:b")},
	{"mq:/jobs", NAMED(KIND_MQ, "/jobs")},
	{"fifo:/tmp/a b", NAMED(KIND_FIFO, "/tmp/a b")},
	{"pshm:/#5", NAMED(KIND_PSHM, "/#5")},
	{"pshm:/0x5", NAMED(KIND_PSHM, "/0x5")},
	{"pshm:/x\\x0ay", NAMED(KIND_PSHM, "/x\\x0ay")},
	{"mq:/jobs@4026531839", NAMED_IN(KIND_MQ, "/jobs", 4026531839)},
	/* A name can end like this: the numbers of namespaces begin much higher. */
	{"mq:/jobs@5", NAMED(KIND_MQ, "/jobs@5")},
	{"mq:/jobs@x", NAMED(KIND_MQ, "/jobs@x")},
	/* What belongs to no namespace has no such end. */
	{"fifo:/tmp/@4026531839", NAMED(KIND_FIFO, "/tmp/@4026531839")},
	{"pshm:/a@4026531839", NAMED_IN(KIND_PSHM, "/a", 4026531839)},
	{"psem:/a@4026531839", NAMED_IN(KIND_PSEM, "/a", 4026531839)},
	{"pshm:/a@1", NAMED(KIND_PSHM, "/a@1")},
	{"mq:/jobs@", NAMED(KIND_MQ, "/jobs@")},
	{"mq:/jobs@5@4026531839", NAMED_IN(KIND_MQ, "/jobs@5", 4026531839)},
	{"pipe:801812", BY_INODE(KIND_PIPE, 801812)},
	{"pipe:#801812", BY_INODE(KIND_PIPE, 801812)},
	{"map:#18446744073709551615", BY_INODE(KIND_MAP, UINT64_MAX)},
	{"pshm:#4711", BY_INODE(KIND_PSHM, 4711)},
	{"psem:#4711", BY_INODE(KIND_PSEM, 4711)},
	{"mq:#4711", BY_INODE(KIND_MQ, 4711)},
	{"fifo:#8:1/4711", BY_DEVICE(KIND_FIFO, 8, 1, 4711)},
	{"pipe:0:14/7", BY_DEVICE(KIND_PIPE, 0, 14, 7)},
	{"map:#4294967295:4294967295/0", BY_DEVICE(KIND_MAP, UINT32_MAX, UINT32_MAX, 0)},
};

static bool is_same(const struct ref *a, const struct ref *b)
{
	return a->kinds == b->kinds && a->form == b->form && a->number == b->number &&
	       a->has_device == b->has_device && a->device == b->device &&
	       text_equals(a->name, b->name) && a->has_namespace == b->has_namespace &&
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
	assert_true(ref.form == REF_BY_KEY && ref.has_namespace);
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
	{"shm:0@1@2", "REF"},
	{"/cache", "kind in front"},
	{"/a@4026531839", "kind in front"},
	{"pshm:", "slash"},
	{"pshm:/", "slash"},
	{"pshm:cache", "pshm:#4711"},
	{"psem:5", "slash"},
	{"mq:0x5", "slash"},
	{"fifo:a/b", "fifo:#4711"},
	{"pipe:", "inode"},
	{"pipe:/name", "device"},
	{"pipe:#", "inode"},
	{"pipe:-1", "inode"},
	{"pipe:0x5", "inode"},
	{"pipe:18446744073709551616", "64 bits"},
	{"map:/memfd", "no name"},
	{"map:5", "map:#4711"},
	{"map:#x", "inode"},
	{"fifo:#8/5", "device"},
	{"fifo:#8:1/", "inode"},
	{"fifo:#:/5", "device"},
	{"fifo:#8:4294967296/5", "device"},
	{"fifo:#8:1:2/5", "device"},
	{"pipe:5@5@6", "inode"},
	{"pipe:5@", "inode"},
	{"pipe:5@4026531839", "inode"},
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

/* A file: what is no object of System V. */
static struct object file_example(enum kind kind, const char *name)
{
	struct object object = {.kind = kind, .inode = 4711, .device = device_number(8, 1)};

	object_mark(&object, OBJECT_INODE);
	object_mark(&object, OBJECT_DEVICE);
	object_mark(&object, OBJECT_STATUS);
	if (!name)
		return object;
	object.name = text_of(name);
	object_mark(&object, OBJECT_NAME);
	return object;
}

TEST(a_name_matches_as_long_as_it_leads_to_the_object)
{
	struct object file = file_example(KIND_PSHM, "/a");

	assert_true(matches("pshm:/a", &file));
	assert_true(matches("pshm:#4711", &file));
	assert_true(matches("pshm:#8:1/4711", &file));
	assert_false(matches("pshm:#8:2/4711", &file));
	assert_false(matches("pshm:/ab", &file));
	assert_false(matches("psem:/a", &file));
	assert_false(matches("psem:#4711", &file));
	assert_false(matches("4711", &file));
	assert_false(matches("pshm:/a@4026531839", &file));
	file.status = STATUS_UNLINKED;
	assert_false(matches("pshm:/a", &file));
	assert_true(matches("pshm:#4711", &file));
	file.status = STATUS_ELSEWHERE;
	assert_false(matches("pshm:/a", &file));
}

/* Whoever made a memfd chose its name. */
TEST(no_name_leads_to_what_has_none)
{
	const struct object memory = file_example(KIND_MAP, "/a");
	struct object unknown = file_example(KIND_FIFO, "/a");

	assert_true(matches("map:#4711", &memory));
	record_unmark(&unknown.record, OBJECT_DEVICE);
	assert_false(matches("fifo:#8:1/4711", &unknown));
	record_unmark(&unknown.record, OBJECT_INODE);
	assert_false(matches("fifo:#4711", &unknown));
	record_unmark(&unknown.record, OBJECT_NAME);
	assert_false(matches("fifo:/a", &unknown));
}

TEST(an_escape_stands_for_its_byte)
{
	static const struct {
		const char *text, *name;
	} cases[] = {{"pshm:/x\\x0ay", "/x\ny"},    {"pshm:/x\\x1By", "/x\x1by"},
		     {"pshm:/x\\\\x0a", "/x\\x0a"}, {"pshm:/x\\", "/x\\"},
		     {"pshm:/x\\x0", "/x\\x0"},	    {"pshm:/x\\xgg", "/x\\xgg"},
		     {"pshm:/\\xff", "/\xff"},	    {"pshm:/x\ny", "/x\ny"}};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct object file = file_example(KIND_PSHM, cases[i].name);
		char room[32];
		struct text name;
		struct ref ref;

		if (!matches(cases[i].text, &file))
			fail_msg("%s does not name its object", cases[i].text);
		assert_int_equal(ref_parse(text_of(cases[i].text), &ref, NULL), 0);
		assert_int_equal(ref_name(&ref, room, sizeof(room), &name), 0);
		assert_text(name, cases[i].name);
	}
}

/* JSON has names as they are: what is taken from there may lead to nothing else alone. */
TEST(a_name_that_looks_escaped_matches_as_it_is)
{
	struct object object = {.kind = KIND_PSHM, .name = TEXT_LITERAL("/\\x41")};
	struct ref ref;

	object_mark(&object, OBJECT_NAME);
	assert_int_equal(ref_parse(TEXT_LITERAL("pshm:/\\x41"), &ref, NULL), 0);
	assert_true(ref_matches(&ref, &object));
	object.name = TEXT_LITERAL("/A");
	assert_true(ref_matches(&ref, &object));
}

TEST(a_name_that_does_not_fit_is_refused)
{
	static char text[5 + REF_NAME_MAX + 2] = "pshm:/";
	char room[REF_NAME_MAX + 1];
	struct text name;
	struct ref ref;

	memset(text + 6, 'n', sizeof(text) - 7);
	assert_int_equal(ref_parse((struct text){text, 5 + REF_NAME_MAX}, &ref, NULL), 0);
	assert_int_equal(ref_name(&ref, room, sizeof(room), &name), 0);
	assert_int_equal(name.length, REF_NAME_MAX);
	assert_int_equal(ref_name(&ref, room, REF_NAME_MAX, &name), -EINVAL);
	assert_int_equal(ref_parse((struct text){text, 5 + REF_NAME_MAX + 1}, &ref, NULL), -EINVAL);
}

static void assert_long_ref(struct object object, bool has_twin, const char *expected)
{
	_cleanup_buffer_ struct buffer buffer = {0};
	char bytes[REF_MAX];

	ref_add_long(&buffer, &object, has_twin, false);
	object.ref = buffer_text(&buffer);
	assert_text(ref_of_object(&object, bytes), expected);
	assert_true(matches(expected, &object));
}

TEST(the_ref_of_a_file_is_its_name_or_its_inode)
{
	struct object file = file_example(KIND_PSHM, "/a");
	struct object pipe = file_example(KIND_PIPE, NULL);

	assert_long_ref(file, false, "pshm:/a");
	assert_long_ref(file, true, "pshm:/a");
	file.status = STATUS_UNLINKED;
	assert_long_ref(file, false, "pshm:#4711");
	assert_long_ref(file, true, "pshm:#8:1/4711");
	record_unmark(&file.record, OBJECT_DEVICE);
	assert_long_ref(file, true, "pshm:#4711");
	assert_long_ref(file_example(KIND_MAP, "/memfd"), false, "map:#4711");
	assert_long_ref(file_example(KIND_PSEM, "/a"), false, "psem:/a");
	assert_long_ref(file_example(KIND_MQ, "/a"), false, "mq:/a");
	assert_long_ref(file_example(KIND_FIFO, "/tmp/a"), false, "fifo:/tmp/a");
	file = file_example(KIND_MQ, "/a@4026532000");
	file.namespace = 4026531839;
	object_mark(&file, OBJECT_NAMESPACE);
	assert_long_ref(file, false, "mq:/a@4026532000@4026531839");
	pipe.inode = UINT64_MAX;
	assert_long_ref(pipe, false, "pipe:18446744073709551615");
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
		cmocka_unit_test(a_name_matches_as_long_as_it_leads_to_the_object),
		cmocka_unit_test(no_name_leads_to_what_has_none),
		cmocka_unit_test(an_escape_stands_for_its_byte),
		cmocka_unit_test(a_name_that_looks_escaped_matches_as_it_is),
		cmocka_unit_test(a_name_that_does_not_fit_is_refused),
		cmocka_unit_test(the_ref_of_a_file_is_its_name_or_its_inode),
		cmocka_unit_test(the_ref_of_an_object_names_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
