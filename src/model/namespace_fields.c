/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Field table of IPC namespaces.
 */
#include "model/namespace.h"

static const char *const keeper_names[] = {"processes",	 "threads", "mount",
					   "descriptor", "mapping", NULL};

#define AT(member) offsetof(struct namespace, member)

/* clang-format off */
static const struct field namespace[NAMESPACE_FIELD_COUNT] = {
	[NAMESPACE_NUMBER] = {
		.name = "number", .heading = "NAMESPACE", .type = VALUE_ID, .offset = AT(number),
		.help = "its number, as lsns prints it and behind the @ of a REF",
		.explain = "The inode of the namespace. Links under /proc/PID/ns name it.",
		.source = "link /proc/PID/ns/ipc",
	},
	[NAMESPACE_IS_VIEWERS] = {
		.name = "viewer", .heading = "VIEWER", .type = VALUE_BOOL, .offset = AT(is_viewers),
		.help = "the one that this program runs in",
		.explain = "What is asked without naming a namespace is answered of this one.",
		.source = "link /proc/self/ns/ipc",
	},
	[NAMESPACE_USER_NAMESPACE] = {
		.name = "user_namespace", .heading = "USERNS", .type = VALUE_ID,
		.offset = AT(user_namespace),
		.help = "number of the user namespace that owns it",
		.explain = "Who has capabilities in that user namespace has them over the objects in this "
			   "IPC namespace.",
		.source = "ioctl(NS_GET_USERNS)",
	},
	[NAMESPACE_KEPT_BY] = {
		.name = "kept_by", .heading = "KEPT BY", .type = VALUE_FLAGS, .names = keeper_names,
		.offset = AT(kept_by),
		.help = "what keeps it: processes, threads, mount, descriptor, mapping",
		.explain = "A namespace with all of its objects ends with what keeps it: processes, single "
			   "threads that are in it while their process is in another one, a mount of its "
			   "file, an open descriptor of it. A mapping of one of its segments keeps it, too; "
			   "where nothing else does, that is told where bpf can be used. No way leads "
			   "there then, and what is in it cannot be listed.",
		.source = "/proc/PID/ns, /proc/PID/task/TID/ns, /proc/PID/mountinfo, /proc/PID/fd",
	},
	[NAMESPACE_PROCESSES] = {
		.name = "processes", .heading = "PROCESSES", .type = VALUE_UNSIGNED,
		.offset = AT(processes),
		.help = "how many processes are in it, as far as they are seen",
		.explain = "Processes of which the viewer may not see the namespace are not counted.",
		.source = "links /proc/PID/ns/ipc",
	},
	[NAMESPACE_PID] = {
		.name = "pid", .heading = "PID", .type = VALUE_PID, .offset = AT(pid),
		.help = "the process with the lowest PID in it, or that keeps it",
		.explain = "A process to know the namespace by: mostly the first one of its container.",
		.source = "/proc/PID",
	},
	[NAMESPACE_COMMAND] = {
		.name = "command", .heading = "COMMAND", .type = VALUE_TEXT, .can_be_cut = true,
		.offset = AT(command), .help = "name of that process",
		.explain = "The name of the process by which the namespace is known.",
		.source = "/proc/PID/stat: comm",
	},
	[NAMESPACE_UNIT] = {
		.name = "unit", .heading = "UNIT", .type = VALUE_TEXT, .can_be_cut = true,
		.offset = AT(unit), .help = "container, pod or unit of that process",
		.explain = "From the path of its control group, without asking anybody: docker:ID, "
			   "podman:ID, containerd:ID, cri-o:ID (with pod:UID/ in front of it), lxc:NAME, "
			   "nspawn:NAME, or the unit of systemd.",
		.source = "/proc/PID/cgroup",
	},
	[NAMESPACE_PATH] = {
		.name = "path", .heading = "PATH", .type = VALUE_TEXT, .can_be_cut = true,
		.offset = AT(path), .help = "where it is mounted",
		.explain = "The file on which the namespace is mounted, in the mount namespace of the "
			   "process.",
		.source = "/proc/PID/mountinfo",
	},
	[NAMESPACE_SHM] = {
		.name = "shm", .heading = "SHM", .type = VALUE_UNSIGNED, .offset = AT(shm),
		.help = "shared memory segments in it", .explain = "How many segments there are.",
		.source = "/proc/sysvipc/shm of the namespace",
	},
	[NAMESPACE_SHM_BYTES] = {
		.name = "shm_bytes", .heading = "BYTES", .type = VALUE_SIZE, .offset = AT(shm_bytes),
		.help = "bytes of these", .explain = "The sum of their sizes.",
		.source = "/proc/sysvipc/shm of the namespace",
	},
	[NAMESPACE_SEM] = {
		.name = "sem", .heading = "SEM", .type = VALUE_UNSIGNED, .offset = AT(sem),
		.help = "semaphore arrays in it", .explain = "How many arrays there are.",
		.source = "/proc/sysvipc/sem of the namespace",
	},
	[NAMESPACE_SEMAPHORES] = {
		.name = "semaphores", .heading = "SEMAPHORES", .type = VALUE_UNSIGNED,
		.offset = AT(semaphores), .help = "semaphores of these",
		.explain = "How many semaphores they have together.",
		.source = "/proc/sysvipc/sem of the namespace",
	},
	[NAMESPACE_MSG] = {
		.name = "msg", .heading = "MSG", .type = VALUE_UNSIGNED, .offset = AT(msg),
		.help = "message queues of System V in it", .explain = "How many queues there are.",
		.source = "/proc/sysvipc/msg of the namespace",
	},
	[NAMESPACE_MSG_BYTES] = {
		.name = "msg_bytes", .heading = "HELD", .type = VALUE_SIZE, .offset = AT(msg_bytes),
		.help = "bytes of messages in these", .explain = "What they hold together.",
		.source = "/proc/sysvipc/msg of the namespace",
	},
	[NAMESPACE_MQ] = {
		.name = "mq", .heading = "MQ", .type = VALUE_UNSIGNED, .offset = AT(mq),
		.help = "message queues of POSIX in it", .explain = "How many queues there are.",
		.source = "the namespace's mqueue file system",
	},
	[NAMESPACE_MQ_MESSAGES] = {
		.name = "mq_messages", .heading = "MESSAGES", .type = VALUE_UNSIGNED,
		.offset = AT(mq_messages), .help = "messages in these",
		.explain = "How many messages they hold together.", .source = "mq_getsetattr",
	},
	[NAMESPACE_PSHM] = {
		.name = "pshm", .heading = "PSHM", .type = VALUE_UNSIGNED, .offset = AT(pshm),
		.help = "shared memory of POSIX that its processes see",
		.explain = "Memory of POSIX is in /dev/shm, which belongs to a mount namespace. It is "
			   "counted for the IPC namespace of the processes that see it; where those of "
			   "several do, for one of them.",
		.source = "/proc/PID/root/dev/shm",
	},
	[NAMESPACE_PSHM_BYTES] = {
		.name = "pshm_bytes", .heading = "PBYTES", .type = VALUE_SIZE, .offset = AT(pshm_bytes),
		.help = "bytes of these", .explain = "The sum of their sizes.",
		.source = "/proc/PID/root/dev/shm",
	},
	[NAMESPACE_PSEM] = {
		.name = "psem", .heading = "PSEM", .type = VALUE_UNSIGNED, .offset = AT(psem),
		.help = "named semaphores of POSIX that its processes see",
		.explain = "As pshm: they are in /dev/shm, too.",
		.source = "/proc/PID/root/dev/shm",
	},
};
/* clang-format on */

const struct field_table namespace_fields = {"namespaces", namespace, NAMESPACE_FIELD_COUNT,
					     sizeof(struct namespace), false};
