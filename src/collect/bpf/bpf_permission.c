/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/bpf/bpf_permission.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"

#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"
#define LOCKDOWN "/sys/kernel/security/lockdown"
#define INITIAL_USER_NAMESPACE 0xEFFFFFFD /* include/linux/proc_ns.h: PROC_USER_INIT_INO */

static bool is_in_user_namespace(void)
{
	struct stat status;

	return stat("/proc/self/ns/user", &status) == 0 && status.st_ino != INITIAL_USER_NAMESPACE;
}

static bool has_capability(const struct __user_cap_data_struct *data, unsigned int number)
{
	return data[number / 32].effective >> number % 32 & 1;
}

static bool has_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	return has_capability(data, CAP_SYS_ADMIN) ||
	       (has_capability(data, CAP_BPF) && has_capability(data, CAP_PERFMON));
}

/* What is in force stands in brackets: "none integrity [confidentiality]". */
static bool is_locked_down(void)
{
	_cleanup_close_ int fd = open(LOCKDOWN, O_RDONLY | O_CLOEXEC);
	char text[128] = "";

	return fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 && strstr(text, "[confidentiality]");
}

/* NULL: the kernel permits it as far as can be seen. */
static const char *find_prohibition(int number)
{
	bool is_refusal = number == EPERM || number == EACCES;

	if (is_refusal && !has_capabilities())
		return "it takes CAP_BPF and CAP_PERFMON";
	if (is_refusal && is_in_user_namespace())
		return "capabilities of a user namespace do not permit bpf";
	/* Then the helpers that read memory are unknown functions, which is no EPERM. */
	if (is_locked_down())
		return "the kernel is locked down (confidentiality)";
	return number == EPERM ? "the kernel forbids bpf (by seccomp or a security module)" : NULL;
}

int bpf_permission_explain(int number, const char **ret_reason)
{
	if (number == ENOSYS) {
		*ret_reason = "the kernel has no bpf";
		return OUTCOME_UNSUPPORTED;
	}
	*ret_reason = find_prohibition(number);
	return *ret_reason ? OUTCOME_DENIED : OUTCOME_UNSUPPORTED;
}

static int load_smallest_program(void)
{
	static const struct bpf_insn instructions[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K}, /* r0 = 0 */
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attributes = {
		.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT,
		.insn_cnt = sizeof(instructions) / sizeof(instructions[0]),
		.insns = (uintptr_t)instructions,
		.license = (uintptr_t) "Dual BSD/GPL",
	};

	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes));
}

int bpf_permission_try(const char **ret_reason)
{
	_cleanup_close_ int fd = load_smallest_program();

	if (fd < 0) {
		int outcome = bpf_permission_explain(errno, ret_reason);

		if (!*ret_reason)
			*ret_reason = "the kernel refuses every program";
		return outcome;
	}
	if (access(KERNEL_TYPES, R_OK) < 0) {
		*ret_reason = "the kernel does not tell its types (no " KERNEL_TYPES ")";
		return OUTCOME_UNSUPPORTED;
	}
	return 0;
}
