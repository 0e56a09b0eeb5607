/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens save: the whole snapshot as JSON, for later or for another machine.
 */
#include "cli/view.h"
#include "store/store.h"

enum exit_status cmd_save(struct invocation *invocation)
{
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	struct ipclens_error error;
	enum exit_status status;
	const char *path = invocation->operands[0];

	if (!*path) {
		complain_about(path, "an empty name names no file");
		return STATUS_USAGE;
	}
	status = view_open(&invocation->settings, &scope_everything, &snapshot);
	if (status != STATUS_DONE)
		return status;
	if (strcmp(path, "-") == 0)
		return view_close(store_write(snapshot, stdout), snapshot, &scope_everything);
	if (store_save(snapshot, path, &error) < 0) {
		complain("%s", error.text);
		return STATUS_FAILED;
	}
	return view_close(0, snapshot, &scope_everything);
}
