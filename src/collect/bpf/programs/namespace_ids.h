/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Finds an object of System V in its namespace (ipc/util.c: ipc_obtain_object_idr()).
 */
#ifndef IPCLENS_COLLECT_BPF_PROGRAMS_NAMESPACE_IDS_H
#define IPCLENS_COLLECT_BPF_PROGRAMS_NAMESPACE_IDS_H

#include "collect/bpf/programs/common.h"

/* ipc/util.h */
#define IPC_SEM_IDS 0
#define IPC_MSG_IDS 1
#define IPC_SHM_IDS 2

/* An index takes 15 bits of an id, or 24 after a boot with ipcmni_extend (ipc/util.h). */
#define INDEX_MASK 0x7fff
#define INDEX_MASK_EXTENDED 0xffffff

/* include/linux/xarray.h: xa_is_node(), xa_to_node() */
#define XA_INTERNAL 2
#define XA_LAST_SPECIAL 4096
#define XA_MOST_LEVELS 6

static uintptr_t xa_find(uintptr_t entry, uint32_t index)
{
	struct xa_node *node;
	uint32_t slots = bpf_core_field_size(struct xa_node, slots) / sizeof(void *);

	for (int i = 0; i < XA_MOST_LEVELS; i++) {
		if ((entry & 3) != XA_INTERNAL || entry <= XA_LAST_SPECIAL)
			return entry;
		node = (void *)(entry - XA_INTERNAL);
		uint32_t slot = (index >> (BPF_CORE_READ(node, shift) & 31)) & (slots - 1);
		uintptr_t place = (uintptr_t)node + bpf_core_field_offset(struct xa_node, slots);

		entry = 0;
		bpf_probe_read_kernel(&entry, sizeof(entry),
				      (void *)(place + slot * sizeof(void *)));
	}
	return 0;
}

/*
 * The kern_ipc_perm with that index, of whichever id; 0 where there is none. The kind is a constant
 * to the compiler, as it has to be for the loader.
 */
#define find_by_index(namespace, kind, index) \
	xa_find((uintptr_t)BPF_CORE_READ(namespace, ids[kind].ipcs_idr.idr_rt.xa_head), (index))

#endif
