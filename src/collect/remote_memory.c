/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/remote_memory.h"

#include <string.h>
#include <sys/uio.h>

/* No page is smaller; behind the page in which a string ends there may be no memory. */
#define PAGE ((size_t)4096)

bool remote_read(pid_t task, uint64_t address, void *room, size_t size)
{
	struct iovec here = {room, size};
	struct iovec there = {(void *)(uintptr_t)address, size};

	return process_vm_readv(task, &here, 1, &there, 1, 0) == (ssize_t)size;
}

bool remote_read_string(pid_t task, uint64_t address, char *room, size_t size)
{
	size_t length = 0;

	while (length < size) {
		size_t within = PAGE - (size_t)((address + length) % PAGE);
		size_t part = within < size - length ? within : size - length;

		if (!remote_read(task, address + length, room + length, part))
			return false;
		if (memchr(room + length, '\0', part))
			return true;
		length += part;
	}
	return false;
}
