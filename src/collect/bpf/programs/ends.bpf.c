/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Descriptors of pipes, FIFOs and POSIX queues, and what is in those. No lock is taken: the numbers
 * of one pipe can be of different instants.
 */
#include "collect/bpf/programs/common.h"

#define S_IFMT 0170000
#define S_IFIFO 0010000
#define S_IFREG 0100000

/* include/uapi/linux/magic.h, ipc/mqueue.c */
#define PIPEFS_MAGIC 0x50495045
#define MQUEUE_MAGIC 0x19800202

struct fill {
	struct pipe_buffer *buffers;
	uint32_t tail, mask;
	uint64_t bytes;
};

static long add_buffer(uint32_t index, struct fill *fill)
{
	uint32_t slot = (fill->tail + index) & fill->mask;
	struct pipe_buffer *buffer =
		(void *)fill->buffers + slot * bpf_core_type_size(struct pipe_buffer);

	fill->bytes += BPF_CORE_READ(buffer, len);
	return 0;
}

static uint64_t count_bytes(struct pipe_inode_info *pipe, uint32_t tail, uint32_t used)
{
	struct fill fill = {
		.buffers = BPF_CORE_READ(pipe, bufs),
		.tail = tail,
		.mask = BPF_CORE_READ(pipe, ring_size) - 1, /* of a power of two */
	};

	bpf_loop(used, add_buffer, &fill, 0);
	return fill.bytes;
}

static void describe_pipe(struct inode *inode, struct bpf_end_record *record)
{
	struct pipe_inode_info *pipe = BPF_CORE_READ(inode, i_pipe);
	/* The tail first, and the head is never behind it. */
	uint32_t tail = BPF_CORE_READ(pipe, tail);
	uint32_t used = BPF_CORE_READ(pipe, head) - tail;

	record->most_slots = BPF_CORE_READ(pipe, max_usage);
	/* More than there are: both moved between the looks at them. */
	record->used_slots = used < record->most_slots ? used : record->most_slots;
	record->readers = BPF_CORE_READ(pipe, readers);
	record->writers = BPF_CORE_READ(pipe, writers);
	if (record->used_slots)
		record->used_bytes = count_bytes(pipe, tail, record->used_slots);
}

static void describe_queue(struct bpf_records_header *header, struct inode *inode,
			   struct bpf_end_record *record)
{
	struct mqueue_inode_info *queue =
		(void *)inode - bpf_core_field_offset(struct mqueue_inode_info, vfs_inode);
	struct ipc_namespace *namespace = BPF_CORE_READ(inode, i_sb, s_fs_info);

	record->used_bytes = BPF_CORE_READ(queue, qsize);
	record->messages = (uint64_t)BPF_CORE_READ(queue, attr.mq_curmsgs);
	record->notified = pid_for_viewer(header, BPF_CORE_READ(queue, notify_owner));
	/* NULL, and so 0, once the namespace has gone and only descriptors are left. */
	record->namespace = BPF_CORE_READ(namespace, ns.inum);
}

/* Whether it is an end of IPC; and then, which. */
static bool find_type(struct inode *inode, uint32_t *ret_type)
{
	unsigned int format = BPF_CORE_READ(inode, i_mode) & S_IFMT;
	unsigned long magic;

	if (format != S_IFIFO && format != S_IFREG)
		return false;
	magic = BPF_CORE_READ(inode, i_sb, s_magic);
	if (format == S_IFIFO) {
		*ret_type = magic == PIPEFS_MAGIC ? BPF_END_PIPE : BPF_END_FIFO;
		return true;
	}
	*ret_type = BPF_END_QUEUE;
	/* Without CONFIG_POSIX_MQUEUE there is no such struct. */
	return magic == MQUEUE_MAGIC && bpf_core_type_exists(struct mqueue_inode_info);
}

/* A task that ends leaves its address to another one, which has started later. */
static void find_owner(struct bpf_records_header *header, struct task_struct *task)
{
	uint64_t started = BPF_CORE_READ(task, start_time);

	if (header->owner == (uint64_t)task && header->owner_started == started)
		return;
	header->owner = (uint64_t)task;
	header->owner_started = started;
	header->owner_table = (uint64_t)BPF_CORE_READ(task, files);
	find_pids(header, task, &header->owner_pid, &header->owner_tid);
}

static void describe_descriptor(const struct bpf_records_header *header, struct file *file,
				struct inode *inode, struct bpf_end_record *record)
{
	record->pid = header->owner_pid;
	record->tid = header->owner_tid;
	record->table = header->owner_table;
	record->mode = BPF_CORE_READ(file, f_mode);
	record->device = BPF_CORE_READ(inode, i_sb, s_dev);
	record->inode = BPF_CORE_READ(inode, i_ino);
}

SEC("ipclens/task_file")
int list_ends(struct bpf_iter__task_file *context)
{
	struct bpf_records_header *header = records_header();
	/* Read once: each read of the context is a pointer that the verifier wants to see checked.
	 */
	struct task_struct *task = context->task;
	struct file *file = context->file;
	union bpf_record *record;
	struct inode *inode;
	uint32_t type;

	if (!task || !file || !header)
		return DONE;
	inode = BPF_CORE_READ(file, f_inode);
	if (!find_type(inode, &type))
		return DONE;
	record = records_add(header);
	if (!record)
		return AGAIN;
	record->end = (struct bpf_end_record){.type = type, .fd = context->fd};
	find_owner(header, task);
	describe_descriptor(header, file, inode, &record->end);
	if (type == BPF_END_QUEUE)
		describe_queue(header, inode, &record->end);
	else
		describe_pipe(inode, &record->end);
	return DONE;
}
