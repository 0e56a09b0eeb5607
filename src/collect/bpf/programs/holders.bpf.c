/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Who holds semaphores: the undo lists (ipc/sem.c: struct sem_undo_list).
 *
 * The programs run inside of an RCU read section, and an entry is freed after a grace period: the
 * way from entry to entry stays sound while entries are removed. The list itself may be freed
 * under us when its last process ends; then the first entry is none of this list, and says so.
 */
#include "collect/bpf/programs/common.h"
#include "collect/bpf/programs/namespace_ids.h"

#define CHUNK 32
#define CHUNK_WORDS (CHUNK * sizeof(int16_t) / sizeof(uint64_t))

/* The walk through one list. There is one reader, so there is one walk at a time. */
static struct {
	struct sem_undo_list *list;
	struct list_head *at;
	struct ipc_namespace *namespace;
	struct sem_array *array; /* of the entry that is looked at */
	const void *adjustments;
	uint32_t semaphores;
	uint32_t arrays; /* that are still to come, where all of a namespace are walked through */
	uint32_t found, skipped;
	uint32_t is_full; /* no bool, of which the verifier does not believe that it is 0 or 1 */
	struct bpf_holder_record record; /* what all of its records share */
	union {
		int16_t values[CHUNK];
		uint64_t words[CHUNK_WORDS];
	} chunk;
} walk;

/* How many semaphores walk.array has; 0 where there is no such array (any more). */
static uint32_t array_length(struct ipc_namespace *namespace, int semid, uint32_t mask)
{
	uintptr_t found = find_by_index(namespace, IPC_SEM_IDS, (uint32_t)semid & mask);
	struct sem_array *array =
		(void *)(found - bpf_core_field_offset(struct sem_array, sem_perm));

	if (!found || BPF_CORE_READ(array, sem_perm.id) != semid)
		return 0;
	walk.array = array;
	return (uint32_t)BPF_CORE_READ(array, sem_nsems);
}

static uint32_t find_length(struct ipc_namespace *namespace, int semid)
{
	return array_length(namespace, semid, INDEX_MASK)
		       ?: array_length(namespace, semid, INDEX_MASK_EXTENDED);
}

static const void *find_adjustments(struct sem_undo *undo)
{
	struct sem_undo___pointer *old = (void *)undo;

	if (bpf_core_field_exists(old->semadj))
		return BPF_CORE_READ(old, semadj);
	return (void *)undo + bpf_core_field_offset(struct sem_undo, semadj);
}

static long add_one(uint32_t index, void *first)
{
	struct bpf_records_header *header = records_header();
	int16_t amount = index < CHUNK ? walk.chunk.values[index] : 0;
	union bpf_record *record;

	if (!amount || !header)
		return 0;
	if (walk.found++ < walk.skipped)
		return 0;
	record = records_add(header);
	if (!record) {
		walk.found--;
		walk.is_full = 1;
		return 1;
	}
	record->holder = walk.record;
	record->holder.semnum = *(uint32_t *)first + index;
	record->holder.amount = amount;
	return 0;
}

static bool read_chunk(uint32_t first)
{
	uint32_t count = walk.semaphores - first;
	uint64_t any = 0;

	if (count > CHUNK)
		count = CHUNK;
	for (uint32_t i = 0; i < CHUNK_WORDS; i++)
		walk.chunk.words[i] = 0;
	bpf_probe_read_kernel(walk.chunk.values, count * sizeof(int16_t),
			      walk.adjustments + first * sizeof(int16_t));
	for (uint32_t i = 0; i < CHUNK_WORDS; i++)
		any |= walk.chunk.words[i];
	return any;
}

static long scan_chunk(uint32_t index, void *unused)
{
	uint32_t first = index * CHUNK;

	if (first >= walk.semaphores)
		return 1;
	if (read_chunk(first))
		bpf_loop(CHUNK, add_one, &first, 0);
	return walk.is_full != 0;
}

static void scan_adjustments(struct sem_undo *undo)
{
	walk.adjustments = find_adjustments(undo);
	bpf_loop((walk.semaphores + CHUNK - 1) / CHUNK, scan_chunk, NULL, 0);
}

static long visit_undo(uint32_t index, void *unused)
{
	struct list_head *at = walk.at;
	struct sem_undo *undo = (void *)at - bpf_core_field_offset(struct sem_undo, list_proc);
	struct list_head *head =
		(void *)walk.list + bpf_core_field_offset(struct sem_undo_list, list_proc);

	if (!at || at == head || BPF_CORE_READ(undo, ulp) != walk.list)
		return 1;
	bpf_probe_read_kernel(&walk.at, sizeof(walk.at), &at->next);
	walk.record.semid = (uint32_t)BPF_CORE_READ(undo, semid);
	/* -1 in an entry whose array was removed */
	walk.semaphores = find_length(walk.namespace, (int)walk.record.semid);
	scan_adjustments(undo);
	return walk.is_full != 0;
}

static void begin_walk(struct task_struct *task, uint64_t what, struct bpf_records_header *header)
{
	walk.namespace = BPF_CORE_READ(task, nsproxy, ipc_ns);
	walk.found = 0;
	walk.is_full = 0;
	walk.record.namespace = ipc_namespace_of(task);
	walk.skipped = header->resumed_list == what ? header->resumed_number : 0;
	header->resumed_list = 0;
}

static int end_walk(uint64_t what, struct bpf_records_header *header)
{
	if (!walk.is_full)
		return DONE;
	header->resumed_list = what;
	header->resumed_number = walk.found;
	return AGAIN;
}

static int walk_list(struct task_struct *task, struct sem_undo_list *list,
		     struct bpf_records_header *header)
{
	begin_walk(task, (uint64_t)list, header);
	walk.list = list;
	walk.at = BPF_CORE_READ(list, list_proc.next);
	walk.record.list = (uint64_t)list;
	find_pids(header, task, &walk.record.pid, &walk.record.tid);
	bpf_loop(ENDLESS, visit_undo, NULL, 0);
	return end_walk((uint64_t)list, header);
}

/* Holders of the array may be missing: its list was changed on the way. */
static void add_doubt(void)
{
	struct bpf_records_header *header = records_header();
	union bpf_record *record;

	if (!header || walk.found++ < walk.skipped)
		return;
	record = records_add(header);
	if (!record) {
		walk.found--;
		walk.is_full = 1;
		return;
	}
	record->holder = walk.record;
	record->holder.semnum = BPF_HOLDER_OF_ALL;
	record->holder.amount = 1;
}

/* An entry of the array, of whichever process. */
static long visit_entry(uint32_t index, void *unused)
{
	struct list_head *at = walk.at;
	struct list_head *head =
		(void *)walk.array + bpf_core_field_offset(struct sem_array, list_id);
	struct sem_undo *undo = (void *)at - bpf_core_field_offset(struct sem_undo, list_id);

	if (at == head)
		return 1;
	if (!at || (uint32_t)BPF_CORE_READ(undo, semid) != walk.record.semid) {
		add_doubt();
		return 1;
	}
	bpf_probe_read_kernel(&walk.at, sizeof(walk.at), &at->next);
	walk.record.list = (uint64_t)BPF_CORE_READ(undo, ulp);
	scan_adjustments(undo);
	return walk.is_full != 0;
}

static long visit_array(uint32_t index, void *unused)
{
	struct ipc_namespace *namespace = walk.namespace;
	uintptr_t found = find_by_index(namespace, IPC_SEM_IDS, index);
	struct sem_array *array =
		(void *)(found - bpf_core_field_offset(struct sem_array, sem_perm));

	if (!found)
		return 0;
	walk.array = array;
	walk.at = BPF_CORE_READ(array, list_id.next);
	walk.record.semid = (uint32_t)BPF_CORE_READ(array, sem_perm.id);
	walk.semaphores = (uint32_t)BPF_CORE_READ(array, sem_nsems);
	bpf_loop(ENDLESS, visit_entry, NULL, 0);
	walk.arrays -= walk.arrays > 0;
	return walk.is_full || !walk.arrays;
}

/*
 * Iterators pass the tasks of the viewer's PID namespace alone, and arrays know the lists of all:
 * these are told without a process.
 */
static int walk_arrays(struct task_struct *task, struct ipc_namespace *namespace,
		       struct bpf_records_header *header)
{
	begin_walk(task, (uint64_t) namespace, header);
	walk.arrays = (uint32_t)BPF_CORE_READ(namespace, ids[IPC_SEM_IDS].in_use);
	walk.record.pid = 0;
	walk.record.tid = 0;
	if (walk.arrays)
		bpf_loop((uint32_t)BPF_CORE_READ(namespace, ids[IPC_SEM_IDS].max_idx) + 1,
			 visit_array, NULL, 0);
	return end_walk((uint64_t) namespace, header);
}

/* Namespaces whose arrays were walked through; of more than these they are once more. */
#define NAMESPACES 64

static struct ipc_namespace *walked[NAMESPACES];

/* Notes it, too. */
static bool was_walked(struct ipc_namespace *namespace, struct bpf_records_header *header)
{
	for (uint32_t i = 0; i < NAMESPACES; i++) {
		if (i >= header->namespaces)
			break;
		if (walked[i] == namespace)
			return true;
	}
	if (header->namespaces < NAMESPACES)
		walked[header->namespaces++ % NAMESPACES] = namespace;
	return false;
}

/* The list of a thread whose process does not show it already through its leader. */
static struct sem_undo_list *list_to_show(struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct sem_undo_list *list = BPF_CORE_READ(task, sysvsem.undo_list);

	if (leader != task && BPF_CORE_READ(leader, sysvsem.undo_list) == list)
		return NULL;
	return list;
}

SEC("ipclens/task")
int list_holders(struct bpf_iter__task *context)
{
	struct bpf_records_header *header = records_header();
	struct task_struct *task = context->task;
	struct sem_undo_list *list;
	struct ipc_namespace *namespace;

	/* Without CONFIG_SYSVIPC there is no such field. */
	if (!task || !header || !bpf_core_field_exists(task->sysvsem))
		return DONE;
	if (!header->viewer_namespace)
		find_viewer(header);
	namespace = BPF_CORE_READ(task, nsproxy, ipc_ns);
	if (header->viewer_level && namespace) {
		bool is_resumed = header->resumed_list == (uint64_t) namespace;

		if ((is_resumed || !was_walked(namespace, header)) &&
		    walk_arrays(task, namespace, header) == AGAIN)
			return AGAIN;
	}
	list = list_to_show(task);
	return list ? walk_list(task, list, header) : DONE;
}
