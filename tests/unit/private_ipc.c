/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "private_ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "base/cleanup.h"

#define NOBODY 65534

static bool write_file(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static bool map_id(const char *path, unsigned int id)
{
	char line[64];

	snprintf(line, sizeof(line), "%u %u 1\n", id, id);
	return write_file(path, line);
}

const char *private_ipc_enter(void)
{
	unsigned int uid = geteuid(), gid = getegid();

	if (unshare(CLONE_NEWIPC) == 0)
		return NULL;
	if (unshare(CLONE_NEWUSER | CLONE_NEWIPC) < 0)
		return "neither root nor user namespaces: no private IPC namespace";
	if (!write_file("/proc/self/setgroups", "deny") || !map_id("/proc/self/uid_map", uid) ||
	    !map_id("/proc/self/gid_map", gid))
		return "the ids of a new user namespace cannot be set";
	return NULL;
}

const char *private_shm_enter(void)
{
	const char *reason = private_ipc_enter();

	if (reason)
		return reason;
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777") < 0)
		return "no file system can be mounted in a namespace of our own";
	return NULL;
}

int private_ipc_skip(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	return 0;
}

static bool set_effective(bool is_on)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_LENGTH(data); i++)
		data[i].effective = is_on ? data[i].permitted : 0;
	return syscall(SYS_capset, &header, data) == 0;
}

bool drop_capabilities(void)
{
	return set_effective(false);
}

bool become_user(uid_t uid, gid_t gid)
{
	return getuid() == 0 && setresgid((gid_t)-1, gid, (gid_t)-1) == 0 &&
	       setresuid((uid_t)-1, uid, (uid_t)-1) == 0 && set_effective(false);
}

bool become_nobody(void)
{
	return become_user(NOBODY, NOBODY);
}

void regain_power(void)
{
	assert_int_equal(setresuid((uid_t)-1, getuid(), (uid_t)-1), 0);
	assert_true(set_effective(true));
	assert_int_equal(setresgid((gid_t)-1, getgid(), (gid_t)-1), 0);
	/* Another user's process is not dumpable, which leak checkers need. */
	prctl(PR_SET_DUMPABLE, 1);
}

static int waiters(int semid, unsigned short num, short amount)
{
	return semctl(semid, num, amount ? GETNCNT : GETZCNT);
}

pid_t start_waiter(int semid, unsigned short num, short amount)
{
	int before = waiters(semid, num, amount);
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		struct sembuf operation = {.sem_num = num, .sem_op = amount};

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(semop(semid, &operation, 1) == 0 ? 0 : 1);
	}
	for (int i = 0; i < 5000 && waiters(semid, num, amount) == before; i++)
		usleep(1000);
	assert_int_equal(waiters(semid, num, amount), before + 1);
	return child;
}

void end_waiter(pid_t child)
{
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}
