/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is cut out of damaged tables of types is a table all the same, or they are refused. */
#include "unit.h"

#include <errno.h>

#include "base/cleanup.h"
#include "type_builder.h"

struct scene {
	struct type_builder kernel, programs;
};

static void scene_deinit(struct scene *scene)
{
	type_builder_deinit(&scene->kernel);
	type_builder_deinit(&scene->programs);
}

/* Some of everything. */
static void fill(struct scene *scene)
{
	struct type_builder *kernel = &scene->kernel;
	const struct btf_enum name = {0, 1};
	uint32_t number = add_int(kernel, "int", 4);
	uint32_t pointer = add_type(kernel, NULL, INFO(BTF_KIND_PTR, 0), number);
	uint32_t alias = add_type(kernel, "t", INFO(BTF_KIND_TYPEDEF, 0), number);
	uint32_t list = add_array_of(kernel, alias, number, 4);
	uint32_t inner = ADD_MEMBERS(kernel, NULL, BTF_KIND_UNION, 4, {"a", alias}, {"b", pointer});
	uint32_t few = add_type(kernel, "few", INFO(BTF_KIND_ENUM, 1), 4);

	add_after(kernel, &name, sizeof(name));
	ADD_MEMBERS(kernel, "in", BTF_KIND_STRUCT, 8, {NULL, inner}, {"c", list, 32});
	ADD_MEMBERS(kernel, "on", BTF_KIND_STRUCT | KIND_FLAG, 8, {"a", few}, {"b", inner, 32});
	add_type(kernel, "f", INFO(BTF_KIND_FUNC, 0), 0);
	number = add_int(&scene->programs, "int", 4);
	ADD_MEMBERS(&scene->programs, "in___1", BTF_KIND_STRUCT, 8, {"a", number}, {"c", number});
	ADD_MEMBERS(&scene->programs, "on", BTF_KIND_STRUCT, 8, {"a", number}, {"b", number});
}

/* A valid table or none; whatever is in what both were made of. */
static int assert_valid_or_none(struct text kernel, struct text programs)
{
	struct bpf_target targets[] = {{.name = "f"}, {.name = "g"}};
	_cleanup_buffer_ struct buffer bytes = {0};
	int result = cut_copies(kernel, programs, targets, ARRAY_LENGTH(targets), &bytes);
	struct bpf_type_table table;

	if (result)
		assert_int_equal(result, -EBADMSG);
	if (!result) {
		assert_int_equal(bpf_type_table_open(&table, buffer_text(&bytes)), 0);
		bpf_type_table_deinit(&table);
	}
	return result;
}

TEST(cut_off_anywhere_both_are_refused)
{
	CLEANUP(scene_deinit) struct scene scene = {};
	_cleanup_buffer_ struct buffer kernel = {0}, programs = {0};

	fill(&scene);
	write_types(&scene.kernel, &kernel);
	write_types(&scene.programs, &programs);
	assert_int_equal(assert_valid_or_none(buffer_text(&kernel), buffer_text(&programs)), 0);
	for (size_t i = 0; i < kernel.length; i++)
		assert_int_equal(assert_valid_or_none((struct text){kernel.bytes, i},
						      buffer_text(&programs)),
				 -EBADMSG);
	for (size_t i = 0; i < programs.length; i++)
		assert_int_equal(assert_valid_or_none(buffer_text(&kernel),
						      (struct text){programs.bytes, i}),
				 -EBADMSG);
}

/* Each byte becomes each that differs in one bit, and the greatest and the least. */
static void damage(struct buffer *damaged, struct text kernel, struct text programs)
{
	for (size_t i = 0; i < damaged->length; i++) {
		char byte = damaged->bytes[i];

		for (unsigned int bit = 0; bit < 8; bit++) {
			damaged->bytes[i] = (char)(byte ^ 1 << bit);
			assert_valid_or_none(kernel, programs);
		}
		damaged->bytes[i] = '\0';
		assert_valid_or_none(kernel, programs);
		damaged->bytes[i] = '\xff';
		assert_valid_or_none(kernel, programs);
		damaged->bytes[i] = byte;
	}
}

TEST(with_any_damage_it_is_a_table_or_refused)
{
	CLEANUP(scene_deinit) struct scene scene = {};
	_cleanup_buffer_ struct buffer kernel = {0}, programs = {0};

	fill(&scene);
	write_types(&scene.kernel, &kernel);
	write_types(&scene.programs, &programs);
	damage(&kernel, buffer_text(&kernel), buffer_text(&programs));
	damage(&programs, buffer_text(&kernel), buffer_text(&programs));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_off_anywhere_both_are_refused),
		cmocka_unit_test(with_any_damage_it_is_a_table_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
