/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few types that programs read are cut out of the kernel's, whatever is in both. */
#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "collect/bpf/bpf_library.h"
#include "collect/bpf/bpf_types.h"
#include "collect/bpf/programs_object.h"
#include "type_builder.h"

#define CUT_MAX ((size_t)100 * 1024)

/* Of the kernel, of the programs, and what came of them. */
struct scene {
	struct type_builder kernel, programs;
	struct buffer bytes;
	struct bpf_type_table cut;
};

static void scene_deinit(struct scene *scene)
{
	type_builder_deinit(&scene->kernel);
	type_builder_deinit(&scene->programs);
	buffer_deinit(&scene->bytes);
	bpf_type_table_deinit(&scene->cut);
}

#define SCENE(name) CLEANUP(scene_deinit) struct scene name = {}

static void cut_with(struct scene *scene, struct bpf_target *targets, size_t count)
{
	_cleanup_buffer_ struct buffer kernel = {0}, programs = {0};

	write_types(&scene->kernel, &kernel);
	write_types(&scene->programs, &programs);
	assert_int_equal(cut_copies(buffer_text(&kernel), buffer_text(&programs), targets, count,
				    &scene->bytes),
			 0);
	assert_int_equal(bpf_type_table_open(&scene->cut, buffer_text(&scene->bytes)), 0);
}

static void cut(struct scene *scene)
{
	cut_with(scene, NULL, 0);
}

/* What the programs want to read of one struct; its types do not matter. */
static void want(struct scene *scene, const char *name, const char *a, const char *b)
{
	uint32_t any = add_int(&scene->programs, "any", 4);

	if (b)
		ADD_MEMBERS(&scene->programs, name, BTF_KIND_STRUCT, 8, {a, any}, {b, any});
	else
		ADD_MEMBERS(&scene->programs, name, BTF_KIND_STRUCT, 4, {a, any});
}

static const struct btf_member *assert_member(const struct scene *scene, const char *type,
					      const char *name)
{
	const struct btf_type *found = find_named(&scene->cut, type);
	const struct btf_member *member = found ? find_member(&scene->cut, found, name) : NULL;

	if (!member)
		fail_msg("%s has no %s", type, name);
	return member;
}

static const struct btf_type *type_of(const struct scene *scene, const struct btf_member *member)
{
	const struct btf_type *type = bpf_type_table_find(&scene->cut, member->type);

	assert_non_null(type);
	return type;
}

static void assert_kind(const struct btf_type *type, unsigned int kind)
{
	assert_non_null(type);
	assert_int_equal(BTF_INFO_KIND(type->info), kind);
}

TEST(structs_and_members_are_taken_by_their_names)
{
	SCENE(scene);
	uint32_t number = add_int(&scene.kernel, "int", 4);
	const struct btf_type *type;

	ADD_MEMBERS(&scene.kernel, "other", BTF_KIND_STRUCT, 4, {"b", number});
	ADD_MEMBERS(&scene.kernel, "wanted", BTF_KIND_STRUCT, 40, {"a", number, 64},
		    {"b", number, 128}, {"c", number, 256});
	want(&scene, "wanted", "b", "not there");
	cut(&scene);
	assert_null(find_named(&scene.cut, "other"));
	type = find_named(&scene.cut, "wanted");
	assert_kind(type, BTF_KIND_STRUCT);
	assert_int_equal(type->size, 40);
	assert_int_equal(BTF_INFO_VLEN(type->info), 1);
	assert_int_equal(assert_member(&scene, "wanted", "b")->offset, 128);
	assert_kind(type_of(&scene, assert_member(&scene, "wanted", "b")), BTF_KIND_INT);
	/* The pointer, the struct and the number. */
	assert_int_equal(scene.cut.count, 4);
}

TEST(unions_are_taken_as_structs_are)
{
	SCENE(scene);
	uint32_t number = add_int(&scene.kernel, "int", 4);

	ADD_MEMBERS(&scene.kernel, "wanted", BTF_KIND_UNION, 4, {"a", number}, {"b", number});
	want(&scene, "wanted", "a", NULL);
	cut(&scene);
	assert_kind(find_named(&scene.cut, "wanted"), BTF_KIND_UNION);
	assert_member(&scene, "wanted", "a");
}

TEST(all_of_one_name_are_taken)
{
	SCENE(scene);
	uint32_t number = add_int(&scene.kernel, "int", 4), count = 0;

	ADD_MEMBERS(&scene.kernel, "wanted", BTF_KIND_STRUCT, 4, {"a", number});
	ADD_MEMBERS(&scene.kernel, "wanted", BTF_KIND_STRUCT, 8, {"b", number});
	want(&scene, "wanted", "a", "b");
	cut(&scene);
	for (uint32_t id = 1; id < scene.cut.count; id++)
		count +=
			BTF_INFO_KIND(bpf_type_table_find(&scene.cut, id)->info) == BTF_KIND_STRUCT;
	assert_int_equal(count, 2);
}

TEST(several_shapes_have_one_name_in_the_kernel)
{
	SCENE(scene);
	uint32_t number = add_int(&scene.kernel, "int", 4);

	ADD_MEMBERS(&scene.kernel, "wanted", BTF_KIND_STRUCT, 12, {"old", number},
		    {"new", number, 32}, {"else", number, 64});
	want(&scene, "wanted___old", "old", NULL);
	want(&scene, "wanted___new", "new", NULL);
	/* Nothing is left of this one, which must not take in all that have no name. */
	want(&scene, "___", "x", NULL);
	ADD_MEMBERS(&scene.kernel, NULL, BTF_KIND_STRUCT, 12, {"x", number});
	cut(&scene);
	assert_member(&scene, "wanted", "old");
	assert_member(&scene, "wanted", "new");
	assert_int_equal(BTF_INFO_VLEN(find_named(&scene.cut, "wanted")->info), 2);
	assert_int_equal(scene.cut.count, 4);
}

TEST(members_without_a_name_stay_with_what_is_wanted_of_them)
{
	SCENE(scene);
	uint32_t number = add_int(&scene.kernel, "int", 4);
	uint32_t inner = ADD_MEMBERS(&scene.kernel, NULL, BTF_KIND_STRUCT, 8, {"x", number},
				     {"y", number, 32});
	uint32_t middle = ADD_MEMBERS(&scene.kernel, NULL, BTF_KIND_UNION, 8, {NULL, inner});
	const struct btf_type *type;

	ADD_MEMBERS(&scene.kernel, "wanted", BTF_KIND_STRUCT, 16, {"z", number},
		    {NULL, middle, 64});
	want(&scene, "wanted", "x", NULL);
	cut(&scene);
	type = type_of(&scene, assert_member(&scene, "wanted", ""));
	assert_int_equal(assert_member(&scene, "wanted", "")->offset, 64);
	assert_kind(type, BTF_KIND_UNION);
	assert_int_equal(type->name_off, 0);
	type = type_of(&scene, find_member(&scene.cut, type, ""));
	assert_kind(type, BTF_KIND_STRUCT);
	assert_non_null(find_member(&scene.cut, type, "x"));
	assert_null(find_member(&scene.cut, type, "y"));
}

TEST(structs_inside_of_others_come_along)
{
	SCENE(scene);
	uint32_t number = add_int(&scene.kernel, "int", 4);
	uint32_t inner = ADD_MEMBERS(&scene.kernel, "inner", BTF_KIND_STRUCT, 8, {"x", number},
				     {"y", number, 32});

	ADD_MEMBERS(&scene.kernel, "wanted", BTF_KIND_STRUCT, 16, {"a", inner}, {"b", inner, 64});
	want(&scene, "wanted", "a", "b");
	want(&scene, "nowhere", "y", NULL);
	cut(&scene);
	assert_int_equal(assert_member(&scene, "wanted", "a")->type,
			 assert_member(&scene, "wanted", "b")->type);
	assert_ptr_equal(type_of(&scene, assert_member(&scene, "wanted", "a")),
			 find_named(&scene.cut, "inner"));
	assert_int_equal(assert_member(&scene, "inner", "y")->offset, 32);
	assert_null(find_member(&scene.cut, find_named(&scene.cut, "inner"), "x"));
}

TEST(typedefs_and_qualifiers_are_left_out)
{
	static const uint32_t kinds[] = {BTF_KIND_TYPEDEF, BTF_KIND_CONST, BTF_KIND_VOLATILE,
					 BTF_KIND_RESTRICT, BTF_KIND_TYPE_TAG};
	SCENE(scene);
	uint32_t number = add_int(&scene.kernel, "long int", 8), chain = number, nothing;

	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
		chain = add_type(&scene.kernel, "some", INFO(kinds[i], 0), chain);
	nothing = add_type(&scene.kernel, NULL, INFO(BTF_KIND_CONST, 0), 0);
	ADD_MEMBERS(&scene.kernel, "wanted", BTF_KIND_STRUCT, 8, {"a", chain}, {"b", nothing});
	want(&scene, "wanted", "a", "b");
	cut(&scene);
	assert_ptr_equal(type_of(&scene, assert_member(&scene, "wanted", "a")),
			 find_named(&scene.cut, "long int"));
	assert_int_equal(assert_member(&scene, "wanted", "b")->type, 0);
	assert_null(find_named(&scene.cut, "some"));
	assert_int_equal(scene.cut.count, 4);
}

TEST(a_typedef_of_itself_is_no_type)
{
	SCENE(scene);
	uint32_t own = add_type(&scene.kernel, "own", INFO(BTF_KIND_TYPEDEF, 0), 1);
	uint32_t first = add_type(&scene.kernel, "first", INFO(BTF_KIND_TYPEDEF, 0), own + 2);
	uint32_t second = add_type(&scene.kernel, "second", INFO(BTF_KIND_CONST, 0), first);
	uint32_t beyond = add_type(&scene.kernel, "beyond", INFO(BTF_KIND_TYPEDEF, 0), 12345);

	ADD_MEMBERS(&scene.kernel, "wanted", BTF_KIND_STRUCT, 8, {"a", own}, {"b", second},
		    {"a", beyond}, {"a", UINT32_MAX});
	want(&scene, "wanted", "a", "b");
	cut(&scene);
	for (uint32_t i = 0; i < 4; i++) {
		const struct btf_type *type = find_named(&scene.cut, "wanted");

		assert_int_equal(((const struct btf_member *)(type + 1))[i].type, 0);
	}
	assert_int_equal(scene.cut.count, 3);
}

TEST(all_pointers_are_one)
{
	SCENE(scene);
	uint32_t number = add_int(&scene.kernel, "int", 4);
	uint32_t far = ADD_MEMBERS(&scene.kernel, "far", BTF_KIND_STRUCT, 4, {"a", number});
	uint32_t to_far = add_type(&scene.kernel, NULL, INFO(BTF_KIND_PTR, 0), far);
	uint32_t to_number = add_type(&scene.kernel, NULL, INFO(BTF_KIND_PTR, 0), number);
	uint32_t fixed = add_type(&scene.kernel, NULL, INFO(BTF_KIND_CONST, 0), to_number);

	ADD_MEMBERS(&scene.kernel, "wanted", BTF_KIND_STRUCT, 16, {"a", to_far}, {"b", fixed, 64});
	want(&scene, "wanted", "a", "b");
	cut(&scene);
	assert_int_equal(assert_member(&scene, "wanted", "a")->type,
			 assert_member(&scene, "wanted", "b")->type);
	assert_kind(type_of(&scene, assert_member(&scene, "wanted", "a")), BTF_KIND_PTR);
	assert_int_equal(type_of(&scene, assert_member(&scene, "wanted", "a"))->type, 0);
	assert_null(find_named(&scene.cut, "far"));
	assert_int_equal(scene.cut.count, 3);
}

static const struct btf_array *array_of(const struct btf_type *type)
{
	assert_kind(type, BTF_KIND_ARRAY);
	return (const void *)(type + 1);
}

TEST(arrays_are_as_long_as_they_are)
{
	SCENE(scene);
	uint32_t number = add_int(&scene.kernel, "int", 4);
	uint32_t item = ADD_MEMBERS(&scene.kernel, "item", BTF_KIND_STRUCT, 4, {"a", number});
	uint32_t alias = add_type(&scene.kernel, "item_t", INFO(BTF_KIND_TYPEDEF, 0), item);
	uint32_t row = add_array_of(&scene.kernel, alias, number, 3);
	uint32_t rows = add_array_of(&scene.kernel, row, number, 7);
	/* Not possible, but it can be written. */
	uint32_t own = add_array_of(&scene.kernel, rows + 1, number, 1);
	const struct btf_array *array;

	ADD_MEMBERS(&scene.kernel, "wanted", BTF_KIND_STRUCT, 84, {"a", rows}, {"b", own});
	want(&scene, "wanted", "a", "b");
	cut(&scene);
	array = array_of(type_of(&scene, assert_member(&scene, "wanted", "a")));
	assert_int_equal(array->nelems, 7);
	assert_kind(bpf_type_table_find(&scene.cut, array->index_type), BTF_KIND_INT);
	array = array_of(bpf_type_table_find(&scene.cut, array->type));
	assert_int_equal(array->nelems, 3);
	assert_ptr_equal(bpf_type_table_find(&scene.cut, array->type),
			 find_named(&scene.cut, "item"));
	array = array_of(type_of(&scene, assert_member(&scene, "wanted", "b")));
	assert_int_equal(array->type, assert_member(&scene, "wanted", "b")->type);
}

TEST(fields_of_bits_stay_what_they_are)
{
	const uint32_t offset = UINT32_C(3) << 24 | 37;
	SCENE(scene);
	uint32_t number = add_int(&scene.kernel, "int", 4);
	const struct btf_type *type;

	ADD_MEMBERS(&scene.kernel, "wanted", BTF_KIND_STRUCT | KIND_FLAG, 8, {"x", number},
		    {"a", number, offset});
	want(&scene, "wanted", "a", NULL);
	cut(&scene);
	type = find_named(&scene.cut, "wanted");
	assert_true(BTF_INFO_KFLAG(type->info));
	assert_int_equal(BTF_INFO_VLEN(type->info), 1);
	assert_int_equal(assert_member(&scene, "wanted", "a")->offset, offset);
}

TEST(numbers_of_each_sort)
{
	const struct btf_enum name = {0, 1};
	const struct btf_enum64 wide_name = {0, 1, 0};
	SCENE(scene);
	uint32_t number = add_int(&scene.kernel, "short", 2), few, wide, real;
	const struct btf_type *type;
	uint32_t encoding;

	few = add_type(&scene.kernel, "few", INFO(BTF_KIND_ENUM | KIND_FLAG, 1), 4);
	add_after(&scene.kernel, &name, sizeof(name));
	wide = add_type(&scene.kernel, "wide", INFO(BTF_KIND_ENUM64, 1), 8);
	add_after(&scene.kernel, &wide_name, sizeof(wide_name));
	real = add_type(&scene.kernel, "double", INFO(BTF_KIND_FLOAT, 0), 8);
	ADD_MEMBERS(&scene.kernel, "wanted", BTF_KIND_STRUCT, 24, {"a", number}, {"b", few, 32});
	ADD_MEMBERS(&scene.kernel, "more", BTF_KIND_STRUCT, 16, {"a", wide}, {"b", real, 64});
	want(&scene, "wanted", "a", "b");
	want(&scene, "more", "a", "b");
	cut(&scene);
	type = type_of(&scene, assert_member(&scene, "wanted", "a"));
	assert_text(bpf_type_table_name(&scene.cut, type->name_off), "short");
	assert_int_equal(type->size, 2);
	memcpy(&encoding, type + 1, sizeof(encoding));
	assert_int_equal(BTF_INT_BITS(encoding), 16);
	assert_int_equal(BTF_INT_ENCODING(encoding), BTF_INT_SIGNED);
	type = type_of(&scene, assert_member(&scene, "wanted", "b"));
	assert_kind(type, BTF_KIND_ENUM);
	assert_int_equal(type->size, 4);
	assert_int_equal(BTF_INFO_VLEN(type->info), 0);
	assert_true(BTF_INFO_KFLAG(type->info));
	type = type_of(&scene, assert_member(&scene, "more", "a"));
	assert_kind(type, BTF_KIND_ENUM64);
	assert_int_equal(type->size, 8);
	type = type_of(&scene, assert_member(&scene, "more", "b"));
	assert_kind(type, BTF_KIND_FLOAT);
	assert_int_equal(type->size, 8);
}

TEST(functions_are_found_by_their_names)
{
	struct bpf_target targets[] = {{.name = "second"}, {.name = "absent"}, {.name = "first"}};
	SCENE(scene);
	uint32_t type = add_type(&scene.kernel, NULL, INFO(BTF_KIND_FUNC_PROTO, 0), 0);
	uint32_t first = add_type(&scene.kernel, "first", INFO(BTF_KIND_FUNC, 0), type);
	uint32_t second = add_type(&scene.kernel, "second", INFO(BTF_KIND_FUNC, 1), type);

	add_type(&scene.kernel, "seconds", INFO(BTF_KIND_FUNC, 0), type);
	/* Of that name, too, but no function. */
	add_type(&scene.kernel, "absent", INFO(BTF_KIND_TYPEDEF, 0), type);
	cut_with(&scene, targets, ARRAY_LENGTH(targets));
	assert_int_equal(targets[0].id, second);
	assert_int_equal(targets[1].id, 0);
	assert_int_equal(targets[2].id, first);
	assert_int_equal(scene.cut.count, 2);
}

static void read_kernel(struct buffer *ret_bytes)
{
	_cleanup_close_ int fd = open(BPF_TYPES_PATH, O_RDONLY | O_CLOEXEC);
	ssize_t length = 1;

	while (fd >= 0 && length > 0) {
		char *place = buffer_reserve(ret_bytes, 1 << 20);

		assert_non_null(place);
		length = read(fd, place, 1 << 20);
		assert_true(length >= 0);
		buffer_advance(ret_bytes, (size_t)length);
	}
}

/* By what the programs of this build want. */
static void cut_kernel(struct scene *scene, const struct bpf_library *library, struct text kernel)
{
	struct bpf_target targets[] = {{.name = "bpf_iter_task"}, {.name = "no such function"}};
	struct bpf_object *object =
		library->bpf_object__open_mem(programs_object, sizeof(programs_object), NULL);
	__u32 size = 0;
	const char *own;

	assert_non_null(object);
	own = library->btf__raw_data(library->bpf_object__btf(object), &size);
	assert_non_null(own);
	assert_int_equal(cut_copies(kernel, (struct text){own, size}, targets,
				    ARRAY_LENGTH(targets), &scene->bytes),
			 0);
	library->bpf_object__close(object);
	assert_true(targets[0].id > 0);
	assert_int_equal(targets[1].id, 0);
	assert_int_equal(bpf_type_table_open(&scene->cut, buffer_text(&scene->bytes)), 0);
}

TEST(of_this_kernel_little_is_left)
{
	SCENE(scene);
	_cleanup_buffer_ struct buffer kernel = {0};
	struct bpf_library library;

	read_kernel(&kernel);
	if (!kernel.length) {
		print_message("# this kernel does not tell its types (" BPF_TYPES_PATH ")\n");
		skip();
	}
	if (bpf_library_load(&library)) {
		print_message("# " BPF_LIBRARY " cannot be loaded\n");
		skip();
	}
	library.libbpf_set_print(NULL);
	cut_kernel(&scene, &library, buffer_text(&kernel));
	assert_true(scene.bytes.length < CUT_MAX);
	assert_kind(type_of(&scene, assert_member(&scene, "task_struct", "nsproxy")), BTF_KIND_PTR);
	assert_member(&scene, "nsproxy", "ipc_ns");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structs_and_members_are_taken_by_their_names),
		cmocka_unit_test(unions_are_taken_as_structs_are),
		cmocka_unit_test(all_of_one_name_are_taken),
		cmocka_unit_test(several_shapes_have_one_name_in_the_kernel),
		cmocka_unit_test(members_without_a_name_stay_with_what_is_wanted_of_them),
		cmocka_unit_test(structs_inside_of_others_come_along),
		cmocka_unit_test(typedefs_and_qualifiers_are_left_out),
		cmocka_unit_test(a_typedef_of_itself_is_no_type),
		cmocka_unit_test(all_pointers_are_one),
		cmocka_unit_test(arrays_are_as_long_as_they_are),
		cmocka_unit_test(fields_of_bits_stay_what_they_are),
		cmocka_unit_test(numbers_of_each_sort),
		cmocka_unit_test(functions_are_found_by_their_names),
		cmocka_unit_test(of_this_kernel_little_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
