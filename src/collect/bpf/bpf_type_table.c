/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/bpf/bpf_type_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int64_t bpf_type_extra(const struct btf_type *type)
{
	int64_t count = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	case BTF_KIND_INT:
		return sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return count * (int64_t)sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return count * (int64_t)sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return count * (int64_t)sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return count * (int64_t)sizeof(struct btf_param);
	case BTF_KIND_VAR:
		return sizeof(struct btf_var);
	case BTF_KIND_DATASEC:
		return count * (int64_t)sizeof(struct btf_var_secinfo);
	case BTF_KIND_DECL_TAG:
		return sizeof(struct btf_decl_tag);
	default:
		return -EBADMSG;
	}
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
