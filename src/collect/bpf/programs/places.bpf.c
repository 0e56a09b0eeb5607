/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Which IPC and mount namespace each process is in, and each thread that went into another one than
 * its leader; and how much there is in these namespaces.
 */
#include "collect/bpf/programs/common.h"
#include "collect/bpf/programs/namespace_ids.h"

/* One that has exited has none any more. */
static bool is_with_leader(struct task_struct *task, struct ipc_namespace *namespace)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);

	return leader != task && BPF_CORE_READ(leader, nsproxy, ipc_ns) == namespace;
}

static void count_objects(struct ipc_namespace *namespace, struct bpf_place_record *record)
{
	record->sem = BPF_CORE_READ(namespace, ids[IPC_SEM_IDS].in_use);
	record->msg = BPF_CORE_READ(namespace, ids[IPC_MSG_IDS].in_use);
	record->shm = BPF_CORE_READ(namespace, ids[IPC_SHM_IDS].in_use);
	/* One that may be there, where it cannot be told. */
	record->mq = 1;
	if (bpf_core_field_exists(namespace->mq_queues_count))
		record->mq = BPF_CORE_READ(namespace, mq_queues_count);
}

SEC("ipclens/task")
int list_places(struct bpf_iter__task *context)
{
	struct bpf_records_header *header = records_header();
	struct task_struct *task = context->task;
	struct ipc_namespace *namespace;
	union bpf_record *record;

	if (!task || !header)
		return DONE;
	namespace = BPF_CORE_READ(task, nsproxy, ipc_ns);
	if (!namespace || is_with_leader(task, namespace))
		return DONE;
	record = records_add(header);
	if (!record)
		return AGAIN;
	find_pids(header, task, &record->place.pid, &record->place.tid);
	record->place.ipc = BPF_CORE_READ(namespace, ns.inum);
	record->place.mount = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	count_objects(namespace, &record->place);
	return DONE;
}
