/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "type_builder.h"

#include "unit.h"

#include <stdlib.h>

#include "base/cleanup.h"

void type_builder_deinit(struct type_builder *builder)
{
	buffer_deinit(&builder->types);
	buffer_deinit(&builder->strings);
	builder->count = 0;
}

uint32_t add_string(struct type_builder *builder, const char *string)
{
	size_t place;

	if (!builder->strings.length)
		buffer_add_char(&builder->strings, '\0');
	place = builder->strings.length;
	if (!string)
		return 0;
	buffer_add(&builder->strings, string, strlen(string) + 1);
	return (uint32_t)place;
}

void add_after(struct type_builder *builder, const void *bytes, size_t size)
{
	buffer_add(&builder->types, bytes, size);
}

uint32_t add_type(struct type_builder *builder, const char *name, uint32_t info, uint32_t type)
{
	const struct btf_type head = {add_string(builder, name), info, {type}};

	add_after(builder, &head, sizeof(head));
	return ++builder->count;
}

uint32_t add_int(struct type_builder *builder, const char *name, uint32_t size)
{
	uint32_t id = add_type(builder, name, INFO(BTF_KIND_INT, 0), size);
	uint32_t encoding = (uint32_t)BTF_INT_SIGNED << 24 | size * 8;

	add_after(builder, &encoding, sizeof(encoding));
	return id;
}

uint32_t add_array_of(struct type_builder *builder, uint32_t type, uint32_t index, uint32_t count)
{
	const struct btf_array array = {type, index, count};
	uint32_t id = add_type(builder, NULL, INFO(BTF_KIND_ARRAY, 0), 0);

	add_after(builder, &array, sizeof(array));
	return id;
}

uint32_t add_members(struct type_builder *builder, const char *name, uint32_t kind, uint32_t size,
		     const struct built_member *members)
{
	uint32_t count = 0, id;

	while (members[count].name || members[count].type)
		count++;
	id = add_type(builder, name, INFO(kind, count), size);
	for (uint32_t i = 0; i < count; i++) {
		const struct btf_member member = {add_string(builder, members[i].name),
						  members[i].type, members[i].offset};

		add_after(builder, &member, sizeof(member));
	}
	return id;
}

void write_types(struct type_builder *builder, struct buffer *ret_bytes)
{
	struct btf_header head = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(head),
		.type_len = (uint32_t)builder->types.length,
		.str_off = (uint32_t)builder->types.length,
	};

	add_string(builder, NULL);
	head.str_len = (uint32_t)builder->strings.length;
	buffer_add(ret_bytes, (const char *)&head, sizeof(head));
	buffer_add_text(ret_bytes, buffer_text(&builder->types));
	buffer_add_text(ret_bytes, buffer_text(&builder->strings));
	assert_int_equal(ret_bytes->error, 0);
}

int cut_copies(struct text kernel, struct text programs, struct bpf_target *targets,
	       size_t target_count, struct buffer *ret_cut)
{
	_cleanup_free_ char *kernel_copy = malloc(kernel.length ? kernel.length : 1);
	_cleanup_free_ char *programs_copy = malloc(programs.length ? programs.length : 1);

	assert_true(kernel_copy && programs_copy);
	memcpy(kernel_copy, kernel.bytes, kernel.length);
	memcpy(programs_copy, programs.bytes, programs.length);
	return bpf_types_cut((struct text){kernel_copy, kernel.length},
			     (struct text){programs_copy, programs.length}, targets, target_count,
			     ret_cut);
}

const struct btf_type *find_named(const struct bpf_type_table *table, const char *name)
{
	for (uint32_t id = 1; id < table->count; id++) {
		const struct btf_type *type = bpf_type_table_find(table, id);

		if (text_equals(bpf_type_table_name(table, type->name_off), text_of(name)))
			return type;
	}
	return NULL;
}

const struct btf_member *find_member(const struct bpf_type_table *table,
				     const struct btf_type *type, const char *name)
{
	const struct btf_member *members = (const void *)(type + 1);

	for (uint32_t i = 0; i < BTF_INFO_VLEN(type->info); i++)
		if (text_equals(bpf_type_table_name(table, members[i].name_off), text_of(name)))
			return &members[i];
	return NULL;
}
