/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Host and sight: which machine, which namespaces, and how far this viewer can see.
 */
#include "collect/collector.h"

#include <errno.h>
#include <linux/capability.h>

#include "base/parse_number.h"
#include "collect/outsiders.h"
#include "collect/proc_stat.h"

/* Inodes of the first namespaces are fixed (include/linux/proc_ns.h: PROC_PID_INIT_INO, ...). */
#define INITIAL_USER_NAMESPACE UINT64_C(0xEFFFFFFD)
#define INITIAL_PID_NAMESPACE UINT64_C(0xEFFFFFFC)
#define INITIAL_IPC_NAMESPACE UINT64_C(0xEFFFFFFF)

/* From this on /proc has no folder of a process that the viewer may not trace. */
#define HIDEPID_INVISIBLE 2
#define HIDEPID_UNKNOWN UINT64_MAX

#define SMALL_FILE_MAX ((size_t)64 * 1024)
#define MOUNTINFO_MAX ((size_t)8 << 20)

static bool starts_with(struct text text, struct text start)
{
	return text.length >= start.length && memcmp(text.bytes, start.bytes, start.length) == 0;
}

int sight_parse_namespace(struct text link, uint64_t *ret_number)
{
	const char *bracket = link.length ? memchr(link.bytes, '[', link.length) : NULL;
	size_t first;

	if (!bracket || link.bytes[link.length - 1] != ']')
		return -EINVAL;
	first = (size_t)(bracket - link.bytes) + 1;
	if (parse_unsigned((struct text){bracket + 1, link.length - first - 1}, 10, UINT32_MAX,
			   ret_number) < 0)
		return -EINVAL;
	return 0;
}

static uint64_t hidepid_of_name(struct text name)
{
	static const struct {
		const char *name;
		uint64_t number;
	} names[] = {{"0", 0}, {"off", 0},	 {"1", 1}, {"noaccess", 1},
		     {"2", 2}, {"invisible", 2}, {"4", 4}, {"ptraceable", 4}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_equals(name, text_of(names[i].name)))
			return names[i].number;
	return HIDEPID_UNKNOWN;
}

/* Super options of a procfs: "rw,gid=5,hidepid=invisible". */
static uint64_t hidepid_of_options(struct text options)
{
	while (options.length) {
		struct text option = text_take_part(&options, ',');

		if (starts_with(option, TEXT_LITERAL("hidepid=")))
			return hidepid_of_name((struct text){option.bytes + 8, option.length - 8});
	}
	return 0;
}

/* A line of mountinfo, see proc(5): "… MOUNT-POINT OPTIONS … - TYPE SOURCE SUPER-OPTIONS". */
static bool is_proc_mount(struct text line, uint64_t *ret_hidepid)
{
	struct text point = TEXT_NONE, part;

	for (unsigned int i = 0; i < 5; i++)
		point = text_take_part(&line, ' ');
	if (!text_equals(point, TEXT_LITERAL("/proc")))
		return false;
	do {
		if (!line.length)
			return false;
		part = text_take_part(&line, ' ');
	} while (!text_equals(part, TEXT_LITERAL("-")));
	if (!text_equals(text_take_part(&line, ' '), TEXT_LITERAL("proc")))
		return false;
	text_take_part(&line, ' ');
	*ret_hidepid = hidepid_of_options(line);
	return true;
}

int sight_parse_hidepid(struct text mountinfo, uint64_t *ret_hidepid)
{
	uint64_t hidepid = 0;

	/* The last mount at the place lies on top of the others. */
	while (mountinfo.length)
		is_proc_mount(text_take_part(&mountinfo, '\n'), &hidepid);
	if (hidepid == HIDEPID_UNKNOWN)
		return -EINVAL;
	*ret_hidepid = hidepid;
	return 0;
}

int sight_parse_capabilities(struct text status, uint64_t *ret_capabilities)
{
	static const struct {
		unsigned int number;
		uint64_t bit;
	} wanted[] = {{CAP_SYS_ADMIN, SIGHT_CAP_SYS_ADMIN},
		      {CAP_SYS_PTRACE, SIGHT_CAP_SYS_PTRACE},
		      {CAP_IPC_OWNER, SIGHT_CAP_IPC_OWNER},
		      {CAP_DAC_OVERRIDE, SIGHT_CAP_DAC_OVERRIDE},
		      {CAP_BPF, SIGHT_CAP_BPF},
		      {CAP_PERFMON, SIGHT_CAP_PERFMON}};
	uint64_t mask, capabilities = 0;

	while (status.length) {
		struct text line = text_take_part(&status, '\n');

		if (!starts_with(line, TEXT_LITERAL("CapEff:\t")))
			continue;
		if (parse_unsigned((struct text){line.bytes + 8, line.length - 8}, 16, UINT64_MAX,
				   &mask) < 0)
			return -EINVAL;
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (mask >> wanted[i].number & 1)
				capabilities |= wanted[i].bit;
		*ret_capabilities = capabilities;
		return 0;
	}
	return -EINVAL;
}

static bool read_own_status(const struct collector *collector, struct buffer *text)
{
	return rooted_read(&collector->root, "proc/self/status", SMALL_FILE_MAX, text) == 0;
}

bool sight_has_own_pids(const struct collector *collector)
{
	_cleanup_buffer_ struct buffer text = {0};

	return read_own_status(collector, &text) && proc_status_has_one_pid(buffer_text(&text));
}

int sight_read_namespace(const struct rooted *root, const char *path, uint64_t *ret_number)
{
	char target[64];
	int r = rooted_readlink(root, path, target, sizeof(target));

	if (r != 0)
		return r;
	return sight_parse_namespace(text_of(target), ret_number) < 0 ? OUTCOME_MALFORMED : 0;
}

int sight_find_namespaces(struct collector *collector)
{
	struct host *host = &collector->snapshot->host;

	if (sight_read_namespace(&collector->root, "proc/self/ns/ipc", &host->ipc_namespace) == 0) {
		record_mark(&host->record, HOST_IPC_NAMESPACE);
		collector->has_namespace = true;
		collector->namespace = host->ipc_namespace;
	}
	if (sight_read_namespace(&collector->root, "proc/self/ns/pid", &host->pid_namespace) == 0)
		record_mark(&host->record, HOST_PID_NAMESPACE);
	return 0;
}

/* A one-line file as a text of the snapshot; absent where it cannot be read. 0 or -ENOMEM. */
static int read_host_text(struct collector *collector, const char *path, enum host_field field,
			  struct text *place)
{
	struct host *host = &collector->snapshot->host;
	_cleanup_buffer_ struct buffer line = {0};
	int r = rooted_read(&collector->root, path, 4096, &line);

	if (r == -ENOMEM)
		return r;
	while (line.length && line.bytes[line.length - 1] == '\n')
		line.length--;
	if (r != 0 || !line.length)
		return 0;
	record_mark(&host->record, field);
	return snapshot_copy_text(collector->snapshot, buffer_text(&line), place);
}

static int collect_host(struct collector *collector)
{
	struct host *host = &collector->snapshot->host;
	int r = read_host_text(collector, "proc/sys/kernel/hostname", HOST_NAME, &host->name);

	if (r == 0)
		r = read_host_text(collector, "proc/sys/kernel/osrelease", HOST_KERNEL,
				   &host->kernel);
	if (r == 0)
		r = read_host_text(collector, "proc/sys/kernel/random/boot_id", HOST_BOOT_ID,
				   &host->boot_id);
	return r;
}

static void look_at_pid_namespace(struct collector *collector)
{
	const struct host *host = &collector->snapshot->host;
	struct sight *sight = &collector->snapshot->sight;

	if (!record_has(&host->record, HOST_PID_NAMESPACE)) {
		sight->reasons |= SIGHT_UNKNOWN;
		return;
	}
	sight->is_initial_pid_namespace = host->pid_namespace == INITIAL_PID_NAMESPACE;
	record_mark(&sight->record, SIGHT_INITIAL_PID_NAMESPACE);
	if (!sight->is_initial_pid_namespace)
		sight->reasons |= SIGHT_NESTED_PID_NAMESPACE;
}

/*
 * Capabilities of a user namespace say nothing about what lies outside of it. A kernel without user
 * namespaces has no such link.
 */
static void look_at_user_namespace(struct collector *collector)
{
	struct sight *sight = &collector->snapshot->sight;
	uint64_t number;
	int r = sight_read_namespace(&collector->root, "proc/self/ns/user", &number);

	if (r == 0 && number != INITIAL_USER_NAMESPACE)
		sight->reasons |= SIGHT_NESTED_USER_NAMESPACE;
	else if (r != 0 && r != OUTCOME_GONE)
		sight->reasons |= SIGHT_UNKNOWN;
}

static void look_at_capabilities(struct collector *collector)
{
	struct sight *sight = &collector->snapshot->sight;
	const uint64_t needed = SIGHT_CAP_SYS_PTRACE | SIGHT_CAP_IPC_OWNER;
	_cleanup_buffer_ struct buffer text = {0};

	if (!read_own_status(collector, &text) ||
	    sight_parse_capabilities(buffer_text(&text), &sight->capabilities) < 0) {
		sight->reasons |= SIGHT_UNKNOWN;
		return;
	}
	record_mark(&sight->record, SIGHT_CAPABILITIES);
	if ((sight->capabilities & needed) != needed)
		sight->reasons |= SIGHT_MISSING_CAPABILITIES;
}

static void look_at_hidepid(struct collector *collector)
{
	struct sight *sight = &collector->snapshot->sight;
	_cleanup_buffer_ struct buffer text = {0};

	if (rooted_read(&collector->root, "proc/self/mountinfo", MOUNTINFO_MAX, &text) != 0 ||
	    sight_parse_hidepid(buffer_text(&text), &sight->hidepid) < 0) {
		sight->reasons |= SIGHT_UNKNOWN;
		return;
	}
	record_mark(&sight->record, SIGHT_HIDEPID);
	if (sight->hidepid && !(sight->capabilities & SIGHT_CAP_SYS_PTRACE))
		sight->reasons |= SIGHT_HIDEPID_MOUNT;
}

static bool is_in_initial_pid_namespace(const struct collector *collector)
{
	const struct host *host = &collector->snapshot->host;

	return record_has(&host->record, HOST_PID_NAMESPACE) &&
	       host->pid_namespace == INITIAL_PID_NAMESPACE;
}

/* HIDEPID_UNKNOWN where it cannot be read. */
static uint64_t read_hidepid(const struct collector *collector)
{
	_cleanup_buffer_ struct buffer text = {0};
	uint64_t hidepid;

	if (rooted_read(&collector->root, "proc/self/mountinfo", MOUNTINFO_MAX, &text) != 0 ||
	    sight_parse_hidepid(buffer_text(&text), &hidepid) < 0)
		return HIDEPID_UNKNOWN;
	return hidepid;
}

bool sight_has_all_processes(const struct collector *collector)
{
	return !collector->root.is_live ||
	       (is_in_initial_pid_namespace(collector) && !read_hidepid(collector));
}

static bool may_trace(const struct collector *collector)
{
	_cleanup_buffer_ struct buffer text = {0};
	uint64_t capabilities;

	return read_own_status(collector, &text) &&
	       sight_parse_capabilities(buffer_text(&text), &capabilities) == 0 &&
	       capabilities & SIGHT_CAP_SYS_PTRACE;
}

static bool shares_ipc_with_hidden(const struct collector *collector)
{
	return !is_in_initial_pid_namespace(collector) && collector->has_namespace &&
	       (collector->namespace == INITIAL_IPC_NAMESPACE || outsiders_are_known(collector));
}

const char *sight_why_processes_are_missing(struct collector *collector)
{
	uint64_t hidepid;

	if (!collector->root.is_live)
		return NULL;
	collector->has_outsiders = shares_ipc_with_hidden(collector);
	hidepid = read_hidepid(collector);
	if (hidepid >= HIDEPID_INVISIBLE && !may_trace(collector))
		return hidepid == HIDEPID_UNKNOWN ? "which processes it hides is not known"
						  : "it hides the processes of others (hidepid)";
	if (collector->has_outsiders)
		return "processes outside of this PID namespace are not in it, and they can use "
		       "the same IPC";
	return NULL;
}

static void tell_backend(struct collector *collector)
{
	struct sight *sight = &collector->snapshot->sight;
	const char *reason = collector->backend == BACKEND_PROCFS    ? "asked for"
			     : collector->backend == BACKEND_SYSCALL ? "asked for"
			     : collector->used_syscalls		     ? "/proc/sysvipc is missing"
			     : collector->used_bpf
				     ? "/proc shows every object, bpf what is inside of processes"
				     : "it shows every object and needs no permission on it";

	sight->backend = text_of(collector->used_syscalls ? "syscall"
				 : collector->used_bpf	  ? "procfs+bpf"
							  : "procfs");
	sight->backend_reason =
		text_of(collector->root.is_live ? reason : "a recorded tree has nothing else");
	record_mark(&sight->record, SIGHT_BACKEND);
	record_mark(&sight->record, SIGHT_BACKEND_REASON);
}

int sight_collect(struct collector *collector)
{
	struct sight *sight = &collector->snapshot->sight;
	int r = collect_host(collector);

	if (r < 0)
		return r;
	look_at_pid_namespace(collector);
	look_at_user_namespace(collector);
	look_at_capabilities(collector);
	look_at_hidepid(collector);
	if (!collector->root.is_live)
		sight->reasons |= SIGHT_RECORDED_TREE;
	sight->is_full = !sight->reasons;
	record_mark(&sight->record, SIGHT_FULL);
	record_mark(&sight->record, SIGHT_REASONS);
	tell_backend(collector);
	return 0;
}
