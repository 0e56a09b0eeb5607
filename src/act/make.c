/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/make.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "act/sysv.h"
#include "base/cleanup.h"

#define RMID_FORCED "/proc/sys/kernel/shm_rmid_forced"

/* What the kernel means by an errno, and which sysctl it is about; NULL: what strerror() says. */
static const char *explain(enum kind kind, int number)
{
	static const struct {
		enum kind kind;
		int number;
		const char *text;
	} reasons[] = {
		{KIND_SHM, EINVAL, "the size is 0, or above kernel.shmmax"},
		{KIND_SHM, ENOSPC,
		 "kernel.shmmni or kernel.shmall is reached; see \"ipclens limits shm\""},
		{KIND_SEM, EINVAL, "there are more semaphores than kernel.sem (1st) permits"},
		{KIND_SEM, ENOSPC,
		 "kernel.sem (2nd or 4th) is reached; see \"ipclens limits sem\""},
		{KIND_MSG, ENOSPC, "kernel.msgmni is reached; see \"ipclens limits msg\""},
		{KIND_MQ, EINVAL,
		 "the messages are 0, or more or larger than fs.mqueue.msg_max and "
		 "fs.mqueue.msgsize_max permit; see \"ipclens limits mq\""},
		{KIND_MQ, EMFILE,
		 "all queues together would hold more than RLIMIT_MSGQUEUE permits"},
		{KIND_MQ, ENOSPC, "fs.mqueue.queues_max is reached; see \"ipclens limits mq\""},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].kind == kind && reasons[i].number == number)
			return reasons[i].text;
	return number == EEXIST ? "it exists already" : NULL;
}

static int fail(enum kind kind, int number, struct ipclens_error *ret_error)
{
	const char *text = explain(kind, number);

	return error_set(ret_error, -number, "%s", text ? text : strerror(number));
}

/* A segment then goes as soon as nobody has it attached and its creator has ended. */
static bool are_segments_removed_with_creator(void)
{
	_cleanup_close_ int fd = open(RMID_FORCED, O_RDONLY | O_CLOEXEC);
	char byte;

	return fd >= 0 && read(fd, &byte, 1) == 1 && byte != '0';
}

static int check_sysv(const struct make_request *request, struct ipclens_error *ret_error)
{
	struct ipclens_error ignored;
	int id, r;

	if (request->kind == KIND_SHM && are_segments_removed_with_creator())
		return error_set(
			ret_error, -EPERM,
			"kernel.shm_rmid_forced is 1: the segment would go as soon as this "
			"program ends; to have it stay, set that to 0");
	if (!request->key)
		return 0;
	r = act_sysv_find_key(request->kind, request->key, &id, &ignored);
	return r == 0 || r == OUTCOME_DENIED ? fail(request->kind, EEXIST, ret_error) : 0;
}

int act_make_check_name(const struct make_request *request, struct ipclens_error *ret_error)
{
	const char *name = request->name;
	size_t most = request->kind == KIND_PSEM ? NAME_MAX - 4 : NAME_MAX;

	if (!(KIND_BIT(request->kind) & KINDS_POSIX))
		return 0;
	if (name[0] != '/' || !name[1] || strchr(name + 1, '/'))
		return error_set(ret_error, -EINVAL,
				 "a name is a slash and then letters without another slash");
	if (strcmp(name, "/.") == 0 || strcmp(name, "/..") == 0)
		return error_set(ret_error, -EINVAL, "this name is that of a folder");
	if (strlen(name + 1) > most)
		return error_set(ret_error, -ENAMETOOLONG, "the name has more than %zu bytes",
				 most);
	if (request->kind == KIND_PSHM && strncmp(name, "/sem.", 5) == 0)
		return error_set(ret_error, -EINVAL,
				 "with sem. in front it would pass for a semaphore");
	return 0;
}

/* Whether the kernel has a queue of that name, which may be another's. */
static bool has_queue(const char *name)
{
	int queue = (int)syscall(SYS_mq_open, name + 1, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0, NULL);

	if (queue < 0)
		return errno == EACCES;
	close(queue);
	return true;
}

static int check_file(const struct make_request *request, struct ipclens_error *ret_error)
{
	char path[PATH_MAX];
	struct stat status;
	int r = act_make_check_name(request, ret_error);

	if (r < 0)
		return r;
	if (request->kind == KIND_MQ)
		return has_queue(request->name) ? fail(request->kind, EEXIST, ret_error) : 0;
	snprintf(path, sizeof(path), "%s%s",
		 request->kind == KIND_PSHM   ? "/dev/shm/"
		 : request->kind == KIND_PSEM ? "/dev/shm/sem."
					      : "",
		 request->name + (request->kind != KIND_FIFO));
	return lstat(path, &status) == 0 ? fail(request->kind, EEXIST, ret_error) : 0;
}

int act_make_check(const struct make_request *request, struct ipclens_error *ret_error)
{
	if (KIND_BIT(request->kind) & KINDS_SYSV)
		return check_sysv(request, ret_error);
	return check_file(request, ret_error);
}

static int make_sysv(const struct make_request *request, int *ret_id,
		     struct ipclens_error *ret_error)
{
	const struct sysv_request sysv = {.kind = request->kind,
					  .key = request->key,
					  .mode = (int)request->mode,
					  .size = request->size,
					  .nsems = (int)request->nsems};
	int id, r = act_sysv_create(&sysv, &id, ret_error);

	if (r < 0)
		return explain(request->kind, -r) ? fail(request->kind, -r, ret_error) : r;
	if (request->kind == KIND_SEM && request->values)
		r = act_sysv_set_values(id, request->values, ret_error);
	if (r < 0) {
		act_sysv_remove(request->kind, id, NULL);
		return r;
	}
	*ret_id = id;
	return 0;
}

static int make_memory(const struct make_request *request, struct ipclens_error *ret_error)
{
	_cleanup_close_ int fd =
		shm_open(request->name, O_RDWR | O_CREAT | O_EXCL, (mode_t)request->mode);
	int number;

	if (fd < 0)
		return fail(request->kind, errno, ret_error);
	if (ftruncate(fd, (off_t)request->size) == 0)
		return 0;
	number = errno;
	shm_unlink(request->name);
	return fail(request->kind, number, ret_error);
}

static int make_semaphore(const struct make_request *request, struct ipclens_error *ret_error)
{
	sem_t *semaphore =
		sem_open(request->name, O_CREAT | O_EXCL, (mode_t)request->mode, request->value);

	if (semaphore == SEM_FAILED)
		return fail(request->kind, errno, ret_error);
	sem_close(semaphore);
	return 0;
}

static int make_queue(const struct make_request *request, struct ipclens_error *ret_error)
{
	struct mq_attr attributes = {.mq_maxmsg = (long)request->max_messages,
				     .mq_msgsize = (long)request->max_message_bytes};
	/* The system call takes the name without the slash that it has in the library's. */
	int queue =
		(int)syscall(SYS_mq_open, request->name + 1, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
			     (mode_t)request->mode, request->max_messages ? &attributes : NULL);

	if (queue < 0)
		return fail(request->kind, errno, ret_error);
	close(queue);
	return 0;
}

static int make_fifo(const struct make_request *request, struct ipclens_error *ret_error)
{
	if (mkfifo(request->name, (mode_t)request->mode) < 0)
		return fail(request->kind, errno, ret_error);
	return 0;
}

static int make(const struct make_request *request, int *ret_id, struct ipclens_error *ret_error)
{
	switch (request->kind) {
	case KIND_SHM:
	case KIND_SEM:
	case KIND_MSG:
		return make_sysv(request, ret_id, ret_error);
	case KIND_PSHM:
		return make_memory(request, ret_error);
	case KIND_PSEM:
		return make_semaphore(request, ret_error);
	case KIND_MQ:
		return make_queue(request, ret_error);
	case KIND_FIFO:
		return make_fifo(request, ret_error);
	case KIND_PIPE:
	case KIND_MAP:
	case KIND_COUNT:
		break;
	}
	return fail(request->kind, EINVAL, ret_error);
}

int act_make(const struct make_request *request, int *ret_id, struct ipclens_error *ret_error)
{
	int r = act_make_check(request, ret_error);
	mode_t mask;

	if (r < 0)
		return r;
	mask = umask(0);
	r = make(request, ret_id, ret_error);
	umask(mask);
	return r;
}
