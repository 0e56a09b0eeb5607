/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a command as on a kernel that was built without System V IPC: every call of it answers
 * ENOSYS. (/proc/sysvipc has to be hidden otherwise.)
 */
#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define NO_SUCH_CALL(number) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), ANSWER(SECCOMP_RET_ERRNO | ENOSYS)

int main(int argc, char **argv)
{
	/* Only this machine's own calls: the command is one of its programs. */
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		NO_SUCH_CALL(__NR_shmctl),
		NO_SUCH_CALL(__NR_shmget),
		NO_SUCH_CALL(__NR_semctl),
		NO_SUCH_CALL(__NR_semget),
		NO_SUCH_CALL(__NR_msgctl),
		NO_SUCH_CALL(__NR_msgget),
#ifdef __NR_ipc
		NO_SUCH_CALL(__NR_ipc),
#endif
		ANSWER(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]), .filter = filter};

	if (argc < 2) {
		fputs("Usage: without-sysv COMMAND [ARGUMENT]...\n", stderr);
		return 2;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		err(77, "no seccomp filter");
	execvp(argv[1], argv + 1);
	err(127, "%s", argv[1]);
}
