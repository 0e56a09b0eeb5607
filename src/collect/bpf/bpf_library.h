/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libbpf, loaded when the source is opened: most runs need none of it.
 */
#ifndef IPCLENS_COLLECT_BPF_BPF_LIBRARY_H
#define IPCLENS_COLLECT_BPF_BPF_LIBRARY_H

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

/* The library; its version 1 promises these functions. */
#define BPF_LIBRARY "libbpf.so.1"

/* Each function that is used. */
/* clang-format off */
#define BPF_LIBRARY_FUNCTIONS(FUNCTION) \
	FUNCTION(bpf_iter_create) \
	FUNCTION(bpf_link__destroy) \
	FUNCTION(bpf_link__fd) \
	FUNCTION(bpf_map__fd) \
	FUNCTION(bpf_object__btf) \
	FUNCTION(bpf_object__close) \
	FUNCTION(bpf_object__find_map_by_name) \
	FUNCTION(bpf_object__find_program_by_name) \
	FUNCTION(bpf_object__load) \
	FUNCTION(bpf_object__open_mem) \
	FUNCTION(bpf_program__attach_iter) \
	FUNCTION(bpf_program__name) \
	FUNCTION(bpf_program__set_autoload) \
	FUNCTION(bpf_program__set_type) \
	FUNCTION(btf__raw_data) \
	FUNCTION(libbpf_find_vmlinux_btf_id) \
	FUNCTION(libbpf_register_prog_handler) \
	FUNCTION(libbpf_set_print)
/* clang-format on */

#define BPF_LIBRARY_MEMBER(name) __typeof__(name) *name;
struct bpf_library {
	BPF_LIBRARY_FUNCTIONS(BPF_LIBRARY_MEMBER)
};
#undef BPF_LIBRARY_MEMBER

/* 0, or -ELIBACC where the library is missing or lacks one of these. It stays loaded. */
int bpf_library_load(struct bpf_library *ret_library);

#endif
