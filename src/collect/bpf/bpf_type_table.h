/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A table of types as the kernel and the compiler write it (BTF): reading it.
 */
#ifndef IPCLENS_COLLECT_BPF_BPF_TYPE_TABLE_H
#define IPCLENS_COLLECT_BPF_BPF_TYPE_TABLE_H

#include <linux/btf.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* Borrows the bytes that it was opened on. */
struct bpf_type_table {
	const char *types, *strings;
	size_t types_size, strings_size;
	uint32_t *places; /* of the types behind ->types, by id; owned */
	uint32_t count;	  /* ids in use; id 0 is void, which has no place */
};

/* 0, -ENOMEM, or -EBADMSG where it is no such table, or has what this does not know. */
int bpf_type_table_open(struct bpf_type_table *table, struct text bytes);
void bpf_type_table_deinit(struct bpf_type_table *table);

/* All of the type lies inside of the table. NULL: there is none with that id, or it is void. */
const struct btf_type *bpf_type_table_find(const struct bpf_type_table *table, uint32_t id);

/* How many bytes follow on the type itself; -EBADMSG for a kind that is not known. */
int64_t bpf_type_extra(const struct btf_type *type);

/* Empty where it has none. */
struct text bpf_type_table_name(const struct bpf_type_table *table, uint32_t offset);

#endif
