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
#define PSHM KIND_BIT(KIND_PSHM)
#define PSEM KIND_BIT(KIND_PSEM)
#define MQ KIND_BIT(KIND_MQ)
#define PIPE KIND_BIT(KIND_PIPE)
#define FIFO KIND_BIT(KIND_FIFO)
#define MAP KIND_BIT(KIND_MAP)
#define PIPES (PIPE | FIFO)
#define FILES (PSHM | PSEM | MQ | PIPES | MAP)
#define AT(member) offsetof(struct object, member)

static const char *const status_names[] = {"dest",     "locked",    "hugetlb", "noreserve",
					   "unlinked", "elsewhere", NULL};
static const char *const layout_names[] = {"unknown", "glibc", "musl", NULL};

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
	if (object->kind == KIND_MQ && object_has(object, OBJECT_MESSAGES) &&
	    object_has(object, OBJECT_MAX_MESSAGES)) {
		value.is_present =
			percent_of(object->messages, object->mq.max_messages, &value.number);
		value.is_above_zero = object->messages;
	} else if (object_has(object, OBJECT_USED_BYTES) && object_has(object, OBJECT_MAX_BYTES)) {
		value.is_present = percent_of(object->used_bytes, object->max_bytes, &value.number);
		value.is_above_zero = object->used_bytes;
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
			   "(shm:32768) or name (pshm:/cache). An object with a key is also found by it "
			   "(shm:0x4d2), one that has lost its name by its inode (pshm:#4711). The kind "
			   "can be left out where only one object of System V answers (0x4d2).",
		.source = "kind and id, name or inode",
	},
	[OBJECT_KIND] = {
		.name = "kind", .heading = "KIND", .type = VALUE_TEXT, .kinds = KINDS_ALL,
		.compute = compute_kind, .help = "the mechanism",
		.explain = "The mechanism: shm, sem and msg are those of System V (shared memory, "
			   "semaphore array, message queue), pshm, psem and mq those of POSIX; pipe, fifo, "
			   "and map, which is shared memory without a name.",
		.source = "the file or call that lists it",
	},
	[OBJECT_NAMESPACE] = {
		.name = "namespace", .heading = "NAMESPACE", .type = VALUE_ID,
		.kinds = KINDS_IN_NAMESPACES, .offset = AT(namespace),
		.help = "number of its IPC namespace, as lsns prints it",
		.explain = "An IPC namespace is a world of System V objects and POSIX queues of its own, "
			   "with its own ids, keys, names and limits. Containers usually have one each, so the host does "
			   "not see their objects, and shm:0 in one container and shm:0 in another "
			   "are different ones. The number is the inode of the namespace.",
		.source = "link /proc/self/ns/ipc",
	},
	[OBJECT_ID] = {
		.name = "id", .heading = "ID", .type = VALUE_ID, .kinds = KINDS_SYSV,
		.offset = AT(id), .help = "identifier that the kernel gave it",
		.explain = "The number by which programs address the object (shmid, semid, msqid). It "
			   "is unique within its kind and namespace while the object lives; a later "
			   "object can get the same number.",
		.source = "/proc/sysvipc: shmid, semid, msqid",
	},
	[OBJECT_KEY] = {
		.name = "key", .heading = "KEY", .type = VALUE_KEY, .kinds = KINDS_SYSV,
		.offset = AT(key), .help = "key under which programs find it; 0 is private",
		.explain = "Programs that do not know an object's id agree on a key, often made by "
			   "ftok() from a file name. Key 0 (IPC_PRIVATE) means that the object has no "
			   "key: its id must be handed over in another way. A removed segment that is "
			   "still attached shows key 0, too.",
		.source = "/proc/sysvipc: key",
	},
	[OBJECT_INODE] = {
		.name = "inode", .heading = "INODE", .type = VALUE_ID, .kinds = FILES,
		.offset = AT(inode),
		.help = "number of the file that it is, on its device",
		.explain = "What is no object of System V is a file to the kernel, of a file system that "
			   "may be hidden. Device and inode together are one file, whatever its name "
			   "is; one of both alone is not.",
		.source = "stat; link /proc/PID/fd/N; /proc/PID/maps",
	},
	[OBJECT_DEVICE] = {
		.name = "device", .heading = "DEVICE", .type = VALUE_DEVICE, .kinds = FILES,
		.offset = AT(device),
		.help = "device of that file, major and minor number",
		.explain = "The file system on which the file is. Each mounted tmpfs has a number of its "
			   "own, so /dev/shm in a container is another device than on the host.",
		.source = "stat; /proc/PID/maps",
	},
	[OBJECT_NAME] = {
		.name = "name", .heading = "NAME", .type = VALUE_TEXT, .can_be_cut = true,
		.kinds = KINDS_SYSV | KINDS_POSIX | FIFO | MAP, .offset = AT(name),
		.help = "name of a POSIX object, path of a FIFO, what a memfd is called",
		.explain = "The name by which a POSIX object or a FIFO is found; objects of System V "
			   "have none. With the status unlinked "
			   "or elsewhere it is the last one that was known: it leads to nothing, or to "
			   "another object. Whoever made a memfd chose its name, which proves nothing.",
		.source = "/dev/shm; the queues' file system; link /proc/PID/fd/N; /proc/PID/maps",
	},
	[OBJECT_UID] = {
		.name = "uid", .heading = "UID", .type = VALUE_ID, .kinds = KINDS_ALL,
		.offset = AT(uid), .help = "user id of the owner",
		.explain = "The owner, with the creator and root, may change permissions and remove "
			   "the object. It starts as the creator's effective user id and can be given "
			   "away with IPC_SET or chown.",
		.source = "/proc/sysvipc: uid; stat",
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
		.offset = AT(gid), .help = "group id of the owner",
		.explain = "The group whose members have the middle three permission bits of the mode.",
		.source = "/proc/sysvipc: gid; stat",
	},
	[OBJECT_GROUP] = {
		.name = "group", .heading = "GROUP", .type = VALUE_TEXT, .kinds = KINDS_ALL,
		.offset = AT(group), .fallback = OBJECT_GID, .can_be_cut = true,
		.help = "group name of the owner",
		.explain = "The name of the owner's group id, from the group database.",
		.source = "getgrgid",
	},
	[OBJECT_CUID] = {
		.name = "cuid", .heading = "CUID", .type = VALUE_ID, .kinds = KINDS_SYSV,
		.offset = AT(cuid), .help = "user id of the creator",
		.explain = "The effective user id of the process that created the object. It never "
			   "changes, also when the object is given to another owner.",
		.source = "/proc/sysvipc: cuid",
	},
	[OBJECT_CUSER] = {
		.name = "cuser", .heading = "CUSER", .type = VALUE_TEXT, .kinds = KINDS_SYSV,
		.offset = AT(cuser), .fallback = OBJECT_CUID, .can_be_cut = true,
		.help = "user name of the creator",
		.explain = "The name of the creator's user id, from the user database.",
		.source = "getpwuid",
	},
	[OBJECT_CGID] = {
		.name = "cgid", .heading = "CGID", .type = VALUE_ID, .kinds = KINDS_SYSV,
		.offset = AT(cgid), .help = "group id of the creator",
		.explain = "The effective group id of the process that created the object. It never "
			   "changes.",
		.source = "/proc/sysvipc: cgid",
	},
	[OBJECT_CGROUP] = {
		.name = "cgroup", .heading = "CREATOR-GROUP", .type = VALUE_TEXT, .kinds = KINDS_SYSV,
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
		.source = "/proc/sysvipc: perms; stat",
	},
	[OBJECT_CHANGED_AT] = {
		.name = "changed_at", .heading = "CHANGED", .type = VALUE_TIME, .kinds = KINDS_SYSV | KINDS_POSIX | FIFO,
		.offset = AT(changed_at),
		.help = "when it was created or last changed by a control call",
		.explain = "The kernel keeps no time of creation. This time starts as one, and moves "
			   "with every IPC_SET, and for semaphores also with SETVAL and SETALL: the "
			   "object is at least as old as this. Of a file it "
			   "is the time when its owner, mode, size or links changed last.",
		.source = "/proc/sysvipc: ctime; stat: st_ctime",
	},
	[OBJECT_CREATED_AT] = {
		.name = "created_at", .heading = "CREATED", .type = VALUE_TIME, .kinds = PSHM | PSEM,
		.offset = AT(file.created_at),
		.help = "when it was created",
		.explain = "The time at which the file was made. Kernels that do not keep it for tmpfs "
			   "leave it absent; objects of System V have none.",
		.source = "statx: stx_btime",
	},
	[OBJECT_SIZE] = {
		.name = "size", .heading = "SIZE", .type = VALUE_SIZE, .kinds = SHM | PSHM | MAP,
		.offset = AT(size), .metric = "gauge", .is_flow = true,
		.help = "bytes asked for when it was created",
		.explain = "The size that the creator asked for (ftruncate, where it is a file). The "
			   "kernel rounds it up to whole pages for the limit shmall, and takes memory "
			   "only for pages that were touched (see rss, allocated). Of a mapping without a "
			   "descriptor it is not known.",
		.source = "/proc/sysvipc/shm: size; stat: st_size",
	},
	[OBJECT_ALLOCATED] = {
		.name = "allocated", .heading = "ALLOC", .type = VALUE_SIZE, .kinds = PSHM | PSEM | MAP,
		.offset = AT(file.allocated), .metric = "gauge", .is_flow = true,
		.help = "bytes of it that take up memory or swap",
		.explain = "The part that really exists, in memory or in swap: pages that were never "
			   "touched do not. It counts against the size of /dev/shm, and for an object that "
			   "was unlinked until nobody has it open or mapped any more.",
		.source = "stat: st_blocks",
	},
	[OBJECT_NATTCH] = {
		.name = "nattch", .heading = "NATTCH", .type = VALUE_UNSIGNED, .kinds = SHM,
		.offset = AT(shm.nattch), .metric = "gauge", .is_flow = true,
		.help = "attachments: mappings of it in all processes",
		.explain = "How many mappings of the segment exist now, in all processes together. It "
			   "counts mappings, not processes: one process can attach twice, and changing "
			   "the protection of a part splits a mapping in up to three. 0 means that "
			   "nobody has it attached at this moment, not that nobody will come back.",
		.source = "/proc/sysvipc/shm: nattch",
	},
	[OBJECT_RSS] = {
		.name = "rss", .heading = "RSS", .type = VALUE_SIZE, .kinds = SHM,
		.offset = AT(shm.rss), .metric = "gauge", .is_flow = true,
		.help = "bytes of it that are in memory",
		.explain = "The part of the segment that occupies memory now. Pages that were never "
			   "touched occupy none. Absent where the kernel does not tell (before 2.6.33, or "
			   "read by system calls).",
		.source = "/proc/sysvipc/shm: rss",
	},
	[OBJECT_SWAP] = {
		.name = "swap", .heading = "SWAP", .type = VALUE_SIZE, .kinds = SHM,
		.offset = AT(shm.swap), .metric = "gauge", .is_flow = true,
		.help = "bytes of it that are swapped out",
		.explain = "The part of the segment that was moved to swap space. A locked segment is "
			   "never swapped out.",
		.source = "/proc/sysvipc/shm: swap",
	},
	[OBJECT_STATUS] = {
		.name = "status", .heading = "STATUS", .type = VALUE_FLAGS, .kinds = SHM | PSHM | PSEM | MQ | FIFO,
		.offset = AT(status), .names = status_names,
		.help = "dest, unlinked: removed, but still in use",
		.explain = "dest means that the segment was removed and goes away when the last process "
			   "detaches; until then its memory stays. locked means that its pages are kept "
			   "in memory (SHM_LOCK). unlinked: a file lost its name and goes away when nobody "
			   "has it open or mapped. elsewhere: its name is not to be found from here.",
		.source = "/proc/sysvipc/shm: perms, the bits above 0777; stat: st_nlink",
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
		.offset = AT(shm.last_pid), .absent_is_never = true,
		.help = "PID of the last attach or detach",
		.explain = "The process that attached or detached last. A fork (the parent), an exit and "
			   "an mprotect that splits a mapping count, too. It is history, and one "
			   "process of possibly many: others may have the segment attached.",
		.source = "/proc/sysvipc/shm: lpid",
	},
	[OBJECT_PROCESSES] = {
		.name = "processes", .heading = "PROCESSES", .type = VALUE_PIDS, .kinds = SHM | FILES,
		.offset = AT(processes),
		.help = "processes that use it; looked for only when asked",
		.explain = "The processes in whose memory, or among whose descriptors, the kernel shows "
			   "the object now. Whether these are all of them is told by \"ipclens who\", "
			   "which counts those of segments against nattch. Looking at every process takes time, so it is done only for this "
			   "column, \"who\", \"ps\", \"show\" and \"save\".",
		.source = "/proc/PID/maps, /proc/PID/fd",
	},
	[OBJECT_ATTACHED_AT] = {
		.name = "attached_at", .heading = "ATTACHED", .type = VALUE_TIME, .kinds = SHM,
		.offset = AT(shm.attached_at), .absent_is_never = true,
		.help = "when it was attached last",
		.explain = "The time of the last attach (shmat), also by fork. An mprotect that splits a "
			   "mapping counts as one, too. Absent means that it was never attached.",
		.source = "/proc/sysvipc/shm: atime",
	},
	[OBJECT_DETACHED_AT] = {
		.name = "detached_at", .heading = "DETACHED", .type = VALUE_TIME, .kinds = SHM,
		.offset = AT(shm.detached_at), .absent_is_never = true,
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
		.offset = AT(sem.operated_at), .absent_is_never = true,
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
	[OBJECT_VALUE] = {
		.name = "value", .heading = "VALUE", .type = VALUE_UNSIGNED, .kinds = PSEM,
		.offset = AT(file.value), .metric = "gauge",
		.help = "value of a POSIX named semaphore",
		.explain = "How many times it can be taken (sem_wait) without waiting. 0: the next one who "
			   "wants it sleeps. Who has taken it is recorded nowhere.",
		.source = "/dev/shm/sem.NAME, as its layout says",
	},
	[OBJECT_WAITERS] = {
		.name = "waiters", .heading = "WAITERS", .type = VALUE_UNSIGNED, .kinds = PSEM,
		.offset = AT(file.waiters), .metric = "gauge",
		.help = "threads that wait for it, as the C library counts them",
		.explain = "How many threads have told the C library that they wait. One that was killed "
			   "meanwhile stays counted, so the number can be too high for as long as the "
			   "semaphore exists.",
		.source = "/dev/shm/sem.NAME, as its layout says",
	},
	[OBJECT_LAYOUT] = {
		.name = "layout", .heading = "LAYOUT", .type = VALUE_CHOICE, .kinds = PSEM,
		.offset = AT(file.layout), .names = layout_names,
		.help = "which C library made it: glibc, musl or unknown",
		.explain = "The C library keeps a named semaphore, each in a form of its own. Where it "
			   "cannot be told which one it was, value and waiters are absent.",
		.source = "size and contents of /dev/shm/sem.NAME",
	},
	[OBJECT_USED_BYTES] = {
		.name = "used_bytes", .heading = "USED", .type = VALUE_SIZE, .kinds = MSG | MQ | PIPES,
		.offset = AT(used_bytes), .metric = "gauge", .is_flow = true,
		.help = "bytes in the queue or pipe",
		.explain = "The text of all messages in the queue together, or what is in the pipe. When "
			   "a message more would exceed max_bytes, senders sleep. Of POSIX queues and pipes "
			   "it is only known with --fill, as that cannot be seen without leaving a trace.",
		.source = "/proc/sysvipc/msg: cbytes; a queue's file: QSIZE; ioctl: FIONREAD",
	},
	[OBJECT_MAX_BYTES] = {
		.name = "max_bytes", .heading = "MAX", .type = VALUE_SIZE, .kinds = MSG | PIPES,
		.offset = AT(max_bytes), .metric = "gauge",
		.help = "bytes that the queue or pipe can hold",
		.explain = "The queue's own limit. It starts as the limit msgmnb; its owner can lower "
			   "it, root can raise it. It bounds the number of messages, too: no more "
			   "messages than bytes. Of a pipe it is its size in pages, which small writes "
			   "can fill with fewer bytes.",
		.source = "msgctl: MSG_STAT_ANY (/proc has no such column); fcntl: F_GETPIPE_SZ",
	},
	[OBJECT_USED_PERCENT] = {
		.name = "used_percent", .heading = "FULL", .type = VALUE_PERCENT, .kinds = MSG | MQ | PIPES,
		.compute = compute_used_percent, .metric = "gauge",
		.help = "how full the queue is against its own limit",
		.explain = "used_bytes in percent of max_bytes, of POSIX queues messages of max_messages. A queue can refuse a message before it "
			   "reaches 100 percent: the whole message must fit.",
		.source = "used_bytes and max_bytes; messages and max_messages",
	},
	[OBJECT_MESSAGES] = {
		.name = "messages", .heading = "MESSAGES", .type = VALUE_UNSIGNED, .kinds = MSG | MQ,
		.offset = AT(messages), .metric = "gauge", .is_flow = true,
		.help = "messages in the queue",
		.explain = "How many messages sit in the queue now. A number that only grows means that "
			   "nobody receives.",
		.source = "/proc/sysvipc/msg: qnum; mq_getattr: mq_curmsgs",
	},
	[OBJECT_LAST_SEND_PID] = {
		.name = "last_send_pid", .heading = "LSPID", .type = VALUE_PID, .kinds = MSG,
		.offset = AT(msg.last_send_pid), .absent_is_never = true,
		.help = "PID of the last sender",
		.explain = "The process whose msgsnd succeeded last. It is history: that process may "
			   "have ended since.",
		.source = "/proc/sysvipc/msg: lspid",
	},
	[OBJECT_LAST_RECEIVE_PID] = {
		.name = "last_receive_pid", .heading = "LRPID", .type = VALUE_PID, .kinds = MSG,
		.offset = AT(msg.last_receive_pid), .absent_is_never = true,
		.help = "PID of the last receiver",
		.explain = "The process whose msgrcv succeeded last. It is history: that process may "
			   "have ended since.",
		.source = "/proc/sysvipc/msg: lrpid",
	},
	[OBJECT_SENT_AT] = {
		.name = "sent_at", .heading = "SENT", .type = VALUE_TIME, .kinds = MSG,
		.offset = AT(msg.sent_at), .absent_is_never = true,
		.help = "when a message was sent last",
		.explain = "The time of the last successful msgsnd. Absent means that nothing was ever "
			   "sent.",
		.source = "/proc/sysvipc/msg: stime",
	},
	[OBJECT_RECEIVED_AT] = {
		.name = "received_at", .heading = "RECEIVED", .type = VALUE_TIME, .kinds = MSG,
		.offset = AT(msg.received_at), .absent_is_never = true,
		.help = "when a message was received last",
		.explain = "The time of the last successful msgrcv. Absent means that nothing was ever "
			   "received.",
		.source = "/proc/sysvipc/msg: rtime",
	},
	[OBJECT_MAX_MESSAGES] = {
		.name = "max_messages", .heading = "MAX-MSGS", .type = VALUE_UNSIGNED, .kinds = MQ,
		.offset = AT(mq.max_messages), .metric = "gauge",
		.help = "messages that the queue can hold",
		.explain = "How many messages fit. It was chosen when the queue was created and does not "
			   "change. When it is reached, senders sleep.",
		.source = "mq_getattr: mq_maxmsg",
	},
	[OBJECT_MAX_MESSAGE_BYTES] = {
		.name = "max_message_bytes", .heading = "MSG-SIZE", .type = VALUE_SIZE, .kinds = MQ,
		.offset = AT(mq.max_message_bytes), .metric = "gauge",
		.help = "largest message that the queue takes",
		.explain = "How large a message may be, chosen when the queue was created. A larger one "
			   "fails with EMSGSIZE, and who receives must have room for one of this size.",
		.source = "mq_getattr: mq_msgsize",
	},
	[OBJECT_NOTIFY_PID] = {
		.name = "notify_pid", .heading = "NOTIFY", .type = VALUE_PID, .kinds = MQ,
		.offset = AT(mq.notify_pid),
		.help = "PID of the process that is told when a message arrives; with --fill",
		.explain = "One process at a time can ask to be told when a message arrives in the empty "
			   "queue (mq_notify). It is only read with --fill, since reading the queue's file "
			   "changes the file's times.",
		.source = "a queue's file: NOTIFY_PID",
	},
	[OBJECT_READERS] = {
		.name = "readers", .heading = "READERS", .type = VALUE_PIDS, .kinds = PIPES,
		.offset = AT(pipe.readers),
		.help = "processes that have it open for reading",
		.explain = "The processes at the end that is read. Where there is none, and all processes "
			   "could be looked at, a writer gets EPIPE. A process at both ends is often one that "
			   "forgot to close the other end: then its reader never sees the end of the data.",
		.source = "/proc/PID/fd",
	},
	[OBJECT_WRITERS] = {
		.name = "writers", .heading = "WRITERS", .type = VALUE_PIDS, .kinds = PIPES,
		.offset = AT(pipe.writers),
		.help = "processes that have it open for writing",
		.explain = "The processes at the end that is written to. Where there is none, and all "
			   "processes could be looked at, readers see the end of the data.",
		.source = "/proc/PID/fd",
	},
	[OBJECT_WAITING] = {
		.name = "waiting", .heading = "WAITING", .type = VALUE_UNSIGNED, .kinds = KINDS_ALL,
		.offset = AT(waiting), .metric = "gauge",
		.help = "threads that sleep on it; looked for only when asked",
		.explain = "How many threads were found asleep because of the object: who waits for what is "
			   "told by \"ipclens blocked\". Tables say 2+ where there may be more, as not all "
			   "threads could be looked at. Looking at every thread takes time.",
		.source = "/proc/PID/task/TID/syscall",
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
