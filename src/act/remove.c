/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/remove.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "act/sysv.h"
#include "base/cleanup.h"

#define DEV_SHM "/dev/shm"

static int fail(int number, struct ipclens_error *ret_error)
{
	int outcome = outcome_from_errno(number);

	error_set(ret_error, -number, "%s",
		  outcome == OUTCOME_GONE ? "it is gone already" : strerror(number));
	return outcome ? outcome : -number;
}

static int fail_stale(struct ipclens_error *ret_error)
{
	return error_set(ret_error, -ESTALE,
			 "another object has come in its place since it was looked at");
}

/* Who is not known by the number that is told here has a time that is told everywhere. */
static bool is_same_owner(const struct object *object, const struct sysv_identity *now)
{
	if (object_has(object, OBJECT_CUID) && object_has(object, OBJECT_CGID))
		return object->cuid == now->cuid && object->cgid == now->cgid;
	return object_has(object, OBJECT_CHANGED_AT) && object->changed_at == now->changed_at;
}

static bool is_same(const struct object *object, const struct sysv_identity *now)
{
	bool is_known_creator = object->kind == KIND_SHM &&
				object_has(object, OBJECT_CREATOR_PID) && now->creator_pid;

	return object->key == now->key && is_same_owner(object, now) &&
	       (!is_known_creator || object->shm.creator_pid == now->creator_pid);
}

static int remove_sysv(const struct object *object, bool is_forced, struct ipclens_error *ret_error)
{
	struct sysv_identity now;
	int r = act_sysv_identify(object->kind, (int)object->id, &now, ret_error);

	if (r != 0)
		return r;
	if (!is_same(object, &now))
		return fail_stale(ret_error);
	if (now.nattch && !is_forced)
		return error_set(ret_error, -EBUSY, "it was attached since it was looked at");
	r = act_sysv_remove(object->kind, (int)object->id, ret_error);
	if (r == OUTCOME_DENIED)
		error_set(ret_error, -EPERM,
			  "permission denied: only its owner, its creator and root may remove it");
	return r;
}

static bool is_same_file(const struct object *object, const struct stat *status)
{
	return object->inode == status->st_ino &&
	       object->device == device_number(major(status->st_dev), minor(status->st_dev));
}

/* The file of that name in the folder, if it is the object's. */
static int remove_file(const struct object *object, const char *folder, const char *name,
		       struct ipclens_error *ret_error)
{
	_cleanup_close_ int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(errno, ret_error);
	if (!is_same_file(object, &status))
		return fail_stale(ret_error);
	if (unlinkat(fd, name, 0) < 0)
		return fail(errno, ret_error);
	return 0;
}

static int remove_in_dev_shm(const struct object *object, const char *start, const char *root,
			     struct ipclens_error *ret_error)
{
	char name[NAME_MAX + 1], folder[64];
	int length = snprintf(name, sizeof(name), "%s%.*s", start, (int)object->name.length - 1,
			      object->name.bytes + 1);

	if (length < 0 || (size_t)length >= sizeof(name))
		return fail(ENAMETOOLONG, ret_error);
	snprintf(folder, sizeof(folder), "%s" DEV_SHM, root);
	return remove_file(object, folder, name, ret_error);
}

static int remove_fifo(const struct object *object, struct ipclens_error *ret_error)
{
	char folder[PATH_MAX];
	char *slash;

	if (object->name.length >= sizeof(folder))
		return fail(ENAMETOOLONG, ret_error);
	memcpy(folder, object->name.bytes, object->name.length);
	folder[object->name.length] = '\0';
	slash = strrchr(folder, '/');
	if (!slash)
		return fail(EINVAL, ret_error);
	*slash = '\0';
	return remove_file(object, slash == folder ? "/" : folder, slash + 1, ret_error);
}

/* Without permission to receive, that to send will do. */
static int open_queue(const char *name)
{
	int queue = (int)syscall(SYS_mq_open, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0, NULL);

	if (queue < 0 && errno == EACCES)
		queue = (int)syscall(SYS_mq_open, name, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0, NULL);
	return queue;
}

static int fail_unsure(struct ipclens_error *ret_error)
{
	error_set(ret_error, -EACCES,
		  "you may not open it, and so it cannot be made sure that it is the same");
	return OUTCOME_DENIED;
}

static int remove_queue(const struct object *object, struct ipclens_error *ret_error)
{
	_cleanup_close_ int queue = -1;
	char name[NAME_MAX + 1];
	struct stat status;

	/* The system call takes the name without the slash that it has in the library's. */
	if (object->name.length > sizeof(name))
		return fail(ENAMETOOLONG, ret_error);
	memcpy(name, object->name.bytes + 1, object->name.length - 1);
	name[object->name.length - 1] = '\0';
	queue = open_queue(name);
	if (queue < 0 && errno == EACCES)
		return fail_unsure(ret_error);
	if (queue < 0 || fstat(queue, &status) < 0)
		return fail(errno, ret_error);
	if (!is_same_file(object, &status))
		return fail_stale(ret_error);
	if (syscall(SYS_mq_unlink, name) < 0)
		return fail(errno, ret_error);
	return 0;
}

int act_can_remove(const struct object *object, struct ipclens_error *ret_error)
{
	if (object->kind == KIND_PIPE || object->kind == KIND_MAP)
		return error_set(ret_error, -EINVAL,
				 "it has no name: it goes when the last process that has it ends");
	if (object->status & STATUS_ELSEWHERE)
		return error_set(ret_error, -EINVAL,
				 "its name is of another mount namespace: remove it there");
	if (object->status & (SHM_STATUS_DEST | STATUS_UNLINKED) ||
	    (!(KIND_BIT(object->kind) & KINDS_SYSV) && object->name.length < 2))
		return error_set(
			ret_error, -EINVAL,
			"it is removed already, and goes with the last process that has it");
	return 0;
}

int act_remove(const struct object *object, bool is_forced, const char *root,
	       struct ipclens_error *ret_error)
{
	int r = act_can_remove(object, ret_error);

	if (r < 0)
		return r;
	switch (object->kind) {
	case KIND_SHM:
	case KIND_SEM:
	case KIND_MSG:
		return remove_sysv(object, is_forced, ret_error);
	case KIND_PSHM:
		return remove_in_dev_shm(object, "", root, ret_error);
	case KIND_PSEM:
		return remove_in_dev_shm(object, "sem.", root, ret_error);
	case KIND_MQ:
		return remove_queue(object, ret_error);
	case KIND_FIFO:
		return remove_fifo(object, ret_error);
	case KIND_PIPE:
	case KIND_MAP:
	case KIND_COUNT:
		break;
	}
	return fail(EINVAL, ret_error);
}
