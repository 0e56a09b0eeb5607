/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of types are read as they are, and what is none is refused. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "type_builder.h"

/* Opens a copy of exactly that size, so that a sanitizer sees each byte read too many. */
static int try_open(struct text bytes)
{
	_cleanup_free_ char *copy = malloc(bytes.length ? bytes.length : 1);
	struct bpf_type_table table;
	int result;

	assert_non_null(copy);
	memcpy(copy, bytes.bytes, bytes.length);
	result = bpf_type_table_open(&table, (struct text){copy, bytes.length});
	if (result)
		assert_null(table.places);
	for (uint32_t id = 0; !result && id <= table.count; id++) {
		const struct btf_type *type = bpf_type_table_find(&table, id);

		assert_true(!type == (!id || id == table.count));
		if (type)
			bpf_type_table_name(&table, type->name_off);
	}
	bpf_type_table_deinit(&table);
	return result;
}

/* One type of each kind, with this many of what it can have many of. */
static void add_each_kind(struct type_builder *builder, uint32_t count)
{
	static const size_t sizes[NR_BTF_KINDS] = {
		[BTF_KIND_INT] = 4,
		[BTF_KIND_ARRAY] = sizeof(struct btf_array),
		[BTF_KIND_STRUCT] = sizeof(struct btf_member),
		[BTF_KIND_UNION] = sizeof(struct btf_member),
		[BTF_KIND_ENUM] = sizeof(struct btf_enum),
		[BTF_KIND_FUNC_PROTO] = sizeof(struct btf_param),
		[BTF_KIND_VAR] = sizeof(struct btf_var),
		[BTF_KIND_DATASEC] = sizeof(struct btf_var_secinfo),
		[BTF_KIND_DECL_TAG] = sizeof(struct btf_decl_tag),
		[BTF_KIND_ENUM64] = sizeof(struct btf_enum64),
	};
	static const bool have_many[NR_BTF_KINDS] = {
		[BTF_KIND_STRUCT] = true, [BTF_KIND_UNION] = true,	[BTF_KIND_ENUM] = true,
		[BTF_KIND_ENUM64] = true, [BTF_KIND_FUNC_PROTO] = true, [BTF_KIND_DATASEC] = true,
	};
	static const char zeroes[sizeof(struct btf_array) * 4];

	for (uint32_t kind = BTF_KIND_INT; kind < NR_BTF_KINDS; kind++) {
		add_type(builder, "name", INFO(kind, have_many[kind] ? count : 0), 1);
		for (uint32_t i = 0; i < (have_many[kind] ? count : 1); i++)
			add_after(builder, zeroes, sizes[kind]);
	}
}

TEST(each_kind_is_as_long_as_it_is)
{
	for (uint32_t count = 0; count < 3; count++) {
		CLEANUP(type_builder_deinit) struct type_builder builder = {};
		_cleanup_buffer_ struct buffer bytes = {0};
		struct bpf_type_table table;

		add_each_kind(&builder, count);
		write_types(&builder, &bytes);
		assert_int_equal(bpf_type_table_open(&table, buffer_text(&bytes)), 0);
		assert_int_equal(table.count, NR_BTF_KINDS);
		for (uint32_t id = 1; id < table.count; id++) {
			const struct btf_type *type = bpf_type_table_find(&table, id);

			assert_int_equal(BTF_INFO_KIND(type->info), id);
			assert_text(bpf_type_table_name(&table, type->name_off), "name");
		}
		bpf_type_table_deinit(&table);
	}
}

TEST(void_and_what_is_beyond_are_no_types)
{
	CLEANUP(type_builder_deinit) struct type_builder builder = {};
	_cleanup_buffer_ struct buffer bytes = {0};
	struct bpf_type_table table;
	uint32_t id = add_int(&builder, "int", 4);

	write_types(&builder, &bytes);
	assert_int_equal(bpf_type_table_open(&table, buffer_text(&bytes)), 0);
	assert_non_null(bpf_type_table_find(&table, id));
	assert_null(bpf_type_table_find(&table, 0));
	assert_null(bpf_type_table_find(&table, id + 1));
	assert_null(bpf_type_table_find(&table, UINT32_MAX));
	assert_text(bpf_type_table_name(&table, 0), "");
	assert_text(bpf_type_table_name(&table, 1), "int");
	assert_text(bpf_type_table_name(&table, 5), "");
	assert_text(bpf_type_table_name(&table, UINT32_MAX), "");
	bpf_type_table_deinit(&table);
	bpf_type_table_deinit(&table);
}

TEST(a_table_without_types_is_one)
{
	CLEANUP(type_builder_deinit) struct type_builder builder = {};
	_cleanup_buffer_ struct buffer bytes = {0};

	write_types(&builder, &bytes);
	assert_int_equal(try_open(buffer_text(&bytes)), 0);
}

TEST(cut_off_anywhere_it_is_refused)
{
	CLEANUP(type_builder_deinit) struct type_builder builder = {};
	_cleanup_buffer_ struct buffer bytes = {0};

	add_each_kind(&builder, 2);
	write_types(&builder, &bytes);
	assert_int_equal(try_open(buffer_text(&bytes)), 0);
	for (size_t length = 0; length < bytes.length; length++)
		assert_int_equal(try_open((struct text){bytes.bytes, length}), -EBADMSG);
}

/* The types end in the middle of one, though the strings are there. */
TEST(a_type_that_is_cut_off_is_refused)
{
	CLEANUP(type_builder_deinit) struct type_builder builder = {};
	_cleanup_buffer_ struct buffer bytes = {0};
	struct btf_header *head;
	uint32_t length;

	ADD_MEMBERS(&builder, "some", BTF_KIND_STRUCT, 8, {"a", 1, 0}, {"b", 1, 32});
	write_types(&builder, &bytes);
	head = (void *)bytes.bytes;
	length = head->type_len;
	while (head->type_len-- > 1)
		assert_int_equal(try_open(buffer_text(&bytes)), -EBADMSG);
	head->type_len = length + 1;
	assert_int_equal(try_open(buffer_text(&bytes)), -EBADMSG);
	head->type_len = length;
	assert_int_equal(try_open(buffer_text(&bytes)), 0);
}

/* What the head of a good table with one type becomes. */
static int try_head(void (*change)(struct btf_header *head, uint32_t value), uint32_t value)
{
	CLEANUP(type_builder_deinit) struct type_builder builder = {};
	_cleanup_buffer_ struct buffer bytes = {0};

	add_int(&builder, "int", 4);
	write_types(&builder, &bytes);
	change((void *)bytes.bytes, value);
	return try_open(buffer_text(&bytes));
}

static void set_magic(struct btf_header *head, uint32_t value)
{
	head->magic = (uint16_t)value;
}

static void set_version(struct btf_header *head, uint32_t value)
{
	head->version = (uint8_t)value;
}

static void set_head_length(struct btf_header *head, uint32_t value)
{
	head->hdr_len = value;
}

static void set_type_offset(struct btf_header *head, uint32_t value)
{
	head->type_off = value;
}

static void set_type_length(struct btf_header *head, uint32_t value)
{
	head->type_len = value;
}

static void set_string_offset(struct btf_header *head, uint32_t value)
{
	head->str_off = value;
}

static void set_string_length(struct btf_header *head, uint32_t value)
{
	head->str_len = value;
}

TEST(another_head_is_refused)
{
	assert_int_equal(try_head(set_magic, BTF_MAGIC), 0);
	/* As a machine of the other order of bytes writes it. */
	assert_int_equal(try_head(set_magic, 0x9feb), -EBADMSG);
	assert_int_equal(try_head(set_magic, 0), -EBADMSG);
	assert_int_equal(try_head(set_version, BTF_VERSION + 1), -EBADMSG);
	assert_int_equal(try_head(set_version, 0), -EBADMSG);
}

TEST(parts_elsewhere_are_refused)
{
	static const uint32_t beyond[] = {1000, INT32_MAX, UINT32_MAX - 3, UINT32_MAX};

	for (size_t i = 0; i < ARRAY_LENGTH(beyond); i++) {
		assert_int_equal(try_head(set_head_length, beyond[i]), -EBADMSG);
		assert_int_equal(try_head(set_type_offset, beyond[i]), -EBADMSG);
		assert_int_equal(try_head(set_type_length, beyond[i]), -EBADMSG);
		assert_int_equal(try_head(set_string_offset, beyond[i]), -EBADMSG);
		assert_int_equal(try_head(set_string_length, beyond[i]), -EBADMSG);
	}
	/* They are read as numbers of 32 bits. */
	for (uint32_t odd = 1; odd < 4; odd++) {
		assert_int_equal(try_head(set_type_offset, odd), -EBADMSG);
		assert_int_equal(try_head(set_head_length, sizeof(struct btf_header) + odd),
				 -EBADMSG);
	}
}

/* Then what was read as one of its fields is none, though all the rest may look right. */
TEST(a_head_that_is_too_short_is_refused)
{
	for (uint32_t length = 0; length < sizeof(struct btf_header); length++) {
		CLEANUP(type_builder_deinit) struct type_builder builder = {};
		_cleanup_buffer_ struct buffer bytes = {0};

		write_types(&builder, &bytes);
		set_head_length((void *)bytes.bytes, length);
		assert_int_equal(try_open(buffer_text(&bytes)), -EBADMSG);
	}
}

TEST(a_head_may_be_longer)
{
	CLEANUP(type_builder_deinit) struct type_builder builder = {};
	_cleanup_buffer_ struct buffer bytes = {0}, longer = {0};

	add_int(&builder, "int", 4);
	write_types(&builder, &bytes);
	((struct btf_header *)bytes.bytes)->hdr_len += 8;
	buffer_add(&longer, bytes.bytes, sizeof(struct btf_header));
	buffer_add(&longer, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	buffer_add(&longer, bytes.bytes + sizeof(struct btf_header),
		   bytes.length - sizeof(struct btf_header));
	assert_int_equal(try_open(buffer_text(&longer)), 0);
}

TEST(strings_without_an_end_are_refused)
{
	CLEANUP(type_builder_deinit) struct type_builder builder = {};
	_cleanup_buffer_ struct buffer bytes = {0};

	add_int(&builder, "int", 4);
	write_types(&builder, &bytes);
	bytes.bytes[bytes.length - 1] = 'x';
	assert_int_equal(try_open(buffer_text(&bytes)), -EBADMSG);
	assert_int_equal(try_head(set_string_length, 0), -EBADMSG);
	/* The last one is "in". */
	assert_int_equal(try_head(set_string_length, 3), -EBADMSG);
}

TEST(kinds_that_are_not_known_are_refused)
{
	for (uint32_t kind = 0; kind < 32; kind++) {
		CLEANUP(type_builder_deinit) struct type_builder builder = {};
		_cleanup_buffer_ struct buffer bytes = {0};

		if (kind && kind < NR_BTF_KINDS)
			continue;
		add_type(&builder, "some", INFO(kind, 0), 0);
		write_types(&builder, &bytes);
		assert_int_equal(try_open(buffer_text(&bytes)), -EBADMSG);
	}
}

TEST(what_begins_at_an_odd_address_is_refused)
{
	CLEANUP(type_builder_deinit) struct type_builder builder = {};
	_cleanup_buffer_ struct buffer bytes = {0}, shifted = {0};
	struct bpf_type_table table;

	add_int(&builder, "int", 4);
	write_types(&builder, &bytes);
	buffer_add_char(&shifted, ' ');
	buffer_add_text(&shifted, buffer_text(&bytes));
	assert_int_equal(
		bpf_type_table_open(&table, (struct text){shifted.bytes + 1, bytes.length}),
		-EBADMSG);
	bpf_type_table_deinit(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_as_long_as_it_is),
		cmocka_unit_test(void_and_what_is_beyond_are_no_types),
		cmocka_unit_test(a_table_without_types_is_one),
		cmocka_unit_test(cut_off_anywhere_it_is_refused),
		cmocka_unit_test(a_type_that_is_cut_off_is_refused),
		cmocka_unit_test(another_head_is_refused),
		cmocka_unit_test(parts_elsewhere_are_refused),
		cmocka_unit_test(a_head_that_is_too_short_is_refused),
		cmocka_unit_test(a_head_may_be_longer),
		cmocka_unit_test(strings_without_an_end_are_refused),
		cmocka_unit_test(kinds_that_are_not_known_are_refused),
		cmocka_unit_test(what_begins_at_an_odd_address_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
