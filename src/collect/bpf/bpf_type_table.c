/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/bpf/bpf_type_table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Of each kind: what follows on every type of it, and for each thing that the type counts. */
static const struct {
	bool is_known;
	uint8_t once, each;
} sizes[] = {
	[BTF_KIND_PTR] = {true, 0, 0},
	[BTF_KIND_FWD] = {true, 0, 0},
	[BTF_KIND_TYPEDEF] = {true, 0, 0},
	[BTF_KIND_VOLATILE] = {true, 0, 0},
	[BTF_KIND_CONST] = {true, 0, 0},
	[BTF_KIND_RESTRICT] = {true, 0, 0},
	[BTF_KIND_FUNC] = {true, 0, 0},
	[BTF_KIND_FLOAT] = {true, 0, 0},
	[BTF_KIND_TYPE_TAG] = {true, 0, 0},
	[BTF_KIND_INT] = {true, sizeof(uint32_t), 0},
	[BTF_KIND_ARRAY] = {true, sizeof(struct btf_array), 0},
	[BTF_KIND_STRUCT] = {true, 0, sizeof(struct btf_member)},
	[BTF_KIND_UNION] = {true, 0, sizeof(struct btf_member)},
	[BTF_KIND_ENUM] = {true, 0, sizeof(struct btf_enum)},
	[BTF_KIND_ENUM64] = {true, 0, sizeof(struct btf_enum64)},
	[BTF_KIND_FUNC_PROTO] = {true, 0, sizeof(struct btf_param)},
	[BTF_KIND_VAR] = {true, sizeof(struct btf_var), 0},
	[BTF_KIND_DATASEC] = {true, 0, sizeof(struct btf_var_secinfo)},
	[BTF_KIND_DECL_TAG] = {true, sizeof(struct btf_decl_tag), 0},
};

int64_t bpf_type_extra(const struct btf_type *type)
{
	unsigned int kind = BTF_INFO_KIND(type->info);

	if (kind >= sizeof(sizes) / sizeof(sizes[0]) || !sizes[kind].is_known)
		return -EBADMSG;
	return sizes[kind].once + (int64_t)BTF_INFO_VLEN(type->info) * sizes[kind].each;
}

/* Whether a part of the bytes, behind the head, is there; then where it begins. */
static bool find_part(struct text bytes, const struct btf_header *head, uint32_t offset,
		      uint32_t length, const char **ret_part)
{
	uint64_t start = (uint64_t)head->hdr_len + offset;

	*ret_part = bytes.bytes + start;
	return start <= bytes.length && length <= bytes.length - start;
}

static int find_parts(struct bpf_type_table *table, struct text bytes)
{
	struct btf_header head;

	if (bytes.length < sizeof(head))
		return -EBADMSG;
	memcpy(&head, bytes.bytes, sizeof(head));
	if (head.magic != BTF_MAGIC || head.version != BTF_VERSION || head.hdr_len < sizeof(head) ||
	    head.hdr_len % 4 || head.type_off % 4 ||
	    !find_part(bytes, &head, head.type_off, head.type_len, &table->types) ||
	    !find_part(bytes, &head, head.str_off, head.str_len, &table->strings) ||
	    !head.str_len || table->strings[head.str_len - 1])
		return -EBADMSG;
	table->types_size = head.type_len;
	table->strings_size = head.str_len;
	return 0;
}

static int find_places(struct bpf_type_table *table)
{
	size_t place = 0;

	table->places =
		malloc((table->types_size / sizeof(struct btf_type) + 1) * sizeof(*table->places));
	if (!table->places)
		return -ENOMEM;
	for (table->count = 1; place < table->types_size; table->count++) {
		const struct btf_type *type = (const void *)(table->types + place);
		size_t left = table->types_size - place;
		int64_t extra = left < sizeof(*type) ? -EBADMSG : bpf_type_extra(type);

		if (extra < 0 || (uint64_t)extra > left - sizeof(*type))
			return -EBADMSG;
		table->places[table->count] = (uint32_t)place;
		place += sizeof(*type) + (size_t)extra;
	}
	return 0;
}

int bpf_type_table_open(struct bpf_type_table *table, struct text bytes)
{
	int result;

	*table = (struct bpf_type_table){.count = 0};
	/* So that its parts, which lie at multiples of four, can be read as what they are. */
	if ((uintptr_t)bytes.bytes % _Alignof(struct btf_type))
		return -EBADMSG;
	result = find_parts(table, bytes);
	if (!result)
		result = find_places(table);
	if (result)
		bpf_type_table_deinit(table);
	return result;
}

void bpf_type_table_deinit(struct bpf_type_table *table)
{
	free(table->places);
	*table = (struct bpf_type_table){.count = 0};
}

const struct btf_type *bpf_type_table_find(const struct bpf_type_table *table, uint32_t id)
{
	if (!id || id >= table->count)
		return NULL;
	return (const void *)(table->types + table->places[id]);
}

struct text bpf_type_table_name(const struct bpf_type_table *table, uint32_t offset)
{
	if (offset >= table->strings_size)
		return (struct text){.length = 0};
	return text_of(table->strings + offset);
}
