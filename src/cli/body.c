/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/body.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/patience.h"

#define READ_SIZE 65536
/* No queue takes as much. */
#define BODY_MAX ((size_t)INT32_MAX)

static int read_all(int fd, struct buffer *body)
{
	for (;;) {
		char *room = buffer_reserve(body, READ_SIZE);
		ssize_t length = room ? read(fd, room, READ_SIZE) : -1;

		if (!room)
			return -ENOMEM;
		if (length == 0)
			return 0;
		if (length < 0 && errno != EINTR)
			return -errno;
		if (length > 0)
			buffer_advance(body, (size_t)length);
		if (body->length > BODY_MAX)
			return -EFBIG;
	}
}

enum exit_status body_read(const char *file, struct buffer *body)
{
	bool is_input = strcmp(file, "-") == 0;
	_cleanup_close_ int fd = is_input ? -1 : open(file, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0 && !is_input)
		r = -errno;
	else
		r = read_all(is_input ? STDIN_FILENO : fd, body);
	if (r == 0)
		return STATUS_DONE;
	complain_about(is_input ? "standard input" : file, "%s", strerror(-r));
	return STATUS_FAILED;
}

int body_write(int fd, struct text text)
{
	while (text.length) {
		ssize_t length = write(fd, text.bytes, text.length);

		if (length < 0 && errno != EINTR)
			return -errno;
		if (length < 0 && patience_is_interrupted())
			return -EINTR;
		if (length > 0)
			text = (struct text){text.bytes + length, text.length - (size_t)length};
	}
	return 0;
}

/* Written to the end: a file that cannot have it all would not be worth its name. */
static bool write_file(int fd, struct text body)
{
	while (body.length) {
		ssize_t length = write(fd, body.bytes, body.length);

		if (length < 0 && errno != EINTR)
			return false;
		if (length > 0)
			body = (struct text){body.bytes + length, body.length - (size_t)length};
	}
	return true;
}

/* A new file in the folder; its path in room. */
static bool save_in(const char *folder, struct text body, char *room, size_t size)
{
	_cleanup_close_ int fd = -1;
	int length = snprintf(room, size, "%s/ipclens-message-XXXXXX", folder);

	if (length < 0 || (size_t)length >= size)
		return false;
	fd = mkstemp(room);
	if (fd < 0)
		return false;
	if (write_file(fd, body))
		return true;
	unlink(room);
	return false;
}

static void print_as_hex(struct text body)
{
	_cleanup_buffer_ struct buffer output = {.sink = stderr};

	for (size_t i = 0; i < body.length; i++)
		buffer_add_hex(&output, (unsigned char)body.bytes[i], 2);
	buffer_add_char(&output, '\n');
	buffer_flush(&output);
}

void body_save(struct text body, int reason)
{
	char here[PATH_MAX], path[PATH_MAX + 64];
	const char *temporary = getenv("TMPDIR");
	const char *const folders[] = {getcwd(here, sizeof(here)), temporary, "/tmp", "/dev/shm"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (!folders[i] || !save_in(folders[i], body, path, sizeof(path)))
			continue;
		complain("standard output: %s; the message, which the queue has no more, is in %s",
			 strerror(-reason), path);
		return;
	}
	complain(
		"standard output: %s; the message, which the queue has no more, could not be saved "
		"in a file either, and is in hexadecimal:",
		strerror(-reason));
	print_as_hex(body);
}
