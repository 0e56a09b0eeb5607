/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Which system call each sleeping thread is in, as /proc/PID/task/TID/syscall has it
 * (lib/syscall.c), without the permission to trace it.
 */
#include "collect/bpf/programs/common.h"

#define PF_KTHREAD 0x00200000 /* include/linux/sched.h */

#ifdef IPCLENS_TARGET_X86

#define TS_COMPAT 2 /* arch/x86/include/asm/thread_info.h */

static bool is_compat(struct task_struct *task)
{
	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}

static void set_compat_arguments(const struct pt_regs___x86 *regs, uint64_t *arguments)
{
	arguments[0] = regs->bx;
	arguments[1] = regs->cx;
	arguments[2] = regs->dx;
	arguments[3] = regs->si;
	arguments[4] = regs->di;
	arguments[5] = regs->bp;
}

static void set_arguments(const struct pt_regs___x86 *regs, uint64_t *arguments)
{
	arguments[0] = regs->di;
	arguments[1] = regs->si;
	arguments[2] = regs->dx;
	arguments[3] = regs->r10;
	arguments[4] = regs->r8;
	arguments[5] = regs->r9;
}

static void read_call(struct task_struct *task, void *registers, struct bpf_blocked_record *record)
{
	struct pt_regs___x86 regs = {};

	bpf_probe_read_kernel(&regs, sizeof(regs), registers);
	record->is_compat = is_compat(task);
	record->number = (int)regs.orig_ax;
	record->stack_pointer = regs.sp;
	if (record->is_compat)
		set_compat_arguments(&regs, record->arguments);
	else
		set_arguments(&regs, record->arguments);
}

#endif

#ifdef IPCLENS_TARGET_ARM64

#define TIF_32BIT 22 /* arch/arm64/include/asm/thread_info.h */
#define COMPAT_SP 13

static void read_call(struct task_struct *task, void *registers, struct bpf_blocked_record *record)
{
	struct pt_regs___arm64 *regs = registers;

	record->is_compat = BPF_CORE_READ(task, thread_info.flags) >> TIF_32BIT & 1;
	record->number = BPF_CORE_READ(regs, syscallno);
	record->stack_pointer =
		record->is_compat ? BPF_CORE_READ(regs, regs[COMPAT_SP]) : BPF_CORE_READ(regs, sp);
	record->arguments[0] = BPF_CORE_READ(regs, orig_x0);
	record->arguments[1] = BPF_CORE_READ(regs, regs[1]);
	record->arguments[2] = BPF_CORE_READ(regs, regs[2]);
	record->arguments[3] = BPF_CORE_READ(regs, regs[3]);
	record->arguments[4] = BPF_CORE_READ(regs, regs[4]);
	record->arguments[5] = BPF_CORE_READ(regs, regs[5]);
}

#endif

static bool is_asleep_in_user_call(struct task_struct *task)
{
	return BPF_CORE_READ(task, __state) && !BPF_CORE_READ(task, exit_state) &&
	       !(BPF_CORE_READ(task, flags) & PF_KTHREAD);
}

static uint32_t processor_of(struct task_struct *task)
{
	struct task_struct___cpu *old = (void *)task;

	if (bpf_core_field_exists(old->cpu))
		return BPF_CORE_READ(old, cpu);
	return BPF_CORE_READ(task, thread_info.cpu);
}

static void describe(struct bpf_records_header *header, struct task_struct *task,
		     struct bpf_blocked_record *record)
{
	struct task_struct *viewer = bpf_get_current_task_btf();

	find_pids(header, task, &record->pid, &record->tid);
	record->namespace = ipc_namespace_of(task);
	record->since = BPF_CORE_READ(task, se.exec_start);
	record->now = BPF_CORE_READ(viewer, se.exec_start);
	record->state = BPF_CORE_READ(task, __state);
	record->processor = processor_of(task);
}

SEC("ipclens/task")
int list_blocked(struct bpf_iter__task *context)
{
	struct bpf_records_header *header = records_header();
	struct task_struct *task = context->task;
	union bpf_record *record;

	if (!task || !header || !is_asleep_in_user_call(task))
		return DONE;
	record = records_add(header);
	if (!record)
		return AGAIN;
	describe(header, task, &record->blocked);
	read_call(task, (void *)bpf_task_pt_regs(task), &record->blocked);
	/*
	 * Awake by now; in the kernel, but in no call; or a worker of io_uring, which never leaves
	 * the kernel and has no stack outside of it.
	 */
	if (!record->blocked.state || record->blocked.number < 0 || !record->blocked.stack_pointer)
		header->used--;
	return DONE;
}
