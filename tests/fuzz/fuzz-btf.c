/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two bytes, the greater first, for the length of the kernel's types in words of four bytes; those,
 * and then those of the programs: both together are refused, or what is cut out of the first can be
 * read again.
 */
#include "fuzz.h"

#include <errno.h>

#include "base/cleanup.h"
#include "collect/bpf/bpf_type_table.h"
#include "collect/bpf/bpf_types.h"

/* A copy of exactly that size, which begins at a multiple of four. */
static struct text copy(struct text text, char **ret_bytes)
{
	*ret_bytes = malloc(text.length ? text.length : 1);
	REQUIRE(*ret_bytes);
	if (text.length)
		memcpy(*ret_bytes, text.bytes, text.length);
	return (struct text){*ret_bytes, text.length};
}

static void look_at_types(struct text cut)
{
	struct bpf_type_table table;

	REQUIRE(bpf_type_table_open(&table, cut) == 0);
	for (uint32_t id = 1; id < table.count; id++) {
		const struct btf_type *type = bpf_type_table_find(&table, id);

		REQUIRE(type && type->name_off < table.strings_size);
		if (BTF_INFO_KIND(type->info) == BTF_KIND_PTR)
			REQUIRE(id == 1 && !type->type);
	}
	bpf_type_table_deinit(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bpf_target targets[] = {{.name = "f"}, {.name = "bpf_iter_task"}};
	_cleanup_free_ char *kernel_bytes = NULL, *programs_bytes = NULL;
	_cleanup_buffer_ struct buffer cut = {0};
	struct text kernel, programs = fuzz_input(data, size);
	size_t length = fuzz_choose(&programs, 256);
	int result;

	length = (length << 8 | fuzz_choose(&programs, 256)) * 4;
	kernel = (struct text){programs.bytes, length < programs.length ? length : programs.length};
	programs = (struct text){programs.bytes + kernel.length, programs.length - kernel.length};
	result = bpf_types_cut(copy(kernel, &kernel_bytes), copy(programs, &programs_bytes),
			       targets, 2, &cut);
	REQUIRE(result == 0 || (result == -EBADMSG && !cut.length));
	if (!result)
		look_at_types(buffer_text(&cut));
	return 0;
}
