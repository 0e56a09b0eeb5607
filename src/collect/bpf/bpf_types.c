/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/bpf/bpf_types.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/id_map.h"
#include "base/vector.h"
#include "collect/bpf/bpf_type_table.h"

/* Typedefs of typedefs, const and the like: nobody writes more of them than this. */
#define QUALIFIERS_MAX 32

/* The first type of the cut: what all pointers are there. */
#define ANY_POINTER 1

struct cut {
	struct bpf_type_table kernel;
	struct id_map structs, members; /* names that are wanted, by their hashes */
	uint8_t starts[8192]; /* a bit for each two bytes that one of them, or a target, starts with
			       */
	uint32_t *new_ids;    /* of the types of the kernel; 0: not in the cut */
	VECTOR(uint32_t) chosen; /* ids of the kernel in the order of the new ones */
	struct buffer types, strings;
};

/* FNV-1a: two names of one hash would only let in a type too many. */
static uint64_t hash(struct text name)
{
	uint64_t value = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < name.length; i++)
		value = (value ^ (unsigned char)name.bytes[i]) * UINT64_C(0x100000001b3);
	return value;
}

static bool has_name(const struct id_map *names, struct text name)
{
	void *unused;

	return id_map_find(names, hash(name), &unused);
}

static bool is_struct(const struct btf_type *type)
{
	unsigned int kind = BTF_INFO_KIND(type->info);

	return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
}

/* The name in the kernel of what has several shapes here: without "___" and what comes after it. */
static struct text without_flavor(struct text name)
{
	const char *end = name.length ? memmem(name.bytes, name.length, "___", 3) : NULL;

	return end ? (struct text){name.bytes, (size_t)(end - name.bytes)} : name;
}

static uint32_t start_of(const char *name)
{
	return (unsigned char)name[0] | (uint32_t)(name[0] ? (unsigned char)name[1] : 0) << 8;
}

static void note_start(struct cut *cut, const char *name)
{
	cut->starts[start_of(name) / 8] |= (uint8_t)(1U << start_of(name) % 8);
}

/* Of ten thousands of names hardly any is, and nearly all others can be told by their start. */
static bool can_be_wanted(const struct cut *cut, uint32_t offset)
{
	uint32_t start;

	if (!offset || offset >= cut->kernel.strings_size)
		return false;
	start = start_of(cut->kernel.strings + offset);
	return cut->starts[start / 8] >> start % 8 & 1;
}

static int add_wanted_struct(struct cut *cut, const struct bpf_type_table *programs,
			     const struct btf_type *type)
{
	const struct btf_member *members = (const void *)(type + 1);
	struct text name = without_flavor(bpf_type_table_name(programs, type->name_off));
	int result = name.length ? id_map_put(&cut->structs, hash(name), NULL) : 0;

	if (name.length)
		note_start(cut, name.bytes);
	for (uint32_t i = 0; !result && i < BTF_INFO_VLEN(type->info); i++)
		result = id_map_put(&cut->members,
				    hash(bpf_type_table_name(programs, members[i].name_off)), NULL);
	return result;
}

static int find_wanted(struct cut *cut, struct text bytes)
{
	struct bpf_type_table programs;
	int result = bpf_type_table_open(&programs, bytes);

	for (uint32_t id = 1; !result && id < programs.count; id++) {
		const struct btf_type *type = bpf_type_table_find(&programs, id);

		if (is_struct(type))
			result = add_wanted_struct(cut, &programs, type);
	}
	bpf_type_table_deinit(&programs);
	return result;
}

/* The id in the cut, into which the type is taken if it is not in it yet. 0 or -ENOMEM. */
static int choose(struct cut *cut, uint32_t id, uint32_t *ret_new)
{
	uint32_t *place;

	if (!cut->new_ids[id]) {
		place = vector_add(&cut->chosen);
		if (!place)
			return -ENOMEM;
		*place = id;
		cut->new_ids[id] = ANY_POINTER + (uint32_t)cut->chosen.count;
	}
	*ret_new = cut->new_ids[id];
	return 0;
}

/* The same for what a member is of. What cannot be part of anything becomes void. */
static int translate(struct cut *cut, uint32_t id, uint32_t *ret_new)
{
	*ret_new = 0;
	for (unsigned int i = 0; i < QUALIFIERS_MAX; i++) {
		const struct btf_type *type = bpf_type_table_find(&cut->kernel, id);

		switch (type ? BTF_INFO_KIND(type->info) : BTF_KIND_UNKN) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			id = type->type;
			continue;
		case BTF_KIND_PTR:
			*ret_new = ANY_POINTER;
			return 0;
		case BTF_KIND_INT:
		case BTF_KIND_ARRAY:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_FLOAT:
			return choose(cut, id, ret_new);
		default:
			return 0;
		}
	}
	return 0;
}

static uint32_t add_name(struct cut *cut, struct text name)
{
	size_t place = cut->strings.length;

	if (!name.length)
		return 0;
	buffer_add_text(&cut->strings, name);
	buffer_add_char(&cut->strings, '\0');
	return (uint32_t)place;
}

static void add_bytes(struct buffer *buffer, const void *bytes, size_t size)
{
	buffer_add(buffer, bytes, size);
}

/* Of a struct whose name nobody asked for the members are wanted by theirs all the same. */
static bool is_wanted(const struct cut *cut, struct text member)
{
	return !member.length || has_name(&cut->members, member);
}

static int add_struct(struct cut *cut, const struct btf_type *type)
{
	const struct btf_member *members = (const void *)(type + 1);
	size_t place = cut->types.length;
	struct btf_type head = *type;
	uint32_t count = 0;
	int result = 0;

	head.name_off = add_name(cut, bpf_type_table_name(&cut->kernel, type->name_off));
	add_bytes(&cut->types, &head, sizeof(head));
	for (uint32_t i = 0; !result && i < BTF_INFO_VLEN(type->info); i++) {
		struct text name = bpf_type_table_name(&cut->kernel, members[i].name_off);
		struct btf_member member = members[i];

		if (!is_wanted(cut, name))
			continue;
		member.name_off = add_name(cut, name);
		result = translate(cut, members[i].type, &member.type);
		add_bytes(&cut->types, &member, sizeof(member));
		count++;
	}
	head.info = (type->info & ~UINT32_C(0xffff)) | count;
	if (!cut->types.error)
		memcpy(cut->types.bytes + place, &head, sizeof(head));
	return result;
}

static int add_array(struct cut *cut, const struct btf_type *type)
{
	const struct btf_array *place = (const void *)(type + 1);
	struct btf_array array = *place;
	struct btf_type head = *type;
	int result = translate(cut, place->type, &array.type);

	if (!result)
		result = translate(cut, place->index_type, &array.index_type);
	head.name_off = 0;
	add_bytes(&cut->types, &head, sizeof(head));
	add_bytes(&cut->types, &array, sizeof(array));
	return result;
}

/* A number; of an enumeration its names are not looked at. */
static void add_number(struct cut *cut, const struct btf_type *type)
{
	struct btf_type head = *type;
	bool is_int = BTF_INFO_KIND(type->info) == BTF_KIND_INT;

	head.name_off =
		is_int ? add_name(cut, bpf_type_table_name(&cut->kernel, type->name_off)) : 0;
	head.info &= ~UINT32_C(0xffff);
	add_bytes(&cut->types, &head, sizeof(head));
	if (is_int)
		add_bytes(&cut->types, type + 1, sizeof(uint32_t));
}

static int add_type(struct cut *cut, uint32_t id)
{
	const struct btf_type *type = bpf_type_table_find(&cut->kernel, id);

	if (is_struct(type))
		return add_struct(cut, type);
	if (BTF_INFO_KIND(type->info) == BTF_KIND_ARRAY)
		return add_array(cut, type);
	add_number(cut, type);
	return 0;
}

static void note_target(const struct cut *cut, struct bpf_target *targets, size_t count,
			uint32_t id)
{
	const char *name = cut->kernel.strings + bpf_type_table_find(&cut->kernel, id)->name_off;

	for (size_t i = 0; i < count; i++)
		if (strcmp(name, targets[i].name) == 0)
			targets[i].id = id;
}

/* Takes all that is wanted by its own name. */
static int choose_wanted(struct cut *cut, struct bpf_target *targets, size_t target_count)
{
	uint32_t unused;
	int result = 0;

	for (size_t i = 0; i < target_count; i++)
		note_start(cut, targets[i].name);
	for (uint32_t id = 1; !result && id < cut->kernel.count; id++) {
		const struct btf_type *type = bpf_type_table_find(&cut->kernel, id);
		struct text name;

		if (!can_be_wanted(cut, type->name_off))
			continue;
		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC)
			note_target(cut, targets, target_count, id);
		if (!is_struct(type))
			continue;
		name = bpf_type_table_name(&cut->kernel, type->name_off);
		if (name.length && has_name(&cut->structs, name))
			result = choose(cut, id, &unused);
	}
	return result;
}

/* Types that the chosen ones consist of are chosen on the way, and come after them. */
static int add_chosen(struct cut *cut)
{
	const struct btf_type pointer = {.info = BTF_KIND_PTR << 24};
	int result = 0;

	buffer_add_char(&cut->strings, '\0');
	add_bytes(&cut->types, &pointer, sizeof(pointer));
	for (size_t i = 0; !result && i < cut->chosen.count; i++)
		result = add_type(cut, cut->chosen.items[i]);
	return result ? result : cut->types.error ? cut->types.error : cut->strings.error;
}

static int write_table(const struct cut *cut, struct buffer *ret_cut)
{
	const struct btf_header head = {
		.magic = BTF_MAGIC,
		.version = BTF_VERSION,
		.hdr_len = sizeof(head),
		.type_len = (uint32_t)cut->types.length,
		.str_off = (uint32_t)cut->types.length,
		.str_len = (uint32_t)cut->strings.length,
	};

	add_bytes(ret_cut, &head, sizeof(head));
	buffer_add_text(ret_cut, buffer_text(&cut->types));
	buffer_add_text(ret_cut, buffer_text(&cut->strings));
	return ret_cut->error;
}

static void cut_deinit(struct cut *cut)
{
	bpf_type_table_deinit(&cut->kernel);
	id_map_deinit(&cut->structs);
	id_map_deinit(&cut->members);
	vector_deinit(&cut->chosen);
	buffer_deinit(&cut->types);
	buffer_deinit(&cut->strings);
	free(cut->new_ids);
}

int bpf_types_cut(struct text kernel, struct text programs, struct bpf_target *targets,
		  size_t target_count, struct buffer *ret_cut)
{
	CLEANUP(cut_deinit) struct cut cut = {.new_ids = NULL};
	int result = bpf_type_table_open(&cut.kernel, kernel);

	if (!result)
		result = find_wanted(&cut, programs);
	if (result)
		return result;
	cut.new_ids = calloc(cut.kernel.count, sizeof(*cut.new_ids));
	if (!cut.new_ids)
		return -ENOMEM;
	result = choose_wanted(&cut, targets, target_count);
	if (!result)
		result = add_chosen(&cut);
	return result ? result : write_table(&cut, ret_cut);
}
