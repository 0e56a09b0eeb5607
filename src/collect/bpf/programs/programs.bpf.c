/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* All programs as one object, of which those are loaded whose lists are wanted. */
#include "collect/bpf/programs/blocked.bpf.c"
#include "collect/bpf/programs/ends.bpf.c"
#include "collect/bpf/programs/holders.bpf.c"
#include "collect/bpf/programs/mappings.bpf.c"
#include "collect/bpf/programs/places.bpf.c"

/* The helpers that read the kernel's memory are for programs under a licence like its own. */
char licence[] SEC("license") = "Dual BSD/GPL";
