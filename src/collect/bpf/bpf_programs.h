/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The loaded programs: run one, get its records.
 */
#ifndef IPCLENS_COLLECT_BPF_BPF_PROGRAMS_H
#define IPCLENS_COLLECT_BPF_BPF_PROGRAMS_H

#include "collect/bpf/bpf_library.h"
#include "collect/bpf/bpf_records.h"
#include "collect/bpf/bpf_source.h"

#include <stdbool.h>
#include <stddef.h>

/* All zero: not loaded. */
struct bpf_programs {
	struct bpf_library library;
	struct bpf_object *object;
	unsigned int lists;
	bool is_by_cut;		   /* loaded with the few types that are needed, see bpf_types.h */
	union bpf_record *records; /* the map, shared with the kernel */
	size_t records_size;
};

/* Loads those for these lists. 0 or a negative errno. On failure, too, bpf_programs_deinit() is
 * called afterwards. */
int bpf_programs_load(struct bpf_programs *programs, unsigned int lists);

/* The same with the kernel's types in another file; where it does not do, libbpf looks for them. */
int bpf_programs_load_by(struct bpf_programs *programs, unsigned int lists, const char *path);

void bpf_programs_deinit(struct bpf_programs *programs);

/*
 * Runs one that was loaded and hands out each record, which may not be kept; those of one process
 * alone where a PID is given and the kernel can do that (6.1), otherwise (or with 0) of all. 0,
 * what the handler returned if not 0, or a negative errno.
 */
int bpf_programs_run(struct bpf_programs *programs, enum bpf_source_list list, int64_t pid,
		     int (*handler)(const union bpf_record *record, void *context), void *context);

#endif
