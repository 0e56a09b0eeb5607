/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipclens limits: every limit, how much of it is used, and the sysctl that sets it.
 */
#include "cli/limit_table.h"
#include "cli/view.h"
#include "model/record_json.h"

static int print_json(const struct snapshot *snapshot, const struct scope *scope)
{
	_cleanup_buffer_ struct buffer output = view_output();

	document_begin(&output, snapshot, "limits");
	document_add_limits(&output, snapshot, scope->limit_kinds);
	document_add_issues(&output, snapshot, scope);
	document_end(&output);
	return buffer_flush(&output);
}

enum exit_status cmd_limits(struct invocation *invocation)
{
	const struct settings *settings = &invocation->settings;
	_cleanup_snapshot_ struct snapshot *snapshot = NULL;
	struct scope scope = {.has_limit_use = true, .has_sight = settings->is_json};
	enum exit_status status = view_kinds(invocation, KINDS_ALL, &scope.limit_kinds);
	struct style style;

	if (status == STATUS_DONE)
		status = view_open(settings, &scope, &snapshot);
	if (status != STATUS_DONE)
		return status;
	style = view_style(settings, snapshot);
	return view_close(settings->is_json
				  ? print_json(snapshot, &scope)
				  : limit_table_print(snapshot, scope.limit_kinds, 0, NULL, &style),
			  snapshot, &scope);
}
