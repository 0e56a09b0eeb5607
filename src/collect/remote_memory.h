/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory of another process, copied (process_vm_readv). It takes the permission to trace it.
 */
#ifndef IPCLENS_COLLECT_REMOTE_MEMORY_H
#define IPCLENS_COLLECT_REMOTE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* All of it, or false. */
bool remote_read(pid_t task, uint64_t address, void *room, size_t size);

/* A string, NUL-terminated; false where it does not end within size, or its memory does. */
bool remote_read_string(pid_t task, uint64_t address, char *room, size_t size);

#endif
