/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipcs -i: one object.
 */
#include "compat/ipcs_print.h"

#include <inttypes.h>

#include "compat/number.h"

/* "NAME=" is what precedes; the time fills 26 columns. */
static void add_time(struct buffer *out, const char *label, int64_t seconds, bool can_be_unset)
{
	char bytes[IPCS_TIME_MAX];
	struct text time =
		can_be_unset && !seconds ? TEXT_LITERAL("Not set") : ipcs_time(bytes, seconds);

	buffer_add_string(out, label);
	buffer_add_left(out, time, 26);
	buffer_add_char(out, '\n');
}

static void add_size(struct buffer *out, const char *label, const char *human_label, uint64_t bytes,
		     enum ipcs_unit unit)
{
	buffer_add_string(out, unit == IPCS_UNIT_HUMAN ? human_label : label);
	if (unit == IPCS_UNIT_HUMAN)
		number_add_human(out, bytes);
	else
		buffer_add_unsigned(out, bytes, 0);
	buffer_add_char(out, '\t');
}

/* uid, gid, cuid and cgid with what stands between them. */
static void add_ids(struct buffer *out, const struct object *object, const char *separator)
{
	buffer_add_format(out, "uid=%" PRIu64 "%sgid=%" PRIu64 "%scuid=%" PRIu64 "%scgid=%" PRIu64,
			  object->uid, separator, object->gid, separator, object->cuid, separator,
			  object->cgid);
}

static void add_shm(struct buffer *out, const struct object *object, enum ipcs_unit unit)
{
	const struct shm_details *shm = &object->shm;

	buffer_add_format(out, "\nShared memory Segment shmid=%" PRIu64 "\n", object->id);
	add_ids(out, object, "\t");
	/* The kernel keeps the status in the mode, above the permissions. */
	buffer_add_format(out, "\nmode=%#" PRIo64 "\taccess_perms=%#" PRIo64 "\n",
			  object->status << 9 | object->mode, object->mode);
	add_size(out, "bytes=", "size=", object->size, unit);
	buffer_add_format(out, "lpid=%" PRId64 "\tcpid=%" PRId64 "\tnattch=%" PRIu64 "\n",
			  shm->last_pid, shm->creator_pid, shm->nattch);
	add_time(out, "att_time=", shm->attached_at, true);
	add_time(out, "det_time=", shm->detached_at, true);
	add_time(out, "change_time=", object->changed_at, false);
}

static void add_msg(struct buffer *out, const struct object *object, enum ipcs_unit unit)
{
	const struct msg_details *msg = &object->msg;

	buffer_add_format(out, "\nMessage Queue msqid=%" PRIu64 "\n", object->id);
	add_ids(out, object, "\t");
	buffer_add_format(out, "\tmode=%#" PRIo64 "\n", object->mode);
	add_size(out, "cbytes=", "csize=", object->used_bytes, unit);
	add_size(out, "qbytes=", "qsize=", object->max_bytes, unit);
	buffer_add_format(out, "qnum=%" PRIu64 "\tlspid=%" PRId64 "\tlrpid=%" PRId64 "\n",
			  object->messages, msg->last_send_pid, msg->last_receive_pid);
	add_time(out, "send_time=", msg->sent_at, true);
	add_time(out, "rcv_time=", msg->received_at, true);
	add_time(out, "change_time=", object->changed_at, true);
}

/* The values; none where they could not be read, which an issue says. */
static void add_semaphores(struct buffer *out, const struct object *object)
{
	const struct semaphore *semaphores = object->sem.semaphores.items;

	buffer_add_string(out, "semnum     value      ncount     zcount     pid       \n");
	for (size_t i = 0; i < object->sem.semaphores.count; i++)
		buffer_add_format(out,
				  "%-10" PRIu64 " %-10" PRIu64 " %-10" PRIu64 " %-10" PRIu64
				  " %-10" PRId64 "\n",
				  semaphores[i].num, semaphores[i].value, semaphores[i].ncount,
				  semaphores[i].zcount, semaphores[i].pid);
}

static void add_sem(struct buffer *out, const struct object *object)
{
	buffer_add_format(out, "\nSemaphore Array semid=%" PRIu64 "\n", object->id);
	add_ids(out, object, "\t ");
	buffer_add_format(out,
			  "\nmode=%#" PRIo64 ", access_perms=%#" PRIo64 "\nnsems = %" PRIu64 "\n",
			  object->mode, object->mode, object->sem.nsems);
	add_time(out, "otime = ", object->sem.operated_at, true);
	add_time(out, "ctime = ", object->changed_at, false);
	add_semaphores(out, object);
}

void ipcs_add_details(struct buffer *out, const struct object *object, enum ipcs_unit unit)
{
	switch (object->kind) {
	case KIND_SHM:
		add_shm(out, object, unit);
		break;
	case KIND_SEM:
		add_sem(out, object);
		break;
	case KIND_MSG:
		add_msg(out, object, unit);
		break;
	default:
		return;
	}
	buffer_add_char(out, '\n');
}
