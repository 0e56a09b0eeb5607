/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * POSIX shared memory and named semaphores: files in /dev/shm, which is where both C libraries make
 * them, of the viewer's mount namespace.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/stat.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/id_map.h"
#include "collect/files.h"
#include "collect/inside.h"
#include "collect/posix_sem.h"

#define SEMAPHORE_START "sem."

/* linux/magic.h */
#define TMPFS_MAGIC 0x01021994
#define RAMFS_MAGIC 0x858458f6

/* When the file was made; false where the kernel does not tell. */
static bool find_birth(int folder, const char *name, int64_t *ret_seconds)
{
	struct statx status;

	if (syscall(SYS_statx, folder, name, AT_SYMLINK_NOFOLLOW, STATX_BTIME, &status) < 0 ||
	    !(status.stx_mask & STATX_BTIME))
		return false;
	*ret_seconds = status.stx_btime.tv_sec;
	return true;
}

static void tell_file(struct object *object, int folder, const char *name,
		      const struct stat *status)
{
	if (object->kind == KIND_PSHM) {
		object->size = (uint64_t)status->st_size;
		object_mark(object, OBJECT_SIZE);
	}
	object->file.allocated = (uint64_t)status->st_blocks * 512;
	object_mark(object, OBJECT_ALLOCATED);
	if (find_birth(folder, name, &object->file.created_at))
		object_mark(object, OBJECT_CREATED_AT);
}

static int report_unread(struct collector *collector, const struct object *object, int number)
{
	struct shown_path room;

	if (number == ENOENT)
		return 0;
	return collector_add_issue(
		collector, ISSUE_ABOUT_CONTENTS, OUTCOME_DENIED, KIND_PSEM, object,
		collector_show_path(collector, "dev/shm", &room),
		number == EPERM ? "to read another user's semaphore would change its access time"
				: strerror(number));
}

/* Read without a trace, or not at all. 0 or -ENOMEM. */
static int tell_value(struct collector *collector, struct object *object, int folder,
		      const char *name)
{
	_cleanup_close_ int fd =
		openat(folder, name, O_RDONLY | O_NOATIME | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char bytes[POSIX_SEM_READ] __attribute__((aligned(8)));
	struct posix_sem semaphore;
	ssize_t length;

	if (fd < 0)
		return report_unread(collector, object, errno);
	length = read(fd, bytes, sizeof(bytes));
	if (length < 0)
		return report_unread(collector, object, errno);
	semaphore = posix_sem_parse((struct text){bytes, (size_t)length});
	object->file.layout = semaphore.layout;
	object_mark(object, OBJECT_LAYOUT);
	if (semaphore.layout == PSEM_UNKNOWN)
		return 0;
	object->file.value = semaphore.value;
	object->file.waiters = semaphore.waiters;
	object_mark(object, OBJECT_VALUE);
	object_mark(object, OBJECT_WAITERS);
	return 0;
}

static int add_file(struct collector *collector, unsigned int kinds, int folder, const char *name)
{
	const size_t start = sizeof(SEMAPHORE_START) - 1;
	bool is_semaphore = strncmp(name, SEMAPHORE_START, start) == 0 && name[start];
	enum kind kind = is_semaphore ? KIND_PSEM : KIND_PSHM;
	char shown[NAME_MAX + 2];
	struct object *object;
	struct stat status;

	/* Folders are not made by shm_open(), nor are links; what is gone is gone. */
	if (!(kinds & KIND_BIT(kind)) || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(status.st_mode))
		return 0;
	snprintf(shown, sizeof(shown), "/%s", is_semaphore ? name + start : name);
	object = file_add(collector, kind, text_of(shown), &status);
	if (!object)
		return -ENOMEM;
	tell_file(object, folder, name, &status);
	return is_semaphore ? tell_value(collector, object, folder, name) : 0;
}

static int add_files(struct collector *collector, unsigned int kinds, int folder)
{
	_cleanup_closedir_ DIR *directory = fdopendir(folder);
	const struct dirent *entry;
	int r = 0;

	if (!directory) {
		close(folder);
		return -errno;
	}
	while (r == 0 && (entry = readdir(directory)))
		r = add_file(collector, kinds, folder, entry->d_name);
	return r;
}

static int report(struct collector *collector, unsigned int kinds, int outcome, const char *reason)
{
	struct shown_path room;
	const char *path = collector_show_path(collector, "dev/shm", &room);
	int r = 0;

	for (enum kind kind = KIND_PSHM; r == 0 && kind <= KIND_PSEM; kind++)
		if (kinds & KIND_BIT(kind))
			r = collector_add_issue(collector, ISSUE_ABOUT_OBJECTS, outcome, kind, NULL,
						path, reason);
	return r;
}

/* The viewer's own folder. 0 or -ENOMEM. */
static int collect_own(struct collector *collector, unsigned int kinds)
{
	struct stat status;
	int folder, r = rooted_open(&collector->root, "dev/shm", &folder);

	if (r == OUTCOME_DENIED)
		return report(collector, kinds, r, "permission denied");
	if (r != 0)
		return report(collector, kinds, OUTCOME_UNSUPPORTED,
			      r > 0 ? "no such folder" : strerror(-r));
	if (fstat(folder, &status) == 0) {
		collector->dev_shm = status.st_dev;
		collector->has_dev_shm = true;
	}
	return add_files(collector, kinds, folder);
}

static bool is_known(const struct collector *collector, dev_t device)
{
	if (collector->has_dev_shm && collector->dev_shm == device)
		return true;
	vector_for_each (&collector->other_dev_shm, other)
		if (other->device == device)
			return true;
	return false;
}

/*
 * Whether the viewer sees it as its own, also where that is not looked at: what is in there is of
 * no other namespace, however many of those see it, too.
 */
static bool is_own(const struct collector *collector, dev_t device)
{
	struct stat status;

	return rooted_stat(&collector->root, "dev/shm", 0, &status) == 0 && status.st_dev == device;
}

/* A file system in memory that is mounted there; anything else is no place for such objects. */
static bool is_in_memory(int folder, struct stat *ret_status)
{
	struct statfs system;

	return fstat(folder, ret_status) == 0 && fstatfs(folder, &system) == 0 &&
	       ((unsigned long)system.f_type == TMPFS_MAGIC ||
		(unsigned long)system.f_type == RAMFS_MAGIC);
}

/*
 * What the processes of another mount namespace see there, once for each, and if nobody else does
 * who was looked at before: one file system can be mounted in many. What cannot be seen, of
 * processes that end or may not be inspected, is said of the processes.
 */
static int collect_other(struct collector *collector, unsigned int kinds,
			 const struct mount_place *mount, struct id_map *seen)
{
	_cleanup_close_ int found = -1, folder = -1;
	struct shm_place *other;
	struct stat status;
	char root[32];
	void *known;

	snprintf(root, sizeof(root), "proc/%lld/root", (long long)mount->pid);
	if (id_map_find(seen, mount->number, &known) ||
	    rooted_find_in(&collector->root, root, "dev/shm", &found) != 0)
		return 0;
	folder = openat(found, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || !is_in_memory(folder, &status))
		return 0;
	if (id_map_put(seen, mount->number, NULL) < 0)
		return -ENOMEM;
	if (is_known(collector, status.st_dev) || is_own(collector, status.st_dev))
		return 0;
	other = vector_add(&collector->other_dev_shm);
	if (!other)
		return -ENOMEM;
	*other = (struct shm_place){status.st_dev, mount->ipc};
	return add_files(collector, kinds, take_fd(&folder));
}

int posix_shm_collect(struct collector *collector, unsigned int kinds)
{
	struct places *places = &collector->places;
	struct id_map seen = {0};
	size_t slot;
	int r = 0;

	if (!places->items.count)
		return collect_own(collector, kinds);
	if (places->items.items[0].record.is_viewers) {
		inside_go(collector, &places->items.items[0]);
		r = collect_own(collector, kinds);
	}
	vector_for_each (&places->mounts, mount) {
		if (r != 0 || !places_slot(places, mount->ipc, &slot))
			continue;
		inside_go(collector, &places->items.items[slot]);
		r = collect_other(collector, kinds, mount, &seen);
	}
	inside_go(collector, NULL);
	id_map_deinit(&seen);
	return r;
}
