/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Field tables of what is not an object: host, sight, limits, issues. And the limits themselves.
 */
#include "base/percent.h"
#include "model/machine.h"

static const char *const kind_names[] = {"shm", "sem",	"msg",	"pshm", "psem",
					 "mq",	"pipe", "fifo", "map",	NULL};

static const char *const reason_names[] = {"nested-pid-namespace",
					   "hidepid",
					   "missing-capabilities",
					   "recorded-tree",
					   "nested-user-namespace",
					   "unknown",
					   NULL};

static const char *const capability_names[] = {
	"sys_admin", "sys_ptrace", "ipc_owner", "dac_override", "bpf", "perfmon", NULL};

static const char *const code_names[] = {"none",	"denied",    "gone",
					 "unsupported", "malformed", NULL};

static const char *const aspect_names[] = {"objects", "semaphores", "queue-limits", "limits",
					   "names",   "sight",	    "processes",    "waits",
					   "holders", "contents",   "namespaces",   NULL};

/* Meanings have 14 letters: that is what 80 columns leave room for beside large numbers. */
static const struct limit_info limits[LIMIT_COUNT] = {
	[LIMIT_SHMMNI] =
		{"shmmni", KIND_SHM, false, "segments", "kernel.shmmni", "segment count",
		 "shmmni is how many shared memory segments may exist in an IPC namespace. When it "
		 "is reached, shmget fails with ENOSPC."},
	[LIMIT_SHMMAX] =
		{"shmmax", KIND_SHM, true, "bytes", "kernel.shmmax", "segment bytes",
		 "shmmax is the largest size that a new segment may have. A larger one fails with "
		 "EINVAL. The use shown is the largest segment that exists."},
	[LIMIT_SHMALL] =
		{"shmall", KIND_SHM, false, "pages", "kernel.shmall", "pages in all",
		 "shmall is how many pages all segments of an IPC namespace may have together. When "
		 "a new segment would exceed it, shmget fails with ENOSPC."},
	[LIMIT_SHM_RMID_FORCED] =
		{"shm_rmid_forced", KIND_SHM, false, "switch", "kernel.shm_rmid_forced",
		 "1: auto-remove",
		 "With shm_rmid_forced=1 a segment is removed when nobody has it attached any more, "
		 "and one that was never attached when its creator ends. Databases that expect a "
		 "segment to outlive a crash break with it."},
	[LIMIT_SEMMNI] =
		{"semmni", KIND_SEM, false, "arrays", "kernel.sem (4th)", "array count",
		 "semmni is how many semaphore arrays may exist in an IPC namespace. When it is "
		 "reached, semget fails with ENOSPC."},
	[LIMIT_SEMMNS] =
		{"semmns", KIND_SEM, false, "semaphores", "kernel.sem (2nd)", "all semaphores",
		 "semmns is how many semaphores all arrays of an IPC namespace may have together. "
		 "When a new array would exceed it, semget fails with ENOSPC."},
	[LIMIT_SEMMSL] =
		{"semmsl", KIND_SEM, true, "semaphores", "kernel.sem (1st)", "sems per array",
		 "semmsl is how many semaphores a new array may have. Asking for more fails with "
		 "EINVAL. The use shown is the largest array that exists."},
	[LIMIT_SEMOPM] =
		{"semopm", KIND_SEM, true, "operations", "kernel.sem (3rd)", "ops per semop",
		 "semopm is how many operations one call of semop may have. More fail with E2BIG. "
		 "Nothing counts against it."},
	[LIMIT_MSGMNI] =
		{"msgmni", KIND_MSG, false, "queues", "kernel.msgmni", "queue count",
		 "msgmni is how many message queues may exist in an IPC namespace. When it is "
		 "reached, msgget fails with ENOSPC."},
	[LIMIT_MSGMAX] =
		{"msgmax", KIND_MSG, true, "bytes", "kernel.msgmax", "message bytes",
		 "msgmax is the largest message that can be sent. A larger one fails with EINVAL. "
		 "Nothing counts against it."},
	[LIMIT_MSGMNB] =
		{"msgmnb", KIND_MSG, true, "bytes", "kernel.msgmnb", "bytes of queue",
		 "msgmnb is the number of bytes that a new queue can hold, and the most to which its "
		 "owner can set it later. Queues that exist keep theirs. The use shown is the "
		 "fullest queue's."},
	[LIMIT_DEV_SHM_BYTES] =
		{"dev_shm_bytes", KIND_PSHM, false, "bytes", "mount option size", "of /dev/shm",
		 "dev_shm_bytes is how large the file system in /dev/shm may become, in memory and swap "
		 "together. When it is full, touching a page that is not there yet ends the program with "
		 "SIGBUS. Its use has all files in it, also those that have lost their names."},
	[LIMIT_DEV_SHM_FILES] =
		{"dev_shm_files", KIND_PSHM, false, "files", "mount option nr_inodes",
		 "in /dev/shm",
		 "dev_shm_files is how many files the file system in /dev/shm can have: one less than its "
		 "nr_inodes, as the folder itself takes one. When it is reached, shm_open and sem_open fail with ENOSPC."},
	[LIMIT_QUEUES_MAX] =
		{"queues_max", KIND_MQ, false, "queues", "fs.mqueue.queues_max", "queue count",
		 "queues_max is how many POSIX message queues may exist in an IPC namespace. When it is "
		 "reached, mq_open fails with ENOSPC."},
	[LIMIT_MSG_MAX] =
		{"msg_max", KIND_MQ, true, "messages", "fs.mqueue.msg_max", "msgs per queue",
		 "msg_max is how many messages a new queue may be made to hold. Asking for more fails "
		 "with EINVAL. The use shown is that of the largest queue."},
	[LIMIT_MSGSIZE_MAX] =
		{"msgsize_max", KIND_MQ, true, "bytes", "fs.mqueue.msgsize_max", "message bytes",
		 "msgsize_max is how large the messages of a new queue may be made. Asking for more fails "
		 "with EINVAL. The use shown is that of the queue with the largest messages."},
	[LIMIT_RLIMIT_MSGQUEUE] =
		{"rlimit_msgqueue", KIND_MQ, false, "bytes", "ulimit -q", "bytes per user",
		 "RLIMIT_MSGQUEUE is how many bytes all POSIX queues that a user created may take up "
		 "together, counted as if they were full. When it is reached, mq_open fails with "
		 "EMFILE. The value is that of this viewer, every process has its own; the use is an "
		 "estimate, from the queues that are there now, for the user who has most."},
	[LIMIT_PIPE_MAX_SIZE] =
		{"pipe_max_size", KIND_PIPE, true, "bytes", "fs.pipe-max-size", "bytes of pipe",
		 "pipe_max_size is how large a pipe can be made by a process without privileges "
		 "(F_SETPIPE_SZ). Asking for more fails with EPERM."},
	[LIMIT_PIPE_USER_PAGES_SOFT] =
		{"pipe_user_pages_soft", KIND_PIPE, false, "pages", "fs.pipe-user-pages-soft",
		 "pages per user",
		 "pipe_user_pages_soft is how many pages all pipes of a user without privileges may have. "
		 "Beyond it new pipes get two pages, and then one, instead of sixteen, which makes "
		 "writers sleep earlier. 0: no limit."},
	[LIMIT_PIPE_USER_PAGES_HARD] =
		{"pipe_user_pages_hard", KIND_PIPE, false, "pages", "fs.pipe-user-pages-hard",
		 "pages per user",
		 "pipe_user_pages_hard is how many pages all pipes of a user without privileges may have "
		 "at the most. When it is reached, pipe() fails with ENFILE. 0: no limit."},
};

const struct limit_info *limit_info(enum limit_id id)
{
	return &limits[id];
}

static struct value text_value(const char *string)
{
	return (struct value){.type = VALUE_TEXT, .is_present = true, .text = text_of(string)};
}

#define DEFINE_LIMIT_TEXT(member)                                                     \
	static struct value compute_limit_##member(const void *record,                \
						   struct value_scratch *scratch)     \
	{                                                                             \
		(void)scratch;                                                        \
		return text_value(limits[((const struct limit *)record)->id].member); \
	}

DEFINE_LIMIT_TEXT(name)
DEFINE_LIMIT_TEXT(unit)
DEFINE_LIMIT_TEXT(sysctl)
DEFINE_LIMIT_TEXT(meaning)

static struct value compute_limit_kind(const void *record, struct value_scratch *scratch)
{
	const struct limit *limit = record;

	(void)scratch;
	return text_value(kind_names[limits[limit->id].kind]);
}

static struct value compute_limit_percent(const void *record, struct value_scratch *scratch)
{
	const struct limit *limit = record;
	struct value value = {.type = VALUE_PERCENT};

	(void)scratch;
	if (record_has(&limit->record, LIMIT_USED) && record_has(&limit->record, LIMIT_VALUE)) {
		value.is_present = percent_of(limit->used, limit->value, &value.number);
		value.is_above_zero = limit->used;
	}
	return value;
}

const char *limit_label(const struct limit *limit, char room[static LIMIT_LABEL_MAX])
{
	const char *name = limit_info(limit->id)->name;

	if (!record_has(&limit->record, LIMIT_NAMESPACE))
		return name;
	snprintf(room, LIMIT_LABEL_MAX, "%s@%llu", name, (unsigned long long)limit->namespace);
	return room;
}

/* clang-format off */
static const struct field host[HOST_FIELD_COUNT] = {
	[HOST_NAME] = {
		.name = "name", .heading = "HOST", .type = VALUE_TEXT,
		.offset = offsetof(struct host, name),
		.help = "name of the machine", .source = "/proc/sys/kernel/hostname",
	},
	[HOST_KERNEL] = {
		.name = "kernel", .heading = "KERNEL", .type = VALUE_TEXT,
		.offset = offsetof(struct host, kernel),
		.help = "release of the kernel", .source = "/proc/sys/kernel/osrelease",
	},
	[HOST_PAGE_SIZE] = {
		.name = "page_size", .heading = "PAGE", .type = VALUE_SIZE,
		.offset = offsetof(struct host, page_size),
		.help = "bytes in a page", .source = "sysconf: _SC_PAGESIZE",
	},
	[HOST_IPC_NAMESPACE] = {
		.name = "ipc_namespace", .heading = "IPCNS", .type = VALUE_ID,
		.offset = offsetof(struct host, ipc_namespace),
		.help = "number of the IPC namespace that was looked at",
		.source = "link /proc/self/ns/ipc",
	},
	[HOST_PID_NAMESPACE] = {
		.name = "pid_namespace", .heading = "PIDNS", .type = VALUE_ID,
		.offset = offsetof(struct host, pid_namespace),
		.help = "number of the viewer's PID namespace",
		.source = "link /proc/self/ns/pid",
	},
	[HOST_BOOT_ID] = {
		.name = "boot_id", .heading = "BOOT", .type = VALUE_TEXT,
		.offset = offsetof(struct host, boot_id),
		.help = "which start of which machine it is", .source = "/proc/sys/kernel/random/boot_id",
	},
};

static const struct field sight[SIGHT_FIELD_COUNT] = {
	[SIGHT_FULL] = {
		.name = "full", .heading = "FULL", .type = VALUE_BOOL,
		.offset = offsetof(struct sight, is_full),
		.help = "nothing known limits what this viewer can see",
		.source = "the other fields of sight",
	},
	[SIGHT_REASONS] = {
		.name = "reasons", .heading = "REASONS", .type = VALUE_FLAGS,
		.offset = offsetof(struct sight, reasons), .names = reason_names,
		.help = "what limits it", .source = "the other fields of sight",
	},
	[SIGHT_INITIAL_PID_NAMESPACE] = {
		.name = "initial_pid_namespace", .heading = "INITIAL", .type = VALUE_BOOL,
		.offset = offsetof(struct sight, is_initial_pid_namespace),
		.help = "the viewer sees the PIDs of the whole machine",
		.source = "link /proc/self/ns/pid against the number of the initial one",
	},
	[SIGHT_HIDEPID] = {
		.name = "hidepid", .heading = "HIDEPID", .type = VALUE_ID,
		.offset = offsetof(struct sight, hidepid),
		.help = "how /proc hides processes of others (0: not)",
		.source = "/proc/self/mountinfo",
	},
	[SIGHT_CAPABILITIES] = {
		.name = "capabilities", .heading = "CAPABILITIES", .type = VALUE_FLAGS,
		.offset = offsetof(struct sight, capabilities), .names = capability_names,
		.help = "effective capabilities that matter for looking",
		.source = "/proc/self/status: CapEff",
	},
	[SIGHT_BACKEND] = {
		.name = "backend", .heading = "BACKEND", .type = VALUE_TEXT,
		.offset = offsetof(struct sight, backend),
		.help = "what was read: procfs, syscall, or procfs+bpf",
		.source = "the collector",
	},
	[SIGHT_BACKEND_REASON] = {
		.name = "backend_reason", .heading = "WHY", .type = VALUE_TEXT,
		.offset = offsetof(struct sight, backend_reason),
		.help = "why it was this one", .source = "the collector",
	},
};

static const struct field limit[LIMIT_FIELD_COUNT] = {
	[LIMIT_NAME] = {
		.name = "name", .heading = "LIMIT", .type = VALUE_TEXT, .compute = compute_limit_name,
		.help = "name of the limit",
		.explain = "The name of the limit; \"ipclens explain\" tells about each.",
		.source = "the sysctl's name, or its place in kernel.sem",
	},
	[LIMIT_KIND] = {
		.name = "kind", .heading = "KIND", .type = VALUE_TEXT, .compute = compute_limit_kind,
		.help = "kind of object that it bounds",
		.explain = "The kind of object that the limit bounds.",
		.source = "the limit",
	},
	[LIMIT_NAMESPACE] = {
		.name = "namespace", .heading = "NAMESPACE", .type = VALUE_ID,
		.offset = offsetof(struct limit, namespace),
		.help = "IPC namespace whose limit it is, where several were looked at",
		.explain = "The IPC namespace whose limit it is; absent where only one was looked at.",
		.source = "link /proc/PID/ns/ipc",
	},
	[LIMIT_VALUE] = {
		.name = "value", .heading = "VALUE", .type = VALUE_UNSIGNED,
		.offset = offsetof(struct limit, value), .metric = "gauge",
		.help = "the limit itself, in its unit",
		.explain = "The limit itself, in its unit.",
		.source = "/proc/sys/kernel, /proc/sys/fs; statfs of /dev/shm; /proc/self/limits",
	},
	[LIMIT_UNLIMITED] = {
		.name = "unlimited", .heading = "UNLIMITED", .type = VALUE_BOOL,
		.offset = offsetof(struct limit, is_unlimited),
		.help = "so large that it can never be reached",
		.explain = "Whether the limit is so large that it can never be reached.",
		.source = "the value",
	},
	[LIMIT_UNIT] = {
		.name = "unit", .heading = "UNIT", .type = VALUE_TEXT, .compute = compute_limit_unit,
		.help = "what value and used count",
		.explain = "What the limit and its use count: bytes, pages, segments and so on.",
		.source = "the limit",
	},
	[LIMIT_USED] = {
		.name = "used", .heading = "USED", .type = VALUE_UNSIGNED,
		.offset = offsetof(struct limit, used), .metric = "gauge",
		.help = "how much of it is used; of a bound for one object, the largest one's",
		.explain = "How much of the limit is used. Of one that bounds single objects it is what the "
			   "largest one has. Absent where nothing uses it up, or the kernel does not count.",
		.source = "the objects",
	},
	[LIMIT_USED_PERCENT] = {
		.name = "used_percent", .heading = "USE%", .type = VALUE_PERCENT,
		.compute = compute_limit_percent, .metric = "gauge",
		.help = "used in percent of value",
		.explain = "How much of a limit is used, rounded down: <0.1% is more than nothing. Of a limit "
			   "for single objects it is that of the largest one. - stands for a limit that "
			   "nothing uses up, such as the size of a message, and where the use could not "
			   "be seen.",
		.source = "used and value",
	},
	[LIMIT_SYSCTL] = {
		.name = "sysctl", .heading = "SYSCTL", .type = VALUE_TEXT,
		.compute = compute_limit_sysctl,
		.help = "the sysctl that sets it",
		.explain = "The sysctl that sets the limit, or the mount option or ulimit.",
		.source = "the limit",
	},
	[LIMIT_MEANING] = {
		.name = "meaning", .heading = "MEANING", .type = VALUE_TEXT,
		.compute = compute_limit_meaning, .can_be_cut = true,
		.help = "what it bounds",
		.explain = "What the limit bounds, in a word or two; \"ipclens explain\" and the name of the "
			   "limit tell more.",
		.source = "the limit",
	},
};

static const struct field issue[ISSUE_FIELD_COUNT] = {
	[ISSUE_CODE] = {
		.name = "code", .heading = "CODE", .type = VALUE_CHOICE,
		.offset = offsetof(struct issue, code), .names = code_names,
		.help = "denied, gone, unsupported or malformed", .source = "errno, or the text read",
	},
	[ISSUE_ASPECT] = {
		.name = "aspect", .heading = "ASPECT", .type = VALUE_CHOICE,
		.offset = offsetof(struct issue, aspect), .names = aspect_names,
		.help = "which part of the answer is incomplete", .source = "the collector",
	},
	[ISSUE_KIND] = {
		.name = "kind", .heading = "KIND", .type = VALUE_CHOICE,
		.offset = offsetof(struct issue, kind), .names = kind_names,
		.help = "kind of object that it is about", .source = "the collector",
	},
	[ISSUE_OBJECT] = {
		.name = "object", .heading = "OBJECT", .type = VALUE_TEXT,
		.offset = offsetof(struct issue, object),
		.help = "REF of the object that it is about", .source = "the collector",
	},
	[ISSUE_SUBJECT] = {
		.name = "subject", .heading = "SUBJECT", .type = VALUE_TEXT,
		.offset = offsetof(struct issue, subject),
		.help = "path or call that failed", .source = "the collector",
	},
	[ISSUE_REASON] = {
		.name = "reason", .heading = "REASON", .type = VALUE_TEXT,
		.offset = offsetof(struct issue, reason),
		.help = "why", .source = "errno, or the text read",
	},
};
/* clang-format on */

const struct field_table host_fields = {"host", host, HOST_FIELD_COUNT, sizeof(struct host), false};
const struct field_table sight_fields = {"sight", sight, SIGHT_FIELD_COUNT, sizeof(struct sight),
					 false};
const struct field_table limit_fields = {"limits", limit, LIMIT_FIELD_COUNT, sizeof(struct limit),
					 false};
const struct field_table issue_fields = {"issues", issue, ISSUE_FIELD_COUNT, sizeof(struct issue),
					 false};
