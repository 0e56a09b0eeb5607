/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The mappings of a process: from /proc/PID/maps by PROCMAP_QUERY where the kernel has it (6.11),
 * from its text where not. Both tell the same.
 */
#ifndef IPCLENS_COLLECT_PROC_MAPS_H
#define IPCLENS_COLLECT_PROC_MAPS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"

struct mapping {
	uint64_t start, end; /* addresses; end is behind it */
	uint64_t offset;     /* in the file, of the start */
	uint64_t access;     /* bits of enum link_access */
	bool is_shared;
	dev_t device;
	uint64_t inode;
	struct text name; /* borrowed, raw bytes; the beginning of a long one, see below */
};

/* Of a longer name no more than its beginning is handed out, or nothing. */
#define PROC_MAPS_NAME_MAX 512

/* Which mappings are asked for, beside all shared ones of files. */
struct mapping_filter {
	/*
	 * Private ones, too. As there are many of them, then nothing is told of mappings that are
	 * on none of these devices.
	 */
	bool has_private;
	const dev_t *devices;
	size_t count;
};

/* What is done with each mapping. 0, or a negative errno that ends the reading. */
typedef int mapping_handler(const struct mapping *mapping, void *context);

/* Lines of maps: 2 * 16 digits, a path of PATH_MAX with each byte escaped, and the rest. */
#define PROC_MAPS_LINE_MAX ((size_t)20 * 1024)

/*
 * Calls the handler for each mapping that the filter wants. fd is /proc/PID/maps. 0;
 * OUTCOME_UNSUPPORTED where the kernel has no such call (nothing was handled then); OUTCOME_GONE
 * where the process has no memory (it has ended, is a zombie or belongs to the kernel); a negative
 * errno.
 */
int proc_maps_query(int fd, const struct mapping_filter *filter, mapping_handler *handler,
		    void *context);

/*
 * The same from the text. OUTCOME_GONE for an empty one, OUTCOME_MALFORMED where a line cannot be
 * read (the others are handled).
 */
int proc_maps_read(int fd, const struct mapping_filter *filter, mapping_handler *handler,
		   void *context);

/*
 * The shared mapping of a file in which the address is; its name is in room. 0; OUTCOME_GONE: there
 * is none; OUTCOME_UNSUPPORTED where the kernel has no such call; a negative errno.
 */
int proc_maps_query_at(int fd, uint64_t address, char room[static PROC_MAPS_NAME_MAX],
		       struct mapping *ret_mapping);

/* Reads a line without its newline; 0 or -EINVAL. The name is unescaped into room. */
int proc_maps_parse_line(struct text line, char room[static PROC_MAPS_NAME_MAX],
			 struct mapping *ret_mapping);

#endif
