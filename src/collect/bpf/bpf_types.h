/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The few types of the kernel that the programs read, cut out of all that it has.
 *
 * The loader finds out where the running kernel has each field (CO-RE), and for that it goes
 * through all types of the kernel, 130,000 of them, once for each struct: 30 ms, of which the
 * kernel itself takes two. With a table of those alone that have the right names it takes nothing.
 */
#ifndef IPCLENS_COLLECT_BPF_BPF_TYPES_H
#define IPCLENS_COLLECT_BPF_BPF_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* Where the kernel tells its types (kernel/bpf/sysfs_btf.c). */
#define BPF_TYPES_PATH "/sys/kernel/btf/vmlinux"

/* A function of the kernel that a program stands for, and its type; 0: not found. */
struct bpf_target {
	const char *name;
	uint32_t id;
};

/*
 * Adds a table to ret_cut of the structs and unions of the kernel that have the names of those in
 * the programs' own table, with the members that have names which occur there, too; and finds the
 * targets. Both tables are borrowed. 0, -ENOMEM, or -EBADMSG where one of them cannot be read.
 */
int bpf_types_cut(struct text kernel, struct text programs, struct bpf_target *targets,
		  size_t target_count, struct buffer *ret_cut);

#endif
