/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The field tables. Every sentence that a person reads about a field is here.
 */
#include "base/percent.h"
#include "model/object.h"
#include "model/ref.h"

#define SHM KIND_BIT(KIND_SHM)
#define SEM KIND_BIT(KIND_SEM)
#define MSG KIND_BIT(KIND_MSG)
#define AT(member) offsetof(struct object, member)

static const char *const status_names[] = {"dest", "locked", "hugetlb", "noreserve", NULL};

static struct value compute_ref(const void *record, struct value_scratch *scratch)
{
	return (struct value){.type = VALUE_TEXT,
			      .is_present = true,
			      .text = ref_of_object(record, scratch->bytes)};
}

static struct value compute_kind(const void *record, struct value_scratch *scratch)
{
	const struct object *object = record;

	(void)scratch;
	return (struct value){.type = VALUE_TEXT,
			      .is_present = true,
			      .text = text_of(kind_info(object->kind)->word)};
}

static struct value compute_used_percent(const void *record, struct value_scratch *scratch)
{
	const struct object *object = record;
	struct value value = {.type = VALUE_PERCENT};

	(void)scratch;
	if (object->kind == KIND_MSG && object_has(object, OBJECT_USED_BYTES) &&
	    object_has(object, OBJECT_MAX_BYTES)) {
		value.is_present =
			percent_of(object->msg.used_bytes, object->msg.max_bytes, &value.number);
		value.is_above_zero = object->msg.used_bytes;
	}
	return value;
}

/* clang-format off */
static const struct field fields[OBJECT_FIELD_COUNT] = {
	[OBJECT_REF] = {
		.name = "ref", .heading = "REF", .type = VALUE_TEXT, .kinds = KINDS_ALL,
		.compute = compute_ref,
		.help = "name of the object in every command",
		.explain = "A REF names one object in every command: its kind, a colon and its id "
			   "(shm:32768). An object with a key is also found by it (shm:0x4d2). The "
			   "kind can be left out where only one object answers (0x4d2).",
		.source = "kind and id",
	},
	[OBJECT_KIND] = {
		.name = "kind", .heading = "KIND", .type = VALUE_TEXT, .kinds = KINDS_ALL,
		.compute = compute_kind,
		.help = "shm, sem or msg",
		.explain = "The mechanism: shm is shared memory, sem a semaphore array, msg a message "
			   "queue.",
		.source = "the file or call that lists it",
	},
	[OBJECT_NAMESPACE] = {
		.name = "namespace", .heading = "NAMESPACE", .type = VALUE_ID, .kinds = KINDS_ALL,
		.offset = AT(namespace),
		.help = "number of its IPC namespace, as lsns prints it",
		.explain = "An IPC namespace is a world of System V objects of its own, with its own "
			   "ids, keys and limits. Containers usually have one each, so the host does "
			   "not see their objects, and shm:0 in one container and shm:0 in another "
			   "are different ones. The number is the inode of the namespace.",
		.source = "link /proc/self/ns/ipc",
	},
	[OBJECT_ID] = {
		.name = "id", .heading = "ID", .type = VALUE_ID, .kinds = KINDS_ALL,
		.offset = AT(id),
		.help = "identifier that the kernel gave it",
		.explain = "The number by which programs address the object (shmid, semid, msqid). It "
			   "is unique within its kind and namespace while the object lives; a later "
			   "object can get the same number.",
		.source = "/proc/sysvipc: shmid, semid, msqid",
	},
	[OBJECT_KEY] = {
		.name = "key", .heading = "KEY", .type = VALUE_KEY, .kinds = KINDS_ALL,
		.offset = AT(key),
		.help = "key under which programs find it; 0 is private",
		.explain = "Programs that do not know an object's id agree on a key, often made by "
			   "ftok() from a file name. Key 0 (IPC_PRIVATE) means that the object has no "
			   "key: its id must be handed over in another way. A removed segment that is "
			   "still attached shows key 0, too.",
		.source = "/proc/sysvipc: key",
	},
	[OBJECT_NAME] = {
		.name = "name", .heading = "NAME", .type = VALUE_TEXT, .kinds = KINDS_ALL,
		.offset = AT(name),
		.help = "file name; System V objects have none",
		.explain = "The name under which a POSIX object or a FIFO is found. System V objects "
			   "have keys in its place.",
		.source = "none for System V",
	},
	[OBJECT_UID] = {
		.name = "uid", .heading = "UID", .type = VALUE_ID, .kinds = KINDS_ALL,
		.offset = AT(uid),
		.help = "user id of the owner",
		.explain = "The owner, with the creator and root, may change permissions and remove "
			   "the object. It starts as the creator's effective user id and can be given "
			   "away with IPC_SET.",
		.source = "/proc/sysvipc: uid",
	},
	[OBJECT_USER] = {
		.name = "user", .heading = "USER", .type = VALUE_TEXT, .kinds = KINDS_ALL,
		.offset = AT(user), .fallback = OBJECT_UID, .can_be_cut = true,
		.help = "user name of the owner",
		.explain = "The name of the owner's user id, from the user database. Where there is no "
			   "name, tables show the number.",
		.source = "getpwuid",
	},
	[OBJECT_GID] = {
		.name = "gid", .heading = "GID", .type = VALUE_ID, .kinds = KINDS_ALL,
		.offset = AT(gid),
		.help = "group id of the owner",
		.explain = "The group whose members have the middle three permission bits of the mode.",
		.source = "/proc/sysvipc: gid",
	},
	[OBJECT_GROUP] = {
		.name = "group", .heading = "GROUP", .type = VALUE_TEXT, .kinds = KINDS_ALL,
		.offset = AT(group), .fallback = OBJECT_GID, .can_be_cut = true,
		.help = "group name of the owner",
		.explain = "The name of the owner's group id, from the group database.",
		.source = "getgrgid",
	},
	[OBJECT_CUID] = {
		.name = "cuid", .heading = "CUID", .type = VALUE_ID, .kinds = KINDS_ALL,
		.offset = AT(cuid),
		.help = "user id of the creator",
		.explain = "The effective user id of the process that created the object. It never "
			   "changes, also when the object is given to another owner.",
		.source = "/proc/sysvipc: cuid",
	},
	[OBJECT_CUSER] = {
		.name = "cuser", .heading = "CUSER", .type = VALUE_TEXT, .kinds = KINDS_ALL,
		.offset = AT(cuser), .fallback = OBJECT_CUID, .can_be_cut = true,
		.help = "user name of the creator",
		.explain = "The name of the creator's user id, from the user database.",
		.source = "getpwuid",
	},
	[OBJECT_CGID] = {
		.name = "cgid", .heading = "CGID", .type = VALUE_ID, .kinds = KINDS_ALL,
		.offset = AT(cgid),
		.help = "group id of the creator",
		.explain = "The effective group id of the process that created the object. It never "
			   "changes.",
		.source = "/proc/sysvipc: cgid",
	},
	[OBJECT_CGROUP] = {
		.name = "cgroup", .heading = "CREATOR-GROUP", .type = VALUE_TEXT, .kinds = KINDS_ALL,
		.offset = AT(cgroup), .fallback = OBJECT_CGID, .can_be_cut = true,
		.help = "group name of the creator",
		.explain = "The name of the creator's group id, from the group database. It has nothing "
			   "to do with control groups.",
		.source = "getgrgid",
	},
	[OBJECT_MODE] = {
		.name = "mode", .heading = "MODE", .type = VALUE_MODE, .kinds = KINDS_ALL,
		.offset = AT(mode),
		.help = "permission bits, octal",
		.explain = "Who may read (4) and write (2): owner, group, others, as for files. For "
			   "semaphores write means to change values, for queues to send; execute bits "
			   "mean nothing.",
		.source = "/proc/sysvipc: perms",
	},
	[OBJECT_CHANGED_AT] = {
		.name = "changed_at", .heading = "CHANGED", .type = VALUE_TIME, .kinds = KINDS_ALL,
		.offset = AT(changed_at),
		.help = "when it was created or last changed by a control call",
		.explain = "The kernel keeps no time of creation. This time starts as one, and moves "
			   "with every IPC_SET, and for semaphores also with SETVAL and SETALL: the "
			   "object is at least as old as this.",
		.source = "/proc/sysvipc: ctime",
	},
	[OBJECT_SIZE] = {
		.name = "size", .heading = "SIZE", .type = VALUE_SIZE, .kinds = SHM,
		.offset = AT(shm.size), .metric = "gauge",
		.help = "bytes asked for when it was created",
		.explain = "The size that the creator asked for. The kernel rounds it up to whole pages "
			   "for the limit shmall, and takes memory only for pages that were touched "
			   "(see rss).",
		.source = "/proc/sysvipc/shm: size",
	},
	[OBJECT_NATTCH] = {
		.name = "nattch", .heading = "NATTCH", .type = VALUE_UNSIGNED, .kinds = SHM,
		.offset = AT(shm.nattch), .metric = "gauge",
		.help = "attachments: mappings of it in all processes",
		.explain = "How many mappings of the segment exist now, in all processes together. It "
			   "counts mappings, not processes: one process can attach twice, and changing "
			   "the protection of a part splits a mapping in up to three. 0 means that "
			   "nobody has it attached at this moment, not that nobody will come back.",
		.source = "/proc/sysvipc/shm: nattch",
	},
	[OBJECT_RSS] = {
		.name = "rss", .heading = "RSS", .type = VALUE_SIZE, .kinds = SHM,
		.offset = AT(shm.rss), .metric = "gauge",
		.help = "bytes of it that are in memory",
		.explain = "The part of the segment that occupies memory now. Pages that were never "
			   "touched occupy none. Absent where the kernel does not tell (before 2.6.33, or "
			   "read by system calls).",
		.source = "/proc/sysvipc/shm: rss",
	},
	[OBJECT_SWAP] = {
		.name = "swap", .heading = "SWAP", .type = VALUE_SIZE, .kinds = SHM,
		.offset = AT(shm.swap), .metric = "gauge",
		.help = "bytes of it that are swapped out",
		.explain = "The part of the segment that was moved to swap space. A locked segment is "
			   "never swapped out.",
		.source = "/proc/sysvipc/shm: swap",
	},
	[OBJECT_STATUS] = {
		.name = "status", .heading = "STATUS", .type = VALUE_FLAGS, .kinds = SHM,
		.offset = AT(shm.status), .names = status_names,
		.help = "dest: removed but still attached; locked: kept in memory",
		.explain = "dest means that the segment was removed and goes away when the last process "
			   "detaches; until then its memory stays. locked means that its pages are kept "
			   "in memory (SHM_LOCK).",
		.source = "/proc/sysvipc/shm: perms, the bits above 0777",
	},
	[OBJECT_CREATOR_PID] = {
		.name = "creator_pid", .heading = "CPID", .type = VALUE_PID, .kinds = SHM,
		.offset = AT(shm.creator_pid),
		.help = "PID of the process that created it",
		.explain = "The process that created the segment. It is history: that process may have "
			   "ended long ago while others still use the segment, and its PID may belong to "
			   "another process by now.",
		.source = "/proc/sysvipc/shm: cpid",
	},
	[OBJECT_LAST_PID] = {
		.name = "last_pid", .heading = "LPID", .type = VALUE_PID, .kinds = SHM,
		.offset = AT(shm.last_pid),
		.help = "PID of the last attach or detach",
		.explain = "The process that attached or detached last. A fork (the parent), an exit and "
			   "an mprotect that splits a mapping count, too. It is history, and one "
			   "process of possibly many: others may have the segment attached.",
		.source = "/proc/sysvipc/shm: lpid",
	},
	[OBJECT_PROCESSES] = {
		.name = "processes", .heading = "PROCESSES", .type = VALUE_PIDS, .kinds = SHM,
		.offset = AT(shm.processes),
		.help = "processes that have it mapped; looked for only when asked",
		.explain = "The processes in whose memory the kernel shows the segment now. Whether "
			   "these are all of them is told by \"ipclens who\", which counts them against "
			   "nattch. Looking at every process takes time, so it is done only for this "
			   "column, \"who\", \"ps\", \"show\" and \"save\".",
		.source = "/proc/PID/maps",
	},
	[OBJECT_ATTACHED_AT] = {
		.name = "attached_at", .heading = "ATTACHED", .type = VALUE_TIME, .kinds = SHM,
		.offset = AT(shm.attached_at),
		.help = "when it was attached last",
		.explain = "The time of the last attach (shmat), also by fork. An mprotect that splits a "
			   "mapping counts as one, too. Absent means that it was never attached.",
		.source = "/proc/sysvipc/shm: atime",
	},
	[OBJECT_DETACHED_AT] = {
		.name = "detached_at", .heading = "DETACHED", .type = VALUE_TIME, .kinds = SHM,
		.offset = AT(shm.detached_at),
		.help = "when it was detached last",
		.explain = "The time of the last detach (shmdt), also by exit or exec. The end of a part "
			   "of a mapping that was split counts as one, too. Absent means that nobody "
			   "detached yet.",
		.source = "/proc/sysvipc/shm: dtime",
	},
	[OBJECT_NSEMS] = {
		.name = "nsems", .heading = "NSEMS", .type = VALUE_UNSIGNED, .kinds = SEM,
		.offset = AT(sem.nsems), .metric = "gauge",
		.help = "semaphores in the array",
		.explain = "How many semaphores the array has, numbered from 0. It is fixed when the "
			   "array is created.",
		.source = "/proc/sysvipc/sem: nsems",
	},
	[OBJECT_OPERATED_AT] = {
		.name = "operated_at", .heading = "OPERATED", .type = VALUE_TIME, .kinds = SEM,
		.offset = AT(sem.operated_at),
		.help = "when semop last succeeded on it",
		.explain = "The time of the last successful semop on any semaphore of the array. Setting "
			   "values with semctl does not count. Absent means never.",
		.source = "/proc/sysvipc/sem: otime",
	},
	[OBJECT_SEMAPHORES] = {
		.name = "semaphores", .heading = "SEMAPHORES", .type = VALUE_RECORDS, .kinds = SEM,
		.offset = AT(sem.semaphores), .records = &semaphore_fields,
		.help = "value, waiters and last PID of each semaphore",
		.explain = "Each semaphore of the array with its value, how many threads wait for it and "
			   "who changed it last. Reading them takes read permission on the array.",
		.source = "semctl: GETVAL, GETNCNT, GETZCNT, GETPID",
	},
	[OBJECT_USED_BYTES] = {
		.name = "used_bytes", .heading = "USED", .type = VALUE_SIZE, .kinds = MSG,
		.offset = AT(msg.used_bytes), .metric = "gauge",
		.help = "bytes of message text in the queue",
		.explain = "The text of all messages in the queue together. When a message more would "
			   "exceed max_bytes, senders sleep.",
		.source = "/proc/sysvipc/msg: cbytes",
	},
	[OBJECT_MAX_BYTES] = {
		.name = "max_bytes", .heading = "MAX", .type = VALUE_SIZE, .kinds = MSG,
		.offset = AT(msg.max_bytes), .metric = "gauge",
		.help = "bytes that the queue can hold",
		.explain = "The queue's own limit. It starts as the limit msgmnb; its owner can lower "
			   "it, root can raise it. It bounds the number of messages, too: no more "
			   "messages than bytes.",
		.source = "msgctl: MSG_STAT_ANY; /proc has no such column",
	},
	[OBJECT_USED_PERCENT] = {
		.name = "used_percent", .heading = "FULL", .type = VALUE_PERCENT, .kinds = MSG,
		.compute = compute_used_percent, .metric = "gauge",
		.help = "how full the queue is against its own limit",
		.explain = "used_bytes in percent of max_bytes. A queue can refuse a message before it "
			   "reaches 100 percent: the whole message must fit.",
		.source = "used_bytes and max_bytes",
	},
	[OBJECT_MESSAGES] = {
		.name = "messages", .heading = "MESSAGES", .type = VALUE_UNSIGNED, .kinds = MSG,
		.offset = AT(msg.messages), .metric = "gauge",
		.help = "messages in the queue",
		.explain = "How many messages sit in the queue now. A number that only grows means that "
			   "nobody receives.",
		.source = "/proc/sysvipc/msg: qnum",
	},
	[OBJECT_LAST_SEND_PID] = {
		.name = "last_send_pid", .heading = "LSPID", .type = VALUE_PID, .kinds = MSG,
		.offset = AT(msg.last_send_pid),
		.help = "PID of the last sender",
		.explain = "The process whose msgsnd succeeded last. It is history: that process may "
			   "have ended since.",
		.source = "/proc/sysvipc/msg: lspid",
	},
	[OBJECT_LAST_RECEIVE_PID] = {
		.name = "last_receive_pid", .heading = "LRPID", .type = VALUE_PID, .kinds = MSG,
		.offset = AT(msg.last_receive_pid),
		.help = "PID of the last receiver",
		.explain = "The process whose msgrcv succeeded last. It is history: that process may "
			   "have ended since.",
		.source = "/proc/sysvipc/msg: lrpid",
	},
	[OBJECT_SENT_AT] = {
		.name = "sent_at", .heading = "SENT", .type = VALUE_TIME, .kinds = MSG,
		.offset = AT(msg.sent_at),
		.help = "when a message was sent last",
		.explain = "The time of the last successful msgsnd. Absent means that nothing was ever "
			   "sent.",
		.source = "/proc/sysvipc/msg: stime",
	},
	[OBJECT_RECEIVED_AT] = {
		.name = "received_at", .heading = "RECEIVED", .type = VALUE_TIME, .kinds = MSG,
		.offset = AT(msg.received_at),
		.help = "when a message was received last",
		.explain = "The time of the last successful msgrcv. Absent means that nothing was ever "
			   "received.",
		.source = "/proc/sysvipc/msg: rtime",
	},
};

static const struct field per_semaphore[SEMAPHORE_FIELD_COUNT] = {
	[SEMAPHORE_NUM] = {
		.name = "num", .heading = "NUM", .type = VALUE_ID,
		.offset = offsetof(struct semaphore, num),
		.help = "number of the semaphore in its array",
		.explain = "Semaphores are numbered from 0 within their array; semop names them by this "
			   "number.",
		.source = "its place in the array",
	},
	[SEMAPHORE_VALUE] = {
		.name = "value", .heading = "VALUE", .type = VALUE_UNSIGNED,
		.offset = offsetof(struct semaphore, value), .metric = "gauge",
		.help = "current value",
		.explain = "How much can be taken from the semaphore now. What the number stands for is "
			   "the program's own: for a lock, 1 usually means free and 0 taken.",
		.source = "semctl: GETVAL",
	},
	[SEMAPHORE_NCOUNT] = {
		.name = "ncount", .heading = "NCOUNT", .type = VALUE_UNSIGNED,
		.offset = offsetof(struct semaphore, ncount), .metric = "gauge",
		.help = "threads that wait for the value to grow",
		.explain = "How many threads sleep in semop because this semaphore's value is too small "
			   "for what they want to take. They wake up when somebody raises it far enough. "
			   "A number above 0 that stays means that somebody who should give back does "
			   "not.",
		.source = "semctl: GETNCNT",
	},
	[SEMAPHORE_ZCOUNT] = {
		.name = "zcount", .heading = "ZCOUNT", .type = VALUE_UNSIGNED,
		.offset = offsetof(struct semaphore, zcount), .metric = "gauge",
		.help = "threads that wait for the value to be zero",
		.explain = "How many threads sleep in semop until this semaphore's value is exactly 0. "
			   "Programs use it to wait until everybody has finished.",
		.source = "semctl: GETZCNT",
	},
	[SEMAPHORE_PID] = {
		.name = "pid", .heading = "PID", .type = VALUE_PID,
		.offset = offsetof(struct semaphore, pid),
		.help = "PID of the last operation on it",
		.explain = "The process whose operation on this semaphore succeeded last: semop, also "
			   "waiting for zero, SETVAL, SETALL, or the undo at exit. It is history and not "
			   "proof: this process need not hold the semaphore. Hidden where the array "
			   "was operated on, or the value set, and the kernel shows no PID.",
		.source = "semctl: GETPID",
	},
};
/* clang-format on */

const struct field_table object_fields = {
	.name = "objects",
	.fields = fields,
	.count = OBJECT_FIELD_COUNT,
	.record_size = sizeof(struct object),
	.can_hide = true,
};

const struct field_table semaphore_fields = {
	.name = "semaphores",
	.fields = per_semaphore,
	.count = SEMAPHORE_FIELD_COUNT,
	.record_size = sizeof(struct semaphore),
	.can_hide = true,
};
