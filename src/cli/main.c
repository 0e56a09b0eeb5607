/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "collect/collect.h"
#include "compat/compat.h"

int main(int argc, char **argv)
{
	struct collect_options options = {.scope = scope_everything};
	struct ipclens_error error;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;

	if (argc > 1 && strcmp(argv[1], "ipcs") == 0)
		return compat_ipcs_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "ipcrm") == 0)
		return compat_ipcrm_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "ipcmk") == 0)
		return compat_ipcmk_main(argc - 1, argv + 1);
	if (collect_snapshot(&options, &snapshot, &error) < 0) {
		fprintf(stderr, "ipclens: %s\n", error.text);
		return 1;
	}
	printf("%zu objects, %zu limits, %zu issues\n", snapshot->objects.count,
	       snapshot->limits.count, snapshot->issues.count);
	return 0;
}
