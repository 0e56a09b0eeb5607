/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which IPC namespaces there are: what the processes are in, and what is mounted or open.
 */
#ifndef IPCLENS_COLLECT_PLACES_FIND_H
#define IPCLENS_COLLECT_PLACES_FIND_H

#include "collect/collector.h"

/* Adds all that there are to the places, in the order in which they were found. 0 or -ENOMEM. */
int places_look(struct collector *collector);

/*
 * A line of mountinfo: where the IPC namespace is mounted, its escapes undone in room. False where
 * the line is of something else.
 */
bool places_parse_mount(struct text line, char *room, size_t size, uint64_t *ret_number,
			struct text *ret_path);

#endif
