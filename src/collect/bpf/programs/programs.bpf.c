/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * All programs as one object: what takes time is that the loader reads the kernel's types, which it
 * does for each object.
 */
#include "collect/bpf/programs/blocked.bpf.c"
#include "collect/bpf/programs/ends.bpf.c"
#include "collect/bpf/programs/holders.bpf.c"
#include "collect/bpf/programs/mappings.bpf.c"

/* The helpers that read the kernel's memory are for programs under a licence like its own. */
char licence[] SEC("license") = "Dual BSD/GPL";
