/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of types (BTF) made by hand, for the tests of their readers. Each function that adds a
 * type returns its id.
 */
#ifndef IPCLENS_TESTS_TYPE_BUILDER_H
#define IPCLENS_TESTS_TYPE_BUILDER_H

#include <linux/btf.h>
#include <stdint.h>

#include "base/text.h"
#include "collect/bpf/bpf_type_table.h"
#include "collect/bpf/bpf_types.h"

/* All zero is an empty one. */
struct type_builder {
	struct buffer types, strings;
	uint32_t count;
};

struct built_member {
	const char *name; /* NULL: it has none */
	uint32_t type, offset;
};

void type_builder_deinit(struct type_builder *builder);

/* Its place among the strings. */
uint32_t add_string(struct type_builder *builder, const char *string);

/* What comes after it is added by the caller, with add_after(). */
uint32_t add_type(struct type_builder *builder, const char *name, uint32_t info, uint32_t type);
void add_after(struct type_builder *builder, const void *bytes, size_t size);

uint32_t add_int(struct type_builder *builder, const char *name, uint32_t size);
uint32_t add_array_of(struct type_builder *builder, uint32_t type, uint32_t index, uint32_t count);

/* Up to the member without name and type. kind is BTF_KIND_STRUCT or UNION, and may have a flag. */
uint32_t add_members(struct type_builder *builder, const char *name, uint32_t kind, uint32_t size,
		     const struct built_member *members);
#define ADD_MEMBERS(builder, name, kind, size, ...) \
	add_members(builder, name, kind, size, (const struct built_member[]){__VA_ARGS__, {NULL}})

/* What goes into btf_type.info. */
#define KIND_FLAG (UINT32_C(1) << 7)
#define INFO(kind, count) ((uint32_t)(kind) << 24 | (uint32_t)(count))

/* Adds the whole table. */
void write_types(struct type_builder *builder, struct buffer *ret_bytes);

/*
 * bpf_types_cut() of copies of exactly these sizes, so that a sanitizer sees each byte read too
 * many.
 */
int cut_copies(struct text kernel, struct text programs, struct bpf_target *targets,
	       size_t target_count, struct buffer *ret_cut);

/* In a table that was opened; NULL: not there. */
const struct btf_type *find_named(const struct bpf_type_table *table, const char *name);
const struct btf_member *find_member(const struct bpf_type_table *table,
				     const struct btf_type *type, const char *name);

#endif
