/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/segment_devices.h"

#include <dirent.h>
#include <linux/memfd.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parse_number.h"

void segment_devices_add(struct segment_devices *devices, dev_t device)
{
	if (devices->count < SEGMENT_DEVICES_MAX && !segment_devices_have(devices, device))
		devices->devices[devices->count++] = device;
}

static void add_device_of_memfd(struct segment_devices *devices, unsigned int flags)
{
	_cleanup_close_ int fd = memfd_create("ipclens", MFD_CLOEXEC | flags);
	struct stat status;

	if (fd >= 0 && fstat(fd, &status) == 0)
		segment_devices_add(devices, status.st_dev);
}

/* "hugepages-2048kB": the size of a page as memfd_create() wants it, its logarithm. */
static bool size_of_entry(const char *name, unsigned int *ret_flags)
{
	const struct text start = TEXT_LITERAL("hugepages-");
	struct text text = text_of(name);
	uint64_t kilobytes;

	if (text.length < start.length + 3 || memcmp(name, start.bytes, start.length) != 0)
		return false;
	text = (struct text){name + start.length, text.length - start.length - 2};
	if (parse_unsigned(text, 10, UINT32_MAX, &kilobytes) < 0 || !kilobytes)
		return false;
	*ret_flags = (unsigned int)(63 - __builtin_clzll(kilobytes * 1024)) << MFD_HUGE_SHIFT;
	return true;
}

static void add_huge_devices(const struct rooted *root, struct segment_devices *devices)
{
	const struct dirent *entry;
	DIR *directory;
	int fd;

	if (rooted_open(root, "sys/kernel/mm/hugepages", &fd) != 0)
		return;
	directory = fdopendir(fd);
	if (!directory) {
		close(fd);
		return;
	}
	while ((entry = readdir(directory))) {
		unsigned int flags;

		if (size_of_entry(entry->d_name, &flags))
			add_device_of_memfd(devices, MFD_HUGETLB | flags);
	}
	closedir(directory);
}

static void add_recorded(const struct rooted *root, struct segment_devices *devices)
{
	_cleanup_buffer_ struct buffer text = {0};
	unsigned int major, minor;
	const char *string;
	int used;

	if (rooted_read(root, "ipclens/devices", 4096, &text) != 0)
		return;
	string = buffer_string(&text);
	while (string && sscanf(string, "%9u:%9u\n%n", &major, &minor, &used) == 2) {
		segment_devices_add(devices, makedev(major, minor));
		string += used;
	}
}

int segment_devices_learn(const struct rooted *root, struct segment_devices *ret_devices)
{
	struct segment_devices devices = {.count = 0};

	if (root->is_live) {
		add_device_of_memfd(&devices, 0);
		add_huge_devices(root, &devices);
	} else {
		add_recorded(root, &devices);
	}
	if (!devices.count)
		return OUTCOME_UNSUPPORTED;
	*ret_devices = devices;
	return 0;
}
