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
	struct list_head *other; /* an entry of the same array */
	uint32_t semnum, holders;
	uint32_t semaphores;
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

/* The number is more than there are where the way ends too early, as entries were removed. */
static long visit_other(uint32_t index, void *unused)
{
	struct list_head *at = walk.other;
	struct list_head *head =
		(void *)walk.array + bpf_core_field_offset(struct sem_array, list_id);
	struct sem_undo *undo = (void *)at - bpf_core_field_offset(struct sem_undo, list_id);
	int16_t amount = 0;

	if (at == head)
		return 1;
	if (!at || (uint32_t)BPF_CORE_READ(undo, semid) != walk.record.semid) {
		walk.holders = UINT32_MAX;
		return 1;
	}
	bpf_probe_read_kernel(&amount, sizeof(amount),
			      find_adjustments(undo) + walk.semnum * sizeof(amount));
	walk.holders += amount > 0;
	bpf_probe_read_kernel(&walk.other, sizeof(walk.other), &at->next);
	return 0;
}

/*
 * How many lists hold the semaphore. Iterators pass the tasks of the viewer's PID namespace alone,
 * and the array knows the lists of all.
 */
static uint32_t count_holders(uint32_t semnum)
{
	struct sem_array *array = walk.array;

	walk.semnum = semnum;
	walk.holders = 0;
	walk.other = BPF_CORE_READ(array, list_id.next);
	bpf_loop(ENDLESS, visit_other, NULL, 0);
	return walk.holders;
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
	record->holder.holders = header->viewer_level ? count_holders(record->holder.semnum) : 0;
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
	walk.adjustments = find_adjustments(undo);
	bpf_loop((walk.semaphores + CHUNK - 1) / CHUNK, scan_chunk, NULL, 0);
	return walk.is_full != 0;
}

static void begin_walk(struct task_struct *task, struct sem_undo_list *list,
		       struct bpf_records_header *header)
{
	walk.list = list;
	walk.at = BPF_CORE_READ(list, list_proc.next);
	walk.namespace = BPF_CORE_READ(task, nsproxy, ipc_ns);
	walk.found = 0;
	walk.is_full = 0;
	walk.record.list = (uint64_t)list;
	find_pids(header, task, &walk.record.pid, &walk.record.tid);
	walk.record.namespace = ipc_namespace_of(task);
	walk.skipped = header->resumed_list == walk.record.list ? header->resumed_number : 0;
	header->resumed_list = 0;
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

	/* Without CONFIG_SYSVIPC there is no such field. */
	if (!task || !header || !bpf_core_field_exists(task->sysvsem))
		return DONE;
	list = list_to_show(task);
	if (!list)
		return DONE;
	begin_walk(task, list, header);
	bpf_loop(ENDLESS, visit_undo, NULL, 0);
	if (!walk.is_full)
		return DONE;
	header->resumed_list = walk.record.list;
	header->resumed_number = walk.found;
	return AGAIN;
}
