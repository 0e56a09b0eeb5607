/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect/proc_pids.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "base/parse_number.h"

int proc_list_pids(const struct rooted *root, const char *path, struct pid_list *list)
{
	const struct dirent *entry;
	DIR *directory;
	int fd, r = rooted_open(root, path, &fd);

	if (r != 0)
		return r;
	directory = fdopendir(fd);
	if (!directory) {
		close(fd);
		return -errno;
	}
	while (r == 0 && (entry = readdir(directory))) {
		uint64_t number;
		int64_t *place;

		if (parse_unsigned(text_of(entry->d_name), 10, INT32_MAX, &number) < 0)
			continue;
		place = vector_add(&list->pids);
		if (place)
			*place = (int64_t)number;
		else
			r = -ENOMEM;
	}
	closedir(directory);
	return r;
}
