/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waits for any of several descriptors. They count as waits on IPC only where all of these are:
 * else something quite different may end the sleep.
 */
#include "collect/search_calls.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/select.h>
#include <sys/stat.h>

#include "base/parse_number.h"
#include "collect/remote_memory.h"

/* So many are read at once. */
#define DESCRIPTORS_AT_ONCE 64

static int add_events(struct blocked_thread *thread, struct blocked_waits *waits, int fd,
		      unsigned int events)
{
	int r = 0;

	if (fd < 0)
		return 0;
	if (events & (POLLIN | POLLRDNORM))
		r = call_file_add(thread, waits, fd, false);
	if (r == 0 && events & (POLLOUT | POLLWRNORM))
		r = call_file_add(thread, waits, fd, true);
	/* What only errors would end is no wait for data. */
	if (!(events & (POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM)))
		waits->has_others = true;
	return r;
}

/* Nothing is a wait where not all of them can be read. */
static int decode_poll(struct blocked_thread *thread, struct blocked_waits *waits)
{
	const uint64_t *arguments = thread->call.arguments;
	struct pollfd descriptors[DESCRIPTORS_AT_ONCE];
	uint64_t left = arguments[1], address = arguments[0];
	int r = 0;

	while (r == 0 && left && !waits->has_others) {
		size_t count = left < DESCRIPTORS_AT_ONCE ? left : DESCRIPTORS_AT_ONCE;

		if (!remote_read(thread->tid, address, descriptors, count * sizeof(descriptors[0])))
			waits->has_others = true;
		for (size_t i = 0; r == 0 && i < count && !waits->has_others; i++)
			r = add_events(thread, waits, descriptors[i].fd,
				       (unsigned int)(unsigned short)descriptors[i].events);
		left -= count;
		address += count * sizeof(descriptors[0]);
	}
	return r;
}

#define BITS_PER_WORD 64

/* Descriptors as the kernel has them in a call of select: a bit for each. */
struct descriptor_set {
	uint64_t words[FD_SETSIZE / BITS_PER_WORD];
};

static bool has_descriptor(const struct descriptor_set *set, size_t fd)
{
	return set->words[fd / BITS_PER_WORD] >> (fd % BITS_PER_WORD) & 1;
}

/* The set at that place of the process; 0: it has none, which is empty. False where unreadable. */
static bool read_set(const struct blocked_thread *thread, uint64_t address, uint64_t count,
		     struct descriptor_set *ret_set)
{
	size_t words = (count + BITS_PER_WORD - 1) / BITS_PER_WORD;

	*ret_set = (struct descriptor_set){0};
	return !address ||
	       remote_read(thread->tid, address, ret_set->words, words * sizeof(uint64_t));
}

static int decode_select(struct blocked_thread *thread, struct blocked_waits *waits)
{
	const uint64_t *arguments = thread->call.arguments;
	struct descriptor_set to_read, to_write, other;
	uint64_t count = arguments[0];
	int r = 0;

	if (!count || count > FD_SETSIZE || !read_set(thread, arguments[1], count, &to_read) ||
	    !read_set(thread, arguments[2], count, &to_write) ||
	    !read_set(thread, arguments[3], count, &other))
		return 0;
	for (size_t fd = 0; r == 0 && fd < count && !waits->has_others; fd++) {
		if (has_descriptor(&to_read, fd))
			r = call_file_add(thread, waits, (int)fd, false);
		if (r == 0 && has_descriptor(&to_write, fd))
			r = call_file_add(thread, waits, (int)fd, true);
		waits->has_others |= has_descriptor(&other, fd);
	}
	return r;
}

/* A number behind a word in a line: "tfd:        5 events:       19". */
static bool find_number(struct text line, const char *word, unsigned int base, uint64_t *ret_number)
{
	struct text name = text_of(word);
	const char *place = memmem(line.bytes, line.length, name.bytes, name.length);
	struct text digits;

	if (!place)
		return false;
	digits = (struct text){place + name.length, 0};
	while (digits.bytes < line.bytes + line.length && *digits.bytes == ' ')
		digits.bytes++;
	while (digits.bytes + digits.length < line.bytes + line.length &&
	       digits.bytes[digits.length] != ' ')
		digits.length++;
	return parse_unsigned(digits, base, UINT64_MAX, ret_number) == 0;
}

/*
 * A descriptor that was closed is watched on while a copy of it is open somewhere, and its number
 * can be another one's by now.
 */
static bool is_that_file(const struct blocked_thread *thread, uint64_t fd, struct text line)
{
	struct stat status;
	uint64_t inode;
	char path[96];

	snprintf(path, sizeof(path), "%sfd/%llu", thread->prefix, (unsigned long long)fd);
	/* Linux before 4.13 does not tell. */
	if (!find_number(line, "ino:", 16, &inode))
		return true;
	return rooted_stat(thread->root, path, 0, &status) == 0 && status.st_ino == inode;
}

/* What epoll waits for is in the lines of its descriptor (fs/eventpoll.c: ep_show_fdinfo). */
static int add_target(struct blocked_thread *thread, struct blocked_waits *waits, struct text line)
{
	uint64_t fd, events;

	if (line.length < 4 || memcmp(line.bytes, "tfd:", 4) != 0)
		return 0;
	if (!find_number(line, "tfd:", 10, &fd) || fd > INT32_MAX ||
	    !find_number(line, "events:", 16, &events)) {
		waits->has_others = true;
		return 0;
	}
	if (!is_that_file(thread, fd, line)) {
		waits->has_others = true;
		return 0;
	}
	return add_events(thread, waits, (int)fd, (unsigned int)events);
}

static int decode_epoll(struct blocked_thread *thread, struct blocked_waits *waits)
{
	_cleanup_buffer_ struct buffer text = {0};
	struct text left;
	char path[96];
	int r;

	snprintf(path, sizeof(path), "%sfdinfo/%d", thread->prefix,
		 (int32_t)thread->call.arguments[0]);
	r = rooted_read(thread->root, path, (size_t)64 * 1024, &text);
	if (r != 0)
		return r == -ENOMEM ? r : 0;
	for (left = buffer_text(&text); r == 0 && left.length && !waits->has_others;) {
		const char *newline = memchr(left.bytes, '\n', left.length);
		size_t length = newline ? (size_t)(newline - left.bytes) : left.length;

		r = add_target(thread, waits, (struct text){left.bytes, length});
		length += newline != NULL;
		left = (struct text){left.bytes + length, left.length - length};
	}
	return r;
}

int call_poll_decode(struct blocked_thread *thread, struct blocked_waits *waits)
{
	const uint64_t *arguments = thread->call.arguments;
	int r = 0;

	switch (thread->blocked->class) {
	case BLOCKED_POLL:
		r = decode_poll(thread, waits);
		blocked_waits_set_milliseconds(waits, (int32_t)arguments[2]);
		break;
	case BLOCKED_PPOLL:
		r = decode_poll(thread, waits);
		blocked_waits_set_timeout(waits, thread, arguments[2], BLOCKED_SPAN);
		break;
	case BLOCKED_SELECT:
	case BLOCKED_PSELECT:
		r = decode_select(thread, waits);
		blocked_waits_set_timeout(waits, thread, arguments[4],
					  thread->blocked->class == BLOCKED_SELECT
						  ? BLOCKED_MICROSECONDS
						  : BLOCKED_SPAN);
		break;
	case BLOCKED_EPOLL:
		r = decode_epoll(thread, waits);
		blocked_waits_set_milliseconds(waits, (int32_t)arguments[3]);
		break;
	case BLOCKED_EPOLL2:
		r = decode_epoll(thread, waits);
		blocked_waits_set_timeout(waits, thread, arguments[3], BLOCKED_SPAN);
		break;
	default:
		break;
	}
	blocked_waits_mark_alternatives(waits);
	return r;
}
