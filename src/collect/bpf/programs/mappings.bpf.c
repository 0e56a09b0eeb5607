/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Attachments of System V segments, each with the IPC namespace that its segment is of (ipc/shm.c:
 * struct shm_file_data).
 *
 * Which files are attachments, no field says. What could be one is believed only where the
 * namespace that it names has a segment of the id that it names, and this segment has the very
 * memory that is mapped. A segment stays there as long as it is attached, also when it was removed.
 */
#include "collect/bpf/programs/common.h"
#include "collect/bpf/programs/namespace_ids.h"

/* include/linux/mm.h; VM_SHARED is taken away where a shared mapping is for reading alone. */
#define VM_MAYSHARE 0x80UL

/* include/uapi/linux/magic.h: segments are on one or the other */
#define TMPFS_MAGIC 0x01021994
#define HUGETLBFS_MAGIC 0x958458f6

static struct file *memory_of_segment(struct ipc_namespace *namespace, int id, uint32_t mask)
{
	uintptr_t found = find_by_index(namespace, IPC_SHM_IDS, (uint32_t)id & mask);
	struct shmid_kernel *segment =
		(void *)(found - bpf_core_field_offset(struct shmid_kernel, shm_perm));

	if (!found || BPF_CORE_READ(segment, shm_perm.id) != id)
		return NULL;
	return BPF_CORE_READ(segment, shm_file);
}

/* Where the file is of no attachment, what its private data point to is anything. */
static bool is_attachment(struct file *file, struct inode *inode, struct shm_file_data *data)
{
	struct ipc_namespace *namespace = BPF_CORE_READ(data, ns);
	struct file *memory = BPF_CORE_READ(data, file);
	int id = BPF_CORE_READ(data, id);

	if (!namespace || !memory || memory == file || BPF_CORE_READ(memory, f_inode) != inode)
		return false;
	return memory_of_segment(namespace, id, INDEX_MASK) == memory ||
	       memory_of_segment(namespace, id, INDEX_MASK_EXTENDED) == memory;
}

/* What is known of the attachment behind a mapping; NULL where it is none. */
static struct shm_file_data *find_data(struct vm_area_struct *area)
{
	struct file *file = BPF_CORE_READ(area, vm_file);
	struct shm_file_data *data;
	struct inode *inode;
	unsigned long magic;

	if (!file || !(BPF_CORE_READ(area, vm_flags) & VM_MAYSHARE))
		return NULL;
	data = BPF_CORE_READ(file, private_data);
	inode = BPF_CORE_READ(file, f_inode);
	if (!data || !inode)
		return NULL;
	magic = BPF_CORE_READ(inode, i_sb, s_magic);
	if (magic != TMPFS_MAGIC && magic != HUGETLBFS_MAGIC)
		return NULL;
	return is_attachment(file, inode, data) ? data : NULL;
}

/* A thread whose process shows the same memory already, through its leader. */
static bool is_shown(struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	return leader != task && BPF_CORE_READ(leader, mm) == BPF_CORE_READ(task, mm);
}

/*
 * After AGAIN some kernels come back with the same mapping, and others with the next one
 * (kernel/bpf/task_iter.c: task_vma_seq_get_next()). So the last slot is used before AGAIN, and
 * what went into it is known again.
 */
static bool is_known(struct bpf_records_header *header, struct task_struct *task, uint64_t address)
{
	bool is_same = header->resumed_task == (uint64_t)task && header->resumed_address == address;

	header->resumed_task = 0;
	return is_same;
}

SEC("ipclens/task_vma")
int list_mappings(struct bpf_iter__task_vma *context)
{
	struct bpf_records_header *header = records_header();
	struct task_struct *task = context->task;
	struct vm_area_struct *area = context->vma;
	struct shm_file_data *data;
	union bpf_record *record;
	uint64_t address;

	/* Without CONFIG_SYSVIPC there is no such struct. */
	if (!task || !area || !header || !bpf_core_type_exists(struct shm_file_data))
		return DONE;
	data = find_data(area);
	if (!data || is_shown(task))
		return DONE;
	address = BPF_CORE_READ(area, vm_start);
	if (is_known(header, task, address))
		return DONE;
	record = records_add(header);
	if (!record)
		return AGAIN;
	record->mapping = (struct bpf_mapping_record){
		.space = (uint64_t)BPF_CORE_READ(task, mm),
		.address = address,
		.namespace = BPF_CORE_READ(data, ns, ns.inum),
		.id = (uint32_t)BPF_CORE_READ(data, id),
	};
	find_pids(header, task, &record->mapping.pid, &record->mapping.tid);
	if (header->used < BPF_RECORDS_SLOTS - 1)
		return DONE;
	header->resumed_task = (uint64_t)task;
	header->resumed_address = address;
	return AGAIN;
}
