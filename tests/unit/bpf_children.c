/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bpf_children.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collect/proc_syscall.h"
#include "private_ipc.h"

struct bpf_source *source;
uint64_t own_namespace;

static int report = -1;

int run_with_source(int (*run_all)(void))
{
	char why[BPF_SOURCE_REASON];
	const char *reason = private_ipc_enter();
	int result;

	if (reason)
		return private_ipc_skip(reason);
	result = bpf_source_open(BPF_SOURCE_ALL, &source, why);
	if (result > 0)
		return private_ipc_skip(why);
	if (result < 0)
		return 1;
	own_namespace = namespace_of(getpid(), getpid(), "ipc");
	result = run_all();
	source = bpf_source_free(source);
	return result;
}

uint64_t namespace_of(pid_t pid, pid_t tid, const char *kind)
{
	struct stat status;
	char path[96];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/ns/%s", pid, tid, kind);
	assert_int_equal(stat(path, &status), 0);
	return status.st_ino;
}

void child_tell(int64_t number)
{
	if (write(report, &number, sizeof(number)) != sizeof(number))
		_exit(1);
	close(report);
}

struct child child_start(act_function *act, int argument)
{
	struct child child;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	child.pid = fork();
	assert_true(child.pid >= 0);
	if (!child.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		report = ends[1];
		child_tell(act(argument));
		for (;;)
			pause();
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &child.told, sizeof(child.told)), sizeof(child.told));
	close(ends[0]);
	assert_true(child.told >= 0);
	return child;
}

void child_end(const struct child *child)
{
	kill(child->pid, SIGKILL);
	assert_int_equal(waitpid(child->pid, NULL, __WALL), child->pid);
}

void await_call(pid_t pid, pid_t tid, int64_t number)
{
	struct rooted root = {.fd = -1, .is_live = true};
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", pid, tid);
	for (int i = 0; i < 5000; i++) {
		struct proc_syscall call = {};

		if (proc_syscall_read(&root, path, &call) == 0 && !call.is_running &&
		    call.number == number)
			return;
		usleep(1000);
	}
	fail_msg("%s: never in call %lld", path, (long long)number);
}
