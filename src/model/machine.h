/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records about the machine and the view of it: host, sight, limits, issues.
 */
#ifndef IPCLENS_MODEL_MACHINE_H
#define IPCLENS_MODEL_MACHINE_H

#include "base/error.h"
#include "model/field.h"
#include "model/kind.h"

enum host_field {
	HOST_NAME,
	HOST_KERNEL,
	HOST_PAGE_SIZE,
	HOST_IPC_NAMESPACE,
	HOST_PID_NAMESPACE,
	HOST_BOOT_ID,
	HOST_FIELD_COUNT,
};

struct host {
	struct record record;
	struct text name, kernel; /* nodename and release, as uname() tells them */
	uint64_t page_size;	  /* bytes */
	uint64_t ipc_namespace, pid_namespace;
	struct text boot_id; /* another one after each start (/proc/sys/kernel/random/boot_id) */
};

enum sight_field {
	SIGHT_FULL,
	SIGHT_REASONS,
	SIGHT_INITIAL_PID_NAMESPACE,
	SIGHT_HIDEPID,
	SIGHT_CAPABILITIES,
	SIGHT_BACKEND,
	SIGHT_BACKEND_REASON,
	SIGHT_FIELD_COUNT,
};

/* Why sight is less than full; bits of sight.reasons, named in the field table. */
enum sight_reason {
	SIGHT_NESTED_PID_NAMESPACE = 1 << 0,
	SIGHT_HIDEPID_MOUNT = 1 << 1,
	SIGHT_MISSING_CAPABILITIES = 1 << 2,
	SIGHT_RECORDED_TREE = 1 << 3,
	SIGHT_NESTED_USER_NAMESPACE = 1 << 4,
	SIGHT_UNKNOWN = 1 << 5,
};

/* Effective capabilities that matter for looking; bits of sight.capabilities. */
enum sight_capability {
	SIGHT_CAP_SYS_ADMIN = 1 << 0,
	SIGHT_CAP_SYS_PTRACE = 1 << 1,
	SIGHT_CAP_IPC_OWNER = 1 << 2,
	SIGHT_CAP_DAC_OVERRIDE = 1 << 3,
	SIGHT_CAP_BPF = 1 << 4,
	SIGHT_CAP_PERFMON = 1 << 5,
};

/* How far the viewer could see at all. */
struct sight {
	struct record record;
	uint64_t is_full;
	uint64_t reasons;
	uint64_t is_initial_pid_namespace;
	uint64_t hidepid;      /* of the /proc that was read: 0, 1, 2, 4 */
	uint64_t capabilities; /* enum sight_capability */
	struct text backend, backend_reason;
};

enum limit_field {
	LIMIT_NAME,
	LIMIT_KIND,
	LIMIT_NAMESPACE,
	LIMIT_VALUE,
	LIMIT_UNLIMITED,
	LIMIT_UNIT,
	LIMIT_USED,
	LIMIT_USED_PERCENT,
	LIMIT_SYSCTL,
	LIMIT_MEANING,
	LIMIT_FIELD_COUNT,
};

/* The limits themselves; in the order of display. */
enum limit_id {
	LIMIT_SHMMNI,
	LIMIT_SHMMAX,
	LIMIT_SHMALL,
	LIMIT_SHM_RMID_FORCED,
	LIMIT_SEMMNI,
	LIMIT_SEMMNS,
	LIMIT_SEMMSL,
	LIMIT_SEMOPM,
	LIMIT_MSGMNI,
	LIMIT_MSGMAX,
	LIMIT_MSGMNB,
	LIMIT_DEV_SHM_BYTES,
	LIMIT_DEV_SHM_FILES,
	LIMIT_QUEUES_MAX,
	LIMIT_MSG_MAX,
	LIMIT_MSGSIZE_MAX,
	LIMIT_RLIMIT_MSGQUEUE,
	LIMIT_PIPE_MAX_SIZE,
	LIMIT_PIPE_USER_PAGES_SOFT,
	LIMIT_PIPE_USER_PAGES_HARD,
	LIMIT_COUNT,
};

struct limit_info {
	const char *name; /* "shmmax" */
	enum kind kind;
	bool is_of_one;	    /* bounds single objects: reached, it troubles no other one */
	const char *unit;   /* of value and use: "bytes", "pages", "segments" */
	const char *sysctl; /* "kernel.shmmax"; of kernel.sem with its place */
	const char *meaning;
	const char *explain;
};

const struct limit_info *limit_info(enum limit_id id);

struct limit {
	struct record record;
	enum limit_id id;
	uint64_t namespace; /* IPC namespace, where several were looked at */
	uint64_t value;
	uint64_t is_unlimited; /* so large that the kernel can never reach it */
	uint64_t used;	       /* absent where nothing counts against the limit */
};

enum issue_field {
	ISSUE_CODE,
	ISSUE_ASPECT,
	ISSUE_KIND,
	ISSUE_OBJECT,
	ISSUE_SUBJECT,
	ISSUE_REASON,
	ISSUE_FIELD_COUNT,
};

/* Which part of a collection an issue is about, so that an answer names only what concerns it. */
enum issue_aspect {
	ISSUE_ABOUT_OBJECTS,
	ISSUE_ABOUT_SEMAPHORES,
	ISSUE_ABOUT_QUEUE_LIMITS,
	ISSUE_ABOUT_LIMITS,
	ISSUE_ABOUT_NAMES,
	ISSUE_ABOUT_SIGHT,
	ISSUE_ABOUT_PROCESSES,
	ISSUE_ABOUT_WAITS,	/* threads whose call could not be seen or understood */
	ISSUE_ABOUT_HOLDERS,	/* who holds semaphores */
	ISSUE_ABOUT_CONTENTS,	/* what is in a semaphore, a queue or a pipe */
	ISSUE_ABOUT_NAMESPACES, /* IPC namespaces that could not be found or entered */
};

/* What could not be seen, and why. */
struct issue {
	struct record record;
	uint64_t code;	     /* enum outcome */
	uint64_t aspect;     /* enum issue_aspect */
	uint64_t kind;	     /* enum kind */
	struct text object;  /* REF, where it is about one object */
	struct text subject; /* path or call */
	struct text reason;
};

/* "shmmni", and of several namespaces "shmmni@4026531839". */
#define LIMIT_LABEL_MAX 48
const char *limit_label(const struct limit *limit, char room[static LIMIT_LABEL_MAX]);

extern const struct field_table host_fields;
extern const struct field_table sight_fields;
extern const struct field_table limit_fields;
extern const struct field_table issue_fields;

#endif
