/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "model/record_json.h"

int store_write(const struct snapshot *snapshot, FILE *stream)
{
	_cleanup_buffer_ struct buffer buffer = {.sink = stream};

	document_begin(&buffer, snapshot, STORE_COMMAND);
	document_begin_list(&buffer, object_fields.name);
	vector_for_each (&snapshot->objects, object) {
		document_next(&buffer, object == snapshot->objects.items);
		object_add_json(&buffer, object);
	}
	document_end_list(&buffer);
	if (snapshot->has_users)
		document_add_users(&buffer, snapshot);
	document_add_limits(&buffer, snapshot, KINDS_ALL);
	document_add_issues(&buffer, snapshot, &scope_everything);
	document_end(&buffer);
	return buffer_flush(&buffer);
}

/* Takes fd over. must_reach_disk: the data are there before this returns. */
static int write_to_fd(const struct snapshot *snapshot, int fd, bool must_reach_disk)
{
	FILE *stream = fdopen(fd, "w");
	int r;

	if (!stream) {
		close(fd);
		return -errno;
	}
	r = store_write(snapshot, stream);
	/* Some file systems have no fsync(), which is no reason to fail. */
	if (r == 0 && must_reach_disk && fsync(fd) < 0 && errno != EINVAL)
		r = -errno;
	if (fclose(stream) != 0 && r == 0)
		r = -errno;
	return r;
}

static int replace_file(const struct snapshot *snapshot, const char *path,
			struct ipclens_error *ret_error)
{
	_cleanup_free_ char *beside = NULL;
	int fd, r;

	if (asprintf(&beside, "%s.XXXXXX", path) < 0) {
		beside = NULL;
		return error_set(ret_error, -ENOMEM, "%s: %s", path, strerror(ENOMEM));
	}
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return error_set(ret_error, -errno, "%s: %s", path, strerror(errno));
	r = write_to_fd(snapshot, fd, true);
	if (r == 0 && rename(beside, path) < 0)
		r = -errno;
	if (r == 0)
		return 0;
	unlink(beside);
	return error_set(ret_error, r, "%s: %s", path, strerror(-r));
}

int store_save(const struct snapshot *snapshot, const char *path, struct ipclens_error *ret_error)
{
	struct stat status;
	int fd, r;

	if (stat(path, &status) < 0) {
		if (errno != ENOENT)
			return error_set(ret_error, -errno, "%s: %s", path, strerror(errno));
		return replace_file(snapshot, path, ret_error);
	}
	if (S_ISREG(status.st_mode)) {
		/* A link stays a link: the file that it leads to is the one to replace. */
		_cleanup_free_ char *real = realpath(path, NULL);

		return replace_file(snapshot, real ? real : path, ret_error);
	}
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	r = fd < 0 ? -errno : write_to_fd(snapshot, fd, false);
	if (r < 0)
		return error_set(ret_error, r, "%s: %s", path, strerror(-r));
	return 0;
}
