/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The devices that mappings of segments are on: that of the kernel's own tmpfs, and for segments of
 * huge pages one for each size of page. They are learned from memfds, which live there, too, so
 * that no segment has to be created for it.
 */
#ifndef IPCLENS_COLLECT_SEGMENT_DEVICES_H
#define IPCLENS_COLLECT_SEGMENT_DEVICES_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/rooted.h"

#define SEGMENT_DEVICES_MAX 16

struct segment_devices {
	dev_t devices[SEGMENT_DEVICES_MAX];
	size_t count;
};

/*
 * Learns them: on a live machine from memfds, of a recorded tree from its file ipclens/devices
 * ("0:1", one on each line). 0, or OUTCOME_UNSUPPORTED where none could be learned.
 */
int segment_devices_learn(const struct rooted *root, struct segment_devices *ret_devices);

/* One more, if it is not there. */
void segment_devices_add(struct segment_devices *devices, dev_t device);

static inline bool segment_devices_have(const struct segment_devices *devices, dev_t device)
{
	for (size_t i = 0; i < devices->count; i++)
		if (devices->devices[i] == device)
			return true;
	return false;
}

#endif
