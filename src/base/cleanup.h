/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scope guards: a variable marked with one of these releases what it owns when it goes out of
 * scope. Ownership leaves the scope with take_pointer() or take_fd().
 */
#ifndef IPCLENS_BASE_CLEANUP_H
#define IPCLENS_BASE_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

/* Defines cleanup_NAME(), the guard for variables of type TYPE that FREE releases. */
#define DEFINE_CLEANUP(name, type, free_function)         \
	static inline void cleanup_##name(type *variable) \
	{                                                 \
		free_function(*variable);                 \
	}                                                 \
	struct cleanup_##name##_needs_semicolon

static inline void cleanup_free(void *variable)
{
	free(*(void **)variable);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void cleanup_closedir(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

#define _cleanup_closedir_ CLEANUP(cleanup_closedir)
#define _cleanup_free_ CLEANUP(cleanup_free)
#define _cleanup_close_ CLEANUP(cleanup_close)
#define _cleanup_fclose_ CLEANUP(cleanup_fclose)

/* Hands the pointer over and leaves NULL behind, so that its guard does nothing. */
#define take_pointer(pointer)                           \
	({                                              \
		__typeof__(pointer) taken_ = (pointer); \
		(pointer) = NULL;                       \
		taken_;                                 \
	})

/* The same for a descriptor, which becomes -1. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
