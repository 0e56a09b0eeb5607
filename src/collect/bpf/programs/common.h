/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What the programs share: where records go, whose PIDs they are.
 *
 * Everything is read by BPF_CORE_READ(). Plain loads through the pointers that an iterator hands
 * over are faster in themselves, but for each of them newer verifiers search all types of the
 * kernel by name (btf_nested_type_is_trusted()), and that made opening slower by 10 ms.
 */
#ifndef IPCLENS_COLLECT_BPF_PROGRAMS_COMMON_H
#define IPCLENS_COLLECT_BPF_PROGRAMS_COMMON_H

#include "collect/bpf/bpf_records.h"
#include "collect/bpf/programs/kernel_types.h"

/* What an iterator's program returns. After AGAIN it is called with the same thing once more. */
#define DONE 0
#define AGAIN 1

/* The most that one bpf_loop() may do (BPF_MAX_LOOPS). */
#define ENDLESS (1 << 23)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BPF_RECORDS_SLOTS);
	__type(key, uint32_t);
	__type(value, union bpf_record);
} records SEC(".maps");

static struct bpf_records_header *records_header(void)
{
	uint32_t first = 0;

	return bpf_map_lookup_elem(&records, &first);
}

/* The next free slot, or NULL where there is none left. */
static union bpf_record *records_add(struct bpf_records_header *header)
{
	uint32_t index = header->used + 1;
	union bpf_record *record = bpf_map_lookup_elem(&records, &index);

	if (record)
		header->used = index;
	return record;
}

/* The number of a PID and its namespace on a level. The array is longer than it is declared. */
static void pid_on_level(struct pid *pid, unsigned int level, struct upid *ret_upid)
{
	void *numbers = (void *)pid + bpf_core_field_offset(struct pid, numbers);

	bpf_probe_read_kernel(ret_upid, sizeof(*ret_upid), numbers + level * sizeof(*ret_upid));
}

/* Programs run in the context of whoever reads the iterator. */
static void find_viewer(struct bpf_records_header *header)
{
	struct task_struct *viewer = bpf_get_current_task_btf();
	struct pid *own = BPF_CORE_READ(viewer, thread_pid);
	struct upid upid = {};

	header->viewer_level = BPF_CORE_READ(own, level);
	pid_on_level(own, header->viewer_level, &upid);
	header->viewer_namespace = (uint64_t)upid.ns;
}

/* As the viewer's PID namespace numbers it; 0: not at all. */
static uint32_t pid_for_viewer(struct bpf_records_header *header, struct pid *pid)
{
	struct upid upid = {};

	if (!header->viewer_namespace)
		find_viewer(header);
	if (!pid || BPF_CORE_READ(pid, level) < header->viewer_level)
		return 0;
	pid_on_level(pid, header->viewer_level, &upid);
	return (uint64_t)upid.ns == header->viewer_namespace ? (uint32_t)upid.nr : 0;
}

static void find_pids(struct bpf_records_header *header, struct task_struct *task,
		      uint32_t *ret_pid, uint32_t *ret_tid)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	*ret_tid = pid_for_viewer(header, BPF_CORE_READ(task, thread_pid));
	*ret_pid = leader == task ? *ret_tid
				  : pid_for_viewer(header, BPF_CORE_READ(leader, thread_pid));
}

static uint32_t ipc_namespace_of(struct task_struct *task)
{
	return BPF_CORE_READ(task, nsproxy, ipc_ns, ns.inum);
}

#endif
