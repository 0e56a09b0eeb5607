/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/proc_maps.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/parse_number.h"
#include "model/process.h"

/*
 * The call as include/uapi/linux/fs.h defines it since 6.11 (PROCMAP_QUERY); older headers do not
 * have it, and the kernel tells by ENOTTY.
 */
struct query {
	uint64_t size;
	uint64_t flags;
	uint64_t address;
	uint64_t start, end;
	uint64_t found_flags;
	uint64_t page_size;
	uint64_t offset;
	uint64_t inode;
	uint32_t major, minor;
	uint32_t name_size;
	uint32_t build_id_size;
	uint64_t name_address;
	uint64_t build_id_address;
};

#define QUERY_CALL _IOWR('f', 17, struct query)
#define QUERY_READABLE 0x01U
#define QUERY_WRITABLE 0x02U
#define QUERY_EXECUTABLE 0x04U
#define QUERY_SHARED 0x08U
#define QUERY_THIS_OR_NEXT 0x10U
#define QUERY_FILE 0x20U

/* ioctl() takes its second argument as an int in some C libraries, as an unsigned long in others.
 */
static long ask(int fd, struct query *query)
{
	return syscall(SYS_ioctl, fd, QUERY_CALL, query);
}

static uint64_t access_of_flags(uint64_t flags)
{
	return (flags & QUERY_READABLE ? LINK_READ : 0U) |
	       (flags & QUERY_WRITABLE ? LINK_WRITE : 0U) |
	       (flags & QUERY_EXECUTABLE ? LINK_EXECUTE : 0U);
}

static bool has_device(const struct mapping_filter *filter, dev_t device)
{
	for (size_t i = 0; i < filter->count; i++)
		if (filter->devices[i] == device)
			return true;
	return false;
}

static bool wants(const struct mapping_filter *filter, const struct mapping *mapping)
{
	return filter->has_private ? has_device(filter, mapping->device) : mapping->is_shared;
}

/*
 * The first mapping with these flags at the address or behind it, with its name where there is room
 * for one. 0 or a positive errno.
 */
static int query_next(int fd, uint64_t flags, uint64_t address, char *room,
		      struct mapping *ret_mapping)
{
	struct query query = {.size = sizeof(query),
			      .flags = QUERY_THIS_OR_NEXT | QUERY_FILE | flags,
			      .address = address,
			      .name_size = room ? PROC_MAPS_NAME_MAX : 0,
			      .name_address = (uint64_t)(uintptr_t)room};

	if (ask(fd, &query) < 0) {
		if (errno != ENAMETOOLONG)
			return errno;
		/* Longer than any name that is looked for: which one it is does not matter. */
		query.name_size = 0;
		query.name_address = 0;
		if (ask(fd, &query) < 0)
			return errno;
	}
	*ret_mapping = (struct mapping){
		.start = query.start,
		.end = query.end,
		.offset = query.offset,
		.access = access_of_flags(query.found_flags),
		.is_shared = query.found_flags & QUERY_SHARED,
		.device = makedev(query.major, query.minor),
		.inode = query.inode,
		/* Its size counts the NUL behind it. */
		.name = {room, query.name_size ? query.name_size - 1 : 0},
	};
	return 0;
}

/* Names are costly: of the many private mappings only those that are wanted are asked for theirs.
 */
static int query_wanted(int fd, const struct mapping_filter *filter, uint64_t address, char *room,
			struct mapping *ret_mapping)
{
	struct mapping mapping = {.end = address};
	int number;

	if (!filter->has_private)
		return query_next(fd, QUERY_SHARED, address, room, ret_mapping);
	do {
		number = query_next(fd, 0, mapping.end, NULL, &mapping);
	} while (!number && !wants(filter, &mapping));
	return number ? number : query_next(fd, 0, mapping.start, room, ret_mapping);
}

int proc_maps_query(int fd, const struct mapping_filter *filter, mapping_handler *handler,
		    void *context)
{
	char room[PROC_MAPS_NAME_MAX];
	struct mapping mapping = {0};

	for (;;) {
		int number = query_wanted(fd, filter, mapping.end, room, &mapping);
		int r;

		if (number == ENOENT)
			return 0;
		if (number == ENOTTY)
			return OUTCOME_UNSUPPORTED;
		if (number == ESRCH)
			return OUTCOME_GONE;
		if (number)
			return -number;
		r = handler(&mapping, context);
		if (r < 0)
			return r;
	}
}

int proc_maps_query_at(int fd, uint64_t address, char room[static PROC_MAPS_NAME_MAX],
		       struct mapping *ret_mapping)
{
	struct mapping mapping = {0};
	int number = query_next(fd, QUERY_SHARED, address, room, &mapping);

	if (number == ENOTTY)
		return OUTCOME_UNSUPPORTED;
	if (number == ESRCH || number == ENOENT || (!number && address < mapping.start))
		return OUTCOME_GONE;
	if (!number)
		*ret_mapping = mapping;
	return -number;
}

/* Hexadecimal digits up to the separator, which is passed over. */
static int take_hex(struct text *line, char separator, uint64_t *ret_number)
{
	const char *end = line->length ? memchr(line->bytes, separator, line->length) : NULL;
	size_t length = end ? (size_t)(end - line->bytes) : 0;

	if (!end ||
	    parse_unsigned((struct text){line->bytes, length}, 16, UINT64_MAX, ret_number) < 0)
		return -EINVAL;
	*line = (struct text){end + 1, line->length - length - 1};
	return 0;
}

/* Decimal digits up to a space or the end. */
static int take_decimal(struct text *line, uint64_t *ret_number)
{
	size_t length = 0;

	while (length < line->length && line->bytes[length] != ' ')
		length++;
	if (parse_unsigned((struct text){line->bytes, length}, 10, UINT64_MAX, ret_number) < 0)
		return -EINVAL;
	*line = (struct text){line->bytes + length, line->length - length};
	return 0;
}

/* "rw-s " */
static int take_permissions(struct text *line, struct mapping *mapping)
{
	const char *bytes = line->bytes;

	if (line->length < 5 || bytes[4] != ' ' || (bytes[0] != 'r' && bytes[0] != '-') ||
	    (bytes[1] != 'w' && bytes[1] != '-') || (bytes[2] != 'x' && bytes[2] != '-') ||
	    (bytes[3] != 's' && bytes[3] != 'p'))
		return -EINVAL;
	mapping->access = (bytes[0] == 'r' ? LINK_READ : 0U) | (bytes[1] == 'w' ? LINK_WRITE : 0U) |
			  (bytes[2] == 'x' ? LINK_EXECUTE : 0U);
	mapping->is_shared = bytes[3] == 's';
	*line = (struct text){bytes + 5, line->length - 5};
	return 0;
}

static bool is_octal(char byte)
{
	return byte >= '0' && byte <= '7';
}

/* The kernel writes a newline as \012 (seq_path), so a backslash may stand for itself. */
static struct text unescape(struct text name, char *room)
{
	size_t length = 0;

	for (size_t i = 0; i < name.length && length < PROC_MAPS_NAME_MAX; length++) {
		const char *bytes = name.bytes + i;

		if (name.length - i >= 4 && bytes[0] == '\\' && is_octal(bytes[1]) &&
		    is_octal(bytes[2]) && is_octal(bytes[3])) {
			room[length] = (char)((bytes[1] - '0') << 6 | (bytes[2] - '0') << 3 |
					      (bytes[3] - '0'));
			i += 4;
		} else {
			room[length] = *bytes;
			i++;
		}
	}
	return (struct text){room, length};
}

int proc_maps_parse_line(struct text line, char room[static PROC_MAPS_NAME_MAX],
			 struct mapping *ret_mapping)
{
	struct mapping mapping = {0};
	uint64_t offset, major, minor;

	if (take_hex(&line, '-', &mapping.start) < 0 || take_hex(&line, ' ', &mapping.end) < 0 ||
	    mapping.end <= mapping.start || take_permissions(&line, &mapping) < 0 ||
	    take_hex(&line, ' ', &offset) < 0 || take_hex(&line, ':', &major) < 0 ||
	    take_hex(&line, ' ', &minor) < 0 || major > UINT32_MAX || minor > UINT32_MAX ||
	    take_decimal(&line, &mapping.inode) < 0)
		return -EINVAL;
	while (line.length && line.bytes[0] == ' ')
		line = (struct text){line.bytes + 1, line.length - 1};
	mapping.offset = offset;
	mapping.device = makedev((unsigned int)major, (unsigned int)minor);
	mapping.name = unescape(line, room);
	*ret_mapping = mapping;
	return 0;
}

/* Text that is read piece by piece. */
struct reader {
	const struct mapping_filter *filter;
	mapping_handler *handler;
	void *context;
	bool is_malformed, is_skipping, has_lines;
};

static int handle_line(struct reader *reader, struct text line)
{
	char room[PROC_MAPS_NAME_MAX];
	struct mapping mapping;

	reader->has_lines = true;
	if (reader->is_skipping || proc_maps_parse_line(line, room, &mapping) < 0) {
		reader->is_skipping = false;
		reader->is_malformed = true;
		return 0;
	}
	/* Without a device it is no file. */
	if ((!mapping.device && !mapping.inode) || !wants(reader->filter, &mapping))
		return 0;
	return reader->handler(&mapping, reader->context);
}

/* Handles the complete lines; *length is what stays, moved to the front. */
static int handle_chunk(struct reader *reader, char *chunk, size_t *length)
{
	char *place = chunk, *newline;

	while ((newline = memchr(place, '\n', *length - (size_t)(place - chunk)))) {
		int r = handle_line(reader, (struct text){place, (size_t)(newline - place)});

		if (r < 0)
			return r;
		place = newline + 1;
	}
	*length -= (size_t)(place - chunk);
	memmove(chunk, place, *length);
	if (*length > PROC_MAPS_LINE_MAX) {
		reader->is_skipping = true;
		*length = 0;
	}
	return 0;
}

int proc_maps_read(int fd, const struct mapping_filter *filter, mapping_handler *handler,
		   void *context)
{
	const size_t size = 2 * PROC_MAPS_LINE_MAX;
	_cleanup_free_ char *chunk = malloc(size);
	struct reader reader = {.filter = filter, .handler = handler, .context = context};
	size_t length = 0;

	if (!chunk)
		return -ENOMEM;
	for (;;) {
		ssize_t got = read(fd, chunk + length, size - length);
		int r;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == ESRCH ? OUTCOME_GONE : -errno;
		if (got == 0)
			break;
		length += (size_t)got;
		r = handle_chunk(&reader, chunk, &length);
		if (r < 0)
			return r;
	}
	/* What is left is a line that was not finished, or the rest of one that is passed over. */
	if (length || reader.is_skipping)
		return OUTCOME_MALFORMED;
	if (!reader.has_lines)
		return OUTCOME_GONE;
	return reader.is_malformed ? OUTCOME_MALFORMED : 0;
}
