/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * The parts of the kernel's structures that the programs read. The loader puts in where the running
 * kernel has each field (CO-RE), by the names of struct and field; what comes after ___ in a name
 * tells shapes of different kernels apart.
 */
#ifndef IPCLENS_COLLECT_BPF_PROGRAMS_KERNEL_TYPES_H
#define IPCLENS_COLLECT_BPF_PROGRAMS_KERNEL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The names that libbpf's headers want. */
typedef uint8_t __u8;
typedef uint16_t __u16;
typedef uint32_t __u32;
typedef uint64_t __u64;
typedef int32_t __s32;
typedef int64_t __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* What an iterator's program is called with: a kernel interface, the same on every kernel. */
struct bpf_iter__task {
	uint64_t meta;
	struct task_struct *task;
};

struct bpf_iter__task_file {
	uint64_t meta;
	struct task_struct *task;
	uint32_t fd, unused;
	struct file *file;
};

struct bpf_iter__task_vma {
	uint64_t meta;
	struct task_struct *task;
	struct vm_area_struct *vma;
};

enum bpf_map_type {
	BPF_MAP_TYPE_ARRAY = 2,
};

enum bpf_map_flags {
	BPF_F_MMAPABLE = 1 << 10,
};

/* These never change, and are not looked up. */
struct list_head {
	struct list_head *next, *prev;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

/* Of x86-64; debuggers have the same from ptrace(PTRACE_GETREGS). */
struct pt_regs___x86 {
	uint64_t r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax;
	uint64_t ip, cs, flags, sp, ss;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct xa_node {
	unsigned char shift;
	void *slots[64]; /* or 16 */
};

struct xarray {
	void *xa_head;
};

struct idr {
	struct xarray idr_rt;
};

struct ipc_ids {
	int in_use;
	int max_idx;
	struct idr ipcs_idr;
};

struct ns_common {
	unsigned int inum;
};

/* mq_queues_count is only where the kernel has POSIX queues. */
struct ipc_namespace {
	struct ipc_ids ids[3];
	unsigned int mq_queues_count;
	struct ns_common ns;
};

struct mnt_namespace {
	struct ns_common ns;
};

struct nsproxy {
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
};

struct kern_ipc_perm {
	int id;
};

struct sem_array {
	struct kern_ipc_perm sem_perm;
	struct list_head list_id;
	int sem_nsems;
};

struct sem_undo_list {
	struct list_head list_proc;
};

struct sem_undo {
	struct list_head list_proc;
	struct sem_undo_list *ulp;
	struct list_head list_id;
	int semid;
	short semadj[1];
};

/* As it was before the array became a part of the struct: Linux 6.1 has it so, 6.18 has not. */
struct sem_undo___pointer {
	short *semadj;
};

struct sysv_sem {
	struct sem_undo_list *undo_list;
};

struct sched_entity {
	uint64_t exec_start;
};

/* x86 has status, arm64 has not. */
struct thread_info {
	unsigned long flags;
	uint32_t status;
	uint32_t cpu;
};

/* Before Linux 5.16. */
struct task_struct___cpu {
	unsigned int cpu;
};

struct files_struct;
struct mm_struct;

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	unsigned int flags;
	struct sched_entity se;
	int exit_state;
	uint64_t start_time;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	struct mm_struct *mm;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct sysv_sem sysvsem;
};

/* Of arm64, the registers that a thread had when it entered the kernel. */
struct pt_regs___arm64 {
	unsigned long regs[31];
	unsigned long sp;
	unsigned long orig_x0;
	int syscallno;
};

struct super_block {
	uint32_t s_dev;
	unsigned long s_magic;
	void *s_fs_info;
};

struct pipe_buffer {
	unsigned int len;
};

struct pipe_inode_info {
	unsigned int head, tail;
	unsigned int max_usage, ring_size;
	unsigned int readers, writers;
	struct pipe_buffer *bufs;
};

struct inode {
	unsigned short i_mode;
	unsigned long i_ino;
	struct super_block *i_sb;
	struct pipe_inode_info *i_pipe;
};

struct file {
	unsigned int f_mode;
	struct inode *f_inode;
	void *private_data;
};

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_flags;
	struct file *vm_file;
};

struct shmid_kernel {
	struct kern_ipc_perm shm_perm;
	struct file *shm_file;
};

/* What a file that is attached, private_data, says of its segment. */
struct shm_file_data {
	int id;
	struct ipc_namespace *ns;
	struct file *file;
};

struct mq_attr {
	long mq_curmsgs;
};

struct mqueue_inode_info {
	struct inode vfs_inode;
	struct mq_attr attr;
	struct pid *notify_owner;
	unsigned long qsize;
};

#pragma clang attribute pop

#endif
