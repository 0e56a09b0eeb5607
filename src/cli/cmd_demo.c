/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens demo: a small world of its own, and a tour of it, with the real output of the real
 * commands.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act/stage.h"
#include "cli/view.h"

#define WORDS(...)                           \
	(const char *const[])                \
	{                                    \
		"ipclens", __VA_ARGS__, NULL \
	}

struct stop {
	const char *text;
	const char *const *words; /* NULL at the end */
};

/* Findings there are of what has just been made: all thresholds are 0. */
static const struct stop stops[] = {
	{"A shop runs on this stage. What IPC is there, and is anything wrong?", WORDS("status")},
	{"The catalogue is in shared memory. ipcs would say \"nattch 2\"; which two?",
	 WORDS("who", "shm:0x5001")},
	{"And the other way round: what does each process use?", WORDS("ps")},
	{"Some of them hang. On what, and because of whom?", WORDS("blocked")},
	{"Who holds the locks, and who waits for them? (Only root can see holders.)",
	 WORDS("show", "sem:0x5002")},
	{"There are orders in the mailbox that nobody takes out. What are they?",
	 WORDS("peek", "msg:0x5003")},
	{"All that is wrong, each with its evidence. (Thresholds are 0 here, as all of it is new.)",
	 WORDS("check", "--older-than=0", "--stuck=0", "--long-wait=0", "--min-severity=warning")},
	{"Could anything be removed, and what not, and why?",
	 WORDS("clean", "--older-than=0", "--include-likely")},
};

/* By its path, as the last part of it is the command that ps shows; exec does not change words. */
static void execute_self(char *const *words)
{
	static const char self[] = "/proc/self/exe";
	char path[PATH_MAX];
	ssize_t length = readlink(self, path, sizeof(path) - 1);

	if (length > 0) {
		path[length] = 0;
		execv(path, words);
	}
	execv(self, words);
}

/* 0; or a negative errno where the command could not be run. */
static int run(const char *const *words)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		execute_self((char *const *)words);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) != 127 ? 0 : -EIO;
}

static int visit(void *context)
{
	(void)context;
	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		printf("%s# %s\n$", i ? "\n" : "", stops[i].text);
		for (const char *const *word = stops[i].words; *word; word++)
			printf(" %s", *word);
		putchar('\n');
		if (run(stops[i].words) < 0 || ferror(stdout))
			return STATUS_FAILED;
	}
	puts("\n# That was all of it. Nothing of the stage is left; \"ipclens help\" lists the commands.");
	return fflush(stdout) == 0 ? STATUS_DONE : STATUS_FAILED;
}

enum exit_status cmd_demo(struct invocation *invocation)
{
	struct ipclens_error error;
	int result;

	(void)invocation;
	fflush(stdout);
	if (act_stage_run(visit, NULL, &result, &error) < 0) {
		complain("demo: %s", error.text);
		return STATUS_FAILED;
	}
	return (enum exit_status)result;
}
